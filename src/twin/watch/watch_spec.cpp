#include "twin/watch/watch_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/config_text.h"
#include "model/point_path.h"
#include "rules/spec_reader.h"
#include "sql/json.h"

namespace hw::twin {

namespace {

using rules::SpecReader;
using sql::Datum;

constexpr size_t id_bytes_limit = 128;
constexpr size_t text_bytes_limit = 16 << 10;
constexpr size_t list_limit = 100;
constexpr size_t queue_least = 10;
constexpr size_t queue_most = 10'000'000;
constexpr int64_t interval_most_s = 86'400;

constexpr std::array<std::pair<std::string_view, WatchEvents>, 6> event_words = {{
    {"property", WatchEvents::property},
    {"stale", WatchEvents::stale},
    {"twin", WatchEvents::twin},
    {"relationship", WatchEvents::relationship},
    {"desired", WatchEvents::desired},
    {"command", WatchEvents::command},
}};
constexpr std::array<std::string_view, 4> topic_places = {"twin", "path", "event", "subscription"};

std::unexpected<Error> refuse(std::string text) {
    return fail(ErrorCode::invalid_argument, std::move(text));
}

WatchFilter read_filter(SpecReader& reader) {
    WatchFilter filter;
    filter.twins = reader.text("twins", "#");
    filter.model = reader.text("model");
    filter.root = reader.text("root");
    filter.along = reader.texts("along");
    filter.incoming = reader.boolean("incoming", false);
    filter.where = reader.text("where");
    filter.properties = reader.texts("properties");
    const auto words = reader.texts("events");
    if (!words.empty()) {
        if (auto events = parse_watch_events(words)) {
            filter.events = *events;
        } else {
            reader.flaw(events.error());
        }
    }
    return filter;
}

std::optional<WatchMqtt> read_delivery(SpecReader& reader) {
    const Datum* deliver = reader.take("deliver");
    if (deliver == nullptr || (deliver->is_text() && deliver->as_text() == "none")) return {};
    if (!deliver->is_object()) {
        reader.flaw("deliver", "must be \"none\" or {\"mqtt\":{\"topic\":...}}");
        return {};
    }
    SpecReader outer(*deliver, "deliver");
    const Datum* inner = outer.take("mqtt");
    if (inner == nullptr) outer.flaw("mqtt", "must be given");
    if (auto whole = outer.finish(); !whole) {
        reader.flaw(whole.error());
        return {};
    }
    SpecReader members(*inner, "deliver.mqtt");
    WatchMqtt mqtt;
    mqtt.topic = members.text("topic");
    mqtt.qos = static_cast<uint8_t>(members.integer("qos", 0, 0, 1));
    mqtt.retain = members.boolean("retain", false);
    if (auto whole = members.finish(); !whole) reader.flaw(whole.error());
    return mqtt;
}

double read_deadband(SpecReader& reader) {
    const Datum* found = reader.take("deadband");
    if (found == nullptr) return 0;
    if (found->is_number() && std::isfinite(found->as_number()) && found->as_number() >= 0)
        return found->as_number();
    reader.flaw("deadband", "must be a number of at least 0");
    return 0;
}

Result<void> check_texts(std::string_view name, const std::vector<std::string>& texts) {
    if (texts.size() > list_limit)
        return refuse(fmt::format("'{}' has {} items, at most {} are allowed", name, texts.size(),
                                  list_limit));
    for (const auto& text : texts)
        if (text.empty() || text.size() > text_bytes_limit || !model::is_utf8(text))
            return refuse(
                fmt::format("'{}' has the item '{}', which must be a text of 1 to {} "
                            "bytes",
                            name, model::printable(text.substr(0, 40)), text_bytes_limit));
    return {};
}

Result<void> check_text(std::string_view name, std::string_view text) {
    if (text.size() > text_bytes_limit)
        return refuse(fmt::format("'{}' has {} bytes, at most {} are allowed", name, text.size(),
                                  text_bytes_limit));
    return {};
}

// Calls with each place of a template, and with the text between.
template <class Text, class Place>
Result<void> each_part(std::string_view pattern, const Text& text, const Place& place) {
    while (!pattern.empty()) {
        const size_t begin = std::min(pattern.find("${"), pattern.size());
        text(pattern.substr(0, begin));
        if (begin == pattern.size()) return {};
        const size_t end = pattern.find('}', begin);
        if (end == std::string_view::npos)
            return refuse("'deliver.mqtt.topic' has a ${ without its }");
        HW_TRY(place(pattern.substr(begin + 2, end - begin - 2)));
        pattern.remove_prefix(end + 1);
    }
    return {};
}

Result<void> check_topic(std::string_view topic) {
    if (topic.empty()) return refuse("'deliver.mqtt.topic' must be given");
    if (topic.size() > text_bytes_limit) return check_text("deliver.mqtt.topic", topic);
    std::string sample;
    HW_TRY(each_part(
        topic, [&](std::string_view text) { sample += text; },
        [&](std::string_view place) -> Result<void> {
            if (std::find(topic_places.begin(), topic_places.end(), place) == topic_places.end())
                return refuse(fmt::format(
                    "'deliver.mqtt.topic' has the unknown place ${{{}}}; known are ${{{}}}", place,
                    fmt::join(topic_places, "}, ${")));
            sample += 'x';
            return {};
        }));
    if (topic.substr(0, topic.find('/')).find("${") != std::string_view::npos)
        return refuse(
            fmt::format("'deliver.mqtt.topic' is '{}', whose first level must be a plain text: "
                        "events on the topics of the points would come back as values",
                        topic));
    if (sample.starts_with('$'))
        return refuse(
            fmt::format("'deliver.mqtt.topic' is '{}'; topics that begin with $ are the "
                        "server's own",
                        topic));
    if (auto valid = model::check_point_path(sample); !valid)
        return refuse(fmt::format("'deliver.mqtt.topic': {}", valid.error().text()));
    return {};
}

Result<void> check_filters(const WatchFilter& filter) {
    if (auto valid = model::check_filter(filter.twins); !valid)
        return refuse(fmt::format("'filter.twins': {}", valid.error().text()));
    for (const auto& one : filter.properties)
        if (auto valid = model::check_filter(one); !valid)
            return refuse(fmt::format("'filter.properties': {}", valid.error().text()));
    HW_TRY(check_texts("filter.properties", filter.properties));
    HW_TRY(check_texts("filter.along", filter.along));
    HW_TRY(check_text("filter.where", filter.where));
    HW_TRY(check_text("filter.model", filter.model));
    HW_TRY(check_text("filter.root", filter.root));
    if (filter.root.empty() && (!filter.along.empty() || filter.incoming))
        return refuse(
            "'filter.along' and 'filter.incoming' say how to go from 'filter.root', "
            "which must be given too");
    return {};
}

Result<void> check_watch(const WatchSpec& spec) {
    if (spec.id.size() > id_bytes_limit || !model::is_mqtt_text(spec.id) ||
        spec.id.find_first_of("/+#~") != std::string::npos)
        return refuse(
            fmt::format("the subscription's id '{}' must have at most {} bytes and none "
                        "of / + # ~",
                        model::printable(spec.id.substr(0, id_bytes_limit)), id_bytes_limit));
    HW_TRY(check_text("description", spec.description));
    HW_TRY(check_filters(spec.filter));
    HW_TRY(check_texts("enrich", spec.enrich));
    if (spec.min_interval > seconds(interval_most_s))
        return refuse(fmt::format("'min_interval' is {}, at most {} are allowed",
                                  format_duration(spec.min_interval),
                                  format_duration(seconds(interval_most_s))));
    if (spec.mqtt) HW_TRY(check_topic(spec.mqtt->topic));
    return {};
}

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
    if (texts.empty()) return;
    json.key(name);
    json.begin_array();
    for (const auto& text : texts)
        json.value(text);
    json.end_array();
}

void write_filter(JsonWriter& json, const WatchFilter& filter) {
    json.begin_object();
    json.member("twins", filter.twins);
    if (!filter.model.empty()) json.member("model", filter.model);
    if (!filter.root.empty()) json.member("root", filter.root);
    write_texts(json, "along", filter.along);
    if (filter.incoming) json.member("incoming", true);
    if (!filter.where.empty()) json.member("where", filter.where);
    write_texts(json, "properties", filter.properties);
    json.key("events");
    json.begin_array();
    for (const auto& [word, bit] : event_words)
        if (filter.wants(bit)) json.value(word);
    json.end_array();
    json.end_object();
}

}  // namespace

Result<uint8_t> parse_watch_events(const std::vector<std::string>& words) {
    uint8_t events = 0;
    for (const auto& word : words) {
        const auto known = std::find_if(event_words.begin(), event_words.end(),
                                        [&](const auto& one) { return one.first == word; });
        if (known == event_words.end()) {
            std::vector<std::string> all;
            for (const auto& [name, bit] : event_words)
                all.emplace_back(name);
            return refuse(fmt::format("'events' has '{}'; known are {}{}", word,
                                      fmt::join(all, ", "), did_you_mean(word, all)));
        }
        events |= static_cast<uint8_t>(known->second);
    }
    return events;
}

Result<WatchSpec> read_watch(const Datum& object, std::string_view id) {
    SpecReader reader(object, "");
    WatchSpec spec;
    spec.id = reader.text("id", id);
    if (!id.empty() && spec.id != id)
        reader.flaw("id", fmt::format("is '{}' in the text, but '{}' in the path", spec.id, id));
    spec.description = reader.text("description");
    spec.enabled = reader.boolean("enabled", true);
    if (const Datum* filter = reader.take("filter")) {
        SpecReader inner(*filter, "filter");
        spec.filter = read_filter(inner);
        if (auto whole = inner.finish(); !whole) reader.flaw(whole.error());
    } else {
        spec.filter = read_filter(reader);
    }
    const std::string when = reader.text("when", "on_change");
    if (when != "on_change" && when != "every_update")
        reader.flaw("when", fmt::format("is '{}', but must be every_update or on_change", when));
    spec.on_change = when == "on_change";
    spec.deadband = read_deadband(reader);
    spec.min_interval = reader.duration("min_interval", {});
    spec.initial = reader.boolean("initial", false);
    spec.enrich = reader.texts("enrich");
    spec.mqtt = read_delivery(reader);
    spec.queue = static_cast<size_t>(
        reader.integer("queue", 0, static_cast<int64_t>(queue_least), queue_most));
    HW_TRY(reader.finish());
    HW_TRY(check_watch(spec));
    return spec;
}

Result<WatchSpec> read_watch(std::string_view json, std::string_view id) {
    sql::JsonReader reader(1 << 20);
    const auto object = HW_TRY(reader.read(json));
    return read_watch(object, id);
}

void write_watch_members(JsonWriter& json, const WatchSpec& spec) {
    if (!spec.id.empty()) json.member("id", spec.id);
    if (!spec.description.empty()) json.member("description", spec.description);
    json.member("enabled", spec.enabled);
    json.key("filter");
    write_filter(json, spec.filter);
    json.member("when", spec.on_change ? "on_change" : "every_update");
    if (spec.deadband > 0) json.member("deadband", spec.deadband);
    if (spec.min_interval.ns > 0) json.member("min_interval", format_duration(spec.min_interval));
    if (spec.initial) json.member("initial", true);
    write_texts(json, "enrich", spec.enrich);
    json.key("deliver");
    if (spec.mqtt) {
        json.begin_object();
        json.key("mqtt");
        json.begin_object();
        json.member("topic", spec.mqtt->topic);
        json.member("qos", spec.mqtt->qos);
        json.member("retain", spec.mqtt->retain);
        json.end_object();
        json.end_object();
    } else {
        json.value("none");
    }
    if (spec.queue != 0) json.member("queue", spec.queue);
}

std::string watch_text(const WatchSpec& spec) {
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    write_watch_members(json, spec);
    json.end_object();
    return text;
}

Result<std::string> watch_topic(const WatchMqtt& mqtt, const WatchEvent& event,
                                std::string_view subscription) {
    std::string topic;
    HW_TRY(each_part(
        mqtt.topic, [&](std::string_view text) { topic += text; },
        [&](std::string_view place) -> Result<void> {
            if (place == "subscription") topic += subscription;
            if (place == "event") topic += to_string(event.kind);
            // A test has neither; its topic is still one that the same subscribers get.
            if (place == "twin") topic += event.twin != nullptr ? event.twin->id : "test";
            if (place == "path")
                topic +=
                    event.path != nullptr ? event.path->text : std::string(to_string(event.kind));
            return {};
        }));
    return topic;
}

}  // namespace hw::twin
