#include "wire/hj212/packet.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/assert.h"

namespace hw::hj212 {
namespace {

constexpr std::string_view start = "##";
constexpr std::string_view fence = "&&";
constexpr size_t length_digits = 4;
constexpr size_t crc_digits = 4;
constexpr size_t header_bytes = start.size() + length_digits;
constexpr size_t compact_bytes = 65536;
constexpr uint16_t polynomial = 0xa001;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

template <class T>
std::optional<T> number(std::string_view text, int base = 10) {
    T value{};
    const auto [stop, code] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (text.empty() || code != std::errc() || stop != text.data() + text.size())
        return std::nullopt;
    return value;
}

Result<uint16_t> field_number(std::string_view key, std::string_view text, uint16_t least) {
    const auto value = number<uint16_t>(text);
    if (!value || *value < least)
        return fail(ErrorCode::corrupt, fmt::format("{} '{}' is no number from {} to 65535", key,
                                                    text.substr(0, 16), least));
    return *value;
}

Result<void> set_field(Packet& packet, std::string_view key, std::string_view value) {
    if (key == "QN") packet.request = value;
    if (key == "ST") packet.system = value;
    if (key == "CN") packet.command = HW_TRY(field_number(key, value, 1));
    if (key == "PW") packet.password = value;
    if (key == "MN") packet.station = value;
    if (key == "PNUM") packet.parts = HW_TRY(field_number(key, value, 1));
    if (key == "PNO") packet.part = HW_TRY(field_number(key, value, 1));
    if (key == "Flag") {
        const auto bits = number<uint8_t>(value);
        if (!bits)
            return fail(ErrorCode::corrupt,
                        fmt::format("Flag '{}' is no number from 0 to 255", value.substr(0, 16)));
        packet.flag = Flag::from(*bits);
    }
    return {};
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    return text;
}

bool is_station(std::string_view text) {
    return !text.empty() && text.size() <= station_bytes_limit &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '@'; });
}

}  // namespace

uint16_t crc16(std::string_view data) {
    uint16_t crc = 0xffff;
    for (const char c : data) {
        crc = static_cast<uint16_t>((crc >> 8) ^ static_cast<uint8_t>(c));
        for (int bit = 0; bit < 8; ++bit)
            crc = static_cast<uint16_t>((crc & 1) != 0 ? (crc >> 1) ^ polynomial : crc >> 1);
    }
    return crc;
}

Result<Packet> parse_data(std::string_view data) {
    Packet packet;
    while (!data.empty()) {
        if (data.starts_with("CP=&&")) {
            data.remove_prefix(3 + fence.size());
            const size_t end = data.rfind(fence);
            if (end == std::string_view::npos)
                return fail(ErrorCode::corrupt, "the parameters CP do not end with '&&'");
            packet.parameters = data.substr(0, end);
            break;
        }
        const std::string_view field = data.substr(0, data.find(';'));
        data.remove_prefix(std::min(field.size() + 1, data.size()));
        const size_t equals = field.find('=');
        if (equals == std::string_view::npos) continue;
        HW_TRY(
            set_field(packet, trimmed(field.substr(0, equals)), trimmed(field.substr(equals + 1))));
    }
    if (packet.command == 0) return fail(ErrorCode::corrupt, "packet without a command code CN");
    if (!is_station(packet.station))
        return fail(ErrorCode::corrupt,
                    fmt::format("packet without a station MN of 1 to {} printable characters",
                                station_bytes_limit));
    // They go back in the answer, which must not outgrow a packet.
    if (packet.request.size() > request_bytes_limit || packet.system.size() > system_bytes_limit ||
        packet.password.size() > password_bytes_limit)
        return fail(ErrorCode::corrupt,
                    fmt::format("QN, ST or PW longer than {}, {} and {} characters",
                                request_bytes_limit, system_bytes_limit, password_bytes_limit));
    if (packet.part > packet.parts)
        return fail(ErrorCode::corrupt,
                    fmt::format("packet PNO {} of PNUM {}", packet.part, packet.parts));
    return packet;
}

std::string write_packet(const Packet& packet) {
    std::string data;
    const auto add = [&](std::string_view key, std::string_view value) {
        if (!value.empty()) data += fmt::format("{}={};", key, value);
    };
    add("QN", packet.request);
    add("ST", packet.system);
    add("CN", std::to_string(packet.command));
    add("PW", packet.password);
    add("MN", packet.station);
    add("Flag", std::to_string(packet.flag.bits()));
    if (packet.flag.split) {
        add("PNUM", std::to_string(packet.parts));
        add("PNO", std::to_string(packet.part));
    }
    data += fmt::format("CP=&&{}&&", packet.parameters);
    HW_ASSERT(data.size() <= data_bytes_limit);
    return fmt::format("##{:04}{}{:04X}\r\n", data.size(), data, crc16(data));
}

std::vector<Item> parse_parameters(std::string_view text) {
    std::vector<Item> items;
    while (!text.empty()) {
        const std::string_view one = text.substr(0, text.find_first_of(",;"));
        text.remove_prefix(std::min(one.size() + 1, text.size()));
        const size_t equals = one.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string_view name = trimmed(one.substr(0, equals));
        const size_t dash = name.find('-');
        items.push_back(
            {.factor = name.substr(0, dash),
             .field = dash == std::string_view::npos ? std::string_view() : name.substr(dash + 1),
             .value = trimmed(one.substr(equals + 1))});
    }
    return items;
}

std::optional<Time> parse_local_time(std::string_view text, Duration zone) {
    if ((text.size() != 14 && text.size() != 17) || !std::ranges::all_of(text, is_digit))
        return std::nullopt;
    const auto two = [&](size_t at) { return text.substr(at, 2); };
    const std::string_view fraction = text.size() == 17 ? text.substr(14) : "000";
    const Result<Time> time =
        parse_rfc3339(fmt::format("{}-{}-{}T{}:{}:{}.{}Z", text.substr(0, 4), two(4), two(6),
                                  two(8), two(10), two(12), fraction));
    if (!time) return std::nullopt;
    return *time - zone;
}

std::string format_milliseconds(Time time, Duration zone) {
    constexpr int64_t ns_per_ms = 1'000'000;
    // With exactly three digits of fraction, whatever the milliseconds are.
    const int64_t local_ms = (time + zone).ns / ns_per_ms;
    const std::string text = format_rfc3339(Time{local_ms / 1000 * 1000 * ns_per_ms});
    std::string digits;
    std::ranges::copy_if(text, std::back_inserter(digits), is_digit);
    return fmt::format("{}{:03}", digits, local_ms % 1000);
}

std::string format_seconds(Time time, Duration zone) {
    return format_milliseconds(time, zone).substr(0, 14);
}

void PacketReader::skip(size_t count) {
    for (size_t i = 0; i < count; ++i) {
        const char c = buffer_[at_ + i];
        if (c == '\r' || c == '\n') continue;
        ++skipped_;
        ++skipped_in_row_;
    }
    at_ += count;
}

Result<std::optional<std::string_view>> PacketReader::next() {
    if (at_ == buffer_.size() || at_ > compact_bytes) {
        buffer_.erase(0, at_);
        at_ = 0;
    }
    while (true) {
        if (damaged_in_row_ >= damaged_limit)
            return fail(ErrorCode::corrupt,
                        fmt::format("{} packets with a wrong CRC in a row", damaged_in_row_));
        if (skipped_in_row_ >= skipped_limit)
            return fail(
                ErrorCode::corrupt,
                fmt::format("{} bytes without a packet (is this HJ 212?)", skipped_in_row_));
        const std::string_view rest = std::string_view(buffer_).substr(at_);
        const size_t begin = rest.find(start);
        if (begin == std::string_view::npos) {
            // A single '#' at the end may be the first half of a start.
            skip(rest.ends_with('#') ? rest.size() - 1 : rest.size());
            break;
        }
        skip(begin);
        const std::string_view packet = rest.substr(begin);
        const std::string_view digits =
            packet.substr(start.size(), std::min(length_digits, packet.size() - start.size()));
        if (!std::ranges::all_of(digits, is_digit)) {
            // Of "###" the last two may be the start.
            skip(1);
            continue;
        }
        if (packet.size() < header_bytes) break;
        const size_t length = *number<size_t>(digits);
        if (packet.size() < header_bytes + length + crc_digits) break;
        const std::string_view data = packet.substr(header_bytes, length);
        const std::string_view sent = packet.substr(header_bytes + length, crc_digits);
        if (number<uint16_t>(sent, 16) == crc16(data)) {
            at_ += header_bytes + length + crc_digits;
            damaged_in_row_ = 0;
            skipped_in_row_ = 0;
            return std::optional(data);
        }
        ++damaged_;
        ++damaged_in_row_;
        skip(start.size());
    }
    buffer_.erase(0, at_);
    at_ = 0;
    return std::optional<std::string_view>();
}

}  // namespace hw::hj212
