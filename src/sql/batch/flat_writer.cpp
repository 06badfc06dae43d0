#include "sql/batch/flat_writer.h"

#include <bit>
#include <cstring>

#include "base/assert.h"

namespace hw::sql::batch {

static_assert(std::endian::native == std::endian::little);

void FlatWriter::pad_to(size_t multiple, size_t rest) {
    while (bytes_.size() % multiple != rest)
        bytes_ += '\0';
}

void FlatWriter::put(uint64_t value, size_t size) {
    bytes_.append(reinterpret_cast<const char*>(&value), size);
}

FlatWriter::Table FlatWriter::table(std::span<const Slot> slots) {
    const size_t directory = 4 + 2 * slots.size();
    // The fields begin 4 bytes behind the table's start: there 8 bytes lie aligned.
    while ((bytes_.size() + directory) % 8 != 4)
        bytes_ += '\0';
    const size_t start = bytes_.size();
    std::vector<uint16_t> places(slots.size(), 0);
    size_t end = 4;
    for (const uint8_t size : {8, 4, 2, 1}) {
        for (size_t i = 0; i < slots.size(); ++i) {
            if (slots[i].size != size) continue;
            places[i] = static_cast<uint16_t>(end);
            end += size;
        }
    }
    put(directory, 2);
    put(end, 2);
    for (const uint16_t place : places)
        put(place, 2);
    Table out{bytes_.size(), {}};
    put(out.at - start, 4);
    bytes_.resize(out.at + end, '\0');
    for (size_t i = 0; i < slots.size(); ++i) {
        out.fields.push_back(out.at + places[i]);
        std::memcpy(bytes_.data() + out.at + places[i], &slots[i].value, slots[i].size);
    }
    return out;
}

void FlatWriter::tie(size_t field, size_t target) {
    HW_ASSERT(target > field);
    const auto apart = static_cast<uint32_t>(target - field);
    std::memcpy(bytes_.data() + field, &apart, sizeof apart);
}

size_t FlatWriter::text(std::string_view text) {
    pad_to(4, 0);
    const size_t at = bytes_.size();
    put(text.size(), 4);
    bytes_.append(text).append(1, '\0');
    return at;
}

FlatWriter::Table FlatWriter::offsets(size_t count) {
    pad_to(4, 0);
    Table out{bytes_.size(), {}};
    put(count, 4);
    for (size_t i = 0; i < count; ++i) {
        out.fields.push_back(bytes_.size());
        put(0, 4);
    }
    return out;
}

size_t FlatWriter::pairs(std::span<const std::pair<int64_t, int64_t>> pairs) {
    pad_to(8, 4);
    const size_t at = bytes_.size();
    put(pairs.size(), 4);
    for (const auto& [first, second] : pairs) {
        put(static_cast<uint64_t>(first), 8);
        put(static_cast<uint64_t>(second), 8);
    }
    return at;
}

}  // namespace hw::sql::batch
