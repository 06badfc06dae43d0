#include "rules/spec_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/config.h"
#include "base/config_text.h"
#include "sql/json.h"

namespace hw::rules {

using sql::Datum;
using sql::Kind;

SpecReader::SpecReader(const Datum& object, std::string_view path) : object_(object), path_(path) {
    if (!object.is_object())
        error_ = Error(ErrorCode::invalid_argument,
                       fmt::format("{}{}must be an object", path, path.empty() ? "this " : " "));
}

std::string SpecReader::path_of(std::string_view name) const {
    return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
}

bool SpecReader::has(std::string_view name) const {
    const Datum* found = object_.find(name);
    return found != nullptr && !found->is_null();
}

const Datum* SpecReader::take(std::string_view name) {
    known_.emplace_back(name);
    return has(name) ? object_.find(name) : nullptr;
}

void SpecReader::flaw(std::string_view name, std::string_view what) {
    if (!error_)
        error_ = Error(ErrorCode::invalid_argument, fmt::format("'{}' {}", path_of(name), what));
}

void SpecReader::flaw(const Error& error) {
    if (!error_) error_ = error;
}

std::string SpecReader::text(std::string_view name, std::string_view otherwise) {
    const Datum* found = take(name);
    if (found == nullptr) return std::string(otherwise);
    if (found->is_text()) return std::string(found->as_text());
    flaw(name, "must be a text");
    return {};
}

std::string SpecReader::plain(std::string_view name, std::string_view otherwise) {
    const Datum* found = take(name);
    if (found == nullptr) return std::string(otherwise);
    std::string out;
    sql::append_plain(out, *found);
    return out;
}

bool SpecReader::boolean(std::string_view name, bool otherwise) {
    const Datum* found = take(name);
    if (found == nullptr) return otherwise;
    if (found->kind() == Kind::boolean) return found->as_boolean();
    if (found->is_text() && (found->as_text() == "true" || found->as_text() == "false"))
        return found->as_text() == "true";
    flaw(name, "must be true or false");
    return otherwise;
}

int64_t SpecReader::integer(std::string_view name, int64_t otherwise, int64_t least, int64_t most) {
    const Datum* found = take(name);
    if (found == nullptr) return otherwise;
    if (found->kind() == Kind::int64 && found->as_integer() >= least && found->as_integer() <= most)
        return found->as_integer();
    flaw(name, fmt::format("must be a whole number from {} to {}", least, most));
    return otherwise;
}

Duration SpecReader::duration(std::string_view name, Duration otherwise) {
    const Datum* found = take(name);
    if (found == nullptr) return otherwise;
    constexpr int64_t most_ms = INT64_MAX / 1'000'000;
    if (found->kind() == Kind::int64 && found->as_integer() >= 0 && found->as_integer() < most_ms)
        return milliseconds(found->as_integer());
    if (found->is_text())
        if (const auto duration = parse_duration(found->as_text())) return *duration;
    flaw(name, "must be a duration, e.g. \"10s\", or a number of milliseconds");
    return otherwise;
}

uint64_t SpecReader::bytes(std::string_view name, uint64_t otherwise) {
    const Datum* found = take(name);
    if (found == nullptr) return otherwise;
    if (found->kind() == Kind::int64 && found->as_integer() >= 0)
        return static_cast<uint64_t>(found->as_integer());
    if (found->is_text())
        if (const auto bytes = parse_bytes(found->as_text())) return *bytes;
    flaw(name, "must be a size, e.g. \"64MiB\", or a number of bytes");
    return otherwise;
}

std::vector<std::string> SpecReader::texts(std::string_view name) {
    std::vector<std::string> out;
    const Datum* found = take(name);
    if (found == nullptr) return out;
    const auto add = [&](const Datum& one) {
        if (one.is_text()) {
            out.emplace_back(one.as_text());
        } else {
            flaw(name, "must be a list of texts");
        }
    };
    if (!found->is_array()) {
        add(*found);
        return out;
    }
    for (const auto& one : found->items())
        add(one);
    return out;
}

Datum SpecReader::rest() {
    Datum::Members members;
    if (!object_.is_object()) return Datum::object({});
    for (const auto& member : object_.members()) {
        const std::string name(member.key.as_text());
        if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
        known_.push_back(name);
        if (!member.value.is_null()) members.push_back(member);
    }
    return Datum::object(std::move(members));
}

Result<void> SpecReader::finish() const {
    if (error_) return fail(*error_);
    for (const auto& member : object_.members()) {
        const std::string_view name = member.key.as_text();
        if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
        return fail(
            ErrorCode::invalid_argument,
            fmt::format("'{}' is not expected here{}", path_of(name), did_you_mean(name, known_)));
    }
    return {};
}

}  // namespace hw::rules
