#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "gateway/device_check.h"
#include "gateway/device_state.h"
#include "gateway/driver.h"
#include "gateway/link.h"
#include "gateway/orders.h"
#include "gateway/tag_book.h"
#include "gateway/tag_value.h"
#include "model/sample_batch.h"

namespace hw::gateway {

// What a device needs of the gateway around it.
struct DeviceContext {
    const Clock& clock;
    OpenLink open_link;
    model::SampleBatch& round;  // where samples go; sent off at the end of the reactor's round
    std::function<bool()> overloaded;
    std::function<std::string_view(model::PointId)> path;
    // The last sample that is kept of a point, from an earlier life or another tag. May be empty.
    std::function<std::optional<model::Sample>(model::PointId)> last_kept;
    size_t writes_queue_limit = 1000;
    // A device's link came up or was lost (`reason`). May be empty.
    std::function<void(std::string_view device, std::string_view driver, bool up,
                       std::string_view reason)>
        on_link = {};
};

// One device at run time: its driver, its link, its groups' polls, its tags' last values, its
// orders. Without threads, sockets or timers of its own: time is told by tick(), bytes come by the
// link. The owner calls tick() at or after deadline(), and asks for the deadline after every call
// and every event of the link (`on_event`). The gateway's thread. About 80 bytes a tag with its
// configuration, beside what the driver holds.
class Device final : private DriverHost, private LinkOwner {
  public:
    using PointIds = std::vector<std::vector<model::PointId>>;  // [group][tag]

    // `on_event` is called behind each event of the link. The context outlives the device.
    static Result<std::unique_ptr<Device>> make(CheckedDevice checked, const PointIds& points,
                                                DeviceContext& context,
                                                std::function<void()> on_event);
    ~Device() override;

    // The new configuration. Where driver, settings and enabled stay, so does the link; tags that
    // did not change keep their values. On an error everything is as before.
    Result<void> change(CheckedDevice checked, const PointIds& points);
    const std::string& name() const { return spec_.name; }
    // Whether its samples come when something changed alone; that its device is lost is told.
    bool by_exception(TagIndex tag) const {
        return info_->spontaneous || rules_[tags_[tag.value()].rule].on_change();
    }
    TagSpec tag_spec(TagIndex tag) const { return book_.get(tag.value()); }

    std::optional<Time> deadline() const;
    void tick();
    // Every tag turns to that quality, for the end of a device or of the server.
    void retire(model::Quality quality);

    DeviceState state() const;
    std::vector<TagState> tag_states() const;

    // A tag's point by the tag's name. Cost: all names are looked at.
    std::optional<model::PointId> point_of(std::string_view tag) const;
    // The tags' points, by TagIndex; new with each change().
    std::vector<model::PointId> points() const;
    void write(TagIndex tag, const WriteOrder& order, Answer<WriteResult> done);
    void read(const TagSpec& tag, Duration timeout, Answer<model::Sample> done);

  private:
    struct Tag {
        model::PointId point;
        uint16_t group = 0;
        model::Quality quality = model::Quality::bad_waiting_for_initial_data;
        uint32_t rule = 0;        // of rules_
        model::ValueType type{};  // of the last value; 0: there is none
        uint64_t bits = 0;        // the last value, as SampleBatch has it; texts are in texts_
        Time time{};              // of the last sample
        Time
            source{};  // of the last value as its device told it; 0: it tells none, or marked since
        std::shared_ptr<const std::string> error{};

        bool has_last() const { return type != model::ValueType{}; }
    };
    struct Group {
        Time due;
        bool polling = false;
        Time polled_since;
        uint64_t polls = 0;
        uint64_t overruns = 0;
        Duration last_duration{};
        Time last_poll;
    };
    // One order under way.
    struct Pending {
        enum class Kind { write, verify, read };
        Kind kind = Kind::read;
        TagSpec spec;
        model::PointId point;
        Time since;  // monotonic
        Time until;
        model::Value value{};  // as ordered
        model::Value raw{};    // as the device was given it
        bool verify = false;
        WriteResult result{};
        Answer<WriteResult> written{};
        Answer<model::Sample> was_read{};
    };

    Device(CheckedDevice checked, DeviceContext& context, std::function<void()> on_event);

    // DriverHost
    const Clock& clock() const override { return context_.clock; }
    void send(ConnectionId connection, std::string bytes) override;
    void close(ConnectionId connection, Error why) override;
    void value(TagIndex tag, const model::Value& value, model::Quality quality,
               std::optional<Time> time) override;
    void failed(TagIndex tag, model::Quality quality, const Error& why) override;
    void polled(GroupIndex group) override;
    void answered(RequestId request, Result<model::Value> result) override;
    void unit(std::string_view unit, const UnitReport& report) override;

    // LinkOwner
    void on_connected(ConnectionId connection, std::string_view peer) override;
    void on_bytes(ConnectionId connection, BytesView bytes) override;
    void on_lost(ConnectionId connection, const Error& why) override;
    void on_not_opened(const Error& why) override;

    Result<void> start();
    void open();
    void drop_orders(const Error& why);
    void set_tags(const CheckedDevice& checked, const PointIds& points);
    uint32_t rule_of(const TagSpec& spec, std::unordered_map<std::string, uint32_t>& known);
    void configure_driver();
    void ended(ConnectionId connection, const Error& why);
    model::Value last_of(const Tag& tag) const;
    void set_last(Tag& tag, const model::Value& value);
    uint32_t index_of(const Tag& tag) const { return static_cast<uint32_t>(&tag - tags_.data()); }
    void seed(Tag& tag);
    void mark(Tag& tag, model::Quality quality, const std::shared_ptr<const std::string>& error);
    void add_sample(const Tag& tag);
    void add_stale(const Tag& tag, const std::string& text);
    void note_error(std::string text);
    void turn(LinkState state);
    void begin_event();
    void poll_due();
    void expire();
    DriverTag driver_tag(TagIndex index) const;
    void finish(Pending pending, Result<model::Value> result);
    void finish_write(Pending pending, Result<model::Value> result);
    void verify(Pending pending);
    void finish_verify(Pending pending, Result<model::Value> result);
    std::unexpected<Error> not_connected() const;

    DeviceSpec spec_;  // without the tags, which are in book_
    const DriverInfo* info_ = nullptr;
    DriverSettings settings_;
    TagBook book_;                                     // by TagIndex
    std::vector<TagValue> rules_;                      // each once
    std::unordered_map<uint32_t, std::string> texts_;  // last values of texts and bytes, by index
    DeviceContext& context_;
    const std::function<void()> on_event_;
    std::unique_ptr<Driver> driver_;
    std::unique_ptr<Link> link_;
    std::vector<Tag> tags_;
    std::vector<uint32_t> first_tag_;  // of each group
    std::vector<Group> groups_;
    std::map<std::string, UnitState, std::less<>> units_;
    std::map<RequestId, Pending> pending_;
    uint64_t last_request_ = 0;
    size_t connections_ = 0;
    std::optional<Time> reopen_;  // monotonic
    Duration reconnect_interval_{};
    Time next_due_;        // of the groups, monotonic
    Time event_time_;      // wall time of the event being handled
    DeviceState figures_;  // counters, link state, last error
    std::shared_ptr<const std::string> last_text_;
    const std::shared_ptr<const std::string> not_a_number_ =
        std::make_shared<const std::string>("the device says that this is not a number (NaN)");
};

}  // namespace hw::gateway
