#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <tuple>
#include <utility>

#include "twin/live.h"
#include "twin/past/event_sources.h"
#include "twin/past/past.h"

namespace hw::twin {

namespace {

// Where the page before ended: its last time, and how many of that time were given.
struct Cursor {
    Time time;
    size_t skip = 0;
};

Result<std::optional<Cursor>> read_cursor(const std::string& text) {
    if (text.empty()) return std::optional<Cursor>();
    Cursor cursor;
    const char* const end = text.data() + text.size();
    const auto [colon, error] = std::from_chars(text.data(), end, cursor.time.ns);
    if (error == std::errc() && colon != end && *colon == ':') {
        const auto [last, wrong] = std::from_chars(colon + 1, end, cursor.skip);
        if (wrong == std::errc() && last == end) return std::optional(cursor);
    }
    return fail(
        ErrorCode::invalid_argument,
        "the cursor is not one that was given; pass the 'next' of the page before unchanged");
}

// Newest first; of one time in an order that is always the same.
bool before_in_list(const PastEvent& a, const PastEvent& b) {
    if (a.time != b.time) return a.time > b.time;
    return std::tie(a.twin, a.kind, a.path, a.after) < std::tie(b.twin, b.kind, b.path, b.after);
}

std::string audit_filter(const Scope& scope) {
    if (!scope.root.empty()) return "#";
    if (scope.filter.ends_with('#')) return scope.filter;
    return scope.filter + "/#";
}

// Of the events from the cursor on, as many as fit.
EventPage page_of(std::vector<PastEvent> events, const std::optional<Cursor>& cursor, size_t limit,
                  Time complete_from, Time from) {
    std::ranges::sort(events, before_in_list);
    EventPage page;
    size_t skip = cursor ? cursor->skip : 0;
    for (auto& event : events) {
        if (event.time < complete_from) break;
        if (cursor && event.time == cursor->time && skip > 0) {
            --skip;
            continue;
        }
        if (page.events.size() == limit) {
            const Time last = page.events.back().time;
            auto given =
                static_cast<size_t>(std::ranges::count(page.events, last, &PastEvent::time));
            if (cursor && last == cursor->time) given += cursor->skip;
            page.next = fmt::format("{}:{}", last.ns, given);
            return page;
        }
        page.events.push_back(std::move(event));
    }
    if (complete_from > from) page.next = fmt::format("{}:0", complete_from.ns - 1);
    return page;
}

}  // namespace

Result<std::vector<std::string>> Past::twins_of(const Scope& scope, Time from, Time to) const {
    std::set<std::string> ids;
    bool found = false;
    for (const Time time : {from, to}) {
        Scope names = scope;
        names.values = names.relationships = false;
        auto described = rooms_.twins.described_at(names, time);
        const bool missing = !described && described.error().code() == ErrorCode::not_found;
        if (missing && (time == from || found)) continue;
        auto there = HW_TRY(std::move(described));
        found = true;
        for (auto& twin : there.twins)
            ids.insert(std::move(twin.id));
    }
    if (scope.root.empty()) HW_TRY(add_removed(scope, from, to, ids));
    if (ids.size() > events_twins_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("events of {} twins are asked for, at most {} can be; narrow the "
                                "filter or the depth",
                                ids.size(), events_twins_limit));
    return std::vector<std::string>(ids.begin(), ids.end());
}

// Twins that came and went in between are seen at neither end; the audit has who removed them.
Result<void> Past::add_removed(const Scope& scope, Time from, Time to,
                               std::set<std::string>& ids) const {
    constexpr std::string_view prefix = "twins/";
    catalog::AuditQuery query{.filter = std::string(prefix) + scope.filter,
                              .from = from,
                              .to = to + nanoseconds(1),
                              .action = "twin.delete",
                              .limit = 1'000};
    const auto models = rooms_.twins.models();
    while (ids.size() <= events_twins_limit) {
        const auto page = HW_TRY(rooms_.audit.query(query));
        for (const auto& record : page.records) {
            const std::string id = record.target.substr(prefix.size());
            if (record.result != "ok" || ids.contains(id)) continue;
            const auto versions = rooms_.twins.versions(id);
            if (!versions || versions->empty()) continue;
            const auto model = models->find(versions->front().spec.model);
            if (scope.model.empty() || (model && model->is_a(scope.model))) ids.insert(id);
        }
        if (!page.next) return {};
        query.before = page.next;
    }
    return {};
}

Result<EventPage> Past::events(const EventQuery& query) const {
    if (query.from > query.to || query.limit == 0)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("from {} is after to {}", format_rfc3339(query.from),
                                format_rfc3339(query.to)));
    const auto cursor = HW_TRY(read_cursor(query.cursor));
    const Time to = cursor ? std::min(cursor->time, query.to) : query.to;
    // What was done before this question is seen by its answer.
    rooms_.audit.flush();
    const auto ids = HW_TRY(twins_of(query.scope, query.from, query.to));
    const EventSpan span{query.from, to, query.limit + (cursor ? cursor->skip : 0) + 1};
    const auto models = rooms_.twins.models();
    AuditEvents audit(rooms_.audit, audit_filter(query.scope));
    std::vector<PastEvent> events;
    for (const auto& id : ids) {
        const auto versions = HW_TRY(rooms_.twins.versions(id));
        add_description_events(id, versions, span, events);
        add_relationship_events(HW_TRY(rooms_.twins.relationship_versions(id)), span, events);
        for (const auto& version : versions) {
            if (const auto model = models->find(version.spec.model)) audit.add_twin(id, model);
            for (const auto& [path, point] : version.spec.bindings)
                if (!point.empty() && !point.starts_with(id + "/"))
                    audit.add_point(point, id, path);
        }
    }
    Time complete_from = query.from;
    HW_TRY(audit.read(span, events, complete_from));
    EventPage page = page_of(std::move(events), cursor, query.limit, complete_from, query.from);
    for (auto& event : page.events)
        if (event.kind == "twin.delete" || event.kind == "relationship.delete")
            event.actor = audit.remover(event);
    return page;
}

// A slot's point at each version of the description; neighbours of the same point are one.
Result<std::vector<Binding>> Past::bindings(std::string_view id, std::string_view path, Time from,
                                            Time to) const {
    auto versions = HW_TRY(rooms_.twins.versions(id));
    std::ranges::sort(versions, {}, &Twins::Version::from);
    const auto models = rooms_.twins.models();
    std::vector<Binding> bindings;
    const auto add = [&](std::string point, Time begin, Time end) {
        if (begin >= end) return;
        if (!bindings.empty() && bindings.back().point == point)
            bindings.back().to = end;
        else
            bindings.push_back({std::move(point), begin, end});
    };
    bool known = false;
    Time at = from;
    for (size_t i = 0; i < versions.size() && at < to; ++i) {
        const auto& version = versions[i];
        if (version.to && *version.to <= at) continue;
        const InterfacePtr model = models->find(version.spec.model);
        const auto slot = model ? model->slot(path) : std::nullopt;
        if (!slot) continue;
        known = true;
        auto source = source_of(*model, *slot, id, version.spec.properties, &version.spec.bindings);
        if (source.origin == Origin::derived)
            source.point = model->slots[*slot].content->historized ? fmt::format("{}/{}", id, path)
                                                                   : std::string();
        // Values that were there before the twin was described are its own, too.
        const Time begin = i == 0 ? from : std::max(version.from, at);
        add({}, at, std::min(begin, to));
        const Time end = version.to ? std::min(*version.to, to) : to;
        add(std::move(source.point), std::max(begin, at), end);
        at = std::max(at, end);
    }
    if (!known)
        return fail(ErrorCode::not_found,
                    fmt::format("'{}' is no property that '{}' has or had", path, id));
    add({}, at, to);
    return bindings;
}

}  // namespace hw::twin
