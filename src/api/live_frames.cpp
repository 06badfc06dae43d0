#include "api/live_frames.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "base/clock.h"
#include "model/point_path.h"

namespace hw::api {

namespace {

// Silence of a stream is at most their sum: a page can tell in 3 s that the server is gone.
constexpr Duration beat_after = milliseconds(950);
constexpr Duration beat_every = milliseconds(100);
// A stream that is behind gets at most 8 parts (some 1 MB) each 50 ms, so that others get theirs.
constexpr Duration pump_every = milliseconds(50);
constexpr unsigned parts_at_once = 8;
// Parts are shared for this long: their `t` is to be of now.
constexpr Duration shared_for = milliseconds(100);
// Of the last values that are asked of history at once: some 2 ms, and others get their turn.
constexpr size_t rows_of_slice = 1'000;
constexpr Duration restore_pause = milliseconds(1);
constexpr size_t selection_limit = 10'000;  // filters and points of one stream
// Each point is compared with all of them, on the reactor's thread.
constexpr size_t filters_limit = 100;

const std::vector<std::string> known_parameters = {"frames", "filter", "point", "points"};

Result<Duration> read_interval(std::string_view text) {
    const auto interval = parse_duration(text);
    if (!interval) return hw::fail(interval.error().within("frames"));
    if (*interval < LiveFrames::shortest || *interval > LiveFrames::longest)
        return hw::fail(ErrorCode::invalid_argument,
                        fmt::format("frames is {}, it must be from {} to {}", text,
                                    format_duration(LiveFrames::shortest),
                                    format_duration(LiveFrames::longest)));
    return *interval;
}

Result<LiveSelection> read_selection(const io::HttpRequest& request) {
    LiveSelection selection;
    const auto add_point = [&](std::string_view path) -> Result<void> {
        HW_TRY(model::check_point_path(path));
        selection.points.emplace(path);
        return {};
    };
    for (const auto& [name, value] : request.query) {
        if (name == "filter") {
            HW_TRY(model::check_filter(value));
            selection.filters.insert(value);
        } else if (name == "point") {
            HW_TRY(add_point(value));
        } else if (name == "points") {
            for (std::string_view rest = value; !rest.empty();) {
                const size_t comma = std::min(rest.find(','), rest.size());
                HW_TRY(add_point(rest.substr(0, comma)));
                rest.remove_prefix(std::min(comma + 1, rest.size()));
            }
        }
    }
    if (selection.filters.size() + selection.points.size() > selection_limit)
        return hw::fail(
            ErrorCode::limit_exceeded,
            fmt::format("the stream names {} filters and points, the limit is {}; use "
                        "filters with wildcards",
                        selection.filters.size() + selection.points.size(), selection_limit));
    if (selection.filters.size() > filters_limit)
        return hw::fail(ErrorCode::limit_exceeded,
                        fmt::format("the stream names {} filters, the limit is {}; use filters "
                                    "with wildcards, or name points",
                                    selection.filters.size(), filters_limit));
    if (selection.filters.empty() && selection.points.empty()) selection.filters.emplace("#");
    return selection;
}

// Fewer samples tell no rhythm: what is reported when it changes comes twice at the start and then
// not for hours.
constexpr uint64_t samples_of_rhythm = 10;

// The mean of all that was kept: outages make it longer, but not by the orders that tell a device
// which is gone from one that is not.
Duration usual_of(const history::PointState& state) {
    if (state.count < samples_of_rhythm) return {};
    return Duration{(state.last.time - state.first_time).ns /
                    static_cast<int64_t>(state.count - 1)};
}

}  // namespace

LiveFrames::LiveFrames(const Settings& settings, const model::PointDirectory& points,
                       const history::History& history, io::Reactor& reactor, Recent recent,
                       Counter& events, Counter& missed)
    : settings_(settings),
      points_(points),
      history_(history),
      reactor_(reactor),
      recent_(recent),
      events_(events),
      missed_(missed) {
    beat_ = reactor_.every(beat_every, [this] { beat(); });
}

void LiveFrames::open(Exchange exchange) {
    const auto& request = exchange.request;
    if (auto known = check_parameters(request, known_parameters); !known)
        return exchange.fail(known.error());
    const auto interval = read_interval(request.parameter("frames").value_or(""));
    if (!interval) return exchange.fail(interval.error());
    const auto selection = read_selection(request);
    if (!selection) return exchange.fail(selection.error());

    Group& group = group_for(*selection, *interval, {selection->key(), interval->ns});
    auto stream = std::make_shared<Stream>();
    stream->to = exchange.responder->stream(
        {200, {{"content-type", "text/event-stream"}, {"cache-control", "no-store"}}, ""});
    stream->to->on_gone([weak = std::weak_ptr(stream)] {
        if (const auto still = weak.lock()) still->gone = true;
    });
    stream->due = reactor_.clock().monotonic();
    send(*stream, "retry: 2000\n\n", stream->due);
    go_on(group, *stream);
    group.streams.push_back(std::move(stream));
    ++size_;
}

LiveFrames::Group& LiveFrames::group_for(const LiveSelection& selection, Duration interval,
                                         const Key& key) {
    const auto known = groups_.find(key);
    if (known != groups_.end()) return known->second;
    // The sequence first: what comes while history is asked is in the ring.
    Group& group =
        groups_.try_emplace(key, selection, points_, recent_.rhythms, recent_.ring.next())
            .first->second;
    restore(group, key);
    group.timer = reactor_.every(interval, [this, key] { tick(key); });
    return group;
}

void LiveFrames::restore(Group& group, const Key& key) {
    group.again = group.restoring.has_value();
    if (group.again) return;
    group.restoring.emplace();
    // A small one is there at once.
    if (restore_slice(group)) return restored(group);
    restoring_.push_back(key);
    if (restore_ == 0) restore_ = reactor_.after(restore_pause, [this] { restore_some(); });
}

void LiveFrames::restore_some() {
    restore_ = 0;
    const Key key = std::move(restoring_.front());
    restoring_.pop_front();
    const auto at = groups_.find(key);
    // Its streams may have gone, and the group with them.
    if (at != groups_.end() && at->second.restoring) {
        if (restore_slice(at->second)) restored(at->second);
        if (at->second.restoring) restoring_.push_back(key);
    }
    if (!restoring_.empty()) restore_ = reactor_.after(restore_pause, [this] { restore_some(); });
}

// True: that was the last.
bool LiveFrames::restore_slice(Group& group) {
    const auto& [filters, points] = group.values.selection();
    Restore& at = *group.restoring;
    std::vector<model::PointId> ids;
    if (at.filter < filters.size()) {
        const auto filter = std::next(filters.begin(), static_cast<ptrdiff_t>(at.filter));
        const auto next = points_.match_part(*filter, at.after, rows_of_slice, ids);
        at.after = next.value_or("");
        if (!next) ++at.filter;
    } else {
        const size_t end = std::min(points.size(), at.point + rows_of_slice);
        auto path = std::next(points.begin(), static_cast<ptrdiff_t>(at.point));
        for (; at.point < end; ++at.point, ++path)
            if (const auto id = points_.find(*path)) ids.push_back(*id);
    }
    take_states(group, ids);
    return at.filter == filters.size() && at.point == points.size();
}

void LiveFrames::take_states(Group& group, const std::vector<model::PointId>& ids) {
    history_.point_states(ids, states_);
    recent_.rhythms.usual(ids, usual_);
    for (size_t i = 0; i < ids.size(); ++i)
        if (states_[i])
            group.values.restore(ids[i], states_[i]->last,
                                 usual_[i] > 0 ? milliseconds(usual_[i]) : usual_of(*states_[i]));
}

void LiveFrames::restored(Group& group) {
    group.restoring.reset();
    if (std::exchange(group.again, false)) group.restoring.emplace();
    if (group.ready) return;
    group.ready = true;
    group.values.end_frame();
    for (const auto& stream : group.streams)
        go_on(group, *stream);
}

void LiveFrames::drain(Group& group, const Key& key) {
    bool missed = false;
    for (;;) {
        const auto piece = recent_.ring.read(group.next);
        if (!piece.batch) break;
        missed |= piece.missed > 0;
        group.values.apply(*piece.batch, group.next - piece.begins);
        group.next = piece.begins + piece.batch->size();
    }
    // The ring has moved on meanwhile: history has the newest.
    if (missed) restore(group, key);
}

void LiveFrames::tick(const Key& key) {
    const auto at = groups_.find(key);
    if (at == groups_.end()) return;
    Group& group = at->second;
    drain(group, key);
    group.values.look_at_exceptions();
    if (group.ready && group.values.changed()) {
        group.values.end_frame();
        group.written.clear();
        const Time now = reactor_.clock().monotonic();
        for (const auto& stream : group.streams) {
            if (stream->due.ns == 0) stream->due = now;
            go_on(group, *stream);
        }
    }
    drop_gone(group);
    if (!group.streams.empty()) return;
    reactor_.cancel(group.timer);
    groups_.erase(at);
}

bool LiveFrames::room(const Stream& stream) const {
    return !stream.gone && stream.to->queued_bytes() <= settings_.live_queue_bytes;
}

bool LiveFrames::behind(const Group& group, const Stream& stream) {
    if (!group.ready) return false;
    return stream.sending || stream.round.since.frame != group.values.mark().frame;
}

void LiveFrames::go_on(Group& group, Stream& stream) {
    const Time now = reactor_.clock().monotonic();
    for (unsigned i = 0; i < parts_at_once && behind(group, stream) && room(stream); ++i) {
        if (!std::exchange(stream.sending, true))
            stream.round =
                group.values.begin(stream.round.since, std::exchange(stream.fresh, false));
        stream.round.late_s = static_cast<uint64_t>((now - stream.due).ns / seconds(1).ns);
        const auto& part = write_part(group, stream.round, now);
        stream.round = part.after;
        events_.add(part.rows);
        missed_.add(part.passed);
        if (part.last) {
            stream.sending = false;
            stream.due = behind(group, stream) ? now : Time{};
        }
        send(stream, part.text, now);
    }
    if (behind(group, stream) && !stream.gone) pump_soon();
}

const LiveGroup::Part& LiveFrames::write_part(Group& group, const LiveGroup::Round& round,
                                              Time now) {
    if (now - group.written_at >= shared_for) group.written.clear();
    if (group.written.empty()) group.written_at = now;
    const auto known = group.written.find(round);
    if (known != group.written.end()) return known->second;
    return group.written.emplace(round, group.values.part(round, reactor_.clock().now()))
        .first->second;
}

void LiveFrames::send(Stream& stream, std::string bytes, Time now) {
    if (!stream.to->write(std::move(bytes))) stream.gone = true;
    stream.sent = now;
}

void LiveFrames::pump_soon() {
    if (pump_ == 0) pump_ = reactor_.after(pump_every, [this] { pump(); });
}

void LiveFrames::pump() {
    pump_ = 0;
    for (auto& [key, group] : groups_)
        for (const auto& stream : group.streams)
            if (behind(group, *stream)) go_on(group, *stream);
}

void LiveFrames::drop_gone(Group& group) {
    size_ -= group.streams.remove_if([](const auto& stream) { return stream->gone; });
}

void LiveFrames::beat() {
    const Time now = reactor_.clock().monotonic();
    const std::string empty = LiveGroup::empty_frame(reactor_.clock().now());
    for (auto& [key, group] : groups_) {
        if (now - group.written_at >= shared_for) group.written.clear();
        for (const auto& stream : group.streams)
            if (now - stream->sent >= beat_after && !behind(group, *stream) && room(*stream))
                send(*stream, empty, now);
    }
}

void LiveFrames::close_all() {
    for (auto& [key, group] : groups_) {
        reactor_.cancel(group.timer);
        for (const auto& stream : group.streams)
            if (!stream->gone) stream->to->finish();
    }
    groups_.clear();
    size_ = 0;
    reactor_.cancel(beat_);
    reactor_.cancel(pump_);
    restoring_.clear();
    if (restore_ != 0) reactor_.cancel(restore_);
}

}  // namespace hw::api
