#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "history/history.h"
#include "model/point_directory.h"
#include "sql/query/query.h"

namespace hw::rules {

// The last value of each point as a lookup table: CREATE TABLE t () WITH (DATASOURCE="plant1/#",
// TYPE="memory", KIND="lookup"), with the columns of points(). Asked by its topic it costs a look
// into history's heads; by other columns it looks through the points of the filter, up to 1,000.
class PointsTable final : public sql::LookupTable {
  public:
    // Nothing: the point has no samples yet. Must not block.
    using Last = std::function<std::optional<history::PointState>(model::PointId)>;
    PointsTable(std::string filter, const model::PointDirectory& points, Last last)
        : filter_(std::move(filter)), points_(points), last_(std::move(last)) {}

    Result<std::vector<sql::Datum>> find(std::span<const std::string> keys, sql::Arguments values,
                                         Time now) override;

  private:
    void add(model::PointId point, std::span<const std::string> keys, sql::Arguments values,
             std::vector<sql::Datum>& rows) const;

    const std::string filter_;
    const model::PointDirectory& points_;
    const Last last_;
};

}  // namespace hw::rules
