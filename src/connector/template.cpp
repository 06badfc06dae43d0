#include "connector/template.h"

#include <fmt/format.h>

#include <charconv>

#include "base/assert.h"
#include "base/time.h"

namespace hw::connector {

namespace {

constexpr size_t parts_limit = 10'000;
constexpr size_t path_limit = 64;

std::unexpected<Error> flaw(size_t at, std::string_view what) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("template, character {}: {}", at + 1, what));
}

std::string_view trim(std::string_view text) {
    const size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// "a.b[0].c", ".a", "."
Result<std::vector<Template::Step>> parse_path(std::string_view text, size_t at) {
    std::vector<Template::Step> path;
    if (text == ".") return path;
    if (text.starts_with('.')) text.remove_prefix(1);
    while (true) {
        if (path.size() > path_limit) return flaw(at, "a path of more than 64 steps");
        const size_t end = std::min(text.find_first_of(".["), text.size());
        const std::string_view name = text.substr(0, end);
        if (name.empty()) return flaw(at, "an empty name in a path; write ${a.b[0]}");
        path.push_back({std::string(name), sql::Datum::text(name), 0});
        text.remove_prefix(end);
        while (text.starts_with('[')) {
            const size_t close = text.find(']');
            int64_t index = 0;
            const char* const begin = text.data() + 1;
            const char* const stop = text.data() + std::min(close, text.size());
            const auto [rest, error] = std::from_chars(begin, stop, index);
            if (close == std::string_view::npos || error != std::errc() || rest != stop)
                return flaw(at, "an index is a whole number in brackets, as in ${a[0]}");
            path.push_back({{}, {}, index});
            text.remove_prefix(close + 1);
        }
        if (text.empty()) return path;
        if (text.front() != '.') return flaw(at, "after an index comes a point or the end");
        text.remove_prefix(1);
    }
}

Result<Template::Part> parse_special(std::string_view name, Template::Part part, size_t at) {
    if (name == "@time")
        part.of = Template::Of::time;
    else if (name == "@time_ms")
        part.of = Template::Of::time_ms;
    else if (name == "@rule")
        part.of = Template::Of::rule;
    else if (name == "@sequence")
        part.of = Template::Of::sequence;
    else
        return flaw(at, fmt::format("there is no ${{{}}}; there are ${{@time}}, ${{@time_ms}}, "
                                    "${{@rule}} and ${{@sequence}}",
                                    name));
    return part;
}

Result<Template::Part> parse_placeholder(std::string_view inside, Put put, size_t at) {
    Template::Part part;
    part.of = Template::Of::row;
    part.put = put;
    part.text = fmt::format("${{{}}}", inside);
    std::string_view text = trim(inside);
    if (text.starts_with("json:"))
        part.put = Put::json;
    else if (text.starts_with("url:"))
        part.put = Put::url;
    if (part.put != put || text.starts_with("json:") || text.starts_with("url:"))
        text = trim(text.substr(text.find(':') + 1));
    if (text.starts_with('@')) return parse_special(text, std::move(part), at);
    if (text.empty()) return flaw(at, "an empty placeholder; ${.} is the whole row");
    part.path = HW_TRY(parse_path(text, at));
    return part;
}

// The inside of {{ }}.
Result<Template::Part> parse_action(std::string_view inside, Put put, size_t at) {
    const std::string_view text = trim(inside);
    Template::Part part;
    if (text == "\"{{\"") {
        part.text = std::string("{{");
        return part;
    }
    part.of = Template::Of::row;
    part.put = put;
    part.go = true;
    part.text = fmt::format("{{{{{}}}}}", inside);
    std::string_view path = text;
    for (const std::string_view function : {"json ", "toJson "})
        if (text.starts_with(function)) {
            part.put = Put::json;
            path = trim(text.substr(function.size()));
        }
    const bool is_path =
        path.starts_with('.') && path.find_first_of(" \t|(){}\"$") == std::string_view::npos;
    if (!is_path)
        return flaw(at,
                    fmt::format("'{{{{{}}}}}' is not done here; there are {{{{.a.b}}}}, {{{{json "
                                ".a}}}} and ${{a.b}}: compute the rest in the SELECT, e.g. with "
                                "CASE, and put its name here; a pair of braces as such is "
                                "{{{{\"{{{{\"}}}}",
                                inside));
    if (path == "." && part.put == Put::plain) part.put = Put::json;
    part.path = HW_TRY(parse_path(path, at));
    return part;
}

}  // namespace

Missing missing_of(std::string_view text) {
    if (text == "null") return Missing::null;
    if (text == "empty") return Missing::empty;
    if (text == "reject") return Missing::reject;
    HW_ASSERT(text == "undefined");
    return Missing::undefined;
}

Result<Template> Template::compile(std::string_view text, Put put) {
    Template made;
    const auto literal = [&](std::string_view piece) {
        if (piece.empty()) return;
        if (made.parts_.empty() || made.parts_.back().of != Of::literal) made.parts_.emplace_back();
        made.parts_.back().text += piece;
    };
    for (size_t at = 0; at < text.size();) {
        const size_t found = std::min({text.find("${", at), text.find("{{", at), text.size()});
        literal(text.substr(at, found - at));
        at = found;
        if (at == text.size()) break;
        if (made.parts_.size() >= parts_limit)
            return flaw(at, "more than 10,000 parts; use a shorter template");
        const bool go = text[at] == '{';
        const size_t end = text.find(go ? "}}" : "}", at + 2);
        if (end == std::string_view::npos)
            return flaw(at, go ? "'{{' without '}}'; a pair of braces as such is {{\"{{\"}}"
                               : "'${' without '}'; a dollar sign as such is ${$}");
        const std::string_view inside = text.substr(at + 2, end - at - 2);
        if (!go && inside == "$") {
            literal("$");
        } else {
            Part part =
                HW_TRY(go ? parse_action(inside, put, at) : parse_placeholder(inside, put, at));
            if (part.of == Of::literal)
                literal(part.text);
            else
                made.parts_.push_back(std::move(part));
        }
        at = end + (go ? 2 : 1);
    }
    return made;
}

std::optional<std::string_view> Template::constant() const {
    if (parts_.empty()) return std::string_view();
    if (parts_.size() == 1 && parts_.front().of == Of::literal) return parts_.front().text;
    return std::nullopt;
}

// The JSON in a text, kept for the next placeholder; null where it is none.
const sql::Datum* Renderer::decoded(const sql::Datum& text) {
    if (text.kind() != sql::Kind::text && text.kind() != sql::Kind::bytes) return nullptr;
    if (!(read_text_ == text)) {
        read_text_ = text;
        auto read = reader_.read(text.as_text());
        read_ = read ? *std::move(read) : sql::Datum();
    }
    return &read_;
}

sql::Datum Renderer::walk(const Template::Part& part, const sql::Datum& row) {
    const sql::Datum* at = &row;
    sql::Datum held;  // keeps what decoded() gave while the path goes on
    for (const auto& step : part.path) {
        if (!at->is_object() && !at->is_array()) {
            const sql::Datum* inside = decoded(*at);
            if (inside == nullptr) return {};
            held = *inside;
            at = &held;
        }
        if (!step.member.empty()) {
            at = at->find(step.key);
        } else if (at->is_array()) {
            const auto& items = at->items();
            const auto size = static_cast<int64_t>(items.size());
            const int64_t index = step.index < 0 ? step.index + size : step.index;
            at = index < 0 || index >= size ? nullptr : &items[static_cast<size_t>(index)];
        } else {
            at = nullptr;
        }
        if (at == nullptr) return {};
    }
    return *at;
}

sql::Datum Renderer::value(const Template::Part& part, const Item& item) {
    switch (part.of) {
        case Template::Of::literal:
            return sql::Datum::text(part.text);
        case Template::Of::row:
            return walk(part, item.row);
        case Template::Of::time:
            return sql::Datum::time(item.time);
        case Template::Of::time_ms:
            return sql::Datum::integer(item.time.ns / 1'000'000);
        case Template::Of::rule:
            return sql::Datum::text(item.rule_id);
        case Template::Of::sequence:
            return sql::Datum::integer(static_cast<int64_t>(item.sequence));
    }
    HW_UNREACHABLE();
}

Result<sql::Datum> Renderer::value(const Template& text, const Item& item) {
    const auto parts = text.parts();
    if (parts.size() == 1 && parts.front().of != Template::Of::literal)
        return value(parts.front(), item);
    return sql::Datum::text(HW_TRY(render(text, item)));
}

void Renderer::put(std::string& out, const Template::Part& part, const sql::Datum& value) {
    if (part.put == Put::json) {
        sql::append_json(out, value);
        return;
    }
    if (value.kind() == sql::Kind::text || value.kind() == sql::Kind::bytes) {
        if (part.put == Put::url)
            append_percent_encoded(out, value.as_text());
        else
            out += value.as_text();
        return;
    }
    if (part.put == Put::plain) {
        sql::append_plain(out, value);
        return;
    }
    std::string text;
    sql::append_plain(text, value);
    append_percent_encoded(out, text);
}

Result<void> Renderer::append(std::string& out, const Template& text, const Item& item) {
    const size_t before = out.size();
    for (const auto& part : text.parts()) {
        if (part.of == Template::Of::literal) {
            out += part.text;
            continue;
        }
        const sql::Datum found = value(part, item);
        if (!found.is_null()) {
            put(out, part, found);
        } else if (missing_ == Missing::reject) {
            out.resize(before);
            return fail(ErrorCode::invalid_argument,
                        fmt::format("the row has no value for {}", part.text));
        } else if (part.put == Put::json || missing_ == Missing::null) {
            out += "null";
        } else if (missing_ == Missing::undefined) {
            out += part.go ? "<no value>" : "undefined";
        }
    }
    return {};
}

Result<std::string> Renderer::render(const Template& text, const Item& item) {
    std::string out;
    HW_TRY(append(out, text, item));
    return out;
}

void append_percent_encoded(std::string& out, std::string_view text) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
        if (plain)
            out += c;
        else
            fmt::format_to(std::back_inserter(out), "%{:02X}", byte);
    }
}

}  // namespace hw::connector
