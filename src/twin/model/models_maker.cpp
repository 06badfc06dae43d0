#include "twin/model/models_maker.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/point_path.h"

namespace hw::twin {

ModelsMaker::ModelsMaker(const Models& before, std::vector<ModelFlaw>& flaws, size_t resolved_limit)
    : before_(before), resolved_limit_(resolved_limit), flaws_(flaws) {
    for (const auto& [id, interface] : before_.all())
        resolved_ += interface->contents.size() + interface->slots.size();
}

std::shared_ptr<const Models> ModelsMaker::add(std::span<const std::string_view> documents) {
    for (size_t i = 0; i < documents.size(); ++i)
        read_document(sheets_.emplace_back(i, documents[i]));
    check_ids();
    link();
    resolve_all();
    if (flaws_.any()) {
        flaws_.sort();
        return nullptr;
    }
    refresh_dependents();
    if (flaws_.any()) return nullptr;
    return finish();
}

void ModelsMaker::read_document(const Sheet& sheet) {
    flaws_.add_all_of(sheet);
    const JsonNode* root = sheet.json.root();
    if (root == nullptr) return;
    if (!root->is_array()) return read_one(sheet, *root, std::nullopt);
    for (const JsonNode* item = root->first_child; item != nullptr; item = item->next)
        read_one(sheet, *item, std::nullopt);
}

void ModelsMaker::read_one(const Sheet& sheet, const JsonNode& node,
                           const std::optional<Context>& outer) {
    const Reading reading{sheet, flaws_};
    if (flaws_.full()) return;
    if (entries_.size() >= Models::models_limit)
        return reading.flaw(
            node, fmt::format("there are more than {} interfaces here", Models::models_limit));
    auto draft = read_interface(reading, node, outer);
    if (!draft || too_much_) return;
    read_ += draft->contents.size();
    if (read_ > resolved_limit_) return too_much(*draft);
    std::vector<std::pair<const JsonNode*, Context>> nested;
    for (const auto& one : draft->extends)
        if (one.inline_interface) nested.emplace_back(one.node, one.context);
    for (const auto& one : draft->contents)
        if (one.component.inline_interface)
            nested.emplace_back(one.component.node, one.component.context);
    const std::string& id = draft->made->id;
    if (const auto [found, fresh] = by_id_.try_emplace(id, entries_.size());
        !fresh && !id.empty()) {
        const auto& first = entries_[found->second].draft;
        const JsonPlace place = first.sheet->json.place(first.node->begin);
        reading.flaw(node, fmt::format("the interface '{}' stands twice: here and at line {} of {}",
                                       id, place.line,
                                       first.sheet->index == sheet.index
                                           ? std::string("this document")
                                           : fmt::format("document {}", first.sheet->index + 1)));
    }
    entries_.push_back({});
    entries_.back().draft = std::move(*draft);
    for (const auto& [inner, context] : nested)
        read_one(sheet, *inner, context);
}

// "@id" is unique in all that is given at once ("Value must be unique among the values of all
// "@id" members of all elements in the model").
void ModelsMaker::check_ids() {
    std::map<std::string_view, size_t> seen;
    for (size_t i = 0; i < entries_.size(); ++i) {
        for (const auto& id : entries_[i].draft.element_ids) {
            const bool interface = by_id_.contains(id) || before_.all().contains(id);
            if (seen.emplace(id, i).second && !interface) continue;
            const auto& draft = entries_[i].draft;
            reading(draft).flaw(
                *draft.node,
                fmt::format(
                    "the id '{}' within '{}' is that of another {} too; an id is given once", id,
                    draft.made->id, interface ? "interface" : "interface's element"));
        }
    }
}

void ModelsMaker::link() {
    for (size_t i = 0; i < entries_.size(); ++i) {
        const auto& draft = entries_[i].draft;
        for (const auto& base : draft.extends)
            need(i, base, "to extend");
        for (const auto& content : draft.contents)
            if (content.content.kind == ContentKind::component)
                need(i, content.component, "for the component");
        const auto found = before_.all().find(draft.made->id);
        if (found != before_.all().end()) entries_[i].before = found->second;
    }
}

void ModelsMaker::need(size_t user, const InterfaceReference& reference, std::string_view role) {
    Entry& entry = entries_[user];
    if (reference.id.empty()) {
        entry.broken = true;
        return;
    }
    if (const auto found = by_id_.find(reference.id); found != by_id_.end()) {
        entries_[found->second].users.push_back(user);
        ++entry.waits_for;
        return;
    }
    if (before_.all().contains(reference.id)) return;
    entry.broken = true;
    if (flaws_.full()) return;
    reading(entry.draft)
        .flaw(*reference.node,
              fmt::format("there is no interface '{}' {}; give it in the same request or before{}",
                          reference.id, role, hint(reference.id, near_names(reference.id))));
}

// Those that could be meant: edit distances over all models would cost too much.
std::vector<std::string> ModelsMaker::near_names(std::string_view id) const {
    constexpr size_t most = 500;
    constexpr size_t slips = 3;
    const std::string_view start = id.substr(0, std::min<size_t>(id.size(), 6));
    std::vector<std::string> names;
    const auto offer = [&](const std::string& name) {
        if (names.size() < most && name.size() <= id.size() + slips &&
            id.size() <= name.size() + slips && name.starts_with(start))
            names.push_back(name);
    };
    for (const auto& [name, interface] : before_.all())
        offer(name);
    for (const auto& [name, index] : by_id_)
        offer(name);
    return names;
}

void ModelsMaker::resolve_all() {
    std::vector<size_t> ready;
    for (size_t i = 0; i < entries_.size(); ++i)
        if (entries_[i].waits_for == 0) ready.push_back(i);
    size_t done = 0;
    for (; done < ready.size(); ++done) {
        Entry& entry = entries_[ready[done]];
        if (!too_much_) resolve(entry);
        entry.done = true;
        for (const size_t user : entry.users) {
            entries_[user].broken = entries_[user].broken || entry.broken;
            if (--entries_[user].waits_for == 0) ready.push_back(user);
        }
    }
    if (done < entries_.size()) name_cycle();
}

// What is left needs itself, or something that does. Walks from any of it to others that are left
// until one comes again.
void ModelsMaker::name_cycle() {
    const auto next_of = [&](const Entry& entry) -> std::pair<size_t, const JsonNode*> {
        const auto left = [&](const InterfaceReference& reference) -> std::optional<size_t> {
            const auto found = by_id_.find(reference.id);
            if (found == by_id_.end() || entries_[found->second].done) return std::nullopt;
            return found->second;
        };
        for (const auto& base : entry.draft.extends)
            if (const auto found = left(base)) return {*found, base.node};
        for (const auto& content : entry.draft.contents)
            if (const auto found = left(content.component)) return {*found, content.component.node};
        return {0, nullptr};
    };
    std::vector<bool> walked(entries_.size());
    for (size_t i = 0; i < entries_.size(); ++i) {
        if (entries_[i].done || walked[i]) continue;
        std::vector<size_t> way;
        std::vector<const JsonNode*> named;
        size_t at = i;
        while (!walked[at]) {
            walked[at] = true;
            way.push_back(at);
            const auto [next, node] = next_of(entries_[at]);
            HW_ASSERT(node != nullptr);
            named.push_back(node);
            at = next;
        }
        const auto begin = std::ranges::find(way, at);
        if (begin == way.end()) continue;  // leads to a cycle that was named
        std::string text;
        constexpr size_t most = 12;
        size_t count = 0;
        for (auto one = begin; one != way.end() && count < most; ++one, ++count)
            text += entries_[*one].draft.made->id + " needs ";
        if (count == most) text += "... needs ";
        text += entries_[at].draft.made->id;
        const auto& draft = entries_[at].draft;
        reading(draft).flaw(*named[static_cast<size_t>(begin - way.begin())],
                            fmt::format("interfaces need each other in a circle: {}", text));
    }
}

InterfacePtr ModelsMaker::made(std::string_view id) const {
    if (const auto found = changed_.find(id); found != changed_.end()) return found->second;
    const auto found = before_.all().find(id);
    return found == before_.all().end() ? nullptr : found->second;
}

// Interfaces that inherit from or contain one whose texts are new now: the same again with the new
// ones inside. Those of the documents too, since they may inherit from it by way of one of before.
void ModelsMaker::refresh_dependents() {
    std::unordered_set<std::string_view> renewed;
    for (const auto& [id, interface] : changed_)
        if (before_.all().contains(id)) renewed.insert(id);
    if (renewed.empty()) return;
    const auto inherits = [&](const Interface& interface) {
        return std::ranges::any_of(interface.ancestors, [&](const auto& id) {
            return id != interface.id && renewed.contains(id);
        });
    };
    const auto contains = [&](const Interface& interface) {
        return std::ranges::any_of(interface.parts, [&](const auto& part) {
            return renewed.contains(part->id) || inherits(*part);
        });
    };
    std::vector<InterfacePtr> stale;
    for (const auto& [id, interface] : before_.all())
        if (const auto now = made(id); inherits(*now) || contains(*now)) stale.push_back(now);
    for (const auto& [id, interface] : changed_)
        if (!before_.all().contains(id) && (inherits(*interface) || contains(*interface)))
            stale.push_back(interface);
    // Bases first, and before all that have components: what is a component has none itself.
    std::ranges::stable_sort(stale, {}, [](const auto& one) {
        return std::pair(!one->parts.empty(), one->extends_depth);
    });
    for (const auto& interface : stale)
        changed_[interface->id] = made_again(*interface);
}

std::shared_ptr<Interface> ModelsMaker::made_again(const Interface& old) {
    Entry entry;
    entry.draft.made = std::make_shared<Interface>();
    Interface& again = *entry.draft.made;
    again.id = old.id;
    again.display_name = old.display_name;
    again.description = old.description;
    again.display_names = old.display_names;
    again.descriptions = old.descriptions;
    again.comment = old.comment;
    again.extends = old.extends;
    again.json = old.json;
    again.element_count = old.element_count;
    for (const auto& content : old.contents)
        if (content.defined_in == old.id) {
            ContentDraft own;
            own.content = content;
            entry.draft.contents.push_back(std::move(own));
        }
    const bool good = take_bases(entry);
    HW_ASSERT(good);
    take_contents(entry);
    for (const auto& content : again.contents)
        if (content.kind == ContentKind::component) add_part(again, made(content.component));
    const bool few = fill_slots(again);
    HW_ASSERT(few);
    return entry.draft.made;
}

std::shared_ptr<const Models> ModelsMaker::finish() {
    auto models = std::make_shared<Models>(before_);
    for (auto& [id, interface] : changed_)
        models->interfaces_[id] = std::move(interface);
    if (models->interfaces_.size() > Models::models_limit) {
        flaws_.add_without_place(
            0, {},
            fmt::format("there would be {} models, more than {}; delete some that are not used",
                        models->interfaces_.size(), Models::models_limit));
        return nullptr;
    }
    return models;
}

}  // namespace hw::twin
