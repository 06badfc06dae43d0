#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "twin/model/element.h"
#include "twin/model/schema.h"

namespace hw::twin {

// One of the primitive or geospatial schemas; shared by all.
SchemaPtr standard_schema_of(SchemaKind kind);

// The enumeration of a unit type's units: "TemperatureUnit" is a schema of the extension
// quantitativeTypes. Null: no such type.
SchemaPtr unit_schema(std::string_view unit_type);

// The elements of one interface that have an "@id": what may be referred to within it. Interfaces
// inside it are others' (specification, "Partitions and referenceability").
class Partition {
  public:
    struct Named {
        const JsonNode* node = nullptr;
        Context context;
    };

    Partition(const Reading& reading, const JsonNode& interface, const Context& outer);

    const Named* find(std::string_view id) const;
    const std::map<std::string_view, Named>& all() const { return named_; }

  private:
    void collect(const Reading& reading, const JsonNode& node, const Context& outer);

    std::map<std::string_view, Named> named_;
};

bool is_interface(const JsonNode& node);  // by its "@type"

// Makes the schemas of one interface; a schema that is referred to more than once is made once.
class SchemaReader {
  public:
    SchemaReader(const Reading& reading, const Partition& partition)
        : reading_(reading), partition_(partition) {}

    // The value of "schema" or the like. Null: flaws were noted.
    SchemaPtr read(const JsonNode& value, const Context& context);
    // A member of "schemas" or a schema written in place.
    SchemaPtr read_complex(const JsonNode& node, const Context& context);

    // The element itself or the one of this interface that the text refers to. Null: a flaw.
    const JsonNode* resolve(const JsonNode& value, Context& context) const;
    // Values counted toward Models::contents_limit so far.
    size_t element_count() const { return element_count_; }
    void count_elements(size_t more) { element_count_ += more; }

  private:
    struct Extent {
        size_t height = 0;  // arrays, maps and objects on the longest way down
        size_t size = 1;    // it and all in it, what is shared counted each time
    };
    struct Made {
        SchemaPtr schema;
        Extent extent;
        bool complete = false;
    };

    void check_size(const JsonNode& node, Extent& extent) const;
    Extent make(const Element& element, Schema& schema);
    void make_enum(const Element& element, Schema& schema);
    std::optional<EnumValue> enum_value(const Element& one, SchemaKind kind);
    void make_map(const Element& element, Schema& schema);
    void make_object(const Element& element, Schema& schema);
    SchemaPtr inner(const Element& element, std::string_view member);

    const Reading& reading_;
    const Partition& partition_;
    std::unordered_map<const JsonNode*, Made> made_;
    size_t level_ = 0;  // of the complex schema that is being made
    Extent extent_;     // of the one read last
    size_t element_count_ = 0;
};

// Calls visit(item) for the value or, of an array, for each of it.
template <class Visit>
void each_value(const JsonNode& value, const Visit& visit) {
    if (!value.is_array()) return visit(value);
    for (const JsonNode* item = value.first_child; item != nullptr; item = item->next)
        visit(*item);
}

inline size_t value_count(const JsonNode& value) {
    return value.is_array() ? value.child_count : 1;
}

}  // namespace hw::twin
