#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/point_path.h"
#include "twin/model/model_equality.h"
#include "twin/model/models_maker.h"

namespace hw::twin {

namespace {

// All that an interface inherits from and itself, bases first, each once. Stops where there are
// more values of "extends" than the limit.
class Hierarchy {
  public:
    bool add(const InterfacePtr& interface) {
        if (!seen_.insert(interface.get()).second) return true;
        if (!count(interface->bases.size())) return false;
        for (const auto& base : interface->bases)
            if (!add(base)) return false;
        order_.push_back(interface);
        return true;
    }
    bool count(size_t edges) { return (edges_ += edges) <= Models::extends_limit; }
    const std::vector<InterfacePtr>& order() const { return order_; }

  private:
    std::unordered_set<const Interface*> seen_;
    std::vector<InterfacePtr> order_;
    size_t edges_ = 0;
};

bool is_slot(const Content& content) {
    return content.kind == ContentKind::telemetry || content.kind == ContentKind::property;
}

const Interface* part_of(const Interface& interface, std::string_view id) {
    for (const auto& part : interface.parts)
        if (part->id == id) return part.get();
    return nullptr;
}

}  // namespace

bool fill_slots(Interface& interface) {
    for (const auto& content : interface.contents) {
        if (is_slot(content)) interface.slots.push_back({content.name, &content});
        if (content.kind != ContentKind::component) continue;
        const Interface* part = part_of(interface, content.component);
        if (part == nullptr) continue;
        if (interface.slots.size() + part->slots.size() > Models::slots_limit) return false;
        for (const auto& slot : part->slots)
            interface.slots.push_back({content.name + "/" + slot.path, slot.content});
    }
    if (interface.slots.size() > Models::slots_limit) return false;
    interface.content_index.reserve(interface.contents.size());
    for (size_t i = 0; i < interface.contents.size(); ++i)
        interface.content_index.emplace(interface.contents[i].name, i);
    interface.slot_index.reserve(interface.slots.size());
    for (size_t i = 0; i < interface.slots.size(); ++i)
        interface.slot_index.emplace(interface.slots[i].path, i);
    return true;
}

void add_part(Interface& interface, const InterfacePtr& part) {
    if (part != nullptr && part_of(interface, part->id) == nullptr) interface.parts.push_back(part);
}

void ModelsMaker::resolve(Entry& entry) {
    if (entry.broken || flaws_.full()) return;
    entry.broken = true;  // until it is whole
    // What takes the place of another counts instead of it.
    if (entry.before != nullptr)
        resolved_ -= entry.before->contents.size() + entry.before->slots.size();
    Interface& interface = *entry.draft.made;
    if (!take_bases(entry)) return;
    take_contents(entry);
    if (too_much_) return;
    take_components(entry);
    const size_t contents = interface.contents.size();
    if (!fill_slots(interface)) {
        reading(entry.draft)
            .flaw(*entry.draft.node,
                  fmt::format("the interface has more than {} telemetries and properties, those of "
                              "its components included; split it",
                              Models::slots_limit));
        return;
    }
    resolved_ += contents + interface.slots.size();
    if (resolved_ > resolved_limit_) return too_much(entry.draft);
    check_element_count(entry);
    check_siblings(entry);
    entry.broken = false;
    compare(entry);
}

void ModelsMaker::too_much(const InterfaceDraft& draft) {
    too_much_ = true;
    reading(draft).flaw(
        *draft.node, fmt::format("the models have more than {} contents and slots together, "
                                 "inherited ones counted in each; inherit less, or delete models "
                                 "that are not used",
                                 resolved_limit_));
}

// Own contents of a model that is given again stay in the order they were in, so that its slots do.
void ModelsMaker::keep_order(Entry& entry) {
    if (entry.before == nullptr) return;
    const auto place = [&](const ContentDraft& draft) {
        const Content* old = entry.before->find(draft.content.name);
        return old == nullptr ? entry.before->contents.size()
                              : static_cast<size_t>(old - entry.before->contents.data());
    };
    std::ranges::stable_sort(entry.draft.contents, {}, place);
}

bool ModelsMaker::take_bases(Entry& entry) {
    Interface& interface = *entry.draft.made;
    const JsonNode* const node =
        entry.draft.extends.empty() ? entry.draft.node : entry.draft.extends.front().node;
    Hierarchy hierarchy;
    bool few = hierarchy.count(interface.extends.size());
    for (const auto& id : interface.extends) {
        auto base = made(id);
        if (base == nullptr) return false;
        interface.extends_depth = std::max(interface.extends_depth, base->extends_depth + 1);
        interface.bases.push_back(std::move(base));
    }
    if (interface.extends_depth > Models::extends_depth_limit) {
        reading(entry.draft)
            .flaw(*node, fmt::format("\"extends\" goes deeper than {} levels",
                                     Models::extends_depth_limit));
        return false;
    }
    for (const auto& base : interface.bases)
        few = few && hierarchy.add(base);
    if (!few) {
        reading(entry.draft)
            .flaw(*node, fmt::format("the hierarchy has more than {} interfaces in \"extends\"",
                                     Models::extends_limit));
        return false;
    }
    for (const auto& base : hierarchy.order()) {
        interface.ancestors.push_back(base->id);
        for (const auto& content : base->contents)
            if (content.defined_in == base->id) entry.inherited.push_back(&content);
    }
    interface.ancestors.push_back(interface.id);
    std::ranges::sort(interface.ancestors);
    return true;
}

void ModelsMaker::take_contents(Entry& entry) {
    Interface& interface = *entry.draft.made;
    const size_t count = entry.inherited.size() + entry.draft.contents.size();
    if (entry.draft.sheet != nullptr && resolved_ + count > resolved_limit_)
        return too_much(entry.draft);
    keep_order(entry);
    interface.contents.reserve(count);
    std::unordered_map<std::string_view, const Content*> names;
    for (const Content* content : entry.inherited) {
        const auto [found, fresh] = names.emplace(content->name, content);
        if (!fresh) {
            reading(entry.draft)
                .flaw(entry.draft.extends.empty() ? *entry.draft.node
                                                  : *entry.draft.extends.front().node,
                      fmt::format("'{}' comes from both '{}' and '{}'; a name stands once in a "
                                  "hierarchy",
                                  content->name, found->second->defined_in, content->defined_in));
            continue;
        }
        interface.contents.push_back(*content);
    }
    entry.own_begin = interface.contents.size();
    for (auto& own : entry.draft.contents) {
        const std::string& name = own.content.name;
        if (const auto found = names.find(name); found != names.end() && !name.empty())
            reading(entry.draft)
                .flaw(*own.node,
                      found->second->defined_in == interface.id
                          ? fmt::format("the name '{}' stands twice in \"contents\"", name)
                          : fmt::format("the name '{}' is taken: it is inherited from '{}'", name,
                                        found->second->defined_in));
        const Content& kept = interface.contents.emplace_back(std::move(own.content));
        names.emplace(kept.name, &kept);
    }
}

void ModelsMaker::take_components(Entry& entry) {
    Interface& interface = *entry.draft.made;
    for (size_t i = 0; i < interface.contents.size(); ++i) {
        const Content& content = interface.contents[i];
        if (content.kind != ContentKind::component) continue;
        const auto part = made(content.component);
        if (part == nullptr) continue;
        add_part(interface, part);
        if (i < entry.own_begin) continue;
        const auto inner =
            std::ranges::find(part->contents, ContentKind::component, &Content::kind);
        if (inner != part->contents.end())
            reading(entry.draft)
                .flaw(*entry.draft.contents[i - entry.own_begin].node,
                      fmt::format("a component may not contain a component in DTDL v3, and '{}' "
                                  "has '{}'; use a Relationship",
                                  part->id, inner->name));
    }
}

// Members that name another content.
void ModelsMaker::check_siblings(const Entry& entry) {
    const Interface& interface = *entry.draft.made;
    for (size_t i = entry.own_begin; i < interface.contents.size(); ++i) {
        const Content& content = interface.contents[i];
        const JsonNode& node = *entry.draft.contents[i - entry.own_begin].node;
        if (!content.annotates.empty()) check_annotation(entry, content, node);
        for (const auto& write : content.writes)
            check_write(entry, write, node);
    }
}

void ModelsMaker::check_annotation(const Entry& entry, const Content& content,
                                   const JsonNode& node) {
    const Content* other = entry.draft.made->find(content.annotates);
    if (other == nullptr || !is_slot(*other) || other == &content)
        return reading(entry.draft)
            .flaw(node, fmt::format("'annotates' must name another Property or Telemetry of this "
                                    "interface, not '{}'",
                                    model::printable(content.annotates)));
    if (!other->annotates.empty())
        reading(entry.draft)
            .flaw(node, fmt::format("'annotates' must name a value, and '{}' is an annotation "
                                    "itself",
                                    other->name));
}

void ModelsMaker::check_write(const Entry& entry, const CommandWrite& write, const JsonNode& node) {
    const Interface& interface = *entry.draft.made;
    const auto slot = interface.slot(write.property);
    if (flaws_.full()) return;
    if (!slot) {
        std::vector<std::string> paths;
        constexpr size_t most = 1'000;  // edit distances over more would cost too much
        for (size_t i = 0; i < std::min(most, interface.slots.size()); ++i)
            paths.push_back(interface.slots[i].path);
        return reading(entry.draft)
            .flaw(node, fmt::format("the command writes '{}', which this interface does not have{}",
                                    model::printable(write.property), hint(write.property, paths)));
    }
    const Content& content = *interface.slots[*slot].content;
    if (content.fixed || !content.expression.empty())
        reading(entry.draft)
            .flaw(node, fmt::format("the command writes '{}', which has no point", write.property));
}

void ModelsMaker::check_element_count(const Entry& entry) {
    const Interface& interface = *entry.draft.made;
    Hierarchy all;  // interfaces whose elements count
    size_t count = interface.element_count;
    for (const auto& base : interface.bases)
        all.add(base);
    for (const auto& part : interface.parts)
        all.add(part);
    for (const auto& one : all.order())
        count += one->element_count;
    if (count > Models::contents_limit)
        reading(entry.draft)
            .flaw(*entry.draft.node,
                  fmt::format("the interface has {} elements in its contents, with what it extends "
                              "and its components, more than {}",
                              count, Models::contents_limit));
}

// What is there already under this DTMI must be the same but for texts.
void ModelsMaker::compare(Entry& entry) {
    InterfaceDraft& draft = entry.draft;
    if (entry.before == nullptr || entry.before->json != draft.made->json) {
        if (entry.before != nullptr && !flaws_.any()) {
            const std::string difference = first_difference(*entry.before, *draft.made);
            if (!difference.empty()) {
                reading(draft).flaw(
                    *draft.node,
                    fmt::format("'{}' is there already and {}; a model once given keeps its "
                                "meaning: give the new one as '{}'",
                                draft.made->id, difference, next_version(draft.made->id)));
                return;
            }
        }
        changed_[draft.made->id] = draft.made;
    }
}

std::string ModelsMaker::next_version(std::string_view id) const {
    const std::string_view path = id.substr(0, id.find(';'));
    uint64_t highest = 1;
    const auto look = [&](std::string_view other) {
        if (!other.starts_with(path) || other.size() <= path.size() || other[path.size()] != ';')
            return;
        uint64_t version = 0;
        for (const char c : other.substr(path.size() + 1)) {
            if (c < '0' || c > '9') break;
            version = version * 10 + static_cast<uint64_t>(c - '0');
        }
        highest = std::max(highest, version);
    };
    for (const auto& [other, interface] : before_.all())
        look(other);
    for (const auto& [other, index] : by_id_)
        look(other);
    return fmt::format("{};{}", path, highest + 1);
}

}  // namespace hw::twin
