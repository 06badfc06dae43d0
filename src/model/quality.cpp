#include "model/quality.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <string>

#include "base/mutex.h"

namespace hw::model {

namespace {

struct Named {
    Quality quality;
    std::string_view name;
};

constexpr std::array<Named, 18> named = {{
    {Quality::good, "good"},
    {Quality::good_local_override, "good.local_override"},
    {Quality::uncertain, "uncertain"},
    {Quality::uncertain_last_usable, "uncertain.last_usable"},
    {Quality::uncertain_substitute, "uncertain.substitute"},
    {Quality::uncertain_sensor_not_accurate, "uncertain.sensor_not_accurate"},
    {Quality::uncertain_engineering_units_exceeded, "uncertain.engineering_units_exceeded"},
    {Quality::uncertain_sub_normal, "uncertain.sub_normal"},
    {Quality::bad, "bad"},
    {Quality::bad_communication, "bad.communication"},
    {Quality::bad_timeout, "bad.timeout"},
    {Quality::bad_waiting_for_initial_data, "bad.waiting_for_initial_data"},
    {Quality::bad_not_connected, "bad.not_connected"},
    {Quality::bad_device_failure, "bad.device_failure"},
    {Quality::bad_sensor_failure, "bad.sensor_failure"},
    {Quality::bad_out_of_service, "bad.out_of_service"},
    {Quality::bad_configuration, "bad.configuration"},
    {Quality::bad_out_of_range, "bad.out_of_range"},
}};

// Longer than any text that can be a quality.
constexpr size_t text_bytes_limit = 64;

std::string_view name_of(QualityFamily family) {
    switch (family) {
        case QualityFamily::good:
            return "good";
        case QualityFamily::uncertain:
            return "uncertain";
        case QualityFamily::bad:
            break;
    }
    return "bad";
}

// Texts of reasons that have no name; at most 65,536 of them, so they are kept for good.
class Numbered {
  public:
    std::string_view text(Quality quality) {
        MutexLock lock(mutex_);
        std::string& text = texts_[quality];
        if (text.empty())
            text = fmt::format("{}.0x{:04x}", name_of(family(quality)),
                               static_cast<uint16_t>(quality));
        return text;
    }

  private:
    Mutex mutex_;
    std::map<Quality, std::string> texts_ HW_LOCKING(guarded_by(mutex_));
};

std::optional<uint32_t> number(std::string_view text, int base) {
    uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// "bad.0x8123", as to_string writes it.
std::optional<Quality> numbered(std::string_view text) {
    const size_t at = text.find(".0x");
    if (at == text.npos) return std::nullopt;
    const auto value = number(text.substr(at + 3), 16);
    if (!value || *value > 0xffff) return std::nullopt;
    const auto quality = static_cast<Quality>(*value);
    if (text.substr(0, at) != name_of(family(quality))) return std::nullopt;
    return quality;
}

}  // namespace

std::string_view to_string(Quality quality) {
    for (const auto& entry : named)
        if (entry.quality == quality) return entry.name;
    static Numbered numbered_texts;
    return numbered_texts.text(quality);
}

std::optional<Quality> parse_quality(std::string_view text) {
    if (text.empty() || text.size() > text_bytes_limit) return std::nullopt;
    std::array<char, text_bytes_limit> buffer;
    std::transform(text.begin(), text.end(), buffer.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const std::string_view lower(buffer.data(), text.size());
    for (const auto& entry : named)
        if (entry.name == lower) return entry.quality;
    if (lower.starts_with("0x")) {
        const auto code = number(lower.substr(2), 16);
        return code ? std::optional(quality_from_status_code(*code)) : std::nullopt;
    }
    if (const auto code = number(lower, 10))
        return *code <= 0xff ? quality_from_opc_da(static_cast<uint8_t>(*code))
                             : quality_from_status_code(*code);
    return numbered(lower);
}

// OPC Data Access 3.0, 6.8: two bits of quality, four of sub-status, two of limits, which we drop.
Quality quality_from_opc_da(uint8_t code) {
    switch (code & 0xfc) {
        case 4:
            return Quality::bad_configuration;
        case 8:
            return Quality::bad_not_connected;
        case 12:
            return Quality::bad_device_failure;
        case 16:
            return Quality::bad_sensor_failure;
        case 24:
            return Quality::bad_communication;
        case 28:
            return Quality::bad_out_of_service;
        case 32:
            return Quality::bad_waiting_for_initial_data;
        case 68:
            return Quality::uncertain_last_usable;
        case 80:
            return Quality::uncertain_sensor_not_accurate;
        case 84:
            return Quality::uncertain_engineering_units_exceeded;
        case 88:
            return Quality::uncertain_sub_normal;
        case 216:
            return Quality::good_local_override;
        default:
            return code >= 192 ? Quality::good : code >= 64 ? Quality::uncertain : Quality::bad;
    }
}

Quality quality_from_status_code(uint32_t code) {
    return static_cast<Quality>(code >> 16);
}

}  // namespace hw::model
