#include "sim/serve/s7_session.h"

#include <algorithm>

#include "base/assert.h"

namespace hw::sim {

namespace {

using s7::ItemSize;
using s7::ReturnCode;

ReturnCode return_code(WriteOutcome outcome) {
    switch (outcome) {
        case WriteOutcome::done:
            return ReturnCode::success;
        case WriteOutcome::no_such_address:
            return ReturnCode::address_out_of_range;
        case WriteOutcome::read_only:
            return ReturnCode::access_denied;
        case WriteOutcome::bad_value:
            return ReturnCode::type_inconsistent;
    }
    HW_UNREACHABLE();
}

}  // namespace

S7Session::S7Session(std::vector<DataBlock>& blocks) : blocks_(blocks), connection_({}, *this) {}

Result<void> S7Session::received(BytesView bytes, std::string& out) {
    return connection_.feed(bytes, out);
}

DataBlock* S7Session::find(const s7::ItemAddress& item, ReturnCode& why) {
    if (item.area != s7::Area::data_block) {
        why = ReturnCode::type_not_supported;
        return nullptr;
    }
    const auto block = std::find_if(blocks_.begin(), blocks_.end(),
                                    [&](const auto& one) { return one.number == item.db; });
    if (block == blocks_.end()) {
        why = ReturnCode::object_does_not_exist;
        return nullptr;
    }
    const size_t bytes = size_t{s7::bytes_of(item.size)} * item.count;
    if ((item.size == ItemSize::bit && item.count != 1) ||
        item.start + bytes > block->memory.size()) {
        why = ReturnCode::address_out_of_range;
        return nullptr;
    }
    return &*block;
}

ReturnCode S7Session::read(const s7::ItemAddress& item, std::string& out) {
    ReturnCode why = ReturnCode::success;
    const auto* block = find(item, why);
    if (!block) return why;
    if (item.size == ItemSize::bit)
        out += block->memory.read_bit(item.start, item.bit) ? '\1' : '\0';
    else
        out += block->memory.read(item.start, size_t{s7::bytes_of(item.size)} * item.count);
    return ReturnCode::success;
}

ReturnCode S7Session::write(const s7::ItemAddress& item, BytesView data) {
    ReturnCode why = ReturnCode::success;
    auto* block = find(item, why);
    if (!block) return why;
    if (item.size == ItemSize::bit)
        return return_code(
            block->memory.write_bit(item.start, item.bit, data.front() != std::byte{0}));
    return return_code(block->memory.write(item.start, data));
}

}  // namespace hw::sim
