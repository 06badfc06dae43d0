#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "app/mqtt_options.h"
#include "base/config.h"

namespace hw::app {

namespace {

using mqtt::PropertyId;
using mqtt::PropertyKind;

constexpr unsigned use(PropertyUse one) {
    return 1u << static_cast<unsigned>(one);
}
constexpr unsigned message = use(PropertyUse::publish) | use(PropertyUse::will);

struct Row {
    std::string_view name;
    PropertyId id;
    unsigned uses;
};

// What a client may send, by mosquitto's names.
constexpr std::array rows = {
    Row{"payload-format-indicator", PropertyId::payload_format_indicator, message},
    Row{"message-expiry-interval", PropertyId::message_expiry_interval, message},
    Row{"content-type", PropertyId::content_type, message},
    Row{"response-topic", PropertyId::response_topic, message},
    Row{"correlation-data", PropertyId::correlation_data, message},
    Row{"subscription-identifier", PropertyId::subscription_identifier,
        use(PropertyUse::subscribe)},
    Row{"session-expiry-interval", PropertyId::session_expiry_interval,
        use(PropertyUse::connect) | use(PropertyUse::disconnect)},
    Row{"authentication-method", PropertyId::authentication_method, use(PropertyUse::connect)},
    Row{"authentication-data", PropertyId::authentication_data, use(PropertyUse::connect)},
    Row{"request-problem-information", PropertyId::request_problem_information,
        use(PropertyUse::connect)},
    Row{"will-delay-interval", PropertyId::will_delay_interval, use(PropertyUse::will)},
    Row{"request-response-information", PropertyId::request_response_information,
        use(PropertyUse::connect)},
    Row{"user-property", PropertyId::user_property, ~0u},
};

constexpr std::array<std::string_view, 6> uses = {"connect",     "publish",    "subscribe",
                                                  "unsubscribe", "disconnect", "will"};

template <class Names>
std::string did_you_mean(std::string_view word, const Names& names) {
    const std::vector<std::string> list(names.begin(), names.end());
    const auto close = nearest(word, list);
    return close ? fmt::format("did you mean '{}'?", *close)
                 : fmt::format("known are {}", fmt::join(list, ", "));
}

uint64_t most(PropertyKind kind, PropertyId id) {
    if (id == PropertyId::payload_format_indicator ||
        id == PropertyId::request_problem_information ||
        id == PropertyId::request_response_information)
        return 1;
    if (kind == PropertyKind::varint) return mqtt::remaining_length_max;
    if (kind == PropertyKind::u8) return 255;
    return kind == PropertyKind::u16 ? 65'535 : 0xffff'ffff;
}

Result<uint32_t> read_number(const Row& row, PropertyKind kind, std::string_view text) {
    uint64_t number = 0;
    const auto end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, number);
    const bool forever = row.id == PropertyId::session_expiry_interval && text == "-1";
    if (forever) return 0xffff'ffffu;
    const uint64_t least = row.id == PropertyId::subscription_identifier ? 1 : 0;
    if (error != std::errc() || at != end || number < least || number > most(kind, row.id))
        return fail(ErrorCode::invalid_argument,
                    fmt::format("{} '{}' is not a whole number from {} to {}", row.name, text,
                                least, most(kind, row.id)));
    return static_cast<uint32_t>(number);
}

mqtt::PropertyList* list_of(PropertyUse one, CommandProperties& all) {
    switch (one) {
        case PropertyUse::connect:
            return &all.connect;
        case PropertyUse::publish:
            return &all.publish;
        case PropertyUse::subscribe:
            return &all.subscribe;
        case PropertyUse::unsubscribe:
            return &all.unsubscribe;
        case PropertyUse::will:
            return &all.will;
        case PropertyUse::disconnect:
            return nullptr;
    }
    return nullptr;
}

Result<void> add_one(const Row& row, std::span<const std::string> values,
                     mqtt::PropertyList& list) {
    const PropertyKind kind = mqtt::property_kind(row.id);
    for (const auto& value : values)
        if (value.size() > mqtt::text_bytes_max ||
            (kind != PropertyKind::binary && !mqtt::valid_text(value)))
            return fail(ErrorCode::invalid_argument,
                        fmt::format("the value of {} is not UTF-8 text of at most {} bytes",
                                    row.name, mqtt::text_bytes_max));
    if (kind == PropertyKind::text_pair) {
        list.user(values[0], values[1]);
    } else if (kind == PropertyKind::text || kind == PropertyKind::binary) {
        list.text(row.id, values[0]);
    } else {
        list.number(row.id, HW_TRY(read_number(row, kind, values[0])));
    }
    return {};
}

}  // namespace

Result<CommandProperties> parse_properties(std::span<const std::string> words) {
    CommandProperties all;
    for (size_t at = 0; at < words.size();) {
        if (words.size() - at < 3)
            return fail(ErrorCode::invalid_argument,
                        "-D wants a command, a property and its value, e.g. -D publish "
                        "content-type text/plain");
        const auto which = std::find(uses.begin(), uses.end(), words[at]);
        if (which == uses.end())
            return fail(
                ErrorCode::invalid_argument,
                fmt::format("-D {}: not a command; {}", words[at], did_you_mean(words[at], uses)));
        const auto one = static_cast<PropertyUse>(which - uses.begin());
        const auto row = std::find_if(rows.begin(), rows.end(),
                                      [&](const Row& r) { return r.name == words[at + 1]; });
        if (row == rows.end()) {
            std::vector<std::string_view> names;
            for (const auto& r : rows)
                names.push_back(r.name);
            return fail(ErrorCode::invalid_argument,
                        fmt::format("-D {} {}: not a property that a client sends; {}", words[at],
                                    words[at + 1], did_you_mean(words[at + 1], names)));
        }
        mqtt::PropertyList* const list = list_of(one, all);
        if ((row->uses & use(one)) == 0 || list == nullptr)
            return fail(ErrorCode::invalid_argument,
                        fmt::format("-D: {} does not go with {}", row->name, words[at]));
        if (list->view().has(row->id) && row->id != PropertyId::user_property)
            return fail(ErrorCode::invalid_argument,
                        fmt::format("-D {} {} is given twice", words[at], row->name));
        const size_t values = row->id == PropertyId::user_property ? 2 : 1;
        if (words.size() - at < 2 + values)
            return fail(ErrorCode::invalid_argument,
                        fmt::format("-D {} user-property wants a name and a value", words[at]));
        HW_TRY(add_one(*row, words.subspan(at + 2, values), *list));
        at += 2 + values;
    }
    return all;
}

}  // namespace hw::app
