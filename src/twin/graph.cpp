#include "twin/graph.h"

#include <algorithm>

#include "base/assert.h"

namespace hw::twin {

namespace {

constexpr size_t near_limit = 200;  // ids that are compared for "did you mean"

}  // namespace

TwinSpec Twin::spec() const {
    TwinSpec spec;
    spec.id = name.id;
    spec.model = model->interface->id;
    spec.name = display_name;
    spec.properties = properties;
    if (bindings) spec.bindings = *bindings;
    return spec;
}

const Twin* Graph::find(std::string_view id) const {
    const auto at = by_id_.find(id);
    if (at == by_id_.end() || !twins_[at->second].exists()) return nullptr;
    return &twins_[at->second];
}

Twin* Graph::find(std::string_view id) {
    return const_cast<Twin*>(std::as_const(*this).find(id));
}

const TwinName* Graph::name(std::string_view id) const {
    const auto at = by_id_.find(id);
    return at == by_id_.end() ? nullptr : &twins_[at->second].name;
}

Twin& Graph::place(std::string_view id) {
    const auto at = by_id_.find(id);
    if (at != by_id_.end()) return twins_[at->second];
    const auto index = static_cast<uint32_t>(twins_.size());
    Twin& twin = twins_.emplace_back();
    twin.name.id = id;
    twin.name.index = index;
    by_id_.emplace(twin.name.id, index);
    return twin;
}

void Graph::add(Twin& twin, CompiledModel& model) {
    HW_ASSERT(!twin.exists());
    twin.model = &model;
    ++model.twins;
    ordered_.emplace(twin.name.id, twin.name.index);
}

void Graph::change_model(Twin& twin, CompiledModel& model) {
    HW_ASSERT(twin.exists());
    --twin.model->twins;
    twin.model = &model;
    ++model.twins;
}

void Graph::remove(Twin& twin) {
    HW_ASSERT(twin.exists() && twin.out.empty() && twin.in.empty());
    --twin.model->twins;
    twin.model = nullptr;
    twin.derived.reset();
    twin.bindings.reset();
    twin.properties = {};
    ordered_.erase(twin.name.id);
}

// Those beside it in the order of the ids and those of the same first level, which is where slips
// are; comparing with a million would take a second.
std::vector<std::string> Graph::near(std::string_view id) const {
    std::vector<std::string> ids;
    const auto from = ordered_.lower_bound(id);
    auto down = from;
    for (size_t i = 0; i < near_limit / 2 && down != ordered_.begin(); ++i)
        ids.emplace_back((--down)->first);
    auto up = from;
    for (size_t i = 0; i < near_limit / 2 && up != ordered_.end(); ++i, ++up)
        ids.emplace_back(up->first);
    return ids;
}

int Graph::compare(uint32_t number, bool incoming, std::string_view name,
                   std::string_view other) const {
    const Edge& edge = edges_[number];
    if (const int by_name = names_.text(edge.name).compare(name); by_name != 0) return by_name;
    return std::string_view(twins_[incoming ? edge.source : edge.target].name.id).compare(other);
}

EdgeList::Position Graph::first(const EdgeList& list, bool incoming, std::string_view name,
                                std::string_view other, bool behind) const {
    return list.find([&](uint32_t edge) {
        const int order = compare(edge, incoming, name, other);
        return behind ? order <= 0 : order < 0;
    });
}

std::optional<uint32_t> Graph::edge(const Twin& source, std::string_view name,
                                    const Twin& target) const {
    const bool incoming = target.in.size() < source.out.size();
    const EdgeList& list = incoming ? target.in : source.out;
    const std::string_view other = incoming ? source.name.id : target.name.id;
    const auto at = first(list, incoming, name, other, false);
    if (list.at_end(at) || compare(list[at], incoming, name, other) != 0) return std::nullopt;
    return list[at];
}

uint32_t Graph::add_edge(uint32_t source, std::string_view name, uint32_t target,
                         sql::Datum values) {
    uint32_t number = 0;
    if (free_edges_.empty()) {
        number = static_cast<uint32_t>(edges_.size());
        edges_.emplace_back();
    } else {
        number = free_edges_.back();
        free_edges_.pop_back();
    }
    edges_[number] = {source, target, names_.intern(name), std::move(values)};
    Twin& from = twins_[source];
    Twin& to = twins_[target];
    from.out.insert(number,
                    [&](uint32_t edge) { return compare(edge, false, name, to.name.id) < 0; });
    to.in.insert(number,
                 [&](uint32_t edge) { return compare(edge, true, name, from.name.id) < 0; });
    return number;
}

void Graph::remove_edge(uint32_t number) {
    const Edge edge = edges_[number];
    const std::string& name = names_.text(edge.name);
    Twin& from = twins_[edge.source];
    Twin& to = twins_[edge.target];
    from.out.remove(number, [&](uint32_t e) { return compare(e, false, name, to.name.id) < 0; });
    to.in.remove(number, [&](uint32_t e) { return compare(e, true, name, from.name.id) < 0; });
    edges_[number] = {};
    free_edges_.push_back(number);
}

RelationshipSpec Graph::spec_of(uint32_t number) const {
    const Edge& edge = edges_[number];
    RelationshipSpec spec;
    spec.source = twins_[edge.source].name.id;
    spec.name = names_.text(edge.name);
    spec.target = twins_[edge.target].name.id;
    spec.properties = edge.properties;
    return spec;
}

size_t Graph::bytes() const {
    return twins_.size() * (sizeof(Twin) + 64 + 32) + ordered_.size() * 56 +
           edges_.size() * sizeof(Edge);
}

size_t Graph::bytes_of(uint32_t index) const {
    const Twin& twin = twins_[index];
    size_t bytes =
        twin.name.id.capacity() + twin.properties.heap_bytes() + twin.out.bytes() + twin.in.bytes();
    if (!twin.derived) return bytes;
    bytes += sizeof(DerivedState) + twin.derived->marks.size();
    for (const auto& rolled : twin.derived->rolled)
        bytes += sizeof(rolled) + rolled.parts->bytes();
    return bytes;
}

std::string_view literal_prefix(std::string_view filter) {
    const auto prefix = filter.substr(0, filter.find_first_of("+#"));
    // "a/#" matches "a" too.
    if (prefix.size() < filter.size() && prefix.ends_with('/'))
        return prefix.substr(0, prefix.size() - 1);
    return prefix;
}

}  // namespace hw::twin
