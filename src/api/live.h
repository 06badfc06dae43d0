#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "api/exchange.h"
#include "api/live_frames.h"
#include "api/live_rhythms.h"
#include "api/live_ring.h"
#include "api/settings.h"
#include "base/clock.h"
#include "base/metrics.h"
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
// A stream over text comes every 15 s as a comment, so that a dead link is seen. With the parameter
// `frames` a stream is one of LiveFrames instead.
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

    void drain_all();
    bool drain(Client& client);
    bool matches(Client& client, model::PointId id);
    void send_snapshot(Client& client);
    void heartbeat();
    void count();

    const Settings& settings_;
    model::PointDirectory& points_;
    history::History& history_;
    io::Reactor& reactor_;
    Counter& events_;
    Counter& missed_;

    LiveRing ring_;
    LiveRhythms rhythms_;
    LiveFrames frames_;
    std::atomic<bool> posted_{false};
    std::atomic<size_t> client_count_{0};         // of samples, for tap()
    std::atomic<size_t> stream_count_{0};         // and of frames
    std::list<std::shared_ptr<Client>> clients_;  // reactor thread only
    std::string scratch_;
    io::Reactor::TimerId heartbeat_timer_ = 0;
};

}  // namespace hw::api
