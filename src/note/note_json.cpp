#include "note/note_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "base/config.h"
#include "model/point_path.h"
#include "sql/json.h"

namespace hw::note {

namespace {

using sql::Datum;

const std::vector<std::string> members = {"from", "to", "text", "tags", "points", "twins", "paths"};

// Control characters but line feed and tab would garble a terminal, a log or a picture.
bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

size_t characters(std::string_view utf8) {
    return static_cast<size_t>(std::count_if(
        utf8.begin(), utf8.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xc0) != 0x80; }));
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blank = " \t\r\n";
    const size_t first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

// Somebody else's text in an error, short enough to be read.
std::string shown(std::string_view text) {
    constexpr size_t limit = 60;
    return text.size() <= limit ? model::printable(text)
                                : model::printable(text.substr(0, limit)) + "...";
}

std::unexpected<Error> wrong(std::string_view member, std::string text) {
    return hw::fail(Error(ErrorCode::invalid_argument, std::move(text)).within(member));
}

Result<std::string> read_text(const Datum& value, size_t limit) {
    if (!value.is_text()) return wrong("text", "must be a text");
    std::string text(trimmed(value.as_text()));
    std::erase(text, '\r');
    if (text.empty()) return wrong("text", "is empty; write what there is to note");
    if (!model::is_utf8(text)) return wrong("text", "is not UTF-8");
    if (std::any_of(text.begin(), text.end(),
                    [](char c) { return is_control(c) && c != '\n' && c != '\t'; }))
        return wrong("text", "has control characters; only line feeds and tabs are taken");
    if (const size_t count = characters(text); count > limit)
        return wrong("text", fmt::format("has {} characters, the limit note.text_limit is {}; "
                                         "shorten it or raise the limit",
                                         count, limit));
    return text;
}

Result<Time> read_time(std::string_view member, const Datum& value, Time now) {
    if (!value.is_text()) return wrong(member, "must be a time as a text, as in RFC 3339");
    const auto time = parse_time(value.as_text(), now);
    if (!time) return wrong(member, time.error().text());
    return *time;
}

Result<void> check_tag(std::string_view tag) {
    const size_t count = characters(tag);
    if (count == 0 || count > tag_limit)
        return wrong("tags", fmt::format("'{}' has {} characters; a tag has 1 to {}", shown(tag),
                                         count, tag_limit));
    if (!model::is_utf8(tag) || std::any_of(tag.begin(), tag.end(), [](char c) {
            return is_control(c) || c == ' ' || c == ',';
        }))
        return wrong("tags", fmt::format("'{}' is not one word; use '-' instead of spaces and "
                                         "commas",
                                         shown(tag)));
    return {};
}

Result<void> check_target(std::string_view member, std::string_view target) {
    if (target.size() > target_bytes)
        return wrong(member, fmt::format("'{}' has {} bytes, the limit is {}", shown(target),
                                         target.size(), target_bytes));
    if (const auto checked = model::check_point_path(target); !checked)
        return wrong(member, checked.error().text());
    if (target.empty() || std::any_of(target.begin(), target.end(), is_control))
        return wrong(member, fmt::format("'{}' is no path; control characters and the empty text "
                                         "are none",
                                         shown(target)));
    return {};
}

// A list of texts, each once, in the order given.
template <class Check>
Result<std::vector<std::string>> read_list(std::string_view member, const Datum& value,
                                           size_t limit, Check check) {
    std::vector<std::string> out;
    if (value.is_null()) return out;
    if (!value.is_array()) return wrong(member, "must be a list of texts");
    for (const auto& item : value.items()) {
        if (!item.is_text()) return wrong(member, "must be a list of texts");
        const auto text = item.as_text();
        HW_TRY(check(text));
        if (std::find(out.begin(), out.end(), text) != out.end()) continue;
        if (out.size() == limit)
            return wrong(member, fmt::format("has more than {} entries; name what they have in "
                                             "common instead",
                                             limit));
        out.emplace_back(text);
    }
    return out;
}

Result<void> read_member(NoteSpec& note, std::string_view name, const Datum& value,
                         size_t text_limit, Time now) {
    const auto targets = [&](std::vector<std::string>& out) -> Result<void> {
        out = HW_TRY(read_list(name, value, targets_limit, [&](std::string_view target) {
            return check_target(name, target);
        }));
        return {};
    };
    if (name == "from") {
        note.from = HW_TRY(read_time(name, value, now));
    } else if (name == "to") {
        note.to.reset();
        if (!value.is_null()) note.to = HW_TRY(read_time(name, value, now));
    } else if (name == "text") {
        note.text = HW_TRY(read_text(value, text_limit));
    } else if (name == "tags") {
        note.tags = HW_TRY(read_list(name, value, tags_limit, check_tag));
    } else if (name == "points") {
        return targets(note.points);
    } else if (name == "twins") {
        return targets(note.twins);
    } else if (name == "paths") {
        return targets(note.paths);
    } else {
        const auto close = nearest(name, members);
        return hw::fail(
            ErrorCode::invalid_argument,
            close ? fmt::format("a note has no '{}'; did you mean '{}'?", shown(name), *close)
                  : fmt::format("a note has no '{}'; it has: {}", shown(name),
                                fmt::join(members, ", ")));
    }
    return {};
}

Result<void> check(const NoteSpec& note) {
    if (note.text.empty()) return wrong("text", "must be given: what there is to note");
    if (note.to && *note.to <= note.from)
        return wrong("to", fmt::format("{} is not after from, {}; leave it away for a moment",
                                       format_rfc3339(*note.to), format_rfc3339(note.from)));
    const size_t targets = note.points.size() + note.twins.size() + note.paths.size();
    if (targets > targets_limit)
        return hw::fail(ErrorCode::invalid_argument,
                        fmt::format("points, twins and paths are {} together, the limit is {}; "
                                    "name what they have in common instead",
                                    targets, targets_limit));
    return {};
}

void write_list(JsonWriter& json, std::string_view name, const std::vector<std::string>& list) {
    json.key(name);
    json.begin_array();
    for (const auto& one : list)
        json.value(one);
    json.end_array();
}

}  // namespace

Result<NoteSpec> patch_note(NoteSpec note, std::string_view json, size_t text_limit, Time now) {
    // Enough for every member at its limit, each character escaped.
    sql::JsonReader reader(
        (text_limit + targets_limit * target_bytes + tags_limit * tag_limit) * 12 + 4096);
    const auto root = HW_TRY(reader.read(json));
    if (!root.is_object())
        return hw::fail(ErrorCode::invalid_argument, "a note must be a JSON object");
    for (const auto& [key, value] : root.members())
        HW_TRY(read_member(note, key.as_text(), value, text_limit, now));
    HW_TRY(check(note));
    return note;
}

Result<NoteSpec> read_note(std::string_view json, size_t text_limit, Time now) {
    NoteSpec note;
    note.from = now;
    return patch_note(std::move(note), json, text_limit, now);
}

void write_note_members(JsonWriter& json, const NoteSpec& note) {
    json.member("from", note.from);
    json.key("to");
    if (note.to) {
        json.value(*note.to);
    } else {
        json.null();
    }
    json.member("text", note.text);
    write_list(json, "tags", note.tags);
    write_list(json, "points", note.points);
    write_list(json, "twins", note.twins);
    write_list(json, "paths", note.paths);
}

std::string note_text(const NoteSpec& note) {
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    write_note_members(json, note);
    json.end_object();
    return text;
}

}  // namespace hw::note
