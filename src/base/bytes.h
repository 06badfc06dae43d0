#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace hw {

// Bytes that somebody else owns.
using BytesView = std::span<const std::byte>;

inline std::string_view as_text(BytesView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline BytesView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

// Reads big- and little-endian numbers from untrusted bytes. A read past the end yields zero or an
// empty view and sets failed(), once and for all; so a decoder reads straight on and asks once.
class ByteReader {
  public:
    explicit ByteReader(BytesView bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

    bool failed() const { return failed_; }
    size_t remaining() const { return static_cast<size_t>(end_ - at_); }
    bool at_end() const { return at_ == end_; }

    uint8_t u8() { return big<uint8_t>(); }
    template <class T>
    T big() {
        return read<T>(std::endian::native == std::endian::little);
    }
    template <class T>
    T little() {
        return read<T>(std::endian::native == std::endian::big);
    }
    BytesView bytes(size_t count) {
        if (count > remaining()) {
            fail();
            return {};
        }
        BytesView view(at_, count);
        at_ += count;
        return view;
    }
    std::string_view text(size_t count) { return as_text(bytes(count)); }
    BytesView rest() { return bytes(remaining()); }
    // LEB128, at most 10 bytes; more than 64 bits fail.
    uint64_t varint() {
        uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const uint8_t byte = u8();
            if (shift == 63 && byte > 1) break;
            value |= static_cast<uint64_t>(byte & 0x7f) << shift;
            if ((byte & 0x80) == 0) return value;
        }
        fail();
        return 0;
    }
    int64_t signed_varint() {
        const uint64_t z = varint();
        return static_cast<int64_t>(z >> 1) ^ -static_cast<int64_t>(z & 1);
    }
    void fail() {
        failed_ = true;
        at_ = end_;
    }

  private:
    template <class T>
    T read(bool swap) {
        static_assert(std::is_unsigned_v<T>);
        if (remaining() < sizeof(T)) {
            fail();
            return 0;
        }
        T value;
        std::memcpy(&value, at_, sizeof(T));
        at_ += sizeof(T);
        return swap ? byte_swap(value) : value;
    }
    template <class T>
    static T byte_swap(T value) {
        if constexpr (sizeof(T) == 1) return value;
        if constexpr (sizeof(T) == 2) return __builtin_bswap16(value);
        if constexpr (sizeof(T) == 4) return __builtin_bswap32(value);
        if constexpr (sizeof(T) == 8) return __builtin_bswap64(value);
    }

    const std::byte* at_;
    const std::byte* end_;
    bool failed_ = false;
};

// Appends numbers to a string that the caller owns.
class ByteWriter {
  public:
    explicit ByteWriter(std::string& out) : out_(out) {}

    size_t size() const { return out_.size(); }
    void u8(uint8_t value) { out_.push_back(static_cast<char>(value)); }
    template <class T>
    void big(T value) {
        for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8)
            out_.push_back(static_cast<char>(value >> shift));
    }
    template <class T>
    void little(T value) {
        static_assert(std::is_unsigned_v<T> && std::endian::native == std::endian::little);
        out_.append(reinterpret_cast<const char*>(&value), sizeof(T));
    }
    void text(std::string_view text) { out_.append(text); }
    void bytes(BytesView bytes) { out_.append(as_text(bytes)); }
    void varint(uint64_t value) {
        while (value >= 0x80) {
            out_.push_back(static_cast<char>(value | 0x80));
            value >>= 7;
        }
        out_.push_back(static_cast<char>(value));
    }
    void signed_varint(int64_t value) {
        varint((static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
    }

  private:
    std::string& out_;
};

}  // namespace hw
