#include "sql/functions/regex.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <charconv>
#include <memory>

#include "sql/functions/text_cache.h"

namespace hw::sql {

namespace {

constexpr size_t pattern_bytes_limit = 4096;
constexpr size_t kept_patterns = 64;

using Compiled = std::unique_ptr<RE2>;

re2::StringPiece piece(std::string_view text) {
    return {text.data(), text.size()};
}

Result<const RE2*> compile(std::string_view pattern) {
    thread_local TextCache<Compiled> cache(kept_patterns);
    if (const Compiled* const known = cache.find(pattern)) return known->get();
    if (pattern.size() > pattern_bytes_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("the pattern has {} bytes; at most {} are allowed", pattern.size(),
                                pattern_bytes_limit));
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(1 << 20);
    auto made = std::make_unique<RE2>(piece(pattern), options);
    if (!made->ok())
        return fail(ErrorCode::invalid_argument,
                    fmt::format("the pattern '{}' is not understood: {}", pattern.substr(0, 100),
                                made->error()));
    return cache.put(pattern, std::move(made)).get();
}

std::vector<re2::StringPiece> room_for_groups(const RE2& regex) {
    return std::vector<re2::StringPiece>(static_cast<size_t>(regex.NumberOfCapturingGroups()) + 1);
}

// The next character's bytes, so that an empty match steps over whole characters.
size_t character_size(std::string_view text, size_t at) {
    size_t size = 1;
    while (at + size < text.size() && (static_cast<unsigned char>(text[at + size]) & 0xc0) == 0x80)
        ++size;
    return size;
}

using Pieces = std::vector<re2::StringPiece>;

void append_group(std::string& out, const Pieces& groups, std::string_view number) {
    size_t i = 0;
    const auto [end, code] = std::from_chars(number.data(), number.data() + number.size(), i);
    if (code != std::errc() || end != number.data() + number.size() || i >= groups.size()) return;
    if (groups[i].data() != nullptr) out.append(groups[i].data(), groups[i].size());
}

size_t digits_at(std::string_view text, size_t at) {
    size_t count = 0;
    while (at + count < text.size() && text[at + count] >= '0' && text[at + count] <= '9')
        ++count;
    return count;
}

// \1, \g{1}, \\ and & as Erlang's re:replace reads them.
void append_backslash(std::string& out, std::string_view with, const Pieces& groups) {
    for (size_t at = 0; at < with.size(); ++at) {
        if (with[at] == '&') {
            out.append(groups[0].data(), groups[0].size());
            continue;
        }
        if (with[at] != '\\' || at + 1 == with.size()) {
            out += with[at];
            continue;
        }
        if (with.substr(at + 1).starts_with("g{")) {
            const size_t close = with.find('}', at);
            if (close != with.npos) {
                append_group(out, groups, with.substr(at + 3, close - at - 3));
                at = close;
                continue;
            }
        }
        const size_t digits = digits_at(with, at + 1);
        if (digits == 0) {
            out += with[++at];
            continue;
        }
        append_group(out, groups, with.substr(at + 1, digits));
        at += digits;
    }
}

size_t word_at(std::string_view text, size_t at) {
    size_t count = 0;
    while (at + count < text.size() &&
           (std::isalnum(static_cast<unsigned char>(text[at + count])) || text[at + count] == '_'))
        ++count;
    return count;
}

void append_named(std::string& out, const RE2& regex, const Pieces& groups, std::string_view name) {
    const auto& names = regex.NamedCapturingGroups();
    const auto known = names.find(std::string(name));
    append_group(out, groups, known == names.end() ? name : std::to_string(known->second));
}

// $1, $name, ${name} and $$ as Go's Regexp.ReplaceAllString reads them.
void append_dollar(std::string& out, std::string_view with, const RE2& regex,
                   const Pieces& groups) {
    for (size_t at = 0; at < with.size(); ++at) {
        if (with[at] != '$') {
            out += with[at];
            continue;
        }
        if (with.substr(at + 1).starts_with('$')) {
            out += '$';
            ++at;
            continue;
        }
        const bool braced = with.substr(at + 1).starts_with('{');
        const size_t begin = at + (braced ? 2 : 1);
        const size_t size = word_at(with, begin);
        if (size == 0 || (braced && !with.substr(begin + size).starts_with('}'))) {
            out += '$';
            continue;
        }
        append_named(out, regex, groups, with.substr(begin, size));
        at = begin + size - (braced ? 0 : 1);
    }
}

}  // namespace

Result<bool> regex_search(std::string_view text, std::string_view pattern) {
    const RE2* const regex = HW_TRY(compile(pattern));
    return regex->Match(piece(text), 0, text.size(), RE2::UNANCHORED, nullptr, 0);
}

Result<Groups> regex_groups(std::string_view text, std::string_view pattern) {
    const RE2* const regex = HW_TRY(compile(pattern));
    auto pieces = room_for_groups(*regex);
    if (!regex->Match(piece(text), 0, text.size(), RE2::UNANCHORED, pieces.data(),
                      static_cast<int>(pieces.size())))
        return Groups();
    Groups groups;
    for (const auto& group : pieces) {
        if (group.data() == nullptr) {
            groups.emplace_back();
        } else {
            groups.emplace_back(std::string_view(group.data(), group.size()));
        }
    }
    return groups;
}

Result<std::string> regex_replace_all(std::string_view text, std::string_view pattern,
                                      std::string_view with, Replacement habit,
                                      size_t bytes_limit) {
    const RE2* const regex = HW_TRY(compile(pattern));
    auto groups = room_for_groups(*regex);
    std::string out;
    size_t at = 0;      // where to search on
    size_t copied = 0;  // up to here `text` is in `out`
    bool after_match = false;
    while (at <= text.size() && regex->Match(piece(text), at, text.size(), RE2::UNANCHORED,
                                             groups.data(), static_cast<int>(groups.size()))) {
        const auto begin = static_cast<size_t>(groups[0].data() - text.data());
        const size_t end = begin + groups[0].size();
        // An empty match right behind the one before does not count.
        if (!(begin == end && after_match && begin == copied)) {
            out.append(text, copied, begin - copied);
            if (habit == Replacement::backslash) {
                append_backslash(out, with, groups);
            } else {
                append_dollar(out, with, *regex, groups);
            }
            copied = end;
            after_match = true;
        }
        at = begin == end ? end + character_size(text, end) : end;
        if (out.size() > bytes_limit)
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("more than {} bytes come out", bytes_limit));
    }
    if (copied < text.size()) out.append(text, copied, text.size() - copied);
    return out;
}

}  // namespace hw::sql
