#pragma once

#include <atomic>
#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/time.h"

namespace hw::sql {

// What a value of the continuous language is. `time` is a point in time in ns UTC (eKuiper's
// datetime); `null` stands for SQL's NULL, JSON's null and EMQX's undefined alike.
enum class Kind : uint8_t { null, boolean, int64, float64, time, text, bytes, array, object };

// "null", "boolean", "int", "float", "datetime", "string", "bytes", "array", "object".
std::string_view to_string(Kind kind);

class Datum;
struct Member;

// The counted heap parts of a Datum. Never changed while more than one Datum holds them.
struct TextRep {
    std::atomic<uint32_t> references;
    uint32_t size;
    char data[1];  // `size` bytes
};
struct ArrayRep;
struct ObjectRep;

// One value: 16 bytes, copied by counting references (texts up to 14 bytes lie within). Values are
// immutable to all who share them: changing an array or object copies it first where it is shared
// (see own_items, own_members). Copying and destroying is safe from any thread; one Datum belongs
// to one thread at a time. Destruction of deep nesting recurses: what is read from outside is
// limited to `nesting_limit` levels.
class Datum {
  public:
    static constexpr size_t small_text_limit = 14;
    static constexpr size_t nesting_limit = 128;
    using Items = std::vector<Datum>;
    using Members = std::vector<Member>;

    Datum() { clear_words(); }
    Datum(const Datum& other) : low_(other.low_), high_(other.high_) { retain(); }
    Datum(Datum&& other) noexcept : low_(other.low_), high_(other.high_) { other.clear_words(); }
    Datum& operator=(const Datum& other) {
        Datum copy(other);
        swap(copy);
        return *this;
    }
    Datum& operator=(Datum&& other) noexcept {
        if (this != &other) {
            release();
            low_ = other.low_;
            high_ = other.high_;
            other.clear_words();
        }
        return *this;
    }
    ~Datum() { release(); }
    void swap(Datum& other) noexcept {
        std::swap(low_, other.low_);
        std::swap(high_, other.high_);
    }

    static Datum null() { return {}; }
    static Datum boolean(bool value) { return Datum(Kind::boolean, value ? 1 : 0); }
    static Datum integer(int64_t value) { return Datum(Kind::int64, static_cast<uint64_t>(value)); }
    static Datum real(double value) { return Datum(Kind::float64, std::bit_cast<uint64_t>(value)); }
    static Datum time(Time value) { return Datum(Kind::time, static_cast<uint64_t>(value.ns)); }
    static Datum text(std::string_view value) { return from_bytes(Kind::text, value); }
    static Datum bytes(std::string_view value) { return from_bytes(Kind::bytes, value); }
    static Datum array(Items items);
    static Datum object(Members members);  // keys are distinct: the caller's duty

    Kind kind() const { return static_cast<Kind>(high_ >> 56); }
    bool is_null() const { return kind() == Kind::null; }
    bool is_number() const { return kind() == Kind::int64 || kind() == Kind::float64; }
    bool is_text() const { return kind() == Kind::text; }
    bool is_array() const { return kind() == Kind::array; }
    bool is_object() const { return kind() == Kind::object; }

    // Each of the kind it names (asserted).
    bool as_boolean() const { return of(Kind::boolean), low_ != 0; }
    int64_t as_integer() const { return of(Kind::int64), static_cast<int64_t>(low_); }
    double as_real() const { return of(Kind::float64), std::bit_cast<double>(low_); }
    Time as_time() const { return of(Kind::time), Time{static_cast<int64_t>(low_)}; }
    // Of text or bytes. Valid as long as this Datum is neither changed nor moved.
    std::string_view as_text() const {
        HW_ASSERT(kind() == Kind::text || kind() == Kind::bytes);
        if (inside()) return {reinterpret_cast<const char*>(&low_), small_size()};
        return {text_rep()->data, text_rep()->size};
    }
    // An int64 or float64 as double.
    double as_number() const {
        return kind() == Kind::int64 ? static_cast<double>(as_integer()) : as_real();
    }
    const Items& items() const;
    const Members& members() const;  // in the order they were put
    // The member of that name, or nullptr: also for what is no object. Cost: one comparison of 16
    // bytes a member where `key` has at most 14 bytes.
    const Datum* find(std::string_view key) const;
    const Datum* find(const Datum& key) const;  // faster: `key` is a text made once

    // Changing in place; copies the heap part first where others hold it too.
    Items& own_items();
    Members& own_members();
    void put(std::string_view key, Datum value);  // of an object: replaces or appends
    void put(const Datum& key, Datum value);

    // Same kind and content; int64 and float64 compare by value; members in any order. This is the
    // `=` of the language except that its NULL equals nothing (see compare.h). NaN equals itself.
    friend bool operator==(const Datum& a, const Datum& b) { return same(a, b); }

    // Rough heap bytes behind this value, shared parts counted in full.
    size_t heap_bytes() const;

  private:
    Datum(Kind kind, uint64_t low) : low_(low), high_(static_cast<uint64_t>(kind) << 56) {}
    static Datum from_bytes(Kind kind, std::string_view value);
    static bool same(const Datum& a, const Datum& b);

    void clear_words() { low_ = high_ = 0; }
    void of([[maybe_unused]] Kind kind) const { HW_ASSERT(this->kind() == kind); }
    // Byte 14 is a small text's size, 0xff where the text is on the heap.
    size_t small_size() const { return (high_ >> 48) & 0xff; }
    bool inside() const { return small_size() != 0xff; }
    bool on_heap() const { return kind() >= Kind::text && !inside(); }
    TextRep* text_rep() const { return std::bit_cast<TextRep*>(low_); }
    ArrayRep* array_rep() const { return std::bit_cast<ArrayRep*>(low_); }
    ObjectRep* object_rep() const { return std::bit_cast<ObjectRep*>(low_); }
    // Every rep begins with its count.
    void retain() const {
        if (on_heap())
            std::bit_cast<std::atomic<uint32_t>*>(low_)->fetch_add(1, std::memory_order_relaxed);
    }
    void release() {
        if (on_heap() && std::bit_cast<std::atomic<uint32_t>*>(low_)->fetch_sub(
                             1, std::memory_order_acq_rel) == 1)
            destroy();
    }
    void destroy();

    // Bytes 0 to 13 of a small text, little endian, zero beyond its end; or a value or pointer.
    uint64_t low_;
    uint64_t high_;  // the upper byte: the kind
};

static_assert(sizeof(Datum) == 16 && std::endian::native == std::endian::little);

// One member of an object. The key is a text.
struct Member {
    Datum key;
    Datum value;
};

struct ArrayRep {
    std::atomic<uint32_t> references;
    Datum::Items items;
};
struct ObjectRep {
    std::atomic<uint32_t> references;
    Datum::Members members;
};

inline const Datum::Items& Datum::items() const {
    of(Kind::array);
    return array_rep()->items;
}
inline const Datum::Members& Datum::members() const {
    of(Kind::object);
    return object_rep()->members;
}

// The order of ORDER BY, MIN, MAX and sorting arrays, total: null first, then false, true, numbers
// (NaN last), times, texts by bytes, bytes, arrays item by item, objects by members.
std::strong_ordering order(const Datum& a, const Datum& b);
// Agrees with operator== (1 and 1.0 hash alike).
uint64_t hash(const Datum& value);

}  // namespace hw::sql
