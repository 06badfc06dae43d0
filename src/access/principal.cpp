#include "access/principal.h"

#include <algorithm>
#include <vector>

#include "base/assert.h"
#include "model/point_path.h"

namespace hw::access {

std::string_view to_string(Role role) {
    switch (role) {
        case Role::viewer:
            return "viewer";
        case Role::operating:
            return "operator";
        case Role::engineer:
            return "engineer";
        case Role::administrator:
            return "administrator";
    }
    HW_UNREACHABLE();
}

std::optional<Role> parse_role(std::string_view text) {
    for (const auto role : {Role::viewer, Role::operating, Role::engineer, Role::administrator})
        if (to_string(role) == text) return role;
    return std::nullopt;
}

Role needed_for(Verb verb) {
    switch (verb) {
        case Verb::read:
            return Role::viewer;
        case Verb::write:
            return Role::operating;
        case Verb::configure:
            return Role::engineer;
        case Verb::administer:
            return Role::administrator;
    }
    HW_UNREACHABLE();
}

bool Principal::may(Verb verb) const {
    return kind != Kind::nobody && !must_change && role >= needed_for(verb);
}

bool Principal::may(Verb verb, std::string_view path) const {
    return may(verb) && (!scoped() || model::matches(scope, path));
}

bool Principal::may_filter(Verb verb, std::string_view filter) const {
    return may(verb) && (!scoped() || covers(scope, filter));
}

std::string Principal::actor() const {
    return kind == Kind::key ? "key:" + name : name;
}

namespace {

std::vector<std::string_view> levels_of(std::string_view text) {
    std::vector<std::string_view> levels;
    for (;;) {
        const size_t slash = text.find('/');
        levels.push_back(text.substr(0, slash));
        if (slash == std::string_view::npos) return levels;
        text.remove_prefix(slash + 1);
    }
}

// A filter that begins with a wildcard does not match what begins with '$'.
bool parted_by_dollar(std::string_view one, std::string_view other) {
    const auto wild = [](std::string_view level) { return level == "+" || level == "#"; };
    return (wild(one) && other.starts_with('$')) || (wild(other) && one.starts_with('$'));
}

}  // namespace

std::optional<std::string> common_filter(std::string_view one, std::string_view other) {
    const auto a = levels_of(one);
    const auto b = levels_of(other);
    if (parted_by_dollar(a.front(), b.front())) return std::nullopt;
    std::string out;
    const auto add = [&](std::string_view level, size_t i) {
        if (i > 0) out += '/';
        out += level;
    };
    for (size_t i = 0;; ++i) {
        const bool rest_a = i < a.size() && a[i] == "#";
        const bool rest_b = i < b.size() && b[i] == "#";
        if (rest_a || rest_b) {
            const auto& rest = rest_a ? b : a;  // what is left of the narrower one
            for (size_t k = i; k < rest.size(); ++k)
                add(rest[k], k);
            // "/#" and "+" have the empty topic in common, which is none.
            if (out.empty()) return std::nullopt;
            return out;
        }
        if (i >= a.size() || i >= b.size()) {
            if (i >= a.size() && i >= b.size()) return out;
            return std::nullopt;
        }
        if (a[i] == "+") {
            add(b[i], i);
        } else if (b[i] == "+" || a[i] == b[i]) {
            add(a[i], i);
        } else {
            return std::nullopt;
        }
    }
}

bool covers(std::string_view outer, std::string_view inner) {
    const auto a = levels_of(outer);
    const auto b = levels_of(inner);
    if (parted_by_dollar(a.front(), b.front())) return false;
    for (size_t i = 0;; ++i) {
        if (i < a.size() && a[i] == "#") return true;
        if (i >= a.size() || i >= b.size()) return i >= a.size() && i >= b.size();
        if (b[i] == "#") return false;
        if (a[i] != "+" && a[i] != b[i]) return false;
    }
}

bool Grant::good(Time now) const {
    if (ended()) return false;
    const Time end = ends();
    return end.ns == 0 || now < end;
}

Time Grant::ends() const {
    if (limits_.idle.ns == 0) return limits_.expires;
    const Time idle_end = last_used() + limits_.idle;
    return limits_.expires.ns == 0 ? idle_end : std::min(idle_end, limits_.expires);
}

}  // namespace hw::access
