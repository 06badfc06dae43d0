#include "sql/codecs/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "sql/json.h"

namespace hw::sql {

std::string latin1(std::string_view text) {
    std::string bytes;
    for (size_t i = 0; i < text.size(); ++i) {
        const auto first = static_cast<uint8_t>(text[i]);
        if (first < 0x80)
            bytes += text[i];
        else if ((first == 0xc2 || first == 0xc3) && i + 1 < text.size())
            bytes += static_cast<char>((first & 3) << 6 | (static_cast<uint8_t>(text[++i]) & 0x3f));
    }
    return bytes;
}

double shortest(float number) {
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
    double read = static_cast<double>(number);
    if (std::isfinite(number)) std::from_chars(buffer, end, read);
    return read;
}

std::optional<int64_t> whole_number(const Datum& value) {
    if (value.kind() == Kind::int64) return value.as_integer();
    if (value.kind() != Kind::float64) return std::nullopt;
    const double number = value.as_real();
    if (number != std::trunc(number) || number < -0x1p63 || number >= 0x1p63) return std::nullopt;
    return static_cast<int64_t>(number);
}

std::string value_for_message(const Datum& value) {
    constexpr size_t bytes = 60;
    std::string text = value.kind() == Kind::bytes ? fmt::format("{} bytes", value.as_text().size())
                                                   : to_json(value);
    if (text.size() > bytes) {
        size_t end = bytes;
        while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80)
            --end;
        text.resize(end);
        text += "...";
    }
    return text;
}

Datum object_of(Datum::Members members) {
    std::vector<size_t> order(members.size());
    for (size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    const auto key = [&](size_t i) { return members[i].key.as_text(); };
    std::ranges::stable_sort(order, {}, key);
    std::vector<bool> dropped(members.size());
    for (size_t i = 0; i + 1 < order.size(); ++i)
        if (key(order[i]) == key(order[i + 1])) dropped[order[i]] = true;
    Datum::Members kept;
    for (size_t i = 0; i < members.size(); ++i)
        if (!dropped[i]) kept.push_back(std::move(members[i]));
    return Datum::object(std::move(kept));
}

Result<void> check_message_size(size_t bytes, const SchemaLimits& limits) {
    if (bytes <= limits.message_bytes) return {};
    return fail(ErrorCode::limit_exceeded,
                fmt::format("a message of {} bytes, at most {}", bytes, limits.message_bytes));
}

}  // namespace hw::sql
