#pragma once

#include "sim/plant/waterworks.h"
#include "sim/publish/point_sink.h"

namespace hw::sim {

// Every point of the works, always all and in the same order.
void walk_points(const Waterworks& works, PointSink& sink);

// Its parts, by area.
void walk_intake(const Waterworks& works, PointSink& sink);
void walk_treatment(const Waterworks& works, PointSink& sink);
void walk_filtration(const Waterworks& works, PointSink& sink);
void walk_treated_water(const Waterworks& works, PointSink& sink);
void walk_zone(const Waterworks& works, PointSink& sink);

// A totaliser of the works that began in 2015 and has counted `mean_rate` a second until the start
// of the simulation, so that a new start later shows a higher count.
int64_t totaliser(const Waterworks& works, double mean_rate, double since_start);

// The points of one pump, as its drive reports them.
void walk_pump(const Pump& pump, PointSink& sink);

}  // namespace hw::sim
