#include "twin/follower.h"

#include "base/assert.h"

namespace hw::twin {

std::string_view to_string(Happening::Kind kind) {
    switch (kind) {
        case Happening::Kind::twin_created:
            return "twin_created";
        case Happening::Kind::twin_updated:
            return "twin_updated";
        case Happening::Kind::twin_removed:
            return "twin_removed";
        case Happening::Kind::relationship_added:
            return "relationship_added";
        case Happening::Kind::relationship_changed:
            return "relationship_changed";
        case Happening::Kind::relationship_removed:
            return "relationship_removed";
        case Happening::Kind::model_changed:
            return "model_changed";
        case Happening::Kind::stale:
            return "stale";
        case Happening::Kind::desired:
            return "desired";
        case Happening::Kind::command:
            return "command";
    }
    HW_UNREACHABLE();
}

}  // namespace hw::twin
