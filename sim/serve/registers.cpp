#include "sim/serve/registers.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/assert.h"

namespace hw::sim {

namespace {

float real_of(const Reading& reading) {
    if (reading.trust == Trust::bad) return std::numeric_limits<float>::quiet_NaN();
    return static_cast<float>(as_number(reading).value_or(0));
}

uint32_t whole_of(const Reading& reading) {
    const auto* whole = std::get_if<int64_t>(&reading.value);
    const int64_t value = whole ? *whole : 0;
    return static_cast<uint32_t>(static_cast<int32_t>(std::clamp<int64_t>(
        value, std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max())));
}

bool flag_of(const Reading& reading) {
    return as_number(reading).value_or(0) != 0;
}

void put32(std::string& image, size_t at, uint32_t value) {
    for (size_t i = 0; i < 4; ++i)
        image[at + i] = static_cast<char>(value >> (24 - 8 * i));
}

}  // namespace

CellType cell_type(Kind kind) {
    switch (kind) {
        case Kind::real:
            return CellType::real;
        case Kind::whole:
            return CellType::whole;
        case Kind::flag:
            return CellType::bit;
        case Kind::text:
            return CellType::text;
    }
    HW_UNREACHABLE();
}

size_t Cell::size() const {
    switch (type) {
        case CellType::real:
        case CellType::whole:
            return 4;
        case CellType::bit:
            return 1;
        case CellType::text:
            return text_cell_bytes;
    }
    HW_UNREACHABLE();
}

void Memory::add(const Cell& cell) {
    if (!cells_.empty()) {
        const auto& last = cells_.back();
        const bool same_byte = last.type == CellType::bit && cell.type == CellType::bit &&
                               last.byte == cell.byte && last.bit < cell.bit;
        HW_ASSERT(same_byte || cell.byte >= last.byte + last.size());
    }
    cells_.push_back(cell);
    size_ = cell.byte + cell.size();
}

void Memory::encode(const Cell& cell, std::string& image, size_t first) const {
    const auto reading = variables_->read(cell.variable);
    const size_t at = cell.byte - first;
    switch (cell.type) {
        case CellType::real:
            return put32(image, at, std::bit_cast<uint32_t>(real_of(reading)));
        case CellType::whole:
            return put32(image, at, whole_of(reading));
        case CellType::bit:
            if (flag_of(reading))
                image[at] = static_cast<char>(static_cast<uint8_t>(image[at]) | 1U << cell.bit);
            return;
        case CellType::text: {
            const auto* text = std::get_if<std::string_view>(&reading.value);
            if (text) text->copy(image.data() + at, text_cell_bytes);
            return;
        }
    }
}

std::string Memory::read(size_t first, size_t count) const {
    HW_ASSERT(first + count <= size_);
    // Whole cells first, then the part of them that was asked for.
    auto from = std::partition_point(cells_.begin(), cells_.end(), [&](const Cell& cell) {
        return cell.byte + cell.size() <= first;
    });
    const size_t begin = from != cells_.end() ? std::min(first, from->byte) : first;
    size_t end = first + count;
    for (auto cell = from; cell != cells_.end() && cell->byte < first + count; ++cell)
        end = std::max(end, cell->byte + cell->size());
    std::string image(end - begin, '\0');
    for (auto cell = from; cell != cells_.end() && cell->byte < first + count; ++cell)
        encode(*cell, image, begin);
    return image.substr(first - begin, count);
}

bool Memory::read_bit(size_t byte, unsigned bit) const {
    HW_ASSERT(byte < size_);
    return (static_cast<uint8_t>(read(byte, 1)[0]) >> bit & 1) != 0;
}

WriteOutcome Memory::write(size_t first, BytesView bytes) {
    std::vector<Write> writes;
    size_t covered = first;  // everything before belongs to a cell
    const size_t end = first + bytes.size();
    for (const auto& cell : cells_) {
        if (cell.byte + cell.size() <= first || cell.byte >= end) continue;
        if (cell.byte < first || cell.byte + cell.size() > end || cell.byte > covered)
            return WriteOutcome::no_such_address;
        covered = cell.byte + cell.size();
        if (!variables_->list()[cell.variable].writable()) return WriteOutcome::read_only;
        ByteReader in(bytes.subspan(cell.byte - first, cell.size()));
        if (cell.type == CellType::real)
            writes.push_back({cell.variable, std::bit_cast<float>(in.big<uint32_t>())});
        else if (cell.type == CellType::bit)
            writes.push_back({cell.variable, static_cast<double>(in.u8() >> cell.bit & 1)});
        else
            return WriteOutcome::read_only;
    }
    if (covered < end) return WriteOutcome::no_such_address;
    return apply(writes);
}

WriteOutcome Memory::write_bit(size_t byte, unsigned bit, bool value) {
    for (const auto& cell : cells_) {
        if (cell.type != CellType::bit || cell.byte != byte || cell.bit != bit) continue;
        if (!variables_->list()[cell.variable].writable()) return WriteOutcome::read_only;
        return apply({{cell.variable, value ? 1.0 : 0.0}});
    }
    return WriteOutcome::no_such_address;
}

WriteOutcome Memory::apply(const std::vector<Write>& writes) {
    for (const auto& write : writes)
        if (!variables_->check(write.variable, write.value)) return WriteOutcome::bad_value;
    for (const auto& write : writes) {
        const auto done = variables_->write(write.variable, write.value);
        HW_ASSERT(done.has_value());
    }
    return WriteOutcome::done;
}

}  // namespace hw::sim
