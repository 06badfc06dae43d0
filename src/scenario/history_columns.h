#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "history/history.h"
#include "model/point_directory.h"

namespace hw::scenario {

// A point whose history is wanted as a column.
struct WantedColumn {
    std::string point;
    // Where it holds texts: their numbers, by place in the list. Empty: it holds numbers or
    // booleans.
    std::vector<std::string> words = {};
};

// History as columns of equal steps: the mean of what was good or uncertain in each step, of texts
// the last; NaN where there is nothing.
class HistoryColumns {
  public:
    virtual ~HistoryColumns() = default;
    // One column for each wanted point, each of (to - from) / step rows; row i holds what was in
    // (from + i step, from + (i + 1) step], so that the last row is of `to`. Blocks.
    virtual Result<std::vector<std::vector<double>>> columns(std::span<const WantedColumn> wanted,
                                                             Time from, Time to,
                                                             Duration step) const = 0;
};

// Of the server's history. A point that is not there is an empty column of NaN.
class StoredColumns : public HistoryColumns {
  public:
    static constexpr size_t rows_limit = 2'000'000;

    StoredColumns(const history::History& history, const model::PointDirectory& points)
        : history_(history), points_(points) {}
    Result<std::vector<std::vector<double>>> columns(std::span<const WantedColumn> wanted,
                                                     Time from, Time to,
                                                     Duration step) const override;

  private:
    Result<void> read_numbers(std::span<const WantedColumn> wanted, Time from, Time to,
                              Duration step, std::vector<std::vector<double>>& out) const;
    Result<void> read_words(const WantedColumn& wanted, Time from, Duration step,
                            std::vector<double>& out) const;

    const history::History& history_;
    const model::PointDirectory& points_;
};

}  // namespace hw::scenario
