#include <cstddef>
#include <cstdint>

#include "gateway/write_message.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view payload(reinterpret_cast<const char*>(data), size);
    hw::gateway::WriteOrder order;
    order.point = "a/b";
    if (hw::gateway::read_write_message(payload, order))
        static_cast<void>(hw::gateway::write_answer(order, hw::gateway::WriteResult{}));
    if (const auto request = hw::gateway::read_neuron_request(payload))
        static_cast<void>(hw::gateway::neuron_answer(request->uuid, 0));
    return 0;
}
