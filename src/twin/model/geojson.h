#pragma once

#include "base/error.h"
#include "sql/datum.h"
#include "twin/model/schema.h"

namespace hw::twin {

// A geometry of GeoJSON (RFC 7946) of the given kind, SchemaKind::point to multi_polygon: its
// "type", positions of two to three numbers or more, rings of at least four that end where they
// begin. Other members ("bbox", foreign ones) may stand beside. Errors say what and where.
Result<void> check_geojson(SchemaKind kind, const sql::Datum& value);

}  // namespace hw::twin
