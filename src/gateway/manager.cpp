#include "gateway/manager.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/config_text.h"
#include "base/log.h"
#include "gateway/device_files.h"
#include "gateway/device_json.h"
#include "model/point_path.h"

namespace hw::gateway {

namespace {

constexpr std::array<std::string_view, 9> reserved_levels = {
    "groups", "tags", "state", "read", "enable", "disable", "copy", "instances", "write"};
constexpr size_t audit_detail_limit = 2000;

template <class Spec>
auto by_name(std::vector<Spec>& specs, std::string_view name) {
    return std::find_if(specs.begin(), specs.end(),
                        [&](const Spec& spec) { return spec.name == name; });
}

template <class Spec>
std::vector<std::string> names_of(const std::vector<Spec>& specs) {
    std::vector<std::string> names;
    for (const auto& spec : specs)
        names.push_back(spec.name);
    return names;
}

Result<GroupSpec*> group_of(DeviceSpec& device, std::string_view name) {
    const auto at = by_name(device.groups, name);
    if (at != device.groups.end()) return &*at;
    return fail(ErrorCode::not_found,
                fmt::format("device '{}' has no group '{}'{}", device.name, name,
                            did_you_mean(name, names_of(device.groups))));
}

Result<TagSpec*> tag_of(GroupSpec& group, std::string_view name) {
    const auto at = by_name(group.tags, name);
    if (at != group.tags.end()) return &*at;
    return fail(ErrorCode::not_found, fmt::format("group '{}' has no tag '{}'{}", group.name, name,
                                                  did_you_mean(name, names_of(group.tags))));
}

std::string group_summary(const GroupSpec& group) {
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    json.member("name", group.name);
    json.member("interval_ms", group.interval.ns / 1'000'000);
    json.member("tags", group.tags.size());
    json.end_object();
    return text;
}

// What the address says and the body says must agree.
Result<void> same_name(std::string_view what, std::string& body, std::string_view address) {
    if (body.empty()) body = address;
    if (body == address) return {};
    return fail(ErrorCode::invalid_argument,
                fmt::format("the body is of {} '{}', the address of '{}'", what, body, address));
}

}  // namespace

Result<void> check_reserved(std::string_view name) {
    const auto last = name.substr(name.rfind('/') + 1);
    const bool whole = name == "import" || name == "export";
    if (!whole &&
        std::find(reserved_levels.begin(), reserved_levels.end(), last) == reserved_levels.end())
        return {};
    return fail(ErrorCode::invalid_argument,
                fmt::format("a device's name may not end with '{}', a word of the interface; "
                            "reserved are {}",
                            last, fmt::join(reserved_levels, ", ")));
}

std::string device_summary(const DeviceSpec& device) {
    size_t tags = 0;
    for (const auto& group : device.groups)
        tags += group.tags.size();
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    json.member("name", device.name);
    json.member("driver", device.driver);
    json.member("description", device.description);
    json.member("enabled", device.enabled);
    json.key("settings");
    json.begin_object();
    for (const auto& [name, value] : device.settings)
        json.member(name, value);
    json.end_object();
    json.member("groups", device.groups.size());
    json.member("tags", tags);
    json.end_object();
    return text;
}

Manager::Device Manager::find(std::string_view name) const {
    MutexLock lock(devices_mutex_);
    const auto at = devices_.find(name);
    return at == devices_.end() ? nullptr : at->second.unpack();
}

Result<Manager::Device> Manager::found(std::string_view name) const {
    if (auto device = find(name)) return device;
    std::vector<std::string> names;
    {
        MutexLock lock(devices_mutex_);
        for (const auto& [one, device] : devices_)
            names.push_back(one);
    }
    return fail(ErrorCode::not_found,
                fmt::format("there is no device '{}'{}", name, did_you_mean(name, names)));
}

Result<Manager::Device> Manager::get(std::string_view name) const {
    return found(name);
}

std::vector<Manager::Device> Manager::list(std::string_view filter) const {
    std::vector<Device> all;
    MutexLock lock(devices_mutex_);
    for (const auto& [name, device] : devices_)
        if (filter == "#" || model::matches(filter, name)) all.push_back(device.unpack());
    return all;
}

size_t Manager::size() const {
    MutexLock lock(devices_mutex_);
    return devices_.size();
}

void Manager::set(const Device& device, std::string_view old_name) {
    MutexLock lock(devices_mutex_);
    if (old_name != device->spec.name) devices_.erase(std::string(old_name));
    devices_.insert_or_assign(device->spec.name, PackedDevice(*device));
}

int64_t Manager::next_revision() {
    last_revision_ = std::max(last_revision_ + 1, rooms_.clock.now().ns / 1000);
    return last_revision_;
}

catalog::AuditRecord Manager::record_of(const Change& change, std::string_view action,
                                        std::string_view target) const {
    catalog::AuditRecord record;
    record.time = rooms_.clock.now();
    record.actor = change.actor;
    record.origin = change.origin;
    record.action = action;
    record.target = target;
    return record;
}

void Manager::note(catalog::AuditRecord record, const Error* error) {
    record.result = error == nullptr ? "ok" : to_string(error->code());
    if (error != nullptr) record.detail = error->text().substr(0, audit_detail_limit);
    rooms_.audit.append(std::move(record));
}

Result<void> Manager::may_change(const StoredDevice& device, const Change& change) const {
    if (device.origin != origin_api)
        return fail(ErrorCode::conflict,
                    fmt::format("device '{}' is defined by the file {}; change it there, and start "
                                "the server again",
                                device.spec.name, device.origin));
    if (change.revision == 0)
        return fail(ErrorCode::conflict,
                    fmt::format("there is a device '{}' already", device.spec.name));
    if (change.revision && *change.revision != device.revision)
        return fail(ErrorCode::conflict,
                    fmt::format("device '{}' was changed meanwhile: it is of revision {}, not {}; "
                                "read it again",
                                device.spec.name, device.revision, *change.revision));
    return {};
}

// Brings the running gateway back to `before` after a change came to nothing.
void Manager::run_again(const Device& before, std::string_view now) {
    if (!rooms_.apply) return;
    if (!before || before->spec.name != now) rooms_.remove(now);
    if (!before || !before->problem.empty()) return;
    std::vector<Flaw> flaws;
    auto checked = check_device(before->spec, rooms_.drivers, flaws);
    if (!checked) return;
    if (auto applied = rooms_.apply(std::move(*checked)); !applied)
        log_error("gateway",
                  fmt::format("device '{}' cannot be brought back: {}; start the server again",
                              before->spec.name, applied.error().text()));
}

Result<void> Manager::run(CheckedDevice checked, const Device& before) {
    if (!rooms_.apply) return {};
    const std::string name = checked.spec.name;
    const bool renamed = before && before->spec.name != name;
    // First, since both may have the same points.
    if (renamed) rooms_.remove(before->spec.name);
    auto applied = rooms_.apply(std::move(checked));
    if (!applied && renamed) run_again(before, name);
    return applied;
}

Result<Manager::Device> Manager::store(StoredDevice now, const Device& before,
                                       std::vector<Flaw>& flaws) {
    HW_TRY(check_reserved(now.spec.name));
    const bool same_name = before && before->spec.name == now.spec.name;
    if (!same_name && find(now.spec.name))
        return fail(ErrorCode::conflict,
                    fmt::format("there is a device '{}' already", now.spec.name));
    auto checked = HW_TRY(check_device(now.spec, rooms_.drivers, flaws));
    now.revision = next_revision();
    now.problem.clear();
    bool running = false;
    auto saved = rooms_.store.save(now, before.get(), [&]() -> Result<void> {
        HW_TRY(run(std::move(checked), before));
        running = true;
        return {};
    });
    if (!saved) {
        if (running) run_again(before, now.spec.name);
        return fail(saved.error());
    }
    const auto device = std::make_shared<const StoredDevice>(std::move(now));
    set(device, before ? before->spec.name : "");
    return device;
}

Result<Manager::Device> Manager::create(DeviceSpec spec, Change& change) {
    MutexLock lock(changes_);
    auto record = record_of(change, "device.create", spec.name);
    record.new_value = device_summary(spec);
    auto stored = store({std::move(spec), std::string(origin_api), 0}, nullptr, change.flaws);
    note(std::move(record), stored ? nullptr : &stored.error());
    return stored;
}

Result<Manager::Device> Manager::replace(std::string_view name, DeviceSpec spec, Change& change,
                                         bool& created) {
    HW_TRY(same_name("device", spec.name, name));
    created = find(name) == nullptr;
    if (created && change.revision.value_or(0) != 0)
        return fail(ErrorCode::conflict, fmt::format("there is no device '{}' any more", name));
    if (created) return create(std::move(spec), change);
    return edit(name, "device.replace", name, change,
                [&](DeviceSpec& now, catalog::AuditRecord& record) -> Result<void> {
                    record.old_value = device_summary(now);
                    now = std::move(spec);
                    record.new_value = device_summary(now);
                    return {};
                });
}

Result<Manager::Device> Manager::edit(std::string_view name, std::string_view action,
                                      std::string_view target, Change& change, const Edit& edit) {
    MutexLock lock(changes_);
    auto record = record_of(change, action, target);
    const auto attempt = [&]() HW_LOCKING(requires_capability(changes_)) -> Result<Device> {
        const Device before = HW_TRY(found(name));
        HW_TRY(may_change(*before, change));
        StoredDevice now = *before;
        HW_TRY(edit(now.spec, record));
        if (now.spec == before->spec && before->problem.empty()) return before;
        return store(std::move(now), before, change.flaws);
    };
    auto changed = attempt();
    note(std::move(record), changed ? nullptr : &changed.error());
    return changed;
}

Result<Manager::Device> Manager::patch(std::string_view name, std::string_view json,
                                       Change& change) {
    return edit(name, "device.update", name, change,
                [&](DeviceSpec& now, catalog::AuditRecord& record) -> Result<void> {
                    record.old_value = device_summary(now);
                    HW_TRY(patch_device(json, now));
                    record.new_value = device_summary(now);
                    if (now.name != name) record.action = "device.rename";
                    return {};
                });
}

Result<Manager::Device> Manager::set_enabled(std::string_view name, bool enabled, Change& change) {
    return edit(name, enabled ? "device.enable" : "device.disable", name, change,
                [&](DeviceSpec& now, catalog::AuditRecord& record) -> Result<void> {
                    record.old_value = now.enabled ? "true" : "false";
                    record.new_value = enabled ? "true" : "false";
                    now.enabled = enabled;
                    return {};
                });
}

Result<void> Manager::store_removed(const Device& before) {
    const std::string& name = before->spec.name;
    bool gone = false;
    auto removed = rooms_.store.remove(name, [&]() -> Result<void> {
        if (rooms_.remove) rooms_.remove(name);
        gone = true;
        return {};
    });
    if (!removed) {
        if (gone) run_again(before, name);
        return removed;
    }
    MutexLock lock(devices_mutex_);
    devices_.erase(name);
    return {};
}

Result<void> Manager::remove(std::string_view name, Change& change) {
    MutexLock lock(changes_);
    auto record = record_of(change, "device.remove", name);
    const auto attempt = [&]() HW_LOCKING(requires_capability(changes_)) -> Result<void> {
        const Device before = HW_TRY(found(name));
        record.old_value = device_summary(before->spec);
        HW_TRY(may_change(*before, change));
        return store_removed(before);
    };
    auto removed = attempt();
    note(std::move(record), removed ? nullptr : &removed.error());
    return removed;
}

Result<Manager::Device> Manager::copy(std::string_view name, std::string_view json,
                                      Change& change) {
    const Device source = HW_TRY(found(name));
    DeviceSpec spec = source->spec;
    spec.name.clear();
    HW_TRY(patch_device(json, spec));
    if (spec.name.empty())
        return fail(ErrorCode::invalid_argument,
                    R"(the copy has no name; give one as {"name":"works/plc2"})");
    const std::string within = fmt::format("{}/", name);
    for (auto& group : spec.groups)
        for (auto& tag : group.tags)
            tag.point = tag.point.starts_with(within)
                            ? fmt::format("{}/{}", spec.name, tag.point.substr(within.size()))
                            : std::string();
    return create(std::move(spec), change);
}

Result<Manager::Device> Manager::put_group(std::string_view name, std::string_view group,
                                           std::string_view json, Change& change) {
    return edit(name, "device.put_group", name, change,
                [&](DeviceSpec& device, catalog::AuditRecord& record) -> Result<void> {
                    GroupSpec spec;
                    HW_TRY(patch_group(json, spec));
                    HW_TRY(same_name("group", spec.name, group));
                    record.new_value = group_summary(spec);
                    const auto at = by_name(device.groups, group);
                    if (at == device.groups.end()) {
                        device.groups.push_back(std::move(spec));
                    } else {
                        record.old_value = group_summary(*at);
                        *at = std::move(spec);
                    }
                    return {};
                });
}

Result<Manager::Device> Manager::remove_group(std::string_view name, std::string_view group,
                                              Change& change) {
    return edit(name, "device.remove_group", name, change,
                [&](DeviceSpec& device, catalog::AuditRecord& record) -> Result<void> {
                    const GroupSpec* spec = HW_TRY(group_of(device, group));
                    record.old_value = group_summary(*spec);
                    device.groups.erase(by_name(device.groups, group));
                    return {};
                });
}

Result<Manager::Device> Manager::put_tag(std::string_view name, std::string_view group,
                                         std::string_view tag, std::string_view json,
                                         Change& change) {
    return edit(name, "device.put_tag", fmt::format("{}/{}", name, tag), change,
                [&](DeviceSpec& device, catalog::AuditRecord& record) -> Result<void> {
                    TagSpec spec;
                    HW_TRY(gateway::patch_tag(json, spec));
                    HW_TRY(same_name("tag", spec.name, tag));
                    record.new_value = tag_text(spec);
                    auto& tags = HW_TRY(group_of(device, group))->tags;
                    const auto at = by_name(tags, tag);
                    if (at == tags.end()) {
                        tags.push_back(std::move(spec));
                    } else {
                        record.old_value = tag_text(*at);
                        *at = std::move(spec);
                    }
                    return {};
                });
}

Result<Manager::Device> Manager::patch_tag(std::string_view name, std::string_view group,
                                           std::string_view tag, std::string_view json,
                                           Change& change) {
    return edit(name, "device.update_tag", fmt::format("{}/{}", name, tag), change,
                [&](DeviceSpec& device, catalog::AuditRecord& record) -> Result<void> {
                    GroupSpec* from = HW_TRY(group_of(device, group));
                    TagSpec* spec = HW_TRY(tag_of(*from, tag));
                    record.old_value = tag_text(*spec);
                    std::string to(group);
                    HW_TRY(gateway::patch_tag(json, *spec, &to));
                    record.new_value = tag_text(*spec);
                    change.group = to;
                    change.tag = spec->name;
                    if (to == group) return {};
                    GroupSpec* target = HW_TRY(group_of(device, to));
                    record.action = "device.move_tag";
                    target->tags.push_back(std::move(*spec));
                    from->tags.erase(from->tags.begin() + (spec - from->tags.data()));
                    return {};
                });
}

Result<Manager::Device> Manager::remove_tag(std::string_view name, std::string_view group,
                                            std::string_view tag, Change& change) {
    return edit(name, "device.remove_tag", fmt::format("{}/{}", name, tag), change,
                [&](DeviceSpec& device, catalog::AuditRecord& record) -> Result<void> {
                    GroupSpec* from = HW_TRY(group_of(device, group));
                    const TagSpec* spec = HW_TRY(tag_of(*from, tag));
                    record.old_value = tag_text(*spec);
                    from->tags.erase(by_name(from->tags, tag));
                    return {};
                });
}

void Manager::start_device(StoredDevice device) {
    std::vector<Flaw> flaws;
    auto checked = check_device(device.spec, rooms_.drivers, flaws);
    Result<void> running = {};
    if (!checked) {
        running = fail(checked.error());
    } else if (rooms_.apply) {
        running = rooms_.apply(std::move(*checked));
    }
    if (!running) {
        device.problem = running.error().text();
        log_error("gateway",
                  fmt::format("device '{}' does not run: {}", device.spec.name, device.problem));
    }
    set(std::make_shared<const StoredDevice>(std::move(device)), "");
}

// The device that a file defines, as the store shall have it.
Result<void> Manager::start_file(const std::string& file, DeviceSpec spec) {
    HW_TRY(check_reserved(spec.name));
    std::vector<Flaw> flaws;
    HW_TRY(check_device(spec, rooms_.drivers, flaws));
    const Device before = find(spec.name);
    if (before && before->origin == file && before->spec == spec) return {};
    if (before && before->origin == origin_api)
        log_warning("gateway", fmt::format("device '{}' is defined by the file {} from now on",
                                           spec.name, file));
    StoredDevice now{std::move(spec), file, 0};
    MutexLock lock(changes_);
    now.revision = next_revision();
    HW_TRY(rooms_.store.save(now, before.get(), nullptr));
    Change change{"", "file " + file};
    auto record = record_of(change, before ? "device.replace" : "device.create", now.spec.name);
    record.old_value = before ? device_summary(before->spec) : "";
    record.new_value = device_summary(now.spec);
    note(std::move(record), nullptr);
    set(std::make_shared<const StoredDevice>(std::move(now)), "");
    return {};
}

Result<void> Manager::start(const std::string& devices_folder) {
    for (auto& what : HW_TRY(rooms_.store.load_templates())) {
        MutexLock lock(devices_mutex_);
        templates_[what.name] = std::move(what);
    }
    for (auto& device : HW_TRY(rooms_.store.load())) {
        {
            MutexLock lock(changes_);
            last_revision_ = std::max(last_revision_, device.revision);
        }
        set(std::make_shared<const StoredDevice>(std::move(device)), "");
    }
    std::map<std::string, std::string> defines;  // file to device; empty: it cannot be read
    for (auto& file : read_device_files(devices_folder)) {
        Result<void> taken = {};
        std::string& name = defines[file.name];
        if (file.device) {
            name = file.device->name;
            taken = start_file(file.name, std::move(*file.device));
        } else {
            taken = fail(file.device.error());
        }
        if (!taken) {
            // What cannot be read names its file and line itself.
            const bool named = taken.error().text().find(file.name) != std::string::npos;
            log_error("gateway", named ? taken.error().text()
                                       : fmt::format("{}: device '{}' is not taken: {}", file.name,
                                                     name, taken.error().text()));
        }
    }
    for (const auto& device : list()) {
        const auto file = defines.find(device->origin);
        const bool kept =
            device->origin == origin_api ||
            (file != defines.end() && (file->second.empty() || file->second == device->spec.name));
        if (kept) {
            start_device(*device);
            continue;
        }
        log_info("gateway", fmt::format("device '{}' goes with its file {}", device->spec.name,
                                        device->origin));
        Change change{"", "file " + device->origin};
        auto record = record_of(change, "device.remove", device->spec.name);
        record.old_value = device_summary(device->spec);
        MutexLock lock(changes_);
        const auto removed = store_removed(device);
        note(std::move(record), removed ? nullptr : &removed.error());
        HW_TRY(removed);
    }
    return {};
}

}  // namespace hw::gateway
