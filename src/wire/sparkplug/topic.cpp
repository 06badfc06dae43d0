#include "wire/sparkplug/topic.h"

#include <array>

namespace hw::sparkplug {

namespace {

constexpr std::array<std::string_view, 9> verbs = {"NBIRTH", "NDEATH", "DBIRTH", "DDEATH", "NDATA",
                                                   "DDATA",  "NCMD",   "DCMD",   "STATE"};

// Cuts the next level off.
std::string_view next_level(std::string_view& rest) {
    const size_t slash = rest.find('/');
    const std::string_view level = rest.substr(0, slash);
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
    return level;
}

}  // namespace

std::string_view to_string(Verb verb) {
    return verbs[static_cast<size_t>(verb)];
}

bool is_device_verb(Verb verb) {
    return verb == Verb::dbirth || verb == Verb::ddeath || verb == Verb::ddata ||
           verb == Verb::dcmd;
}

bool is_id(std::string_view text) {
    constexpr std::string_view forbidden("+#/\0", 4);
    return !text.empty() && text.find_first_of(forbidden) == std::string_view::npos;
}

std::optional<Topic> parse_topic(std::string_view text) {
    if (!text.starts_with(topic_prefix)) return std::nullopt;
    std::string_view rest = text.substr(topic_prefix.size());
    if (rest.starts_with("STATE/")) {
        const std::string_view host = rest.substr(6);
        if (is_id(host)) return Topic{Verb::state, {}, host, {}};
    }
    Topic topic;
    topic.group = next_level(rest);
    const std::string_view word = next_level(rest);
    size_t verb = 0;
    while (verb < verbs.size() && verbs[verb] != word)
        ++verb;
    if (verb >= static_cast<size_t>(Verb::state)) return std::nullopt;
    topic.verb = static_cast<Verb>(verb);
    if (!is_device_verb(topic.verb)) {
        topic.edge = rest;
    } else {
        topic.edge = next_level(rest);
        topic.device = rest;
        if (!is_id(topic.device)) return std::nullopt;
    }
    if (!is_id(topic.group) || !is_id(topic.edge)) return std::nullopt;
    return topic;
}

std::string format_topic(const Topic& topic) {
    std::string text(topic_prefix);
    if (topic.verb == Verb::state) return text.append("STATE/").append(topic.edge);
    text.append(topic.group).append("/").append(to_string(topic.verb)).append("/");
    text.append(topic.edge);
    if (is_device_verb(topic.verb)) text.append("/").append(topic.device);
    return text;
}

}  // namespace hw::sparkplug
