#include "sql/datum.h"

#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <new>

namespace hw::sql {

namespace {

constexpr uint64_t heap_mark = 0xffull << 48;

std::strong_ordering order_reals(double a, double b) {
    if (std::isnan(a) || std::isnan(b)) return std::isnan(a) <=> std::isnan(b);
    return a < b   ? std::strong_ordering::less
           : a > b ? std::strong_ordering::greater
                   : std::strong_ordering::equal;
}

// An integer and a double, exactly: beyond 2^53 the conversion of the integer would round.
std::strong_ordering order_mixed(int64_t a, double b) {
    if (std::isnan(b)) return std::strong_ordering::less;
    if (b >= 9223372036854775808.0) return std::strong_ordering::less;
    if (b < -9223372036854775808.0) return std::strong_ordering::greater;
    const auto whole = static_cast<int64_t>(b);
    if (a != whole) return a <=> whole;
    return order_reals(0, b - static_cast<double>(whole));
}

std::strong_ordering order_numbers(const Datum& a, const Datum& b) {
    const bool a_int = a.kind() == Kind::int64;
    const bool b_int = b.kind() == Kind::int64;
    if (a_int && b_int) return a.as_integer() <=> b.as_integer();
    if (a_int) return order_mixed(a.as_integer(), b.as_real());
    if (b_int) return 0 <=> order_mixed(b.as_integer(), a.as_real());
    return order_reals(a.as_real(), b.as_real());
}

std::strong_ordering order_members(const Datum::Members& a, const Datum::Members& b) {
    const size_t common = std::min(a.size(), b.size());
    for (size_t i = 0; i < common; ++i) {
        if (const auto o = order(a[i].key, b[i].key); o != 0) return o;
        if (const auto o = order(a[i].value, b[i].value); o != 0) return o;
    }
    return a.size() <=> b.size();
}

// int64 and float64 are of one rank.
int rank(Kind kind) {
    return kind == Kind::float64 ? static_cast<int>(Kind::int64) : static_cast<int>(kind);
}

}  // namespace

std::string_view to_string(Kind kind) {
    constexpr std::string_view names[] = {"null",   "boolean", "int",   "float", "datetime",
                                          "string", "bytes",   "array", "object"};
    return names[static_cast<size_t>(kind)];
}

Datum Datum::from_bytes(Kind kind, std::string_view value) {
    Datum datum(kind, 0);
    if (value.size() <= small_text_limit) {
        char words[16] = {};
        if (!value.empty()) std::memcpy(words, value.data(), value.size());
        uint64_t upper = 0;
        std::memcpy(&datum.low_, words, 8);
        std::memcpy(&upper, words + 8, 8);
        datum.high_ |= upper | (static_cast<uint64_t>(value.size()) << 48);
        return datum;
    }
    HW_ASSERT(value.size() < UINT32_MAX);
    void* memory = ::operator new(offsetof(TextRep, data) + value.size());
    auto* rep = new (memory) TextRep{1, static_cast<uint32_t>(value.size()), {}};
    std::memcpy(rep->data, value.data(), value.size());
    datum.low_ = std::bit_cast<uint64_t>(rep);
    datum.high_ |= heap_mark;
    return datum;
}

Datum Datum::array(Items items) {
    auto* rep = new ArrayRep{1, std::move(items)};
    Datum datum(Kind::array, std::bit_cast<uint64_t>(rep));
    datum.high_ |= heap_mark;
    return datum;
}

Datum Datum::object(Members members) {
    auto* rep = new ObjectRep{1, std::move(members)};
    Datum datum(Kind::object, std::bit_cast<uint64_t>(rep));
    datum.high_ |= heap_mark;
    return datum;
}

void Datum::destroy() {
    switch (kind()) {
        case Kind::array:
            delete array_rep();
            break;
        case Kind::object:
            delete object_rep();
            break;
        default:
            ::operator delete(text_rep());
    }
}

Datum::Items& Datum::own_items() {
    of(Kind::array);
    if (array_rep()->references.load(std::memory_order_acquire) != 1) *this = array(items());
    return array_rep()->items;
}

Datum::Members& Datum::own_members() {
    of(Kind::object);
    if (object_rep()->references.load(std::memory_order_acquire) != 1) *this = object(members());
    return object_rep()->members;
}

const Datum* Datum::find(const Datum& key) const {
    if (kind() != Kind::object) return nullptr;
    if (key.inside()) {
        for (const auto& member : object_rep()->members)
            if (member.key.low_ == key.low_ && member.key.high_ == key.high_) return &member.value;
        return nullptr;
    }
    const std::string_view name = key.as_text();
    for (const auto& member : object_rep()->members)
        if (member.key.as_text() == name) return &member.value;
    return nullptr;
}

const Datum* Datum::find(std::string_view key) const {
    if (kind() != Kind::object) return nullptr;
    if (key.size() <= small_text_limit) return find(text(key));
    for (const auto& member : object_rep()->members)
        if (member.key.as_text() == key) return &member.value;
    return nullptr;
}

void Datum::put(const Datum& key, Datum value) {
    auto& members = own_members();
    for (auto& member : members) {
        if (member.key == key) {
            member.value = std::move(value);
            return;
        }
    }
    members.push_back({key, std::move(value)});
}

void Datum::put(std::string_view key, Datum value) {
    put(text(key), std::move(value));
}

bool Datum::same(const Datum& a, const Datum& b) {
    if (a.low_ == b.low_ && a.high_ == b.high_) return true;
    if (a.is_number() && b.is_number()) return order_numbers(a, b) == 0;
    if (a.kind() != b.kind()) return false;
    switch (a.kind()) {
        case Kind::text:
        case Kind::bytes:
            return a.as_text() == b.as_text();
        case Kind::array:
            return a.items() == b.items();
        case Kind::object:
            if (a.members().size() != b.members().size()) return false;
            return std::ranges::all_of(a.members(), [&](const Member& member) {
                const Datum* other = b.find(member.key);
                return other && *other == member.value;
            });
        default:
            return false;
    }
}

size_t Datum::heap_bytes() const {
    if (!on_heap()) return 0;
    size_t bytes = 0;
    switch (kind()) {
        case Kind::array:
            bytes = sizeof(ArrayRep) + items().capacity() * sizeof(Datum);
            for (const auto& item : items())
                bytes += item.heap_bytes();
            return bytes;
        case Kind::object:
            bytes = sizeof(ObjectRep) + members().capacity() * sizeof(Member);
            for (const auto& member : members())
                bytes += member.key.heap_bytes() + member.value.heap_bytes();
            return bytes;
        default:
            return sizeof(TextRep) + text_rep()->size;
    }
}

std::strong_ordering order(const Datum& a, const Datum& b) {
    if (rank(a.kind()) != rank(b.kind())) return rank(a.kind()) <=> rank(b.kind());
    switch (a.kind()) {
        case Kind::null:
            return std::strong_ordering::equal;
        case Kind::boolean:
            return a.as_boolean() <=> b.as_boolean();
        case Kind::int64:
        case Kind::float64:
            return order_numbers(a, b);
        case Kind::time:
            return a.as_time() <=> b.as_time();
        case Kind::text:
        case Kind::bytes:
            return a.as_text() <=> b.as_text();
        case Kind::array:
            return std::lexicographical_compare_three_way(
                a.items().begin(), a.items().end(), b.items().begin(), b.items().end(), order);
        case Kind::object:
            return order_members(a.members(), b.members());
    }
    return std::strong_ordering::equal;
}

uint64_t hash(const Datum& value) {
    const auto mix = [](uint64_t seed, uint64_t word) {
        return XXH3_64bits_withSeed(&word, sizeof(word), seed);
    };
    const auto rank_of_value = static_cast<uint64_t>(rank(value.kind()));
    switch (value.kind()) {
        case Kind::null:
            return mix(0, 0);
        case Kind::boolean:
            return mix(rank_of_value, value.as_boolean() ? 1 : 0);
        case Kind::int64:
            return mix(rank_of_value, static_cast<uint64_t>(value.as_integer()));
        case Kind::float64: {
            const double real = value.as_real();
            if (real >= -9223372036854775808.0 && real < 9223372036854775808.0 &&
                real == std::floor(real))
                return mix(rank_of_value, static_cast<uint64_t>(static_cast<int64_t>(real)));
            return mix(rank_of_value,
                       std::isnan(real) ? 0x7ff8ull << 48 : std::bit_cast<uint64_t>(real));
        }
        case Kind::time:
            return mix(rank_of_value, static_cast<uint64_t>(value.as_time().ns));
        case Kind::text:
        case Kind::bytes:
            return XXH3_64bits_withSeed(value.as_text().data(), value.as_text().size(),
                                        rank_of_value);
        case Kind::array: {
            uint64_t all = mix(rank_of_value, value.items().size());
            for (const auto& item : value.items())
                all = mix(all, hash(item));
            return all;
        }
        case Kind::object: {
            uint64_t all = value.members().size();  // in any order
            for (const auto& member : value.members())
                all += mix(hash(member.key), hash(member.value));
            return mix(rank_of_value, all);
        }
    }
    return 0;
}

}  // namespace hw::sql
