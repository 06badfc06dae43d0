#pragma once

#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/exchange.h"
#include "api/live_group.h"
#include "api/live_rhythms.h"
#include "api/live_ring.h"
#include "api/settings.h"
#include "base/metrics.h"
#include "history/history.h"
#include "io/reactor.h"
#include "model/point_directory.h"

namespace hw::api {

// Live values as frames: server-sent events `frame`, see LiveGroup. Streams that ask for the same
// points at the same interval are a group, for which each part of a frame is written once. A stream
// gets parts while at most http.live_queue_bytes wait for it; one whose client reads slowly goes on
// where it was when there is room, with the newest of all that changed meanwhile, and is told how
// late it is. At least every second comes a frame, of the time alone if nothing changed. The
// reactor's thread.
//
// The last values of a selection that nobody followed yet are asked of history in slices of some
// ms, of all such selections in turn, so that the reactor goes on serving others: 1 us a point.
// Until they are there its streams get frames of the time.
class LiveFrames {
  public:
    static constexpr Duration shortest = milliseconds(100);
    static constexpr Duration longest = seconds(10);

    // What came last, of all points.
    struct Recent {
        const LiveRing& ring;
        const LiveRhythms& rhythms;
    };

    LiveFrames(const Settings& settings, const model::PointDirectory& points,
               const history::History& history, io::Reactor& reactor, Recent recent,
               Counter& events, Counter& missed);

    // What the parameters `frames`, `filter`, `point` and `points` ask for.
    void open(Exchange exchange);
    size_t size() const { return size_; }
    void close_all();

  private:
    struct Stream {
        std::unique_ptr<io::HttpStream> to;
        LiveGroup::Round round;  // under way if `sending`; else round.since is how far it is
        bool sending = false;
        Time due;           // when the oldest frame ended that it has not got in whole; 0: none
        Time sent;          // monotonic, as `due`
        bool fresh = true;  // it has got nothing yet
        bool gone = false;
    };
    // How far a group's last values were asked of history.
    struct Restore {
        size_t filter = 0;  // place in the selection's filters; behind them come the points
        std::string after;  // path, within the filter
        size_t point = 0;
    };
    struct Group {
        Group(LiveSelection selection, const model::PointDirectory& points,
              const LiveRhythms& rhythms, uint64_t from)
            : values(std::move(selection), points, rhythms), next(from) {}

        LiveGroup values;
        uint64_t next;       // sequence in the ring
        bool ready = false;  // the first picture is there
        std::optional<Restore> restoring;
        bool again = false;  // the ring moved on meanwhile
        io::Reactor::TimerId timer = 0;
        std::list<std::shared_ptr<Stream>> streams;
        // Parts that were just written, for the streams that are as far.
        std::map<LiveGroup::Round, LiveGroup::Part> written;
        Time written_at;  // the oldest of them
    };
    using Key = std::pair<std::string, int64_t>;

    Group& group_for(const LiveSelection& selection, Duration interval, const Key& key);
    void restore(Group& group, const Key& key);
    void restore_some();
    bool restore_slice(Group& group);
    void take_states(Group& group, const std::vector<model::PointId>& ids);
    void restored(Group& group);
    void drain(Group& group, const Key& key);
    void tick(const Key& key);
    bool room(const Stream& stream) const;
    // Whether it has not got all that there is.
    static bool behind(const Group& group, const Stream& stream);
    // As many parts as there is room for, within reason.
    void go_on(Group& group, Stream& stream);
    const LiveGroup::Part& write_part(Group& group, const LiveGroup::Round& round, Time now);
    void send(Stream& stream, std::string bytes, Time now);
    void drop_gone(Group& group);
    void pump_soon();
    void pump();
    void beat();

    const Settings& settings_;
    const model::PointDirectory& points_;
    const history::History& history_;
    io::Reactor& reactor_;
    const Recent recent_;
    Counter& events_;
    Counter& missed_;
    std::map<Key, Group> groups_;
    std::deque<Key> restoring_;  // groups, in turn
    std::vector<std::optional<history::PointState>> states_;
    std::vector<uint32_t> usual_;
    size_t size_ = 0;
    io::Reactor::TimerId beat_ = 0;
    io::Reactor::TimerId pump_ = 0;
    io::Reactor::TimerId restore_ = 0;
};

}  // namespace hw::api
