#include "sql/user/worker_protocol.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/assert.h"

// What a worker may send: a hello or not, then anything, cut at the length of its first byte.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    hw::sql::user::WorkerProtocol protocol({.frame_bytes = 4096, .calls = 4, .functions = 8});
    std::vector<hw::sql::user::WorkerProtocol::Event> events;
    const std::vector<hw::sql::Datum> arguments = {hw::sql::Datum::text("\xff"),
                                                   hw::sql::Datum::integer(7)};
    const size_t step = data[0] % 64 + 1;
    for (size_t at = 1; at < size; at += step) {
        (void)protocol.call("f", arguments);
        (void)protocol.take_output();
        const size_t count = std::min(step, size - at);
        const hw::BytesView bytes(reinterpret_cast<const std::byte*>(data + at), count);
        if (!protocol.receive(bytes, events)) break;
        HW_ASSERT(protocol.under_way() <= 4);
        if (at % 3 == 0) protocol.forget(at);
    }
    return 0;
}
