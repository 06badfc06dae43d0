#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/live_rhythms.h"
#include "base/time.h"
#include "model/point_directory.h"
#include "model/sample_batch.h"

namespace hw::api {

// Which points a live stream follows: those of any of the filters, and those named.
struct LiveSelection {
    std::set<std::string, std::less<>> filters;
    std::set<std::string, std::less<>> points;

    bool has(std::string_view path) const;
    std::string key() const;  // one text for all that select the same
};

// The newest values of a selection, as frames: all that changed since the frame before, the newest
// value of each point alone. Many streams share a group, so that a frame is written once; each
// stream has a mark of how far it is, so that a slow one goes on with the newest of everything. One
// thread. About 20 ns a sample and 100 ns a value written; 96 bytes a point.
//
// What a stream has to get is a round, which is written in parts of at most rows_of_part values:
// so the first picture of 100,000 points, 5 MB, neither waits in memory as a whole nor holds up the
// others. A part is one JSON object:
//   t      the server's time in ms
//   reset  true in the first part of a stream: what was known before is void
//   n, p   points that are new: p are their paths, with the indexes n, n+1, ...
//   i      indexes of points that changed
//   v      their values
//   d      their times, ms to be added to t
//   u      the usual time between their samples in ms, 0 where not known, -1 where there is no
//          rhythm: they are told when they change, and marked bad when they are lost. A column in
//          the first round; later of those that are new or where it turned, by places in i
//   q      what is not good: from places in i to a quality, {"3":"bad"}
//   more   true in all parts of a round but the last
//   late   seconds that the stream is behind, from 1 on: its client reads slowly
//   passed in the last part: how many samples came since the round before that are in neither
// What would be empty or 0 is left out.
class LiveGroup {
  public:
    static constexpr size_t rows_of_part = 4'096;

    // Of a point that is reported by exception.
    static constexpr int64_t no_rhythm = -1;

    // What is pointed to outlives it.
    LiveGroup(LiveSelection selection, const model::PointDirectory& points,
              const LiveRhythms& rhythms)
        : selection_(std::move(selection)),
          points_(points),
          rhythms_(rhythms),
          exceptions_version_(points.exceptions_version()) {}

    const LiveSelection& selection() const { return selection_; }
    // The rows from `from` on.
    void apply(const model::SampleBatch& batch, size_t from);
    // A last value of before, and the usual time between its samples (zero: not known); it is not
    // counted as passed.
    void restore(model::PointId id, const model::Sample& sample, Duration usual);
    // Points that are reported by exception now, or no more: they change, though their values do
    // not. Cheap where nothing turned.
    void look_at_exceptions();

    struct Mark {
        uint64_t frame = 0;
        uint32_t known = 0;  // points
        uint64_t applied = 0;

        auto operator<=>(const Mark&) const = default;
    };
    bool changed() const { return !dirty_.empty(); }
    // Ends the frame under way; that is where mark() then is.
    void end_frame();
    Mark mark() const { return {frame_, known_, counted_}; }

    // What a stream that is at `since` gets, up to the last end when it began.
    struct Round {
        Mark since;
        Mark until;
        bool reset = false;
        uint32_t at = 0;    // index of the first point to look at
        uint64_t rows = 0;  // written so far
        uint64_t late_s = 0;

        auto operator<=>(const Round&) const = default;
    };
    struct Part {
        std::string text;
        Round after;  // of the next part; of one that is over, `since` is the end's
        size_t rows = 0;
        bool last = false;
        uint64_t passed = 0;
    };
    Round begin(const Mark& since, bool reset) const { return {since, mark(), reset}; }
    Part part(const Round& round, Time now) const;
    // A frame of the time alone.
    static std::string empty_frame(Time now);

  private:
    struct Slot {
        model::Sample sample;
        model::PointId id;
        uint64_t changed = 0;  // number of the frame
        uint64_t turned = 0;   // number of the frame in which usual_ms did
        int64_t usual_ms = 0;  // between two samples, as it is told; 0: not known
    };
    static constexpr int32_t unknown = -1;
    static constexpr int32_t other = -2;  // not of the selection

    int32_t index_of(model::PointId id);
    bool put(model::PointId id, const model::Sample& sample);
    // The next that changed; gets where to look on.
    std::vector<uint32_t> changes(const Round& round, uint32_t& next) const;
    void append_paths(std::string& out, uint32_t from, uint32_t to) const;
    void append_changes(std::string& out, const std::vector<uint32_t>& indexes, Time now,
                        const Round& round) const;
    void append_turned(std::string& out, const std::vector<uint32_t>& indexes,
                       uint64_t since) const;
    void set_usual(Slot& slot, int64_t usual_ms);
    void mark_changed(uint32_t index);
    void learn_usual();

    const LiveSelection selection_;
    const model::PointDirectory& points_;
    const LiveRhythms& rhythms_;
    uint64_t exceptions_version_;
    std::vector<int32_t> indexes_;  // by point id
    std::vector<Slot> slots_;
    std::vector<uint32_t> dirty_;       // changed since the last end
    std::vector<uint32_t> last_dirty_;  // in the frame that ended last, in order
    uint64_t frame_ = 0;                // that ended last
    uint32_t known_ = 0;                // then
    uint64_t counted_ = 0;              // then
    uint64_t applied_ = 0;
};

}  // namespace hw::api
