#pragma once

#include <functional>
#include <string>

#include "api/history_query.h"
#include "api/row_writer.h"

namespace hw::api {

// The figures of the request's buckets, at most `limit` rows in its order; the cursor of the next
// page, empty at the end. `flush` may take what is written away; false: the client has gone.
// First and last of points with texts need all their rows, the rest comes of summaries.
Result<std::string> write_buckets(const HistoryRequest& request, const history::History& history,
                                  const model::PointDirectory& points, RowWriter& writer,
                                  const std::function<bool()>& flush);

// What a cursor says: the row that was last.
std::string row_cursor(int64_t time_ns, std::string_view path);

}  // namespace hw::api
