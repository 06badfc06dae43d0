#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "twin/model/content_reader.h"

namespace hw::twin {

// One interface as it is written, before what it extends and its components are known.
struct InterfaceDraft {
    const Sheet* sheet = nullptr;
    const JsonNode* node = nullptr;
    std::shared_ptr<Interface> made;  // texts, id, extends and json; no contents yet
    std::vector<InterfaceReference> extends;
    std::vector<ContentDraft> contents;
    std::vector<std::string> element_ids;  // of all that is in it
};

// `outer`: the context of what the interface is written in; nothing for a top-level one.
// Nothing: flaws were noted and it has not even an id.
std::optional<InterfaceDraft> read_interface(const Reading& reading, const JsonNode& node,
                                             const std::optional<Context>& outer);

}  // namespace hw::twin
