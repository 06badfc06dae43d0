#include "sql/functions/path.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <span>

namespace hw::sql {

namespace {

Error bad_path(std::string_view text) {
    return Error(ErrorCode::invalid_argument,
                 fmt::format("'{}' is no path like a.b[1]", text.substr(0, 100)));
}

// One of `size` items by a number that counts from 1 or, negative, from the end; -1: none.
int64_t item_at(int64_t number, size_t size) {
    const auto count = static_cast<int64_t>(size);
    if (number > 0 && number <= count) return number - 1;
    if (number < 0 && number >= -count) return count + number;
    return -1;
}

const Datum* step(const Datum& value, const Datum& by) {
    if (by.is_text()) return value.find(by);
    if (by.kind() != Kind::int64 || !value.is_array()) return nullptr;
    const int64_t at = item_at(by.as_integer(), value.items().size());
    return at < 0 ? nullptr : &value.items()[static_cast<size_t>(at)];
}

Result<void> put_rest(Datum& into, std::span<const Datum> path, const Datum& value);

Result<void> put_item(Datum& into, std::span<const Datum> path, const Datum& value) {
    const int64_t number = path[0].as_integer();
    if (into.is_null()) into = Datum::array({});
    if (!into.is_array())
        return fail(ErrorCode::invalid_argument,
                    fmt::format("item {} of what is no array cannot be put", number));
    auto& items = into.own_items();
    if (number == static_cast<int64_t>(items.size()) + 1) items.emplace_back();
    const int64_t at = item_at(number, items.size());
    if (at < 0)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("there is no item {} in {} items to put", number, items.size()));
    return put_rest(items[static_cast<size_t>(at)], path.subspan(1), value);
}

Result<void> put_rest(Datum& into, std::span<const Datum> path, const Datum& value) {
    if (path.empty()) {
        into = value;
        return {};
    }
    if (path[0].kind() == Kind::int64) return put_item(into, path, value);
    if (!path[0].is_text())
        return fail(ErrorCode::invalid_argument, "a path's steps are strings and integers");
    if (!into.is_object()) into = Datum::object({});
    const Datum* const found = into.find(path[0]);
    Datum inner = found != nullptr ? *found : Datum();
    if (found != nullptr) into.put(path[0], Datum());  // so that `inner` is not shared
    HW_TRY(put_rest(inner, path.subspan(1), value));
    into.put(path[0], std::move(inner));
    return {};
}

}  // namespace

Result<Path> parse_path(std::string_view text) {
    Path path;
    std::string_view rest = text;
    while (!rest.empty()) {
        if (path.size() == Datum::nesting_limit) return fail(bad_path(text));
        if (rest.front() == '[') {
            int64_t number = 0;
            const auto [end, code] =
                std::from_chars(rest.data() + 1, rest.data() + rest.size(), number);
            const auto used = static_cast<size_t>(end - rest.data());
            if (code != std::errc() || used >= rest.size() || rest[used] != ']')
                return fail(bad_path(text));
            path.push_back(Datum::integer(number));
            rest.remove_prefix(used + 1);
        } else {
            const size_t end = std::min(rest.size(), rest.find_first_of(".["));
            if (end == 0) return fail(bad_path(text));
            path.push_back(Datum::text(rest.substr(0, end)));
            rest.remove_prefix(end);
        }
        if (!rest.empty() && rest.front() == '.') {
            rest.remove_prefix(1);
            if (rest.empty()) return fail(bad_path(text));
        }
    }
    return path;
}

Path dotted_keys(std::string_view text) {
    Path path;
    while (path.size() < Datum::nesting_limit) {
        const size_t end = std::min(text.size(), text.find('.'));
        path.push_back(Datum::text(text.substr(0, end)));
        if (end == text.size()) break;
        text.remove_prefix(end + 1);
    }
    return path;
}

const Datum* follow(const Datum& value, const Path& path) {
    const Datum* at = &value;
    for (const auto& by : path) {
        at = step(*at, by);
        if (at == nullptr) return nullptr;
    }
    return at;
}

Result<void> put_along(Datum& into, const Path& path, const Datum& value) {
    if (path.size() > Datum::nesting_limit)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("a path has at most {} steps", Datum::nesting_limit));
    return put_rest(into, path, value);
}

}  // namespace hw::sql
