#include "rules/interest.h"

#include <algorithm>

#include "base/assert.h"

namespace hw::rules {

Wanted Interest::ask(Kind kind, std::string_view name) const {
    MutexLock lock(mutex_);
    const Table& table = tables_[static_cast<size_t>(kind)];
    std::vector<uint32_t> found;
    table.tree.match(name, found);
    Wanted wanted;
    wanted.any = !found.empty();
    for (const uint32_t number : found)
        wanted.durable = wanted.durable || table.by_number[number]->durable > 0;
    return wanted;
}

Wanted Interest::message(std::string_view topic) const {
    return ask(Kind::message, topic);
}
Wanted Interest::event(std::string_view name) const {
    return ask(Kind::event, name);
}
Wanted Interest::ingress(std::string_view source) const {
    return ask(Kind::ingress, source);
}
Wanted Interest::point(std::string_view path) const {
    return ask(Kind::point, path);
}

void Interest::add(Kind kind, std::string_view filter, bool durable) {
    MutexLock lock(mutex_);
    Table& table = tables_[static_cast<size_t>(kind)];
    auto at = table.filters.find(filter);
    if (at == table.filters.end()) {
        at = table.filters.emplace(filter, Readers()).first;
        const auto free = std::find(table.by_number.begin(), table.by_number.end(), nullptr);
        at->second.filter = static_cast<uint32_t>(free - table.by_number.begin());
        if (free == table.by_number.end()) table.by_number.push_back(nullptr);
        table.by_number[at->second.filter] = &at->second;
        table.tree.add(filter, at->second.filter);
        touch();
    }
    ++at->second.all;
    if (durable && at->second.durable++ == 0) touch();
}

void Interest::remove(Kind kind, std::string_view filter, bool durable) {
    MutexLock lock(mutex_);
    Table& table = tables_[static_cast<size_t>(kind)];
    const auto at = table.filters.find(filter);
    HW_ASSERT(at != table.filters.end());
    if (durable && --at->second.durable == 0) touch();
    if (--at->second.all > 0) return;
    table.tree.remove(filter, at->second.filter);
    table.by_number[at->second.filter] = nullptr;
    table.filters.erase(at);
    touch();
}

Wanted PointInterest::of(model::PointId id) {
    if (const uint64_t stamp = interest_.stamp(); stamp != stamp_) {
        stamp_ = stamp;
        known_.clear();
    }
    const size_t at = id.value();
    if (at >= known_.size()) known_.resize(std::max(at + 1, known_.size() * 2), 0);
    if (known_[at] == 0) {
        const Wanted wanted = interest_.point(points_.path(id));
        known_[at] = static_cast<uint8_t>(1 | (wanted.any ? 2 : 0) | (wanted.durable ? 4 : 0));
    }
    return {(known_[at] & 2) != 0, (known_[at] & 4) != 0};
}

}  // namespace hw::rules
