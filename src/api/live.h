#pragma once

#include <deque>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "api/exchange.h"
#include "api/settings.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/mutex.h"
#include "history/history.h"
#include "io/reactor.h"
#include "model/point_directory.h"

namespace hw::api {

// Live samples as server-sent events. Committed batches come in on the commit thread and wait in a
// ring; on the HTTP reactor each stream takes from the ring what matches its filter. A stream whose
// client reads slowly stays behind in the ring; when the ring has moved on, the client gets a `gap`
// event with the number of samples that passed (an upper bound: matching ones are not known any
// more). Event ids are positions in the ring's sequence, so Last-Event-ID resumes. The sequence
// begins at the time of start in ns, which no earlier life of the server can have reached: an id of
// another life is seen, and such a client begins anew with the last values.
//   event: sample   data: {"point","time","value","quality"}   id: <sequence>
//   event: gap      data: {"missed":n}
// A stream over text comes every 15 s as a comment, so that a dead link is seen.
class LiveHub {
  public:
    LiveHub(const Settings& settings, model::PointDirectory& points, history::History& history,
            io::Reactor& reactor, Metrics& metrics, Time now);
    ~LiveHub();

    // The commit thread.
    void tap(const model::SampleBatch& batch);
    // The reactor's thread.
    void open(Exchange exchange);
    void close_all();

  private:
    struct Client;
    struct Entry {
        uint64_t first;  // sequence of the first row
        std::shared_ptr<const model::SampleBatch> batch;
    };

    void drain_all();
    bool drain(Client& client);
    bool matches(Client& client, model::PointId id);
    void send_snapshot(Client& client);
    void heartbeat();

    const Settings& settings_;
    model::PointDirectory& points_;
    history::History& history_;
    io::Reactor& reactor_;
    Counter& events_;
    Counter& missed_;

    Mutex mutex_;
    std::deque<Entry> ring_ HW_LOCKING(guarded_by(mutex_));
    size_t ring_bytes_ HW_LOCKING(guarded_by(mutex_)) = 0;
    const uint64_t first_;  // of the sequence
    uint64_t next_ HW_LOCKING(guarded_by(mutex_));
    bool posted_ HW_LOCKING(guarded_by(mutex_)) = false;
    std::atomic<size_t> client_count_{0};

    std::list<std::shared_ptr<Client>> clients_;  // reactor thread only
    std::string scratch_;
    io::Reactor::TimerId heartbeat_timer_ = 0;
};

}  // namespace hw::api
