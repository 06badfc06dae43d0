#include <limits>
#include <vector>

#include "ingest/json_walk.h"

namespace hw::ingest {

namespace {

// Neuron's ECP format says the type: 1 bool, 2 integer, 3 float, 4 text.
constexpr int64_t type_unknown = 0;
constexpr int64_t type_bool = 1;
constexpr int64_t type_float = 3;

// [/]neuron/NODE/upload, Neuron's own topic.
bool is_neuron_topic(std::string_view topic) {
    if (topic.starts_with('/')) topic.remove_prefix(1);
    constexpr std::string_view head = "neuron/";
    constexpr std::string_view tail = "/upload";
    if (topic.size() <= head.size() + tail.size() || !topic.starts_with(head) ||
        !topic.ends_with(tail))
        return false;
    topic = topic.substr(head.size(), topic.size() - head.size() - tail.size());
    return topic.find('/') == topic.npos;
}

template <class T>
void set_if(std::optional<T>& member, simdjson::simdjson_result<T> read) {
    T value;
    if (std::move(read).get(value) == simdjson::SUCCESS) member = value;
}

}  // namespace

void JsonWalk::Neuron::find(const Object& object) {
    for (const auto field : object) {
        const std::string_view key = field.key;
        if (key == "node") {
            set_if(node, field.value.get_string());
        } else if (key == "group") {
            set_if(group, field.value.get_string());
        } else if (key == "values") {
            set_if(values, field.value.get_object());
        } else if (key == "errors") {
            set_if(errors, field.value.get_object());
        } else if (key == "tags") {
            set_if(tags, field.value.get_array());
        } else if (key == "timestamp") {
            timestamp = field.value;
        }
    }
}

bool JsonWalk::neuron(const Neuron& message, Frame frame) {
    if (limits_.depth < 2) return refuse(Reason::depth);
    in_neuron_ = true;
    if (message.timestamp) {
        int64_t number = 0;
        if (message.timestamp->get_int64().get(number) == simdjson::SUCCESS) {
            frame.time = time_from_epoch(number);
        } else {
            ++tally_.bad_times;
        }
    }
    const Node node = tree_.child(source_.neuron_root, source_.neuron_root, *message.node);
    const Node group = tree_.child(node, node, *message.group);
    Node after = group;
    if (message.values) {
        for (const auto field : *message.values) {
            after = tree_.child(group, after, field.key);
            if (!value(field.value, after, frame, 2)) return false;
        }
    }
    if (message.errors) {
        for (const auto field : *message.errors) {
            after = tree_.child(group, after, field.key);
            if (!count_one()) return false;
            if (const auto point = point_of(after)) failed_tag(*point, frame.time);
        }
    }
    if (message.tags) {
        for (const auto element : *message.tags) {
            Object tag;
            if (element.get_object().get(tag) != simdjson::SUCCESS) return refuse(Reason::neuron);
            if (!neuron_tag(tag, group, after, frame)) return false;
        }
    }
    return true;
}

bool JsonWalk::neuron_tag(const Object& tag, Node group, Node& after, const Frame& frame) {
    std::optional<std::string_view> name;
    std::optional<Element> read;
    int64_t type = type_unknown;
    bool failed = false;
    for (const auto field : tag) {
        const std::string_view key = field.key;
        if (key == "name") set_if(name, field.value.get_string());
        if (key == "value") read = field.value;
        if (key == "type" && field.value.get_int64().get(type) != simdjson::SUCCESS)
            type = type_unknown;
        int64_t code = 0;
        // An error of 0 says that there was none.
        failed |=
            key == "error" && (field.value.get_int64().get(code) != simdjson::SUCCESS || code != 0);
    }
    if (!name || (!read && !failed)) return refuse(Reason::neuron);
    after = tree_.child(group, after, *name);
    int64_t number = 0;
    const bool whole = !failed && read->get_int64().get(number) == simdjson::SUCCESS;
    const bool as_bool = type == type_bool && whole;
    const bool as_double = type == type_float && whole;
    if (!failed && !as_bool && !as_double) return value(*read, after, frame, 2);
    if (!count_one()) return false;
    const auto point = point_of(after);
    if (!point) return true;
    if (failed) {
        failed_tag(*point, frame.time);
    } else if (as_bool) {
        out_.batch.add_bool(*point, frame.time, number != 0, frame.quality);
    } else {
        out_.batch.add_double(*point, frame.time, static_cast<double>(number), frame.quality);
    }
    return true;
}

// What the device could not read has no value; the sample says since when.
void JsonWalk::failed_tag(model::PointId point, Time time) {
    out_.batch.add_double(point, time, std::numeric_limits<double>::quiet_NaN(),
                          model::Quality::bad);
}

void JsonWalk::neuron_path(Node node) {
    std::vector<std::string_view> chain;  // what is below the tag, tag, group, node
    for (Node at = node; at != source_.neuron_root; at = tree_.parent(at))
        chain.push_back(tree_.name(at));
    path_ += source_.prefix;
    const auto fill = [&](std::string_view place, std::string& out) {
        if (place == "topic") out += source_.topic;
        if (place == "node") append_level(out, chain.back());
        if (place == "group") append_level(out, chain[chain.size() - 2]);
        if (place == "tag") append_level(out, chain[chain.size() - 3]);
    };
    if (source_.neuron_path != nullptr && !source_.neuron_path->empty()) {
        source_.neuron_path->append(path_, fill);
    } else if (is_neuron_topic(source_.topic)) {
        fill("node", path_);
        path_ += '/';
        fill("group", path_);
        path_ += '/';
        fill("tag", path_);
    } else {
        path_ += source_.topic;
        path_ += '/';
        fill("tag", path_);
    }
    for (size_t i = chain.size() - 3; i > 0; --i) {
        path_ += '/';
        append_level(path_, chain[i - 1]);
    }
}

}  // namespace hw::ingest
