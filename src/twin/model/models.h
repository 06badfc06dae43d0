#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "twin/model/interface.h"

namespace hw::twin {

// What is wrong with a model document, and where.
struct ModelFlaw {
    size_t document = 0;  // index of the text given
    uint64_t line = 0;    // from 1
    uint64_t column = 0;
    std::string path;     // JSON pointer (RFC 6901): "/contents/3/schema"
    std::string element;  // DTMI or name of the nearest element that has one
    std::string text;     // names value, limit and remedy

    // "line 12, /contents/3/schema (dtmi:x:Pump;1): 'flot' is no schema; did you mean float?"
    std::string full_text() const;
};

// The interfaces there are, each resolved. An immutable snapshot: a change makes a new one, whose
// unchanged interfaces are shared with the one before. Any thread.
class Models {
  public:
    // The documents' limits (DTDL v3, "Limits").
    static constexpr size_t interface_bytes_limit = 1 << 20;
    static constexpr size_t contents_limit = 100'000;  // of an interface, with what it extends
    static constexpr size_t extends_limit = 1'024;     // interfaces in a hierarchy
    static constexpr size_t extends_depth_limit = 10;
    static constexpr size_t schema_depth_limit = 5;
    // Fields, items and values of one schema, where one that is used twice counts twice; ours, so
    // that walking a schema is bounded.
    static constexpr size_t schema_size_limit = 100'000;
    static constexpr size_t models_limit = 10'000;  // of a server; ours
    static constexpr size_t slots_limit = 10'000;   // of an interface; ours
    // Contents and slots of all interfaces, inherited ones counted in each; ours. A content takes
    // about 1 kB.
    static constexpr size_t resolved_limit = 1'000'000;

    static std::shared_ptr<const Models> none();

    // Takes documents (each one interface, or an array of them, in DTDL v3 JSON-LD; v2 is refused
    // with what to write) as one: all, or none and the flaws (at most 100). What is there already
    // under the same DTMI must be the same but for texts (displayName, description, comment), else
    // it is a flaw that names the next version's DTMI.
    std::shared_ptr<const Models> with(std::span<const std::string_view> documents,
                                       std::vector<ModelFlaw>& flaws) const;
    // Errors: not_found; conflict where another one extends it or has it as a component.
    Result<std::shared_ptr<const Models>> without(std::string_view id) const;

    // Null: there is none. The reference is good as long as somebody holds it.
    InterfacePtr find(std::string_view id) const;
    // not_found names the nearest, and other versions of it.
    Result<InterfacePtr> get(std::string_view id) const;
    const std::map<std::string, InterfacePtr, std::less<>>& all() const { return interfaces_; }

  private:
    friend class ModelsMaker;
    std::map<std::string, InterfacePtr, std::less<>> interfaces_;
};

}  // namespace hw::twin
