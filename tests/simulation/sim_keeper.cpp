#include "simulation/sim_keeper.h"

#include <utility>

namespace hw::simulation {

std::optional<Mutant> parse_mutant(std::string_view text) {
    if (text == "early_ack") return Mutant::early_ack;
    if (text == "no_sync") return Mutant::no_sync;
    if (text == "ack_on_error") return Mutant::ack_on_error;
    return std::nullopt;
}

SimKeeper::SimKeeper(ingest::Ingest& ingest, history::Engine& engine, Messages& messages,
                     HistoryModel& model, Judge& judge, const ManualClock& clock,
                     uint64_t bytes_limit, Mutant mutant)
    : ingest_(ingest),
      engine_(engine),
      messages_(messages),
      model_(model),
      judge_(judge),
      clock_(clock),
      bytes_limit_(bytes_limit),
      mutant_(mutant) {}

uint64_t SimKeeper::classify(std::string_view topic) {
    return ingest_.classify(topic);
}

bool SimKeeper::keep(uint64_t plan, std::string_view topic, BytesView payload, Time received) {
    Message* const message = messages_.find(as_text(payload));
    if (message == nullptr || message->topic != topic) {
        judge_.fail("the keeper got '{}' on {}, which nobody sent", as_text(payload), topic);
        return false;
    }
    const bool kept =
        ingest_.decode(plan, topic, payload, received, decoded_) == ingest::Reason::none;
    judge_.expect(kept == !message->samples.empty(), "ingest {} message {}",
                  kept ? "keeps" : "does not keep", message->number);
    judge_.expect(received >= message->sent && received <= clock_.now() + milliseconds(1),
                  "message {} has the receive time {}", message->number, format_rfc3339(received));
    if (kept) attempts_.push_back({message, received});
    return kept;
}

void SimKeeper::submit(broker::Ticket ticket) {
    judge_.expect(!attempts_.empty(), "ticket {} is empty", ticket);
    Round& round = waiting_.emplace_back();
    round.ticket = ticket;
    round.batch = std::exchange(decoded_.batch, {});
    round.attempts = std::exchange(attempts_, {});
    waiting_bytes_ += round.batch.bytes();
    if (mutant_ == Mutant::early_ack) answers_.push_back({ticket, {}});
}

void SimKeeper::commit_some(size_t rounds) {
    std::vector<const model::SampleBatch*> batches;
    std::vector<const Attempts*> group;
    for (size_t i = 0; i < rounds; ++i) {
        batches.push_back(&waiting_[i].batch);
        group.push_back(&waiting_[i].attempts);
    }
    const auto sync =
        mutant_ == Mutant::no_sync ? history::Engine::Sync::later : history::Engine::Sync::now;
    const Result<void> result = engine_.commit(batches, sync);
    judge_.note("commit of tickets {} to {}: {}", waiting_.front().ticket,
                waiting_[rounds - 1].ticket, result ? "done" : result.error().text());
    for (const Attempts* attempts : group)
        for (const Attempt& attempt : *attempts)
            ++(result ? attempt.message->commits : attempt.message->failures);
    if (result)
        model_.committed(group);
    else
        model_.failed(group);
    for (size_t i = 0; i < rounds; ++i) {
        waiting_bytes_ -= waiting_.front().batch.bytes();
        if (mutant_ == Mutant::ack_on_error)
            answers_.push_back({waiting_.front().ticket, {}});
        else if (mutant_ != Mutant::early_ack)
            answers_.push_back({waiting_.front().ticket, result});
        waiting_.pop_front();
    }
}

std::optional<SimKeeper::Answer> SimKeeper::take_answer() {
    if (answers_.empty()) return std::nullopt;
    Answer answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
}

}  // namespace hw::simulation
