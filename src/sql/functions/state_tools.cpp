#include "sql/functions/state_tools.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "sql/datum_codec.h"
#include "sql/functions/take.h"

namespace hw::sql {

void save_real(ByteWriter& out, double value) {
    out.big(std::bit_cast<uint64_t>(value));
}

double load_real(ByteReader& in) {
    return std::bit_cast<double>(in.big<uint64_t>());
}

size_t load_count(ByteReader& in, size_t limit) {
    const uint64_t count = in.varint();
    if (count > limit || count > in.remaining()) {
        in.fail();
        return 0;
    }
    return static_cast<size_t>(count);
}

void save_values(ByteWriter& out, const std::vector<Datum>& values) {
    out.varint(values.size());
    for (const auto& value : values)
        save(out, value);
}

std::vector<Datum> load_values(ByteReader& in, size_t limit) {
    std::vector<Datum> values(load_count(in, limit));
    for (auto& value : values)
        value = load_datum(in);
    return values;
}

void save_time(ByteWriter& out, Time time) {
    out.signed_varint(time.ns);
}

Time load_time(ByteReader& in) {
    return Time{in.signed_varint()};
}

std::optional<double> number_at(std::string_view function, Arguments arguments, size_t i,
                                CallContext& context) {
    Take take(function, arguments, context);
    const double value = take.number(i);
    if (!take.ok()) return {};
    return value;
}

std::optional<bool> boolean_at(std::string_view function, Arguments arguments, size_t i,
                               CallContext& context) {
    if (arguments[i].kind() == Kind::boolean) return arguments[i].as_boolean();
    context.fail(fmt::format("{}: argument {} must be a boolean, not {}", function, i + 1,
                             to_string(arguments[i].kind())));
    return {};
}

std::optional<int64_t> whole_at(std::string_view function, Arguments arguments, size_t i,
                                int64_t least, int64_t most, CallContext& context) {
    Take take(function, arguments, context);
    const int64_t value = take.integer(i);
    if (!take.ok()) return {};
    if (value >= least && value <= most) return value;
    context.fail(fmt::format("{}: argument {} must be {} to {}, not {}", function, i + 1, least,
                             most, value));
    return {};
}

void Sum::add(const Datum& number) {
    if (number.kind() == Kind::int64) {
        whole_ += number.as_integer();
    } else {
        real_ = true;
        add_real(number.as_real());
    }
}

void Sum::add_real(double value) {
    const double sum = sum_ + value;
    // What the addition lost of the smaller one.
    compensation_ +=
        std::abs(sum_) >= std::abs(value) ? (sum_ - sum) + value : (value - sum) + sum_;
    sum_ = sum;
}

void Sum::merge(const Sum& other) {
    whole_ += other.whole_;
    real_ = real_ || other.real_;
    add_real(other.sum_);
    compensation_ += other.compensation_;
}

double Sum::total() const {
    // An infinity makes the compensation meaningless.
    const double real = std::isfinite(sum_) ? sum_ + compensation_ : sum_;
    return static_cast<double>(whole_) + real;
}

Datum Sum::value() const {
    constexpr Wide least = std::numeric_limits<int64_t>::min();
    constexpr Wide most = std::numeric_limits<int64_t>::max();
    if (real_ || whole_ < least || whole_ > most) return Datum::real(total());
    return Datum::integer(static_cast<int64_t>(whole_));
}

void Sum::save(ByteWriter& out) const {
    out.big(static_cast<uint64_t>(whole_ >> 64));
    out.big(static_cast<uint64_t>(whole_));
    out.u8(real_ ? 1 : 0);
    if (!real_) return;
    save_real(out, sum_);
    save_real(out, compensation_);
}

void Sum::load(ByteReader& in) {
    const auto high = static_cast<Wide>(static_cast<int64_t>(in.big<uint64_t>()));
    whole_ = high * (Wide{1} << 64) + static_cast<Wide>(in.big<uint64_t>());
    real_ = in.u8() != 0;
    sum_ = real_ ? load_real(in) : 0;
    compensation_ = real_ ? load_real(in) : 0;
}

}  // namespace hw::sql
