#include "ingest/json_walk.h"

#include <array>
#include <limits>

#include "base/decimal.h"

namespace hw::ingest {

namespace {

using simdjson::dom::element_type;

constexpr std::array<std::string_view, 3> time_keys = {"ts", "timestamp", "time"};
// Under `time`, a smaller number (before March 1973) is a duration or a counter.
constexpr double least_time_number = 1e8;

bool is_container(element_type type) {
    return type == element_type::OBJECT || type == element_type::ARRAY;
}

std::optional<Time> read_time(const simdjson::dom::element& element, bool any_number,
                              bool& looks_wrong) {
    const auto plausible = [&](double number) { return any_number || number >= least_time_number; };
    switch (element.type()) {
        case element_type::INT64: {
            const int64_t number = element.get_int64().value_unsafe();
            if (plausible(static_cast<double>(number))) return time_from_epoch(number);
            return std::nullopt;
        }
        case element_type::UINT64:
            return time_from_epoch(static_cast<double>(element.get_uint64().value_unsafe()));
        case element_type::DOUBLE: {
            const double number = element.get_double().value_unsafe();
            if (plausible(number)) return time_from_epoch(number);
            return std::nullopt;
        }
        case element_type::STRING: {
            const std::string_view text = element.get_string().value_unsafe();
            if (const auto time = parse_rfc3339(text)) return *time;
            if (!text.empty() && scan_decimal(text).length == text.size())
                if (const auto time = parse_time(text, Time{})) return *time;
            break;
        }
        default:
            break;
    }
    looks_wrong = true;
    return std::nullopt;
}

std::optional<model::Quality> read_quality(const simdjson::dom::element& element) {
    switch (element.type()) {
        case element_type::STRING:
            return model::parse_quality(element.get_string().value_unsafe());
        case element_type::BOOL:
            return element.get_bool().value_unsafe() ? model::Quality::good : model::Quality::bad;
        case element_type::INT64: {
            const int64_t code = element.get_int64().value_unsafe();
            if (code < 0 || code > std::numeric_limits<uint32_t>::max()) return std::nullopt;
            if (code <= 0xff) return model::quality_from_opc_da(static_cast<uint8_t>(code));
            return model::quality_from_status_code(static_cast<uint32_t>(code));
        }
        default:
            return std::nullopt;
    }
}

}  // namespace

void JsonWalk::Reserved::find(const Object& object) {
    for (const auto field : object) {
        const std::string_view key = field.key;
        switch (key.size()) {
            case 2:
                if (key == time_keys[0]) times[0] = field.value;
                break;
            case 4:
                if (key == time_keys[2]) times[2] = field.value;
                if (key == "unit") unit = field.value;
                break;
            case 5:
                if (key == "value") value = field.value;
                break;
            case 7:
                if (key == "quality") quality = field.value;
                break;
            case 9:
                if (key == time_keys[1]) times[1] = field.value;
                break;
            default:
                break;
        }
    }
}

void JsonWalk::Reserved::take(Frame& frame, Tally& tally) {
    bool looks_wrong = false;
    for (int i = 0; i < 3 && time_taken < 0; ++i) {
        if (!times[i]) continue;
        if (const auto time = read_time(*times[i], i != 2, looks_wrong)) {
            frame.time = *time;
            time_taken = i;
        }
    }
    tally.bad_times += time_taken < 0 && looks_wrong;
    if (quality) {
        if (const auto read = read_quality(*quality)) {
            frame.quality = *read;
            quality_taken = true;
        }
    }
    unit_taken = unit && unit->is_string() && value && !is_container(value->type());
}

bool JsonWalk::Reserved::took(std::string_view key) const {
    switch (key.size()) {
        case 2:
        case 9:
            return time_taken >= 0 && key == time_keys[static_cast<size_t>(time_taken)];
        case 4:
            return (time_taken == 2 && key == time_keys[2]) || (unit_taken && key == "unit");
        case 7:
            return quality_taken && key == "quality";
        default:
            return false;
    }
}

bool JsonWalk::refuse(Reason reason) {
    reason_ = reason;
    return false;
}

bool JsonWalk::payload(const Element& root, Time received) {
    const Frame frame{received};
    if (root.is_object()) return top_object(root.get_object().value_unsafe(), frame);
    if (source_.form == JsonDecoder::Form::neuron) return refuse(Reason::neuron);
    if (root.is_array()) return top_array(root.get_array().value_unsafe(), frame);
    return value(root, source_.root, frame, 0);
}

bool JsonWalk::top_object(const Object& object, const Frame& frame) {
    if (source_.form != JsonDecoder::Form::plain) {
        Neuron message;
        message.find(object);
        if (message.complete()) return neuron(message, frame);
        if (source_.form == JsonDecoder::Form::neuron) return refuse(Reason::neuron);
    }
    return this->object(object, source_.root, frame, 1);
}

bool JsonWalk::top_array(const simdjson::dom::array& array, const Frame& frame) {
    Node after = source_.root;
    size_t index = 0;
    for (const auto element : array) {
        if (element.is_object()) {
            if (!object(element.get_object().value_unsafe(), source_.root, frame, 2)) return false;
        } else {
            after = tree_.child(source_.root, after, std::to_string(index));
            if (!value(element, after, frame, 1)) return false;
        }
        ++index;
    }
    return true;
}

bool JsonWalk::object(const Object& object, Node node, Frame frame, size_t depth) {
    if (depth > limits_.depth) return refuse(Reason::depth);
    Reserved reserved;
    reserved.find(object);
    reserved.take(frame, tally_);
    const bool own_value = reserved.value && !is_container(reserved.value->type());
    Node after = node;
    for (const auto field : object) {
        const std::string_view key = field.key;
        if (reserved.took(key)) continue;
        if (own_value && key == "value") {
            if (!value(field.value, node, frame, depth)) return false;
            continue;
        }
        after = tree_.child(node, after, key);
        if (!value(field.value, after, frame, depth)) return false;
    }
    if (reserved.unit_taken) {
        if (const auto point = tree_.point(node))
            out_.units.push_back({*point, std::string(reserved.unit->get_string().value_unsafe())});
    }
    return true;
}

bool JsonWalk::array(const simdjson::dom::array& array, Node node, const Frame& frame,
                     size_t depth) {
    if (depth > limits_.depth) return refuse(Reason::depth);
    Node after = node;
    size_t index = 0;
    for (const auto element : array) {
        after = tree_.child(node, after, std::to_string(index++));
        if (!value(element, after, frame, depth)) return false;
    }
    return true;
}

bool JsonWalk::count_one() {
    return ++members_ <= limits_.members || refuse(Reason::members);
}

bool JsonWalk::value(const Element& element, Node node, const Frame& frame, size_t depth) {
    const element_type type = element.type();
    if (type == element_type::OBJECT)
        return object(element.get_object().value_unsafe(), node, frame, depth + 1);
    if (type == element_type::ARRAY)
        return array(element.get_array().value_unsafe(), node, frame, depth + 1);
    if (!count_one()) return false;
    if (type == element_type::NULL_VALUE) {
        ++tally_.nulls;
        return true;
    }
    const auto point = point_of(node);
    if (!point) return true;
    auto& batch = out_.batch;
    switch (type) {
        case element_type::INT64: {
            const int64_t number = element.get_int64().value_unsafe();
            if (source_.numbers_as_doubles) {
                batch.add_double(*point, frame.time, static_cast<double>(number), frame.quality);
            } else {
                batch.add_int(*point, frame.time, number, frame.quality);
            }
            break;
        }
        case element_type::UINT64:
            batch.add_double(*point, frame.time,
                             static_cast<double>(element.get_uint64().value_unsafe()),
                             frame.quality);
            break;
        case element_type::DOUBLE:
            batch.add_double(*point, frame.time, element.get_double().value_unsafe(),
                             frame.quality);
            break;
        case element_type::BOOL:
            batch.add_bool(*point, frame.time, element.get_bool().value_unsafe(), frame.quality);
            break;
        default:
            text(element.get_string().value_unsafe(), *point, frame);
    }
    return true;
}

void JsonWalk::text(std::string_view text, model::PointId point, const Frame& frame) {
    if (text.size() > limits_.text_bytes) {
        ++tally_.skipped[static_cast<size_t>(Reason::text_bytes)];
        reason_ = Reason::text_bytes;
        return;
    }
    out_.batch.add_text(point, frame.time, text, frame.quality);
}

std::optional<model::PointId> JsonWalk::point_of(Node node) {
    if (const auto point = tree_.point(node)) [[likely]]
        return point;
    path_.clear();
    if (in_neuron_) {
        neuron_path(node);
    } else {
        path_ += source_.prefix;
        path_ += source_.topic;
        plain_path(node);
    }
    const auto point = points_.intern(path_);
    if (!point) {
        ++tally_.skipped[static_cast<size_t>(Reason::point)];
        reason_ = Reason::point;
        return std::nullopt;
    }
    tree_.set_point(node, *point);
    return *point;
}

void JsonWalk::plain_path(Node node) {
    if (node == source_.root) return;
    plain_path(tree_.parent(node));
    path_ += '/';
    append_level(path_, tree_.name(node));
}

}  // namespace hw::ingest
