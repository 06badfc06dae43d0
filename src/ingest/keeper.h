#pragma once

#include <functional>
#include <memory>

#include "broker/keeper.h"
#include "history/history.h"
#include "ingest/ingest.h"
#include "ingest/sparkplug_host.h"

namespace hw::ingest {

// Keeps the broker's messages in history: one batch per round. All calls on the broker's thread,
// except that `post_committed` is called on history's commit thread, once per ticket and in their
// order; it must bring Broker::committed to the broker's thread. Outlives history's last commit.
class Keeper final : public broker::Keeper {
  public:
    using PostCommitted = std::function<void(broker::Ticket, const Result<void>&)>;

    // `sparkplug`, where there is one, takes what is for host applications before any rule does.
    Keeper(Ingest& ingest, history::History& history, PostCommitted post_committed,
           SparkplugHost* sparkplug = nullptr);

    uint64_t classify(std::string_view topic) override;
    bool keep(uint64_t plan, std::string_view topic, BytesView payload, Time received) override;
    void submit(broker::Ticket ticket) override;
    bool overloaded() const override;

    // Sees the samples of messages whose topics are not their points' (batches of edges,
    // Sparkplug), so that subscribers of the points' topics get them as well. Must publish later,
    // not from within. Before the first message.
    class Onlooker {
      public:
        virtual ~Onlooker() = default;
        virtual bool wants() const = 0;
        virtual void offer(const model::SampleBatch& batch) = 0;
    };
    void set_onlooker(Onlooker& onlooker) { onlooker_ = &onlooker; }

    // The Sparkplug host's time-outs; what they give goes to history at once. A few times a second.
    void tick();

  private:
    Ingest& ingest_;
    history::History& history_;
    const PostCommitted post_committed_;
    SparkplugHost* const sparkplug_;
    Onlooker* onlooker_ = nullptr;
    Decoded round_;
    model::SampleBatch foreign_;  // rows of the round for the onlooker
};

}  // namespace hw::ingest
