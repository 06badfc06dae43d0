#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "connector/connector.h"

namespace hw::connector {

// A row as it lies in an action's buffer on disk: docs/formats/action_buffer.md.
void save_item(std::string& out, const Item& item, Time queued);

struct StoredItem {
    Item item;
    Time queued;  // wall time
};
// Reading distrusts. Errors: corrupt.
Result<StoredItem> load_item(std::string_view bytes);

}  // namespace hw::connector
