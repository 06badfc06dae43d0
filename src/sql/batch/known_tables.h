#pragma once

#include "catalog/audit.h"
#include "history/history.h"
#include "model/point_directory.h"
#include "sql/batch/tables.h"

namespace hw::sql::batch {

// What each refers to must outlive it.

// `points`: point, type, unit, value, text, quality, time, first_time, count.
Table points_table(const history::History& history, const model::PointDirectory& points);
// `audit`: time, actor, origin, action, target, old_value, new_value, result, detail; newest first.
Table audit_table(const catalog::AuditLog& audit);

}  // namespace hw::sql::batch
