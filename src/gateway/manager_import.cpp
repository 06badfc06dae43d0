// Many devices and tags at once: imports, templates.

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "base/config_text.h"
#include "gateway/device_json.h"
#include "gateway/manager.h"

namespace hw::gateway {

namespace {

using TagKey = std::pair<std::string, std::string>;  // group, tag

std::string point_of(const DeviceSpec& device, const TagSpec& tag) {
    return tag.point.empty() ? fmt::format("{}/{}", device.name, tag.name) : tag.point;
}

void drop_tags(DeviceSpec& device, const std::set<TagKey>& bad) {
    for (auto& group : device.groups)
        std::erase_if(group.tags,
                      [&](const TagSpec& tag) { return bad.contains({group.name, tag.name}); });
}

}  // namespace

void Manager::add_plan(DeviceSpec spec, uint64_t line, const Change& change,
                       std::vector<Plan>& plans, ImportReport& report) const {
    const auto refuse = [&](std::string_view field, std::string text) {
        report.errors.push_back({line, spec.name, "", "", std::string(field), std::move(text)});
    };
    if (const auto name = check_reserved(spec.name); !name)
        return refuse("name", name.error().text());
    for (const auto& plan : plans)
        if (plan.spec.name == spec.name)
            return refuse("name", fmt::format("the device '{}' is there twice", spec.name));
    const Device before = find(spec.name);
    if (before)
        if (const auto allowed = may_change(*before, change); !allowed)
            return refuse("name", allowed.error().text());
    plans.push_back({std::move(spec), before, {}, line});
}

// Leaves out the tags that are not accepted; where something else is wrong, the whole device.
void Manager::check_plan(Plan& plan, ImportReport& report) const {
    for (;;) {
        std::vector<Flaw> flaws;
        if (check_device(plan.spec, rooms_.drivers, flaws)) return;
        std::set<TagKey> bad;
        for (auto& flaw : flaws) {
            const TagKey key(flaw.group, flaw.tag);
            const auto line = plan.lines.find(key);
            const bool imported = line != plan.lines.end() || plan.lines.empty();
            if (!flaw.tag.empty() && imported) {
                bad.insert(key);
            } else {
                plan.dropped = true;
            }
            report.errors.push_back({line != plan.lines.end() ? line->second : plan.line,
                                     plan.spec.name, std::move(flaw.group), std::move(flaw.tag),
                                     std::move(flaw.field), std::move(flaw.text)});
        }
        if (plan.dropped) return;
        drop_tags(plan.spec, bad);
    }
}

// No two devices have one point.
void Manager::check_points(std::vector<Plan>& plans, ImportReport& report) const {
    std::unordered_map<std::string, std::string> owners;
    std::set<std::string, std::less<>> planned;
    for (const auto& plan : plans)
        if (!plan.dropped) planned.insert(plan.spec.name);
    for (const auto& device : list()) {
        if (planned.contains(device->spec.name)) continue;
        for (const auto& group : device->spec.groups)
            for (const auto& tag : group.tags)
                owners.emplace(point_of(device->spec, tag), device->spec.name);
    }
    for (auto& plan : plans) {
        if (plan.dropped) continue;
        std::set<TagKey> bad;
        for (const auto& group : plan.spec.groups) {
            for (const auto& tag : group.tags) {
                const auto [owner, fresh] =
                    owners.emplace(point_of(plan.spec, tag), plan.spec.name);
                if (fresh) continue;
                bad.emplace(group.name, tag.name);
                const auto line = plan.lines.find({group.name, tag.name});
                report.errors.push_back(
                    {line != plan.lines.end() ? line->second : plan.line, plan.spec.name,
                     group.name, tag.name, "point",
                     fmt::format("the point '{}' belongs to device '{}' already", owner->first,
                                 owner->second)});
            }
        }
        drop_tags(plan.spec, bad);
    }
}

void Manager::count_plan(const Plan& plan, ImportReport& report) const {
    std::map<TagKey, const TagSpec*> before;
    if (plan.before)
        for (const auto& group : plan.before->spec.groups)
            for (const auto& tag : group.tags)
                before.emplace(TagKey(group.name, tag.name), &tag);
    if (!plan.before) {
        ++report.devices_created;
    } else if (plan.before->spec == plan.spec) {
        ++report.devices_unchanged;
    } else {
        ++report.devices_changed;
    }
    for (const auto& group : plan.spec.groups) {
        for (const auto& tag : group.tags) {
            const auto at = before.find(TagKey(group.name, tag.name));
            if (at == before.end()) {
                ++report.tags_added;
                continue;
            }
            ++(*at->second == tag ? report.tags_unchanged : report.tags_changed);
            before.erase(at);
        }
    }
    report.tags_removed += before.size();
}

void Manager::take_back(const std::vector<Done>& done, ImportReport& report) {
    for (auto at = done.rbegin(); at != done.rend(); ++at) {
        Result<void> back = {};
        std::vector<Flaw> flaws;
        if (!at->before) {
            back = store_removed(at->now);
        } else if (auto stored = store(*at->before, at->now, flaws); !stored) {
            back = fail(stored.error());
        }
        if (!back)
            report.errors.push_back({0, at->now->spec.name, "", "", "", back.error().text()});
    }
}

Result<ImportReport> Manager::carry_out(std::vector<Plan> plans, ImportReport report,
                                        ImportOptions options, Change& change,
                                        std::string_view action) {
    for (auto& plan : plans)
        check_plan(plan, report);
    check_points(plans, report);
    std::stable_sort(report.errors.begin(), report.errors.end(),
                     [](const auto& a, const auto& b) { return a.line < b.line; });
    if (options.all_or_nothing && !report.errors.empty()) return report;
    std::vector<Done> done;
    for (auto& plan : plans) {
        if (plan.dropped) continue;
        const bool changes = !plan.before || plan.before->spec != plan.spec;
        if (changes) report.applied = true;
        if (options.dry_run || !changes) {
            count_plan(plan, report);
            continue;
        }
        auto record = record_of(change, action, plan.spec.name);
        record.old_value = plan.before ? device_summary(plan.before->spec) : "";
        record.new_value = device_summary(plan.spec);
        std::vector<Flaw> flaws;
        auto stored = store({plan.spec, std::string(origin_api), 0}, plan.before, flaws);
        note(std::move(record), stored ? nullptr : &stored.error());
        if (stored) {
            done.push_back({*stored, plan.before});
            count_plan(plan, report);
            continue;
        }
        report.errors.push_back({plan.line, plan.spec.name, "", "", "", stored.error().text()});
        if (!options.all_or_nothing) continue;
        take_back(done, report);
        ImportReport nothing;
        nothing.errors = std::move(report.errors);
        return nothing;
    }
    return report;
}

Result<ImportReport> Manager::import_devices(std::string_view json, ImportOptions options,
                                             Change& change) {
    auto devices = HW_TRY(read_devices(json));
    MutexLock lock(changes_);
    ImportReport report;
    std::vector<Plan> plans;
    for (auto& device : devices) {
        if (device) {
            add_plan(std::move(*device), 0, change, plans, report);
        } else {
            report.errors.push_back({0, "", "", "", "", device.error().text()});
        }
    }
    return carry_out(std::move(plans), std::move(report), options, change, "device.import");
}

Result<ImportReport> Manager::import_tags(std::string_view csv, std::string_view device,
                                          ImportOptions options, Change& change) {
    auto table = HW_TRY(read_tag_table(csv, device));
    MutexLock lock(changes_);
    ImportReport report;
    report.errors = std::move(table.errors);
    std::vector<Plan> plans;
    std::map<std::string, size_t, std::less<>> places;  // of a device's plan
    std::map<std::pair<size_t, TagKey>, std::pair<size_t, size_t>> tags;
    for (auto& row : table.rows) {
        auto place = places.find(row.device);
        if (place == places.end()) {
            const size_t plan = plans.size();
            const auto before = found(row.device);
            if (before) add_plan((*before)->spec, row.line, change, plans, report);
            if (!before || plans.size() == plan) {
                if (!before)
                    report.errors.push_back({row.line, row.device, row.group, row.tag.name,
                                             "device", before.error().text()});
                continue;
            }
            place = places.emplace(row.device, plan).first;
            for (size_t g = 0; g < plans[plan].spec.groups.size(); ++g) {
                const auto& group = plans[plan].spec.groups[g];
                tags[{plan, {group.name, ""}}] = {g, 0};
                for (size_t t = 0; t < group.tags.size(); ++t)
                    tags[{plan, {group.name, group.tags[t].name}}] = {g, t};
            }
        }
        Plan& plan = plans[place->second];
        const auto [group, fresh] =
            tags.try_emplace({place->second, {row.group, ""}}, plan.spec.groups.size(), size_t{0});
        if (fresh) plan.spec.groups.push_back({row.group, seconds(1), {}});
        GroupSpec& into = plan.spec.groups[group->second.first];
        if (row.interval) into.interval = *row.interval;
        plan.lines.emplace(TagKey(row.group, row.tag.name), row.line);
        const auto [tag, is_new] = tags.try_emplace({place->second, {row.group, row.tag.name}},
                                                    group->second.first, into.tags.size());
        if (is_new) {
            into.tags.push_back(std::move(row.tag));
        } else {
            into.tags[tag->second.second] = std::move(row.tag);
        }
    }
    return carry_out(std::move(plans), std::move(report), options, change, "device.import_tags");
}

std::vector<Template> Manager::templates() const {
    std::vector<Template> all;
    MutexLock lock(devices_mutex_);
    for (const auto& [name, what] : templates_)
        all.push_back(what);
    return all;
}

Result<Template> Manager::get_template(std::string_view name) const {
    std::vector<std::string> names;
    MutexLock lock(devices_mutex_);
    if (const auto at = templates_.find(name); at != templates_.end()) return at->second;
    for (const auto& [one, what] : templates_)
        names.push_back(one);
    return fail(ErrorCode::not_found,
                fmt::format("there is no template '{}'{}", name, did_you_mean(name, names)));
}

Result<void> Manager::put_template(const Template& what, Change& change, bool& created) {
    if (what.name.size() > name_bytes_limit)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("the template's name has {} bytes, at most {} are allowed",
                                what.name.size(), name_bytes_limit));
    HW_TRY(check_reserved(what.name));
    MutexLock lock(changes_);
    auto record = record_of(change, "template.put", what.name);
    auto saved = rooms_.store.save_template(what);
    note(std::move(record), saved ? nullptr : &saved.error());
    HW_TRY(saved);
    MutexLock devices(devices_mutex_);
    created = templates_.insert_or_assign(what.name, what).second;
    return {};
}

Result<void> Manager::remove_template(std::string_view name, Change& change) {
    HW_TRY(get_template(name));
    MutexLock lock(changes_);
    auto record = record_of(change, "template.remove", name);
    const auto removed = rooms_.store.remove_template(name);
    note(std::move(record), removed ? nullptr : &removed.error());
    HW_TRY(removed);
    MutexLock devices(devices_mutex_);
    templates_.erase(std::string(name));
    return {};
}

Result<ImportReport> Manager::make_instances(std::string_view name,
                                             const std::vector<TemplateInstance>& instances,
                                             ImportOptions options, Change& change) {
    const Template what = HW_TRY(get_template(name));
    MutexLock lock(changes_);
    ImportReport report;
    std::vector<Plan> plans;
    for (const auto& instance : instances) {
        auto device = instantiate(what, instance.name, instance.values);
        if (!device) {
            report.errors.push_back(
                {instance.line, instance.name, "", "", "", device.error().text()});
        } else if (find(instance.name)) {
            report.errors.push_back({instance.line, instance.name, "", "", "name",
                                     fmt::format("there is a device '{}' already", instance.name)});
        } else {
            add_plan(std::move(*device), instance.line, change, plans, report);
        }
    }
    return carry_out(std::move(plans), std::move(report), options, change, "template.instantiate");
}

}  // namespace hw::gateway
