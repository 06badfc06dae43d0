#include "twin/past/event_sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "twin/check.h"

namespace hw::twin {

namespace {

constexpr size_t audit_page = 1'000;
constexpr size_t audit_pages_most = 50;

bool is_order(std::string_view action) {
    return action.starts_with("twin.desired.") || action.starts_with("twin.command.");
}

PastEvent description_event(std::string_view twin, std::string_view kind, Time time) {
    PastEvent event;
    event.time = time;
    event.twin = twin;
    event.kind = kind;
    return event;
}

}  // namespace

// A version that begins where another one ends changes it; one that begins by itself makes the
// twin, and one that ends by itself removes it.
void add_description_events(std::string_view twin, std::span<const Twins::Version> versions,
                            const EventSpan& span, std::vector<PastEvent>& out) {
    std::vector<const Twins::Version*> sorted;
    for (const auto& version : versions)
        sorted.push_back(&version);
    std::ranges::sort(sorted, {}, [](const Twins::Version* one) { return one->from; });
    const auto within = [&](Time time) { return time >= span.from && time <= span.to; };
    for (size_t i = 0; i < sorted.size(); ++i) {
        const Twins::Version& version = *sorted[i];
        const bool changes = i > 0 && sorted[i - 1]->to == version.from;
        if (within(version.from)) {
            auto event =
                description_event(twin, changes ? "twin.update" : "twin.create", version.from);
            event.actor = version.actor;
            if (changes) event.before = described_json(sorted[i - 1]->spec);
            event.after = described_json(version.spec);
            out.push_back(std::move(event));
        }
        const bool goes_on = i + 1 < sorted.size() && version.to == sorted[i + 1]->from;
        if (!version.to || goes_on || !within(*version.to)) continue;
        auto event = description_event(twin, "twin.delete", *version.to);
        event.before = described_json(version.spec);
        out.push_back(std::move(event));
    }
}

void add_relationship_events(std::span<const Twins::RelationshipVersion> versions,
                             const EventSpan& span, std::vector<PastEvent>& out) {
    const auto within = [&](Time time) { return time >= span.from && time <= span.to; };
    const auto same = [](const RelationshipSpec& a, const RelationshipSpec& b) {
        return a.name == b.name && a.target == b.target;
    };
    const auto event_of = [](const RelationshipSpec& spec, std::string_view kind, Time time) {
        auto event = description_event(spec.source, kind, time);
        event.path = spec.name + " " + spec.target;
        return event;
    };
    for (size_t i = 0; i < versions.size(); ++i) {
        const auto& version = versions[i];
        const auto* before =
            i > 0 && same(versions[i - 1].spec, version.spec) ? &versions[i - 1] : nullptr;
        const bool changes = before && before->to == version.from;
        if (within(version.from)) {
            auto event =
                event_of(version.spec, changes ? "relationship.update" : "relationship.create",
                         version.from);
            event.actor = version.actor;
            if (changes) event.before = described_json(before->spec);
            event.after = described_json(version.spec);
            out.push_back(std::move(event));
        }
        const bool goes_on = i + 1 < versions.size() && same(versions[i + 1].spec, version.spec) &&
                             versions[i + 1].from == version.to;
        if (!version.to || goes_on || !within(*version.to)) continue;
        auto event = event_of(version.spec, "relationship.delete", *version.to);
        event.before = described_json(version.spec);
        out.push_back(std::move(event));
    }
}

void AuditEvents::add_point(std::string point, std::string twin, std::string path) {
    points_.try_emplace(std::move(point), Place{std::move(twin), std::move(path)});
}

void AuditEvents::add_twin(const std::string& twin, const InterfacePtr& model) {
    auto& models = twins_[twin];
    if (std::ranges::find(models, model) == models.end()) models.push_back(model);
}

// A property or command. What lies below a twin may be another one's.
bool AuditEvents::has(const std::string& twin, const std::string& path) const {
    const auto models = twins_.find(twin);
    return models != twins_.end() &&
           std::ranges::any_of(models->second, [&](const InterfacePtr& model) {
               if (model->slot(path)) return true;
               const Content* content = model->find(path);
               return content != nullptr && content->kind == ContentKind::command;
           });
}

// The longest id of a twin that the target begins with.
bool AuditEvents::place_of(const catalog::AuditRecord& record, PastEvent& event) const {
    if (!is_order(record.action) && record.action != "point.write") return false;
    if (const auto point = points_.find(record.target);
        record.action == "point.write" && point != points_.end()) {
        event.twin = point->second.twin;
        event.path = point->second.path;
        return true;
    }
    std::string id = record.target;
    for (size_t cut = id.rfind('/'); cut != std::string::npos; cut = id.rfind('/')) {
        id.resize(cut);
        std::string path = record.target.substr(cut + 1);
        if (!has(id, path)) continue;
        event.twin = id;
        event.path = std::move(path);
        return true;
    }
    return false;
}

Result<void> AuditEvents::read(const EventSpan& span, std::string_view filter,
                               std::string_view action, std::vector<PastEvent>& out,
                               Time& complete_from) const {
    catalog::AuditQuery query{.filter = std::string(filter),
                              .from = span.from,
                              .to = span.to + nanoseconds(1),
                              .action = std::string(action),
                              .limit = audit_page};
    size_t found = 0;
    for (size_t pages = 0; pages < audit_pages_most; ++pages) {
        auto page = HW_TRY(audit_.query(query));
        for (auto& record : page.records) {
            PastEvent event;
            if (!place_of(record, event)) continue;
            event.time = record.time;
            event.kind = std::move(record.action);
            event.actor = std::move(record.actor);
            event.before = std::move(record.old_value);
            event.after = std::move(record.new_value);
            event.result = std::move(record.result);
            event.detail = std::move(record.detail);
            out.push_back(std::move(event));
            ++found;
        }
        if (!page.next) return {};
        const bool enough = found >= span.wanted;
        if (enough || pages + 1 == audit_pages_most) {
            // Records are in the order in which they came, which is that of time but for moments.
            if (!page.records.empty())
                complete_from = std::max(complete_from, page.records.back().time);
            return {};
        }
        query.before = page.next;
    }
    return {};
}

Result<void> AuditEvents::read(const EventSpan& span, std::vector<PastEvent>& out,
                               Time& complete_from) const {
    for (const std::string_view action : {"twin.", "point."}) {
        const bool elsewhere = action == "point." && !points_.empty();
        HW_TRY(read(span, elsewhere ? "#" : std::string_view(filter_), action, out, complete_from));
    }
    return {};
}

// Relationships that go with a twin have no record of their own: then the twin's says it.
std::string AuditEvents::remover(const PastEvent& event) const {
    const auto asked = [&](std::string target, std::string action) -> std::string {
        return first_actor({.filter = std::move(target),
                            .from = event.time - seconds(1),
                            .to = event.time + seconds(60),
                            .action = std::move(action),
                            .limit = 100});
    };
    const std::string twin = "twins/" + event.twin;
    if (event.kind == "twin.delete") return asked(twin, event.kind);
    const size_t space = event.path.find(' ');
    const std::string actor =
        asked(fmt::format("{}/relationships/{}/{}", twin, event.path.substr(0, space),
                          event.path.substr(space + 1)),
              event.kind);
    return actor.empty() ? asked(twin, "twin.delete") : actor;
}

std::string AuditEvents::first_actor(const catalog::AuditQuery& query) const {
    const auto page = audit_.query(query);
    if (!page) return {};
    for (auto record = page->records.rbegin(); record != page->records.rend(); ++record)
        if (record->result == "ok") return record->actor;
    return {};
}

}  // namespace hw::twin
