#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "scenario/spec.h"
#include "twin/model/state.h"

namespace hw::scenario {

// The twins as they would be: a snapshot that never changes, and over it the values that somebody
// set. A fork of a fork shares both with it until it is written to (copy on write): making one
// costs two pointers, setting a value costs a copy of the overlay, never of the twins. Reads fall
// through to the snapshot. One owner; copies may go to other threads.
class Fork {
  public:
    Fork(std::shared_ptr<const twin::Snapshot> base, Time start);

    Time start() const { return start_; }
    const twin::Snapshot& base() const { return *base_; }
    // The same snapshot with nothing set.
    Fork without_overrides() const { return Fork(base_, start_); }

    // Errors: not_found (the twin; the error names the nearest); invalid_argument where a slot's
    // schema refuses the value or the span is empty. A path that is no slot is an input of a model
    // and is taken as it is.
    Result<void> set(Override one);
    bool overridden() const { return !overlay_->empty(); }

    struct Span {
        Time from, to;  // to is not included
        sql::Datum value;
        friend bool operator==(const Span&, const Span&) = default;
    };
    // What was set for it, in the order in which it was; later ones win.
    std::span<const Span> spans(std::string_view twin, std::string_view path) const;
    using Key = std::pair<std::string, std::string>;  // twin, path
    std::vector<Key> overridden_keys() const;

    // As it is at a time of the scenario: what was set (quality good, "local override"), else the
    // snapshot's; nothing known where neither has it.
    twin::LiveValue read(std::string_view twin, std::string_view path, Time at) const;
    twin::LiveValue read(std::string_view twin, std::string_view path) const {
        return read(twin, path, start_);
    }

    const twin::TwinState* find(std::string_view twin) const;  // null: not in the snapshot
    // The twins of that model or one that extends it, by id.
    std::vector<const twin::TwinState*> of_model(std::string_view model) const;
    // The twins at the other end of its relationships, by id; only such as are in the snapshot.
    std::vector<const twin::TwinState*> hop(std::string_view twin, std::string_view relationship,
                                            bool incoming = false) const;

  private:
    using Overlay = std::map<Key, std::vector<Span>, std::less<>>;

    std::shared_ptr<const twin::Snapshot> base_;
    std::shared_ptr<const Overlay> overlay_;
    Time start_;
};

const twin::PropertyState* find_property(const twin::TwinState& state, std::string_view path);
// The content of a slot; null where the model has no such slot.
const twin::Content* content_of(const twin::TwinState& state, std::string_view path);
bool is_a(const twin::TwinState& state, std::string_view model);

}  // namespace hw::scenario
