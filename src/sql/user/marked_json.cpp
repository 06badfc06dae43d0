#include "sql/user/marked_json.h"

#include <optional>
#include <utility>

#include "base/base64.h"
#include "base/json_writer.h"
#include "base/time.h"
#include "model/point_path.h"
#include "sql/json.h"

namespace hw::sql::user {

namespace {

constexpr std::string_view time_mark = "$time";
constexpr std::string_view bytes_mark = "$bytes";

void append_mark(std::string& out, std::string_view mark, std::string_view text) {
    out += '{';
    append_json_string(out, mark);
    out += ':';
    append_json_string(out, text);
    out += '}';
}

std::optional<Datum> marked(const Datum::Members& members) {
    if (members.size() != 1 || !members[0].value.is_text()) return std::nullopt;
    const auto text = members[0].value.as_text();
    if (members[0].key.as_text() == time_mark) {
        if (const auto time = parse_rfc3339(text)) return Datum::time(*time);
    } else if (members[0].key.as_text() == bytes_mark) {
        if (const auto bytes = from_base64(text)) return Datum::bytes(*bytes);
    }
    return std::nullopt;
}

}  // namespace

void append_marked(std::string& out, const Datum& value) {
    switch (value.kind()) {
        case Kind::time:
            return append_mark(out, time_mark, format_rfc3339(value.as_time()));
        case Kind::bytes:
            return append_mark(out, bytes_mark, base64(value.as_text()));
        case Kind::text:
            if (model::is_utf8(value.as_text())) return append_json(out, value);
            return append_mark(out, bytes_mark, base64(value.as_text()));
        case Kind::array: {
            out += '[';
            bool begun = false;
            for (const auto& item : value.items()) {
                if (std::exchange(begun, true)) out += ',';
                append_marked(out, item);
            }
            out += ']';
            return;
        }
        case Kind::object: {
            out += '{';
            bool begun = false;
            for (const auto& member : value.members()) {
                if (std::exchange(begun, true)) out += ',';
                append_json_string(out, member.key.as_text());
                out += ':';
                append_marked(out, member.value);
            }
            out += '}';
            return;
        }
        default:
            return append_json(out, value);
    }
}

Datum without_marks(const Datum& value) {
    if (value.is_array()) {
        Datum::Items items;
        for (const auto& item : value.items())
            items.push_back(without_marks(item));
        return Datum::array(std::move(items));
    }
    if (!value.is_object()) return value;
    if (auto mark = marked(value.members())) return std::move(*mark);
    Datum::Members members;
    for (const auto& member : value.members())
        members.push_back({member.key, without_marks(member.value)});
    return Datum::object(std::move(members));
}

}  // namespace hw::sql::user
