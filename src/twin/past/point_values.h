#pragma once

#include "base/error.h"
#include "base/time.h"
#include "history/history.h"
#include "model/point_directory.h"
#include "model/value.h"
#include "twin/model/state.h"

namespace hw::twin {

sql::Datum datum_of(const model::Value& value);
// A sample as the slot that its point feeds takes it, at a time: what does not fit the schema is
// bad_configuration.
LiveValue slot_value(const Content& content, const model::Sample& sample, Time time,
                     Duration stale_after);
// The limit of a slot's age; 0: none.
inline Duration stale_limit(const Content& content, Duration stale_after) {
    return content.stale_after.ns > 0 ? content.stale_after : stale_after;
}

// Gives the slots that points feed their values at the snapshot's time.
Result<void> fill_point_values(Snapshot& snapshot, const history::History& history,
                               const model::PointDirectory& points, Duration stale_after);

}  // namespace hw::twin
