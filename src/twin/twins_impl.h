#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "twin/check.h"
#include "twin/live.h"
#include "twin/sample_queue.h"
#include "twin/twin_store.h"
#include "twin/twins.h"

namespace hw::twin {

// The parts of the room tied together. Locks, in this order: changes_, Live::work(), Live::lock(),
// then the binder's and the queue's own.
class TwinsImpl final : public Twins {
  public:
    TwinsImpl(const Settings& settings, Rooms rooms);
    ~TwinsImpl() override;
    Result<void> read_catalog();

    void add_follower(Follower& follower) override { live_.add_follower(follower); }
    void load() override;
    void start() override;
    void stop() override;
    void tap(std::span<const model::SampleBatch* const> batches) override;

    std::shared_ptr<const Models> models() const override;
    Result<std::vector<ModelChange>> put_models(std::span<const std::string_view> documents,
                                                const Change& change,
                                                std::vector<ModelFlaw>& flaws) override;
    Result<void> remove_model(std::string_view id, const Change& change) override;

    Result<TwinState> get(std::string_view id) const override;
    Result<TwinSpec> spec(std::string_view id) const override;
    Result<TwinState> put(TwinSpec spec, const Change& change, bool& created) override;
    Result<TwinState> patch(std::string_view id, std::string_view json,
                            const Change& change) override;
    Result<void> remove(std::string_view id, bool cascade, const Change& change) override;

    Result<std::vector<RelationshipSpec>> relationships(
        const RelationshipQuery& query) const override;
    Result<void> put_relationship(RelationshipSpec spec, const Change& change,
                                  bool& created) override;
    Result<void> remove_relationship(std::string_view source, std::string_view name,
                                     std::string_view target, const Change& change) override;
    Result<BulkReport> apply(Bulk bulk, const BulkOptions& options, const Change& change) override;

    Result<LiveValue> read(std::string_view id, std::string_view path) const override;
    Result<std::vector<std::string>> hop(std::string_view id, std::string_view relationship,
                                         bool incoming) const override;
    Result<Snapshot> snapshot(const Scope& scope) const override;
    Result<std::string> point(std::string_view id, std::string_view path) const override;

    LiveValue peek(const TwinName& twin, size_t slot) const override;
    const TwinName* name(std::string_view id) const override;
    InterfacePtr model_of(const TwinName& twin) const override;

    void ask_again(std::string_view filter) override { live_.ask_again(filter); }
    void tell(const Happening& happening) override;

    Result<Snapshot> described_at(const Scope& scope, Time time) const override;
    Result<std::vector<Version>> versions(std::string_view id) const override;
    Result<std::vector<RelationshipVersion>> relationship_versions(
        std::string_view id) const override;

    Figures figures() const override;
    void sync() const override;

  private:
    friend class BulkChange;

    void run(Time begun);
    void register_metrics();
    void apply_queued() const;
    void keep_derived();
    void wait_for(uint32_t tap) const;
    // Whether values of the twin's slot wait in the queue that was put there up to tap `queued`.
    bool waits(const Twin& twin, size_t slot, uint32_t queued) const;
    bool waits(const Twin& twin, uint32_t queued) const;

    Result<const Twin*> find(std::string_view id) const;
    Result<size_t> slot_of(const Twin& twin, std::string_view path) const;
    TwinState state_of(const Twin& twin, bool values) const;
    void add_relationships(TwinState& state) const;
    std::vector<uint32_t> reached(uint32_t root, const Scope& scope) const;
    void expand(uint32_t twin, const Scope& scope, std::vector<bool>& seen,
                std::vector<uint32_t>& next) const;

    Result<Snapshot> one_described_at(const Scope& scope, Time time) const;
    Time change_time();
    void note(const Change& change, std::string_view action, std::string target,
              std::string old_value, std::string new_value, const Error* error);
    Result<void> same_revision(const Twin& twin, const Change& change) const;
    Result<void> check_edges(const Twin& twin, const Interface& model) const;
    Result<void> check_derived(const Models& models, const std::vector<ModelChange>& changes,
                               std::vector<ModelFlaw>& flaws) const;
    Result<bool> put_checked(TwinSpec spec, const Change& change, bool& created);
    Result<bool> put_edge_checked(RelationshipSpec spec, const Change& change, bool& created);
    Result<void> remove_checked(std::string_view id, bool cascade, const Change& change,
                                std::string& old_value);
    size_t count_edges(const Twin& twin, std::string_view name, size_t most) const;
    Result<void> check_room(size_t twins, size_t relationships, size_t slots) const;
    void forget_old();

    const Settings settings_;
    const Rooms rooms_;
    std::unique_ptr<TwinStore> store_;
    mutable Live live_;
    mutable SampleQueue queue_;
    // One change at a time: held through each, and so guards what changes read and write, the
    // graph and the two times below too.
    mutable Mutex changes_;
    Time last_change_;
    Time last_clean_;
    mutable Mutex models_mutex_;
    std::shared_ptr<const Models> models_ HW_LOCKING(guarded_by(models_mutex_));
    LatencyHistogram* apply_seconds_ = nullptr;
    std::atomic<bool> running_{false};
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace hw::twin
