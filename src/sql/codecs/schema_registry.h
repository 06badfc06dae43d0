#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/mutex.h"
#include "sql/codecs/schema.h"

namespace hw::sql {

// A schema as it was given.
struct SchemaDefinition {
    std::string name;
    SchemaType type = SchemaType::json;
    std::string text;

    friend bool operator==(const SchemaDefinition&, const SchemaDefinition&) = default;
};

// The schemas of schema_encode(), schema_decode() and their kin, by name; and which of them stand
// under which number in a schema registry elsewhere (Confluent's protocol tags messages with
// numbers). Who stores definitions and asks other registries is above. Any thread; find() takes a
// lock for a moment.
class SchemaRegistry {
  public:
    explicit SchemaRegistry(SchemaLimits limits = {}, size_t schemas_limit = 1000)
        : limits_(limits), schemas_limit_(schemas_limit) {}

    // Compiles and keeps it, in place of what had the name; calls that run keep the old one.
    // Errors: those of compile_schema; a name that is empty or longer than 128 bytes;
    // limit_exceeded for one schema too many.
    Result<void> put(const SchemaDefinition& definition);
    // Also its numbers. not_found.
    Result<void> remove(std::string_view name);
    std::vector<SchemaDefinition> list() const;                       // by name
    std::shared_ptr<const Schema> find(std::string_view name) const;  // nullptr: none

    // That the schema has this number in the registry, there under this subject (may be empty).
    // not_found: no schema of that name.
    Result<void> set_number(std::string_view registry, std::string_view subject, uint32_t number,
                            std::string_view name);
    std::shared_ptr<const Schema> find(std::string_view registry, uint32_t number) const;
    std::optional<uint32_t> number_of(std::string_view registry, std::string_view subject) const;

    // Sparkplug B's payload as a protobuf schema, whose message is "Payload".
    static const Schema& sparkplug();

  private:
    struct Entry {
        SchemaDefinition definition;
        std::shared_ptr<const Schema> schema;
    };
    struct Number {
        std::string subject;
        std::string name;
    };

    const SchemaLimits limits_;
    const size_t schemas_limit_;
    mutable Mutex mutex_;
    std::map<std::string, Entry, std::less<>> entries_ HW_LOCKING(guarded_by(mutex_));
    std::map<std::pair<std::string, uint32_t>, Number> numbers_ HW_LOCKING(guarded_by(mutex_));
};

}  // namespace hw::sql
