#include "rules/source_table.h"

#include <algorithm>

#include "base/assert.h"

namespace hw::rules {

namespace {

std::string_view after(std::string_view text, std::string_view prefix) {
    return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

// The event's name as producers say it: EMQX's old names mean the new ones.
std::string event_name(std::string_view name) {
    const std::string_view bare = after(name, "$events/");
    if (const sql::Shape* shape = sql::event_shape(bare)) return shape->name;
    return std::string(bare);
}

std::string ingress_name(std::string_view name) {
    return std::string(after(after(name, "$sources/"), "$bridges/"));
}

struct Description {
    Interest::Kind kind = Interest::Kind::message;
    std::vector<std::string> filters;
    StreamReader* reader = nullptr;
    std::string key;
};

std::string key_of(std::string_view kind, const std::vector<std::string>& filters) {
    std::string key(kind);
    for (const auto& filter : filters) {
        key += ' ';
        key += filter;
    }
    return key;
}

Description describe_named(const std::string& name, const Streams& streams) {
    Description made;
    const StreamOrigin* origin = streams.origin(name);
    HW_ASSERT(origin != nullptr);
    made.kind = origin->ingress ? Interest::Kind::ingress : Interest::Kind::message;
    made.filters = {origin->filter};
    made.reader = streams.reader(name);
    // A stream that was replaced is another one.
    made.key = key_of("stream", {name, std::to_string(reinterpret_cast<uintptr_t>(made.reader))});
    return made;
}

Description describe(const sql::QuerySource& source, const Streams& streams) {
    Description made;
    switch (source.type) {
        case sql::SourceType::filter:
            made.filters = source.names;
            made.key = key_of("message", made.filters);
            return made;
        case sql::SourceType::event:
            made.kind = Interest::Kind::event;
            for (const auto& name : source.names)
                made.filters.push_back(event_name(name));
            made.key = key_of("event", made.filters);
            return made;
        case sql::SourceType::ingress:
            made.kind = Interest::Kind::ingress;
            for (const auto& name : source.names)
                made.filters.push_back(ingress_name(name));
            made.key = key_of("ingress", made.filters);
            return made;
        case sql::SourceType::points:
            made.kind = Interest::Kind::point;
            made.filters = source.names;
            made.key = key_of("points", made.filters);
            return made;
        case sql::SourceType::named:
            break;
    }
    HW_ASSERT(!source.names.empty());
    return describe_named(source.names.front(), streams);
}

}  // namespace

SourceGroup& SourceTable::join(const sql::QuerySource& source, const Streams& streams,
                               bool durable) {
    Description wanted = describe(source, streams);
    auto& group = by_key_[wanted.key];
    if (!group) {
        group = std::make_unique<SourceGroup>();
        group->key = wanted.key;
        group->kind = wanted.kind;
        group->reader = wanted.reader;
        if (source.type == sql::SourceType::named)
            group->stream = streams.hold(source.names.front());
        const auto free = std::find(by_number_.begin(), by_number_.end(), nullptr);
        group->number = static_cast<uint32_t>(free - by_number_.begin());
        if (free == by_number_.end()) by_number_.push_back(nullptr);
        by_number_[group->number] = group.get();
        group->filters = std::move(wanted.filters);
        for (const auto& filter : group->filters)
            trees_[static_cast<size_t>(group->kind)].add(filter, group->number);
        forget();
    }
    for (const auto& filter : group->filters)
        interest_.add(group->kind, filter, durable);
    ++group->members;
    return *group;
}

void SourceTable::leave(SourceGroup& group, bool durable) {
    for (const auto& filter : group.filters)
        interest_.remove(group.kind, filter, durable);
    if (--group.members > 0) return;
    for (const auto& filter : group.filters)
        trees_[static_cast<size_t>(group.kind)].remove(filter, group.number);
    by_number_[group.number] = nullptr;
    forget();
    by_key_.erase(by_key_.find(group.key));
}

void SourceTable::forget() {
    for (auto& cache : caches_)
        cache.clear();
    points_cache_.clear();
    sets_.clear();
    set_numbers_.clear();
}

// In the order of the numbers, each once: a points() source may match by two filters.
SourceTable::Groups SourceTable::resolve(Interest::Kind kind, std::string_view name) const {
    std::vector<uint32_t> found;
    trees_[static_cast<size_t>(kind)].match(name, found);
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    Groups groups;
    groups.reserve(found.size());
    for (const uint32_t number : found)
        groups.push_back(by_number_[number]);
    return groups;
}

const SourceTable::Groups& SourceTable::of_text(Interest::Kind kind, std::string_view name) {
    Cache& cache = caches_[static_cast<size_t>(kind)];
    if (const auto at = cache.find(name); at != cache.end()) return at->second;
    if (cache.size() >= topics_limit_) cache.clear();
    return cache.emplace(name, resolve(kind, name)).first->second;
}

const SourceTable::Groups& SourceTable::of_message(std::string_view topic) {
    return of_text(Interest::Kind::message, topic);
}
const SourceTable::Groups& SourceTable::of_event(std::string_view name) {
    return of_text(Interest::Kind::event, name);
}
const SourceTable::Groups& SourceTable::of_ingress(std::string_view source) {
    return of_text(Interest::Kind::ingress, source);
}

// Many points are read by the same groups: they share one set.
uint32_t SourceTable::set_of(Groups groups) {
    const auto [at, fresh] = set_numbers_.try_emplace(groups, static_cast<uint32_t>(sets_.size()));
    if (fresh) sets_.push_back(std::move(groups));
    return at->second;
}

const SourceTable::Groups& SourceTable::of_point(model::PointId point) {
    const size_t at = point.value();
    if (at >= points_cache_.size())
        points_cache_.resize(std::max(at + 1, points_cache_.size() * 2), 0);
    if (points_cache_[at] == 0)
        points_cache_[at] = 1 + set_of(resolve(Interest::Kind::point, points_.path(point)));
    return sets_[points_cache_[at] - 1];
}

size_t SourceTable::index_keys() const {
    size_t keys = 0;
    for (const auto& [key, group] : by_key_)
        keys += group->index.keys();
    return keys;
}

}  // namespace hw::rules
