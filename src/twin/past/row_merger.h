#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "history/history.h"
#include "model/sample_batch.h"

namespace hw::twin {

// The samples of several points in one order of time, read page by page, so that memory does not
// grow with the range: at most `rows_held` rows of all points together. One thread.
class RowMerger {
  public:
    static constexpr size_t rows_held = 200'000;
    static constexpr size_t page_most = 4'096;

    // Samples after `after` and before `to`.
    RowMerger(const history::History& history, std::vector<model::PointId> points, Time after,
              Time to);

    // The next sample; false at the end. What row() and source() say holds until the next call.
    Result<bool> next();
    Time time() const { return Time{source_time_ns_}; }
    size_t source() const { return source_; }  // an index of the points
    model::Sample sample() const;
    uint64_t rows() const { return rows_; }

  private:
    struct Source {
        model::PointId point;
        model::SampleBatch page;
        size_t at = 0;
        bool last_page = false;
    };
    struct Due {
        int64_t time_ns;
        size_t source;
        friend bool operator<(const Due& a, const Due& b) {
            return a.time_ns != b.time_ns ? a.time_ns > b.time_ns : a.source > b.source;
        }
    };

    Result<void> fill(size_t source, Time after);
    Result<void> begin();

    const history::History& history_;
    const Time after_, to_;
    const size_t page_;
    std::vector<Source> sources_;
    std::vector<Due> heap_;
    bool begun_ = false;
    size_t source_ = 0;
    int64_t source_time_ns_ = 0;
    uint64_t rows_ = 0;
};

}  // namespace hw::twin
