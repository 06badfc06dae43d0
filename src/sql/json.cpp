#include "sql/json.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <cmath>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/base64.h"
#include "base/json_writer.h"
#include "base/time.h"
#include "model/point_path.h"

namespace hw::sql {

namespace {

namespace dom = simdjson::dom;

Datum from_element(const dom::element& element);

Datum from_array(const dom::array& array) {
    Datum::Items items;
    items.reserve(array.size());
    for (const auto item : array)
        items.push_back(from_element(item));
    return Datum::array(std::move(items));
}

// Where each key lies, for objects of so many members that looking through them would take as long
// as a hostile payload likes.
class KeyPlaces {
  public:
    explicit KeyPlaces(size_t members) {
        if (members > few) places_.reserve(members);
        hashed_ = members > few;
    }
    // Of an earlier member with the same key; nullptr: none, and it will lie at the end of
    // `members`.
    Datum* earlier(std::string_view name, const Datum& key, Datum::Members& members) {
        if (hashed_) {
            const auto [at, is_new] = places_.try_emplace(name, members.size());
            return is_new ? nullptr : &members[at->second].value;
        }
        // Few: looking through them beats a table.
        for (auto& member : members)
            if (member.key == key) return &member.value;
        return nullptr;
    }

  private:
    static constexpr size_t few = 64;

    bool hashed_ = false;
    std::unordered_map<std::string_view, size_t> places_;
};

Datum from_object(const dom::object& object) {
    Datum::Members members;
    members.reserve(object.size());
    KeyPlaces places(object.size());
    for (const auto& [name, element] : object) {
        Datum key = Datum::text(name);
        Datum value = from_element(element);
        if (Datum* const earlier = places.earlier(name, key, members)) {
            *earlier = std::move(value);
        } else {
            members.push_back({std::move(key), std::move(value)});
        }
    }
    return Datum::object(std::move(members));
}

Datum from_element(const dom::element& element) {
    switch (element.type()) {
        case dom::element_type::NULL_VALUE:
            return {};
        case dom::element_type::BOOL:
            return Datum::boolean(element.get_bool().value_unsafe());
        case dom::element_type::INT64:
            return Datum::integer(element.get_int64().value_unsafe());
        case dom::element_type::UINT64:  // beyond int64
            return Datum::real(static_cast<double>(element.get_uint64().value_unsafe()));
        case dom::element_type::DOUBLE:
            return Datum::real(element.get_double().value_unsafe());
        case dom::element_type::STRING:
            return Datum::text(element.get_string().value_unsafe());
        case dom::element_type::ARRAY:
            return from_array(element.get_array().value_unsafe());
        case dom::element_type::OBJECT:
            return from_object(element.get_object().value_unsafe());
    }
    return {};
}

void append_time(std::string& out, Time time) {
    char text[32];
    out.append(text, format_rfc3339(time, text));
}

}  // namespace

struct JsonReader::State {
    explicit State(size_t limit) : parser(limit), bytes_limit(limit) {}
    dom::parser parser;
    const size_t bytes_limit;
    bool ready = false;
};

JsonReader::JsonReader(size_t bytes_limit) : state_(std::make_unique<State>(bytes_limit)) {}
JsonReader::~JsonReader() = default;
JsonReader::JsonReader(JsonReader&&) noexcept = default;

Result<Datum> JsonReader::read(std::string_view json) {
    if (json.size() > state_->bytes_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("a JSON text of {} bytes is longer than the limit of {}",
                                json.size(), state_->bytes_limit));
    if (!state_->ready) {
        if (state_->parser.allocate(4096, Datum::nesting_limit) != simdjson::SUCCESS)
            return fail(ErrorCode::limit_exceeded, "no memory for reading JSON");
        state_->ready = true;
    }
    dom::element root;
    if (const auto error = state_->parser.parse(json.data(), json.size()).get(root))
        return fail(ErrorCode::invalid_argument,
                    fmt::format("not JSON: {}", simdjson::error_message(error)));
    return from_element(root);
}

void append_json(std::string& out, const Datum& value) {
    switch (value.kind()) {
        case Kind::null:
            out += "null";
            return;
        case Kind::boolean:
            out += value.as_boolean() ? "true" : "false";
            return;
        case Kind::int64: {
            const fmt::format_int digits(value.as_integer());
            out.append(digits.data(), digits.size());
            return;
        }
        case Kind::float64:
            return append_json_double(out, value.as_real());
        case Kind::time:
            out += '"';
            append_time(out, value.as_time());
            out += '"';
            return;
        case Kind::text:
            return append_json_string(out, value.as_text());
        case Kind::bytes:
            return append_json_string(out, model::is_utf8(value.as_text())
                                               ? std::string(value.as_text())
                                               : base64(value.as_text()));
        case Kind::array: {
            char before = '[';
            for (const auto& item : value.items()) {
                out += std::exchange(before, ',');
                append_json(out, item);
            }
            if (before == '[') out += '[';
            out += ']';
            return;
        }
        case Kind::object: {
            char before = '{';
            for (const auto& member : value.members()) {
                out += std::exchange(before, ',');
                append_json_string(out, member.key.as_text());
                out += ':';
                append_json(out, member.value);
            }
            if (before == '{') out += '{';
            out += '}';
            return;
        }
    }
}

std::string to_json(const Datum& value) {
    std::string out;
    append_json(out, value);
    return out;
}

void append_plain(std::string& out, const Datum& value) {
    switch (value.kind()) {
        case Kind::text:
        case Kind::bytes:
            out += value.as_text();
            return;
        case Kind::time:
            return append_time(out, value.as_time());
        default:
            append_json(out, value);
    }
}

}  // namespace hw::sql
