#include "ingest/keeper.h"

#include <algorithm>
#include <utility>

namespace hw::ingest {

namespace {

// A round is a few reads of sockets; a larger guess would waste memory in history's queue.
constexpr size_t reserve_limit = 4096;

}  // namespace

Keeper::Keeper(Ingest& ingest, history::History& history, PostCommitted post_committed)
    : ingest_(ingest), history_(history), post_committed_(std::move(post_committed)) {}

uint64_t Keeper::classify(std::string_view topic) {
    return ingest_.classify(topic);
}

bool Keeper::keep(uint64_t plan, std::string_view topic, BytesView payload, Time received) {
    return ingest_.decode(plan, topic, payload, received, round_) == Reason::none;
}

void Keeper::submit(broker::Ticket ticket) {
    ingest_.publish_figures();
    for (const auto& note : round_.units)
        history_.describe(note.point, note.unit);
    round_.units.clear();
    // History takes the columns as they are; the next round begins with as much room.
    const size_t samples = round_.batch.size();
    auto batch = std::exchange(round_.batch, model::SampleBatch{});
    round_.batch.reserve(std::min(samples, reserve_limit));
    history_.submit(std::move(batch), [this, ticket](const Result<void>& result) {
        post_committed_(ticket, result);
    });
}

bool Keeper::overloaded() const {
    return history_.overloaded();
}

}  // namespace hw::ingest
