#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hw::sql::batch {

// Writes one FlatBuffer (https://flatbuffers.dev/internals) front to back: what a table points to
// comes behind it and is tied to its field then. Little endian. One buffer, one thread.
class FlatWriter {
  public:
    FlatWriter() : bytes_(4, '\0') {}  // where the root is

    // A field of a table, of 1, 2, 4 or 8 bytes; 0: it is left out and has its default.
    struct Slot {
        uint8_t size = 0;
        uint64_t value = 0;
    };
    static Slot offset() { return {4, 0}; }  // tied later

    struct Table {
        size_t at = 0;
        std::vector<size_t> fields;  // where each slot's bytes are
    };
    Table table(std::span<const Slot> slots);
    Table table(std::initializer_list<Slot> slots) {
        return table(std::span<const Slot>(slots.begin(), slots.size()));
    }

    void root(const Table& table) { tie(0, table.at); }
    // The field at `field` points to what is at `target`, behind it.
    void tie(size_t field, size_t target);
    size_t text(std::string_view text);
    // A vector of `count` offsets, each to be tied; where it is and where they are.
    Table offsets(size_t count);
    // A vector of structs of two int64.
    size_t pairs(std::span<const std::pair<int64_t, int64_t>> pairs);

    const std::string& bytes() const { return bytes_; }

  private:
    void pad_to(size_t multiple, size_t rest);
    void put(uint64_t value, size_t size);

    std::string bytes_;
};

}  // namespace hw::sql::batch
