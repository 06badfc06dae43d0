#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "twin/model/literals.h"
#include "twin/model/vocabulary.h"

namespace hw::twin {

// The language and its extensions that are in force for an element and what is within it.
struct Context {
    bool dtdl = false;
    bool incomplete = false;  // names something that we do not know; was noted as a flaw
    std::array<bool, extension_count> extensions{};

    bool has(Extension extension) const { return extensions[static_cast<size_t>(extension)]; }
    // As "@context" says it: one text or an array.
    std::string json() const;

    friend bool operator==(const Context&, const Context&) = default;
};

// The outer context with what the value of "@context" adds.
Context context_of(const Reading& reading, const JsonNode& value, const Context& outer);

// One DTDL element: a JSON object whose type and members have been checked.
class Element {
  public:
    // `what` names the kinds that may stand here, for error texts. With `implied` the type may be
    // left out. Nothing: flaws were noted and nothing can be read from it.
    static std::optional<Element> open(const Reading& reading, const JsonNode& node,
                                       const Context& outer, std::span<const ElementKind> allowed,
                                       bool implied = false);

    ElementKind kind() const { return kind_; }
    const JsonNode& node() const { return *node_; }
    const Context& context() const { return context_; }
    const Reading& reading() const { return *reading_; }
    const std::vector<std::string>& semantic_types() const { return semantic_types_; }
    bool historized() const { return historized_; }
    bool annotation() const { return annotation_; }

    // Null: not there.
    const JsonNode* member(std::string_view name) const;
    // The same, and null for an empty array, which is allowed where nothing need be.
    const JsonNode* given(std::string_view name) const;
    // The same as member(), with a flaw where it is not there.
    const JsonNode* needed(std::string_view name) const;

    std::string id() const;    // "@id", checked; empty where there is none
    std::string name() const;  // "name", checked and needed
    std::string display_name() const { return localizable("displayName"); }
    std::string description() const { return localizable("description"); }
    // The same in every language; null where it is one text or none.
    LanguageTexts display_names() const { return languages("displayName"); }
    LanguageTexts descriptions() const { return languages("description"); }
    std::string comment() const;
    bool flag(std::string_view member) const;  // false where it is not there
    // Of a value with semantic types; `numeric`: of its schema. Notes what does not fit.
    std::string unit(bool numeric) const;

    // "the Telemetry 'speed'", for error texts.
    std::string shown() const;

  private:
    Element(const Reading& reading, const JsonNode& node) : reading_(&reading), node_(&node) {}
    bool read_types(std::span<const ElementKind> allowed, bool implied);
    void take_type(const JsonNode& node, std::span<const ElementKind> allowed, bool& found);
    void no_kind(const JsonNode& type, std::span<const ElementKind> allowed) const;
    bool take_co_type(std::string_view type, const JsonNode& node);
    void check_members() const;
    void check_member(const JsonNode& member, std::string_view name) const;
    std::string localizable(std::string_view member) const;
    LanguageTexts languages(std::string_view member) const;

    const Reading* reading_;
    const JsonNode* node_;
    ElementKind kind_ = ElementKind::interface;
    Context context_;
    std::vector<std::string> semantic_types_;
    bool historized_ = false;
    bool annotation_ = false;
};

}  // namespace hw::twin
