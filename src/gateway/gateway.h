#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/metrics.h"
#include "gateway/device_check.h"
#include "gateway/device_state.h"
#include "gateway/orders.h"
#include "gateway/registry.h"
#include "gateway/settings.h"
#include "io/reactor.h"
#include "model/point_directory.h"
#include "model/sample_batch.h"

namespace hw::gateway {

// Runs the devices: opens their links, polls, turns values to samples, carries writes. All runtime
// state lives on one reactor's thread; the calls below may come from any other thread and wait for
// it (microseconds, as nothing there blocks), but never from that thread itself.
class Gateway {
  public:
    struct Rooms {
        io::Reactor& reactor;
        model::PointDirectory& points;
        const Clock& clock;
        Metrics& metrics;
        // Keeps samples: history's submit. At most one batch a reactor round.
        std::function<void(model::SampleBatch)> submit;
        // True while no more samples should come: polls are put off and counted as overruns.
        std::function<bool()> overloaded;
        std::function<void(model::PointId, std::string_view unit)> describe;
        std::function<void(const WriteRecord&)> audit;
        // The last sample that is kept of a point; nullopt: none.
        std::function<std::optional<model::Sample>(model::PointId)> last_kept;
        // Takes orders for points that no device has (a Sparkplug node's, an edge's) and answers
        // them on any thread. Null: they are not found.
        std::function<void(const WriteOrder&, Answer<WriteResult>)> elsewhere;
        // A device's link came up or was lost (`reason`). May be null. The gateway's thread.
        std::function<void(std::string_view device, std::string_view driver, bool up,
                           std::string_view reason)>
            on_link = {};
    };

    Gateway(const Settings& settings, Rooms rooms);
    ~Gateway();

    // Starts a device, or changes a running one to the new spec: where driver, settings and enabled
    // are the same the link is not disturbed, and tags that did not change keep their state.
    // Errors: conflict where another device has one of its points, or a point cannot be made.
    Result<void> apply(CheckedDevice device);
    // False: there is none of that name.
    bool remove(std::string_view name);

    std::vector<DeviceState> states() const;
    std::optional<DeviceState> state(std::string_view name) const;
    std::vector<TagState> tag_states(std::string_view name) const;

    // Reads one address of a running device now, as a test before a tag is saved. The value is
    // after the spec's scale and offset.
    void read(std::string_view device, const TagSpec& tag, Duration timeout,
              Answer<model::Sample> done);
    // Any thread, does not wait; `done` is called on the gateway's thread (or on another, for
    // points that are elsewhere). Errors: not_found (no device has that point), permission_denied
    // (the tag is not for writing), invalid_argument (type or range), unavailable (the link is
    // down), timed_out, io_failed with the device's own text.
    void write(WriteOrder order, Answer<WriteResult> done);
    // Whether a device has that point. Any thread, one lock.
    bool has_point(std::string_view path) const;

    // Ends all devices; their links are closed. Before the reactor stops.
    void stop();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace hw::gateway
