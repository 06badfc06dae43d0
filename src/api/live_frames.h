#pragma once

#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "api/exchange.h"
#include "api/live_group.h"
#include "api/live_ring.h"
#include "api/settings.h"
#include "base/metrics.h"
#include "history/history.h"
#include "io/reactor.h"
#include "model/point_directory.h"

namespace hw::api {

// Live values as frames: server-sent events `frame`, see LiveGroup. Streams that ask for the same
// points at the same interval are a group, for which a frame is written once. A stream whose client
// reads slowly is left out while more than http.live_queue_bytes wait for it, and then gets the
// newest of all that changed meanwhile. At least every 2 s comes a frame, of the time alone if
// nothing changed. The reactor's thread.
class LiveFrames {
  public:
    static constexpr Duration shortest = milliseconds(100);
    static constexpr Duration longest = seconds(10);

    LiveFrames(const Settings& settings, const model::PointDirectory& points,
               const history::History& history, io::Reactor& reactor, const LiveRing& ring,
               Counter& events, Counter& missed);

    // What the parameters `frames`, `filter`, `point` and `points` ask for.
    void open(Exchange exchange);
    size_t size() const { return size_; }
    void close_all();

  private:
    struct Stream {
        std::unique_ptr<io::HttpStream> to;
        LiveGroup::Mark mark;
        bool gone = false;
    };
    struct Group {
        LiveGroup values;
        uint64_t next;  // sequence in the ring
        Time sent;      // when each stream last got something, monotonic
        io::Reactor::TimerId timer = 0;
        std::list<std::shared_ptr<Stream>> streams;
    };
    using Key = std::pair<std::string, int64_t>;

    Group& group_for(const LiveSelection& selection, Duration interval, const Key& key);
    void restore(Group& group);
    void drain(Group& group);
    void tick(const Key& key);
    void send_frame(Group& group);
    bool send(Stream& stream, std::string bytes);
    void drop_gone(Group& group);
    void beat();

    const Settings& settings_;
    const model::PointDirectory& points_;
    const history::History& history_;
    io::Reactor& reactor_;
    const LiveRing& ring_;
    Counter& events_;
    Counter& missed_;
    std::map<Key, Group> groups_;
    size_t size_ = 0;
    io::Reactor::TimerId beat_ = 0;
};

}  // namespace hw::api
