#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/point_path.h"
#include "twin/order/orders.h"
#include "twin/twins.h"

namespace hw::twin {

// Twins with values that a test sets; of the rest of Twins only what orders need.
class FakeTwins final : public Twins {
  public:
    void add_model(std::string_view document) {
        std::vector<ModelFlaw> flaws;
        const std::string_view documents[] = {document};
        models_ = models_->with(documents, flaws);
    }
    void add(std::string id, std::string_view model) {
        auto& twin = twins_[id];
        if (twin.name == nullptr) {
            names_.push_back({id, static_cast<uint32_t>(names_.size())});
            twin.name = &names_.back();
        }
        twin.model = models_->find(model);
        twin.values.resize(twin.model->slots.size());
        twin.interests.resize(twin.model->slots.size());
        ask(twin);
    }
    void take_away(std::string_view id) {
        auto& twin = twins_.find(id)->second;
        twin.model = nullptr;
        Happening happening;
        happening.kind = Happening::Kind::twin_removed;
        happening.twin = twin.name;
        for (auto* follower : followers_) {
            follower->happened(happening);
            follower->round_end();
        }
    }
    void set(std::string_view id, std::string_view path, sql::Datum value, Time time,
             model::Quality quality = model::Quality::good) {
        auto& twin = twins_.find(id)->second;
        const size_t slot = *twin.model->slot(path);
        twin.values[slot] = {std::move(value), time, quality, false, Origin::point};
        for (auto* follower : followers_) {
            if (twin.interests[slot] != 0)
                follower->changed(twin.interests[slot], *twin.name, slot, twin.values[slot]);
            follower->round_end();
        }
    }

    void forget_followers() { followers_.clear(); }

    std::string no_point_of;                                // the path that no point feeds
    std::vector<std::pair<std::string, std::string>> told;  // path, detail

    void add_follower(Follower& follower) override { followers_.push_back(&follower); }
    void ask_again(std::string_view filter) override {
        for (auto& [id, twin] : twins_)
            if (twin.model && model::matches(filter, id)) ask(twin);
    }
    void tell(const Happening& happening) override {
        told.emplace_back(happening.path, happening.detail);
    }
    std::shared_ptr<const Models> models() const override { return models_; }
    const TwinName* name(std::string_view id) const override {
        const auto at = twins_.find(id);
        return at == twins_.end() ? nullptr : at->second.name;
    }
    InterfacePtr model_of(const TwinName& twin) const override {
        return twins_.find(twin.id)->second.model;
    }
    LiveValue peek(const TwinName& twin, size_t slot) const override {
        return twins_.find(twin.id)->second.values[slot];
    }
    Result<std::string> point(std::string_view id, std::string_view path) const override {
        const auto at = twins_.find(id);
        if (at == twins_.end() || !at->second.model) return no_twin(id);
        return path == no_point_of ? std::string() : std::string(id) + "/" + std::string(path);
    }
    Result<TwinSpec> spec(std::string_view id) const override { return no_twin(id); }

    void load() override {}
    void start() override {}
    void stop() override {}
    void tap(std::span<const model::SampleBatch* const>) override {}
    Result<std::vector<ModelChange>> put_models(std::span<const std::string_view>, const Change&,
                                                std::vector<ModelFlaw>&) override {
        return none();
    }
    Result<void> remove_model(std::string_view, const Change&) override { return none(); }
    Result<TwinState> get(std::string_view) const override { return none(); }
    Result<TwinState> put(TwinSpec, const Change&, bool&) override { return none(); }
    Result<TwinState> patch(std::string_view, std::string_view, const Change&) override {
        return none();
    }
    Result<void> remove(std::string_view, bool, const Change&) override { return none(); }
    Result<std::vector<RelationshipSpec>> relationships(const RelationshipQuery&) const override {
        return none();
    }
    Result<void> put_relationship(RelationshipSpec, const Change&, bool&) override {
        return none();
    }
    Result<void> remove_relationship(std::string_view, std::string_view, std::string_view,
                                     const Change&) override {
        return none();
    }
    Result<BulkReport> apply(Bulk, const BulkOptions&, const Change&) override { return none(); }
    Result<LiveValue> read(std::string_view, std::string_view) const override { return none(); }
    Result<std::vector<std::string>> hop(std::string_view, std::string_view, bool) const override {
        return none();
    }
    Result<Snapshot> snapshot(const Scope&) const override { return none(); }
    Result<Snapshot> described_at(const Scope&, Time) const override { return none(); }
    Result<std::vector<Version>> versions(std::string_view) const override { return none(); }
    Figures figures() const override { return {}; }
    void sync() const override {}

  private:
    struct Twin {
        const TwinName* name = nullptr;
        InterfacePtr model;
        std::vector<LiveValue> values;
        std::vector<uint32_t> interests;  // of the only follower
    };
    static std::unexpected<Error> none() { return fail(ErrorCode::unsupported, "not here"); }
    static std::unexpected<Error> no_twin(std::string_view id) {
        return fail(ErrorCode::not_found, "no twin '" + std::string(id) + "'");
    }
    void ask(Twin& twin) {
        for (auto* follower : followers_)
            for (size_t slot = 0; slot < twin.interests.size(); ++slot)
                twin.interests[slot] = follower->interest(*twin.name, *twin.model, slot);
    }

    std::shared_ptr<const Models> models_ = Models::none();
    std::deque<TwinName> names_;
    std::map<std::string, Twin, std::less<>> twins_;
    std::vector<Follower*> followers_;
};

// What the plant and the broker get.
struct FakePlant {
    struct Given {
        PointWrite write;
        std::move_only_function<void(Result<std::optional<sql::Datum>>)> done;
    };
    std::vector<Given> writes;
    std::vector<OrderMessage> messages;
    bool has_devices = true;
    bool is_heard = true;

    Orders::Ports ports() {
        Orders::Ports ports;
        ports.write = [this](PointWrite write, auto done) {
            if (!has_devices) return done(fail(ErrorCode::not_found, "no device has the point"));
            writes.push_back({std::move(write), std::move(done)});
        };
        ports.publish = [this](OrderMessage message, auto done) {
            if (message.must_be_heard && !is_heard)
                return done(fail(ErrorCode::unavailable, "nobody subscribes"));
            messages.push_back(std::move(message));
            done({});
        };
        ports.has_point = [this](std::string_view) { return has_devices; };
        return ports;
    }
};

}  // namespace hw::twin
