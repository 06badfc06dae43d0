#pragma once

#include <string>
#include <vector>

#include "twin/model/element.h"
#include "twin/model/interface.h"
#include "twin/model/schema_reader.h"

namespace hw::twin {

// An interface that is named or written in place: by "extends" or as a component's schema.
struct InterfaceReference {
    std::string id;
    const JsonNode* node = nullptr;  // where it is named
    bool inline_interface = false;
    Context context;  // in force there
};

// A content as it is written, and what can be checked only with the whole interface at hand.
struct ContentDraft {
    Content content;
    const JsonNode* node = nullptr;
    InterfaceReference component;  // of a component
};

// The reference that the value makes; an empty id: flaws were noted.
InterfaceReference interface_reference(const Reading& reading, const JsonNode& value,
                                       const Context& context);

// One of "contents". Nothing: flaws were noted.
std::optional<ContentDraft> read_content(const Reading& reading, const JsonNode& node,
                                         const Context& context, SchemaReader& schemas);

}  // namespace hw::twin
