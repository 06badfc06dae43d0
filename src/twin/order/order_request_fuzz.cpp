// What comes by HTTP and MQTT, and what the catalogue has: what is read is written and read again
// to the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "sql/json.h"
#include "twin/order/order.h"
#include "twin/order/order_request.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    (void)hw::twin::read_desired_request(text);
    (void)hw::twin::read_desired_list(text, 100);
    if (const auto desired = hw::twin::read_desired_message(text)) {
        const auto again =
            hw::twin::read_desired_message(hw::twin::desired_message(desired->value, "d1", {}));
        // The form for devices has an id, which no request has, so it is a value itself.
        if (!again || again->value.find("value") == nullptr) std::abort();
    }
    if (const auto command = hw::twin::read_command_message(text)) {
        const auto again =
            hw::twin::read_command_message(hw::twin::command_message(command->request, "c1", {}));
        if (!again || again->id != "c1" || again->request != command->request) std::abort();
    }
    (void)hw::twin::read_command_response(text);
    hw::sql::JsonReader reader;
    const auto json = reader.read(text);
    if (!json) return 0;
    if (const auto desired = hw::twin::read_desired(*json)) {
        const auto again = hw::twin::read_desired(*reader.read(hw::twin::desired_json(*desired)));
        if (!again || hw::twin::desired_json(*again) != hw::twin::desired_json(*desired))
            std::abort();
    }
    if (const auto command = hw::twin::read_command(*json)) {
        const auto again = hw::twin::read_command(*reader.read(hw::twin::command_json(*command)));
        if (!again || hw::twin::command_json(*again) != hw::twin::command_json(*command))
            std::abort();
    }
    return 0;
}
