#include "ingest/keeper.h"

#include <algorithm>
#include <utility>

namespace hw::ingest {

namespace {

// A round is a few reads of sockets; a larger guess would waste memory in history's queue.
constexpr size_t reserve_limit = 4096;
// No plan of Ingest, which counts them from 1.
constexpr uint64_t sparkplug_plan = UINT64_MAX;
constexpr std::string_view edge_topics = "$hw/up/";

}  // namespace

Keeper::Keeper(Ingest& ingest, history::History& history, PostCommitted post_committed,
               SparkplugHost* sparkplug)
    : ingest_(ingest),
      history_(history),
      post_committed_(std::move(post_committed)),
      sparkplug_(sparkplug) {}

uint64_t Keeper::classify(std::string_view topic) {
    if (sparkplug_ != nullptr && topic.starts_with(sparkplug::topic_prefix))
        return SparkplugHost::takes(topic) ? sparkplug_plan : 0;
    return ingest_.classify(topic);
}

bool Keeper::keep(uint64_t plan, std::string_view topic, BytesView payload, Time received) {
    const size_t before = round_.batch.size();
    const bool kept = plan == sparkplug_plan
                          ? sparkplug_->message(topic, payload, received, round_)
                          : ingest_.decode(plan, topic, payload, received, round_) == Reason::none;
    const bool foreign = plan == sparkplug_plan || topic.starts_with(edge_topics);
    if (kept && foreign && onlooker_ != nullptr && onlooker_->wants()) [[unlikely]]
        for (size_t i = before; i < round_.batch.size(); ++i)
            foreign_.add_row(round_.batch, i);
    return kept;
}

void Keeper::submit(broker::Ticket ticket) {
    ingest_.publish_figures();
    for (const auto& note : round_.units)
        history_.describe(note.point, note.unit);
    round_.units.clear();
    if (!foreign_.empty()) {
        onlooker_->offer(foreign_);
        foreign_.clear();
    }
    // History takes the columns as they are; the next round begins with as much room.
    const size_t samples = round_.batch.size();
    auto batch = std::exchange(round_.batch, model::SampleBatch{});
    round_.batch.reserve(std::min(samples, reserve_limit));
    history_.submit(std::move(batch), [this, ticket](const Result<void>& result) {
        post_committed_(ticket, result);
    });
}

void Keeper::tick() {
    if (sparkplug_ == nullptr) return;
    Decoded late;
    sparkplug_->tick(late);
    for (const auto& note : late.units)
        history_.describe(note.point, note.unit);
    if (!late.batch.empty() && onlooker_ != nullptr) onlooker_->offer(late.batch);
    if (!late.batch.empty()) history_.submit(std::move(late.batch), [](const Result<void>&) {});
}

bool Keeper::overloaded() const {
    return history_.overloaded();
}

}  // namespace hw::ingest
