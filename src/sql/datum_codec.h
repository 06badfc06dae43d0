#pragma once

#include <string>

#include "base/bytes.h"
#include "sql/datum.h"

namespace hw::sql {

// A value as bytes, for checkpoints and queues: a kind byte, then the content with varint lengths
// (docs/formats/rule_state.md). Reading distrusts: a broken one sets reader.failed() and gives
// null.
void save(ByteWriter& out, const Datum& value);
Datum load_datum(ByteReader& in);

}  // namespace hw::sql
