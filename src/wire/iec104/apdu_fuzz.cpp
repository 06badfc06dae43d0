#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "wire/iec104/apci.h"
#include "wire/iec104/asdu.h"

// Frames from a hostile stream. What is read as an ASDU is written again to the same bytes, but
// for the bits that have no meaning, so the second reading must say what the first did.
namespace hw::iec104 {
namespace {

int run(const uint8_t* data, size_t size) {
    BytesView bytes(reinterpret_cast<const std::byte*>(data), size);
    while (true) {
        const Result<size_t> length = frame_bytes(bytes);
        if (!length || *length == 0) return 0;
        HW_ASSERT(*length <= bytes.size() && *length >= 6);
        const Result<Frame> frame = parse_frame(bytes.first(*length));
        bytes = bytes.subspan(*length);
        if (!frame || frame->kind != FrameKind::information) continue;
        const Result<Asdu> asdu = parse_asdu(frame->asdu);
        if (!asdu || asdu->objects.empty()) continue;
        const size_t limit = objects_limit(asdu->header.type, false);
        if (asdu->objects.size() > limit) continue;
        bool wraps = false;
        for (const Object& object : asdu->objects) {
            HW_ASSERT(object.address <= object_address_most);
            wraps = wraps || object.address == object_address_most;
            if (object.time) (void)time_from_tag(*object.time, {}, {});
        }
        if (wraps) continue;
        const std::string once = write_asdu(asdu->header, asdu->objects);
        const Result<Asdu> again = parse_asdu(as_bytes(once));
        HW_ASSERT(again.has_value());
        HW_ASSERT(write_asdu(again->header, again->objects) == once);
    }
}

}  // namespace
}  // namespace hw::iec104

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    return hw::iec104::run(data, size);
}
