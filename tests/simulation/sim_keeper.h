#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string_view>

#include "broker/keeper.h"
#include "history/engine.h"
#include "ingest/ingest.h"
#include "simulation/history_model.h"
#include "simulation/judge.h"
#include "simulation/messages.h"

namespace hw::simulation {

// Ways to be wrong on purpose, so that the checks themselves are checked.
enum class Mutant { none, early_ack, no_sync, ack_on_error };
std::optional<Mutant> parse_mutant(std::string_view text);

// Keeps messages as ingest::Keeper and history's commit thread do, without the thread: rounds wait
// until commit_some is called, and their answers until they are taken.
class SimKeeper final : public broker::Keeper {
  public:
    struct Answer {
        broker::Ticket ticket;
        Result<void> result;
    };

    SimKeeper(ingest::Ingest& ingest, history::Engine& engine, Messages& messages,
              HistoryModel& model, Judge& judge, const ManualClock& clock, uint64_t bytes_limit,
              Mutant mutant);

    uint64_t classify(std::string_view topic) override;
    bool keep(uint64_t plan, std::string_view topic, BytesView payload, Time received) override;
    void submit(broker::Ticket ticket) override;
    bool overloaded() const override { return waiting_bytes_ > bytes_limit_; }

    // Commits the first `rounds` of those that wait.
    void commit_some(size_t rounds);
    size_t waiting() const { return waiting_.size(); }
    size_t waiting_bytes() const { return waiting_bytes_; }
    std::optional<Answer> take_answer();
    size_t answers() const { return answers_.size(); }

  private:
    struct Round {
        broker::Ticket ticket = 0;
        model::SampleBatch batch;
        Attempts attempts;
    };

    ingest::Ingest& ingest_;
    history::Engine& engine_;
    Messages& messages_;
    HistoryModel& model_;
    Judge& judge_;
    const ManualClock& clock_;
    const uint64_t bytes_limit_;
    const Mutant mutant_;
    ingest::Decoded decoded_;
    Attempts attempts_;  // of the round
    std::deque<Round> waiting_;
    size_t waiting_bytes_ = 0;
    std::deque<Answer> answers_;
};

}  // namespace hw::simulation
