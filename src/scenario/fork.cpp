#include "scenario/fork.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "base/config.h"

namespace hw::scenario {

namespace {

const std::shared_ptr<const twin::Snapshot>& checked(
    const std::shared_ptr<const twin::Snapshot>& base) {
    HW_ASSERT(base != nullptr);
    return base;
}

Error no_twin(const twin::Snapshot& snapshot, std::string_view id) {
    std::vector<std::string> ids;
    for (const auto& twin : snapshot.twins)
        ids.push_back(twin.id);
    const auto near = nearest(id, ids);
    return Error(ErrorCode::not_found,
                 fmt::format("twin '{}' is not part of the scenario's site{}", id,
                             near ? fmt::format("; did you mean '{}'?", *near) : ""));
}

}  // namespace

Fork::Fork(std::shared_ptr<const twin::Snapshot> base, Time start)
    : base_(checked(base)), overlay_(std::make_shared<const Overlay>()), start_(start) {}

const twin::TwinState* Fork::find(std::string_view twin) const {
    const auto& twins = base_->twins;
    const auto at = std::lower_bound(
        twins.begin(), twins.end(), twin,
        [](const twin::TwinState& state, std::string_view id) { return state.id < id; });
    return at != twins.end() && at->id == twin ? &*at : nullptr;
}

Result<void> Fork::set(Override one) {
    const auto* state = find(one.twin);
    if (state == nullptr) return fail(no_twin(*base_, one.twin));
    if (const auto* content = content_of(*state, one.path); content != nullptr && content->schema) {
        auto value = twin::check_value(*content->schema, one.value);
        if (!value) return fail(value.error().within(one.twin + "/" + one.path));
        one.value = std::move(*value);
    }
    const Span span{one.from.at(start_),
                    one.to == Override{}.to ? Time{INT64_MAX} : one.to.at(start_), one.value};
    if (span.to <= span.from)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("{}/{} is set from {} to {}, which is no span", one.twin, one.path,
                                format_rfc3339(span.from), format_rfc3339(span.to)));
    auto overlay = std::make_shared<Overlay>(*overlay_);
    (*overlay)[{std::move(one.twin), std::move(one.path)}].push_back(span);
    overlay_ = std::move(overlay);
    return {};
}

std::span<const Fork::Span> Fork::spans(std::string_view twin, std::string_view path) const {
    const auto at = overlay_->find(Key{twin, path});
    if (at == overlay_->end()) return {};
    return at->second;
}

std::vector<Fork::Key> Fork::overridden_keys() const {
    std::vector<Key> keys;
    for (const auto& [key, spans] : *overlay_)
        keys.push_back(key);
    return keys;
}

twin::LiveValue Fork::read(std::string_view twin, std::string_view path, Time at) const {
    const auto set = spans(twin, path);
    for (auto span = set.rbegin(); span != set.rend(); ++span)
        if (at >= span->from && at < span->to)
            return {.value = span->value,
                    .time = span->from,
                    .quality = model::Quality::good_local_override,
                    .stale = false,
                    .origin = twin::Origin::fixed};
    const auto* state = find(twin);
    const auto* property = state == nullptr ? nullptr : find_property(*state, path);
    return property == nullptr ? twin::LiveValue{} : property->live;
}

std::vector<const twin::TwinState*> Fork::of_model(std::string_view model) const {
    std::vector<const twin::TwinState*> found;
    for (const auto& twin : base_->twins)
        if (is_a(twin, model)) found.push_back(&twin);
    return found;
}

std::vector<const twin::TwinState*> Fork::hop(std::string_view twin, std::string_view relationship,
                                              bool incoming) const {
    std::vector<const twin::TwinState*> found;
    if (!incoming) {
        if (const auto* state = find(twin))
            for (const auto& edge : state->relationships)
                if (edge.name == relationship)
                    if (const auto* target = find(edge.target)) found.push_back(target);
        return found;
    }
    for (const auto& state : base_->twins)
        for (const auto& edge : state.relationships)
            if (edge.name == relationship && edge.target == twin) {
                found.push_back(&state);
                break;
            }
    return found;
}

const twin::PropertyState* find_property(const twin::TwinState& state, std::string_view path) {
    const auto at = std::find_if(state.properties.begin(), state.properties.end(),
                                 [&](const auto& property) { return property.path == path; });
    return at == state.properties.end() ? nullptr : &*at;
}

const twin::Content* content_of(const twin::TwinState& state, std::string_view path) {
    if (!state.model) return nullptr;
    for (const auto& slot : state.model->slots)
        if (slot.path == path) return slot.content;
    return nullptr;
}

bool is_a(const twin::TwinState& state, std::string_view model) {
    if (!state.model) return false;
    const auto& ancestors = state.model->ancestors;
    return std::binary_search(ancestors.begin(), ancestors.end(), model) ||
           state.model->id == model;
}

}  // namespace hw::scenario
