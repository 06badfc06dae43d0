#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "model/point_path.h"
#include "twin/twins.h"

// For tests of this room: twins in memory, whose values the test sets.
namespace hw::twin {

inline InterfacePtr fake_model(std::string id, const std::vector<std::string>& paths,
                               std::vector<std::string> ancestors = {}) {
    auto model = std::make_shared<Interface>();
    model->id = id;
    ancestors.push_back(std::move(id));
    std::sort(ancestors.begin(), ancestors.end());
    model->ancestors = std::move(ancestors);
    for (const auto& path : paths) {
        Content content;
        content.name = path;
        model->contents.push_back(std::move(content));
    }
    for (size_t i = 0; i < paths.size(); ++i) {
        model->slots.push_back({paths[i], &model->contents[i]});
        model->slot_index.emplace(paths[i], i);
    }
    return model;
}

class FakeTwins final : public Twins {
  public:
    void add_model(InterfacePtr model) { known_models_.push_back(std::move(model)); }

    void add_twin(const std::string& id, InterfacePtr model, std::string name = {}) {
        MutexLock lock(mutex_);
        const TwinName& own = intern(id);
        auto& twin = twins_[id];
        twin.values.assign(model->slots.size(), {});
        twin.model = std::move(model);
        twin.name = std::move(name);
        ask(own, twin);
        tell_all({.kind = Happening::Kind::twin_created, .twin = &own, .time = now});
    }
    void remove_twin(const std::string& id) {
        MutexLock lock(mutex_);
        twins_.erase(id);
        tell_all({.kind = Happening::Kind::twin_removed, .twin = &intern(id), .time = now});
    }
    void link(const std::string& source, const std::string& relationship,
              const std::string& target) {
        MutexLock lock(mutex_);
        links_.insert({source, target});
        tell_all({.kind = Happening::Kind::relationship_added,
                  .twin = &intern(source),
                  .path = relationship,
                  .detail = target,
                  .time = now});
    }
    void set(const std::string& id, const std::string& path, sql::Datum value,
             model::Quality quality = model::Quality::good) {
        MutexLock lock(mutex_);
        now = now + milliseconds(1);
        auto& twin = twins_.at(id);
        const size_t slot = *twin.model->slot(path);
        twin.values[slot] = {std::move(value), now, quality, false, Origin::point};
        for (size_t i = 0; i < followers_.size(); ++i) {
            const uint32_t interest = twin.interests[i][slot];
            if (interest == 0) continue;
            followers_[i]->changed(interest, intern(id), slot, twin.values[slot]);
        }
        ++updates;
        if (!hold_round) end_round();
    }
    void end_round() {
        for (auto* follower : followers_)
            follower->round_end();
    }
    void happen(Happening happening, const std::string& id) {
        MutexLock lock(mutex_);
        happening.twin = &intern(id);
        tell_all(happening);
    }
    uint32_t interest_of(const std::string& id, size_t slot) {
        MutexLock lock(mutex_);
        return twins_.at(id).interests.at(0).at(slot);
    }

    void add_follower(Follower& follower) override { followers_.push_back(&follower); }
    // As if the server began anew.
    void drop_followers() { followers_.clear(); }
    void load() override {}
    void start() override {}
    void stop() override {}
    void tap(std::span<const model::SampleBatch* const>) override {}
    std::shared_ptr<const Models> models() const override { return Models::none(); }
    Result<std::vector<ModelChange>> put_models(std::span<const std::string_view>, const Change&,
                                                std::vector<ModelFlaw>&) override {
        return no();
    }
    Result<void> remove_model(std::string_view, const Change&) override { return no(); }
    Result<TwinState> get(std::string_view id) const override {
        MutexLock lock(mutex_);
        const auto at = twins_.find(id);
        if (at == twins_.end()) return no();
        return state_of(at->first, at->second, true);
    }
    Result<TwinSpec> spec(std::string_view id) const override {
        MutexLock lock(mutex_);
        const auto at = twins_.find(id);
        if (at == twins_.end()) return no();
        TwinSpec spec;
        spec.id = id;
        spec.name = at->second.name;
        return spec;
    }
    Result<TwinState> put(TwinSpec, const Change&, bool&) override { return no(); }
    Result<TwinState> patch(std::string_view, std::string_view, const Change&) override {
        return no();
    }
    Result<void> remove(std::string_view, bool, const Change&) override { return no(); }
    Result<std::vector<RelationshipSpec>> relationships(const RelationshipQuery&) const override {
        return no();
    }
    Result<void> put_relationship(RelationshipSpec, const Change&, bool&) override { return no(); }
    Result<void> remove_relationship(std::string_view, std::string_view, std::string_view,
                                     const Change&) override {
        return no();
    }
    Result<BulkReport> apply(Bulk, const BulkOptions&, const Change&) override { return no(); }
    Result<LiveValue> read(std::string_view, std::string_view) const override { return no(); }
    Result<std::vector<std::string>> hop(std::string_view, std::string_view, bool) const override {
        return no();
    }
    Result<Snapshot> snapshot(const Scope& scope) const override {
        MutexLock lock(mutex_);
        std::set<std::string> reached;
        if (!scope.root.empty()) {
            if (!twins_.contains(scope.root)) return no();
            reached.insert(scope.root);
            for (size_t before = 0; before != reached.size();) {
                before = reached.size();
                for (const auto& [source, target] : links_)
                    if (reached.contains(source)) reached.insert(target);
            }
        }
        Snapshot snapshot;
        for (const auto& [id, twin] : twins_) {
            if (snapshot.twins.size() == scope.limit) break;
            if (id <= scope.after || !model::matches(scope.filter, id)) continue;
            if (!scope.model.empty() && !twin.model->is_a(scope.model)) continue;
            if (!scope.root.empty() && !reached.contains(id)) continue;
            snapshot.twins.push_back(state_of(id, twin, scope.values));
        }
        return snapshot;
    }
    Result<std::string> point(std::string_view id, std::string_view path) const override {
        return std::string(id) + "/" + std::string(path);
    }
    LiveValue peek(const TwinName& twin, size_t slot) const override {
        const auto at = twins_.find(twin.id);
        return at == twins_.end() ? LiveValue{} : at->second.values.at(slot);
    }
    const TwinName* name(std::string_view id) const override {
        MutexLock lock(mutex_);
        const auto at = names_.find(id);
        return at == names_.end() ? nullptr : at->second;
    }
    InterfacePtr model_of(const TwinName& twin) const override {
        const auto at = twins_.find(twin.id);
        return at == twins_.end() ? nullptr : at->second.model;
    }
    void ask_again(std::string_view filter = "#") override {
        MutexLock lock(mutex_);
        for (auto& [id, twin] : twins_)
            if (model::matches(filter, id)) ask(intern(id), twin);
    }
    void tell(const Happening&) override {}
    Result<Snapshot> described_at(const Scope&, Time) const override { return no(); }
    Result<std::vector<Version>> versions(std::string_view) const override { return no(); }
    Figures figures() const override { return {}; }
    void sync() const override {}

    Time now{1'767'225'600'000'000'000};  // 2026-01-01T00:00:00Z
    bool hold_round = false;
    size_t updates = 0;

  private:
    struct Twin {
        InterfacePtr model;
        std::string name;
        std::vector<LiveValue> values;
        std::vector<std::vector<uint32_t>> interests;  // by follower, slot
    };

    static std::unexpected<Error> no() { return fail(ErrorCode::not_found, "not in this fake"); }
    const TwinName& intern(const std::string& id) {
        auto& name = names_[id];
        if (name == nullptr) {
            all_names_.push_back({id, static_cast<uint32_t>(all_names_.size())});
            name = &all_names_.back();
        }
        return *name;
    }
    void ask(const TwinName& name, Twin& twin) {
        twin.interests.resize(followers_.size());
        for (size_t i = 0; i < followers_.size(); ++i) {
            twin.interests[i].resize(twin.model->slots.size());
            for (size_t slot = 0; slot < twin.model->slots.size(); ++slot)
                twin.interests[i][slot] = followers_[i]->interest(name, *twin.model, slot);
        }
    }
    void tell_all(const Happening& happening) {
        for (auto* follower : followers_)
            follower->happened(happening);
        end_round();
    }
    static TwinState state_of(const std::string& id, const Twin& twin, bool values) {
        TwinState state;
        state.id = id;
        state.name = twin.name;
        state.model = twin.model;
        for (size_t slot = 0; values && slot < twin.model->slots.size(); ++slot) {
            const auto& path = twin.model->slots[slot].path;
            state.properties.push_back({path, id + "/" + path, twin.values[slot]});
        }
        return state;
    }

    std::vector<InterfacePtr> known_models_;
    std::vector<Follower*> followers_;
    mutable Mutex mutex_;
    std::map<std::string, Twin, std::less<>> twins_;
    std::map<std::string, const TwinName*, std::less<>> names_;
    std::deque<TwinName> all_names_;
    std::set<std::pair<std::string, std::string>> links_;
};

}  // namespace hw::twin
