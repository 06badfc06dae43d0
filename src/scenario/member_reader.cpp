#include "scenario/member_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/config.h"

namespace hw::scenario {

MemberReader::MemberReader(const sql::Datum& object, std::string path)
    : object_(object), path_(std::move(path)) {
    if (!object.is_object())
        flaw_ = fmt::format("'{}' must be an object", path_.empty() ? "the scenario" : path_);
}

std::string MemberReader::path_of(std::string_view name) const {
    return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
}

void MemberReader::flaw(std::string_view name, std::string_view what) {
    if (flaw_.empty()) flaw_ = fmt::format("'{}' {}", path_of(name), what);
}

const sql::Datum* MemberReader::take(std::string_view name) {
    asked_.emplace_back(name);
    const sql::Datum* value = object_.find(name);
    return value != nullptr && !value->is_null() ? value : nullptr;
}

std::string MemberReader::text(std::string_view name, std::string_view otherwise) {
    const auto* value = take(name);
    if (value == nullptr) return std::string(otherwise);
    if (!value->is_text()) {
        flaw(name, "must be a text");
        return std::string(otherwise);
    }
    return std::string(value->as_text());
}

double MemberReader::number(std::string_view name, double otherwise) {
    const auto* value = take(name);
    if (value == nullptr) return otherwise;
    if (!value->is_number() || !std::isfinite(value->as_number())) {
        flaw(name, "must be a number");
        return otherwise;
    }
    return value->as_number();
}

Duration MemberReader::duration(std::string_view name, Duration otherwise) {
    const auto* value = take(name);
    if (value == nullptr) return otherwise;
    if (!value->is_text()) {
        flaw(name, "must be a duration, e.g. \"24h\"");
        return otherwise;
    }
    const auto read = parse_duration(value->as_text());
    if (!read) {
        flaw(name, read.error().text());
        return otherwise;
    }
    return *read;
}

Result<void> MemberReader::finish() {
    if (object_.is_object() && flaw_.empty())
        for (const auto& member : object_.members()) {
            const auto name = member.key.as_text();
            if (std::find(asked_.begin(), asked_.end(), name) != asked_.end()) continue;
            const auto near = nearest(name, asked_);
            flaw(name, near ? fmt::format("is not known here; did you mean '{}'?", *near)
                            : std::string("is not known here"));
        }
    if (flaw_.empty()) return {};
    return fail(ErrorCode::invalid_argument, flaw_);
}

}  // namespace hw::scenario
