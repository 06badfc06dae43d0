#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"
#include "catalog/audit.h"
#include "gateway/device_check.h"
#include "gateway/device_csv.h"
#include "gateway/device_store.h"
#include "gateway/packed_device.h"
#include "gateway/registry.h"
#include "gateway/template.h"

namespace hw::gateway {

// One change that somebody asks for.
struct Change {
    std::string actor;
    std::string origin;                    // "http 127.0.0.1:50211"
    std::optional<int64_t> revision = {};  // the device must still be of this revision
    std::vector<Flaw> flaws = {};          // filled where the device is not accepted
    std::string group = {};                // filled by patch_tag: where the tag is now, and
    std::string tag = {};                  // what its name is
};

struct ImportOptions {
    bool dry_run = false;         // only says what would happen
    bool all_or_nothing = false;  // one bad row, and nothing is taken; else it is left out
};

struct ImportReport {
    bool applied = false;  // something was changed, or would be without dry_run
    size_t devices_created = 0;
    size_t devices_changed = 0;
    size_t devices_unchanged = 0;
    size_t tags_added = 0;
    size_t tags_changed = 0;
    size_t tags_unchanged = 0;
    size_t tags_removed = 0;
    std::vector<RowError> errors;
};

// The devices as they are configured. Every change is checked, written to the store and applied to
// the running gateway, in that order and as one: where one of the three fails, all is as before.
// Any thread but the gateway's; calls block for the disk (about 10 ms). Changes go one at a time,
// reading does not wait for them. Every change, refused ones too, leaves an audit record.
class Manager {
  public:
    struct Rooms {
        DeviceStore& store;
        const DriverRegistry& drivers;
        catalog::AuditLog& audit;
        const Clock& clock;
        // Of Gateway; both empty where devices are not run.
        std::function<Result<void>(CheckedDevice)> apply;
        std::function<bool(std::string_view)> remove;
    };
    using Device = std::shared_ptr<const StoredDevice>;

    explicit Manager(Rooms rooms) : rooms_(std::move(rooms)) {}

    // Loads what is kept, then the files of the folder: each replaces the device of its name, and a
    // device whose file has gone goes too. What cannot run is told in the log, keeps its place and
    // says why (StoredDevice::problem). Once, before anything else.
    Result<void> start(const std::string& devices_folder);

    // In the order of the names; `filter` is an MQTT filter of them.
    std::vector<Device> list(std::string_view filter = "#") const;
    // not_found names the nearest.
    Result<Device> get(std::string_view name) const;
    size_t size() const;

    // Errors of all that follow: not_found; conflict (exists already, another revision, the device
    // is of a file, another device has one of the points); invalid_argument with the flaws.
    Result<Device> create(DeviceSpec spec, Change& change);
    // Creates it where it is not there; `created` says so.
    Result<Device> replace(std::string_view name, DeviceSpec spec, Change& change, bool& created);
    // Members of the JSON over what is there; another name renames the device, and its points.
    Result<Device> patch(std::string_view name, std::string_view json, Change& change);
    Result<void> remove(std::string_view name, Change& change);
    Result<Device> set_enabled(std::string_view name, bool enabled, Change& change);
    // The JSON has the copy's name, and members that shall differ. Points of its tags that were
    // named within the device's path follow the new name; others become <device>/<tag>.
    Result<Device> copy(std::string_view name, std::string_view json, Change& change);

    // A group as given: its tags are replaced.
    Result<Device> put_group(std::string_view name, std::string_view group, std::string_view json,
                             Change& change);
    Result<Device> remove_group(std::string_view name, std::string_view group, Change& change);
    Result<Device> put_tag(std::string_view name, std::string_view group, std::string_view tag,
                           std::string_view json, Change& change);
    // Another name renames the tag; a member "group" moves it.
    Result<Device> patch_tag(std::string_view name, std::string_view group, std::string_view tag,
                             std::string_view json, Change& change);
    Result<Device> remove_tag(std::string_view name, std::string_view group, std::string_view tag,
                              Change& change);

    // Whole devices; each replaces the one of its name.
    Result<ImportReport> import_devices(std::string_view json, ImportOptions options,
                                        Change& change);
    // Tags into devices that are there: each row adds or replaces one tag; a group that is not
    // there is made. Other tags stay.
    Result<ImportReport> import_tags(std::string_view csv, std::string_view device,
                                     ImportOptions options, Change& change);

    std::vector<Template> templates() const;
    Result<Template> get_template(std::string_view name) const;
    Result<void> put_template(const Template& what, Change& change, bool& created);
    Result<void> remove_template(std::string_view name, Change& change);
    // New devices only: a name that is taken is a bad row.
    Result<ImportReport> make_instances(std::string_view name,
                                        const std::vector<TemplateInstance>& instances,
                                        ImportOptions options, Change& change);

  private:
    using Edit = std::function<Result<void>(DeviceSpec&, catalog::AuditRecord&)>;
    // What an import means to do with one device.
    struct Plan {
        DeviceSpec spec;
        Device before;                                                       // null: new
        std::map<std::pair<std::string, std::string>, uint64_t> lines = {};  // of imported tags
        uint64_t line = 0;                                                   // of the device itself
        bool dropped = false;
    };

    // A device that an import has changed.
    struct Done {
        Device now;
        Device before;
    };

    Result<void> start_file(const std::string& file, DeviceSpec spec);
    void start_device(StoredDevice device);
    Device find(std::string_view name) const;
    Result<Device> found(std::string_view name) const;
    void set(const Device& device, std::string_view old_name);
    int64_t next_revision() HW_LOCKING(requires_capability(changes_));

    catalog::AuditRecord record_of(const Change& change, std::string_view action,
                                   std::string_view target) const;
    void note(catalog::AuditRecord record, const Error* error);
    Result<void> may_change(const StoredDevice& device, const Change& change) const;
    Result<Device> store(StoredDevice now, const Device& before, std::vector<Flaw>& flaws)
        HW_LOCKING(requires_capability(changes_));
    Result<void> store_removed(const Device& before) HW_LOCKING(requires_capability(changes_));
    Result<void> run(CheckedDevice checked, const Device& before);
    void run_again(const Device& before, std::string_view now);
    Result<Device> edit(std::string_view name, std::string_view action, std::string_view target,
                        Change& change, const Edit& edit);

    void add_plan(DeviceSpec spec, uint64_t line, const Change& change, std::vector<Plan>& plans,
                  ImportReport& report) const;
    void check_plan(Plan& plan, ImportReport& report) const;
    void check_points(std::vector<Plan>& plans, ImportReport& report) const;
    void count_plan(const Plan& plan, ImportReport& report) const;
    void take_back(const std::vector<Done>& done, ImportReport& report)
        HW_LOCKING(requires_capability(changes_));
    Result<ImportReport> carry_out(std::vector<Plan> plans, ImportReport report,
                                   ImportOptions options, Change& change, std::string_view action)
        HW_LOCKING(requires_capability(changes_));

    const Rooms rooms_;
    Mutex changes_;  // held through a change; before devices_mutex_
    int64_t last_revision_ HW_LOCKING(guarded_by(changes_)) = 0;
    mutable Mutex devices_mutex_;
    std::map<std::string, PackedDevice, std::less<>> devices_
        HW_LOCKING(guarded_by(devices_mutex_));
    std::map<std::string, Template, std::less<>> templates_ HW_LOCKING(guarded_by(devices_mutex_));
};

// The last level of a device's path must not be one of these, which name what belongs to a device
// in the addresses of the API; "import" and "export" are no names at all.
Result<void> check_reserved(std::string_view name);

// {"driver":...,"enabled":...,"settings":{...},"groups":2,"tags":17}: what the audit keeps of a
// device.
std::string device_summary(const DeviceSpec& device);

}  // namespace hw::gateway
