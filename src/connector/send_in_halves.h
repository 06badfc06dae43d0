#pragma once

#include <functional>
#include <span>

#include "connector/connector.h"

namespace hw::connector {

// Sends all items with one call of `send_all`, which takes a span and does all or nothing of it.
// Where the peer refuses several, they are sent by halves, so that only the row at fault is
// rejected: about 2 log2(n) calls for one bad row.
Sent send_in_halves(std::span<const Item> items,
                    const std::function<Sent(std::span<const Item>)>& send_all);

}  // namespace hw::connector
