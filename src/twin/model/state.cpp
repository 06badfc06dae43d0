#include "twin/model/state.h"

#include <algorithm>

namespace hw::twin {

std::string_view to_string(Origin origin) {
    switch (origin) {
        case Origin::none:
            return "none";
        case Origin::fixed:
            return "fixed";
        case Origin::point:
            return "point";
        case Origin::derived:
            return "derived";
    }
    return "none";
}

const PropertyState* TwinState::find(std::string_view path) const {
    // Properties are in the order of the model's slots, as a rule all of them.
    if (model)
        if (const auto slot = model->slot(path);
            slot && *slot < properties.size() && properties[*slot].path == path)
            return &properties[*slot];
    const auto found = std::ranges::find(properties, path, &PropertyState::path);
    return found == properties.end() ? nullptr : &*found;
}

const TwinState* Snapshot::find(std::string_view id) const {
    const auto found = std::ranges::lower_bound(twins, id, {}, &TwinState::id);
    return found == twins.end() || found->id != id ? nullptr : &*found;
}

}  // namespace hw::twin
