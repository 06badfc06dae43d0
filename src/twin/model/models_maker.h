#pragma once

#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/assert.h"
#include "twin/model/interface_reader.h"
#include "twin/model/models.h"

namespace hw::twin {

// Makes the next snapshot of models. Used once.
class ModelsMaker {
  public:
    ModelsMaker(const Models& before, std::vector<ModelFlaw>& flaws,
                size_t resolved_limit = Models::resolved_limit);

    // Null: flaws were found.
    std::shared_ptr<const Models> add(std::span<const std::string_view> documents);

  private:
    struct Entry {
        InterfaceDraft draft;
        std::vector<size_t> users;  // entries that wait for this one
        size_t waits_for = 0;       // entries that it needs and that are not made yet
        bool broken = false;        // a flaw was noted that makes others' flaws worthless
        bool done = false;
        InterfacePtr before;  // the same DTMI in the snapshot before
        std::vector<const Content*> inherited;
        size_t own_begin = 0;  // of its own contents among all
    };

    // Step 1: every interface of the documents, those written within others too.
    void read_document(const Sheet& sheet);
    void read_one(const Sheet& sheet, const JsonNode& node, const std::optional<Context>& outer);
    void check_ids();
    // Step 2: whom each needs.
    void link();
    void need(size_t user, const InterfaceReference& reference, std::string_view role);
    // Step 3: bases before those that extend them.
    std::vector<std::string> near_names(std::string_view id) const;
    void resolve_all();
    void resolve(Entry& entry);
    bool take_bases(Entry& entry);
    void take_contents(Entry& entry);
    void take_components(Entry& entry);
    void make_slots(Entry& entry);
    void check_siblings(const Entry& entry);
    void check_annotation(const Entry& entry, const Content& content, const JsonNode& node);
    void check_write(const Entry& entry, const CommandWrite& write, const JsonNode& node);
    void check_element_count(const Entry& entry);
    void too_much(const InterfaceDraft& draft);
    void keep_order(Entry& entry);
    void compare(Entry& entry);
    void name_cycle();
    std::string next_version(std::string_view id) const;
    // Step 4: the snapshot.
    void refresh_dependents();
    std::shared_ptr<Interface> made_again(const Interface& old);
    std::shared_ptr<const Models> finish();

    InterfacePtr made(std::string_view id) const;
    Reading reading(const InterfaceDraft& draft) { return {*draft.sheet, flaws_}; }

    const Models& before_;
    const size_t resolved_limit_;
    FlawList flaws_;
    std::deque<Sheet> sheets_;
    std::deque<Entry> entries_;
    std::map<std::string, size_t, std::less<>> by_id_;
    std::map<std::string, InterfacePtr, std::less<>> changed_;
    size_t read_ = 0;      // contents as written
    size_t resolved_ = 0;  // contents and slots of all interfaces
    bool too_much_ = false;
};

// Slots and their index of an interface whose contents and `parts` are
// complete. False: there are more than Models::slots_limit.
bool fill_slots(Interface& interface);
void add_part(Interface& interface, const InterfacePtr& part);

}  // namespace hw::twin
