#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/metrics.h"
#include "model/point_directory.h"
#include "model/sample_batch.h"
#include "upstream/commands.h"
#include "upstream/settings.h"
#include "upstream/status.h"

namespace hw::upstream {

// Edge to centre: what history commits goes to another broker, through a queue on disk, on a thread
// of its own. See docs/edge.md.
class Upstream {
  public:
    struct Rooms {
        model::PointDirectory& points;
        const Clock& clock;
        Metrics& metrics;
        // Takes our own points (gaps) to history; any thread.
        std::function<void(model::SampleBatch)> submit;
    };

    // `folder`: the data folder; the queue is in <folder>/upstream. Errors: the folder cannot be
    // read, the password file neither.
    static Result<std::unique_ptr<Upstream>> open(const Settings& settings,
                                                  const std::string& folder, Rooms rooms);
    virtual ~Upstream() = default;

    // Every group commit, before it is acknowledged: history's group tap, on its commit thread.
    // When it returns the kernel has it.
    virtual void tap(std::span<const model::SampleBatch* const> batches) = 0;
    // Who does what the centre asks for; none: writes are refused. Before start(); must outlive it.
    virtual void set_write_handler(WriteHandler& handler) = 0;

    virtual void start() = 0;
    // Says goodbye and keeps the state. Taps may still come. What waits goes out after the next
    // start.
    virtual void stop() = 0;

    // Any thread.
    virtual Status status() const = 0;
};

}  // namespace hw::upstream
