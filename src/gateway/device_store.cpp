#include "gateway/device_store.h"

#include <fmt/format.h>

#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "gateway/device_json.h"

namespace hw::gateway {

namespace {

using catalog::as_double;
using catalog::as_int;
using catalog::as_text;
using catalog::ColumnType;
using catalog::Row;
using catalog::Session;
using catalog::Value;

constexpr catalog::Migration migrations[] = {
    {"devices",
     "create table device (id bigint not null primary key, name text not null unique, "
     "driver text not null, description text not null, enabled bigint not null, "
     "settings text not null, origin text not null, revision bigint not null);\n"
     "create table device_group (id bigint not null primary key, device_id bigint not null "
     "references device (id) on delete cascade, position bigint not null, name text not null, "
     "interval_ms bigint not null, unique (device_id, name));\n"
     "create table tag (id bigint not null primary key, group_id bigint not null "
     "references device_group (id) on delete cascade, position bigint not null, "
     "name text not null, address text not null, type text not null, access text not null, "
     "scale double precision not null, value_offset double precision not null, "
     "bias double precision not null, digits bigint not null, deadband double precision not null, "
     "deadband_percent double precision not null, least double precision, "
     "most double precision, unit text not null, description text not null, "
     "point text not null, unique (group_id, name));\n"
     "create table device_template (name text not null primary key, body text not null);\n"}};

constexpr ColumnType device_columns[] = {ColumnType::int64, ColumnType::text,  ColumnType::text,
                                         ColumnType::text,  ColumnType::int64, ColumnType::text,
                                         ColumnType::text,  ColumnType::int64};
constexpr ColumnType group_columns[] = {ColumnType::int64, ColumnType::int64, ColumnType::text,
                                        ColumnType::int64};
constexpr std::string_view tag_names =
    "group_id, name, address, type, access, scale, value_offset, bias, digits, deadband, "
    "deadband_percent, least, most, unit, description, point";
constexpr ColumnType tag_columns[] = {
    ColumnType::int64,   ColumnType::text,    ColumnType::text,    ColumnType::text,
    ColumnType::text,    ColumnType::float64, ColumnType::float64, ColumnType::float64,
    ColumnType::int64,   ColumnType::float64, ColumnType::float64, ColumnType::float64,
    ColumnType::float64, ColumnType::text,    ColumnType::text,    ColumnType::text};
constexpr size_t tag_column_count = std::size(tag_columns);

Value end_of_range(const std::optional<double>& end) {
    return end ? Value(*end) : Value(std::monostate());
}

void append_tag_values(std::vector<Value>& values, const TagSpec& tag) {
    values.insert(values.end(),
                  {tag.name, tag.address, std::string(to_string(tag.type)), to_string(tag.access),
                   tag.scale, tag.offset, tag.bias, static_cast<int64_t>(tag.precision),
                   tag.deadband, tag.deadband_percent, end_of_range(tag.min), end_of_range(tag.max),
                   tag.unit, tag.description, tag.point});
}

// Rows [1, 16) of tag_columns.
Result<TagSpec> tag_of(Row& row) {
    const auto end = [](const Value& value) -> std::optional<double> {
        if (const auto* number = std::get_if<double>(&value)) return *number;
        return std::nullopt;
    };
    TagSpec tag;
    tag.name = as_text(std::move(row[1]));
    tag.address = as_text(std::move(row[2]));
    tag.type = HW_TRY(parse_tag_type(as_text(std::move(row[3]))));
    tag.access = HW_TRY(parse_tag_access(as_text(std::move(row[4]))));
    tag.scale = as_double(row[5]);
    tag.offset = as_double(row[6]);
    tag.bias = as_double(row[7]);
    tag.precision = static_cast<int>(as_int(row[8]));
    tag.deadband = as_double(row[9]);
    tag.deadband_percent = as_double(row[10]);
    tag.min = end(row[11]);
    tag.max = end(row[12]);
    tag.unit = as_text(std::move(row[13]));
    tag.description = as_text(std::move(row[14]));
    tag.point = as_text(std::move(row[15]));
    return tag;
}

std::string settings_text(const SettingTexts& settings) {
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    json.key("settings");
    json.begin_object();
    for (const auto& [name, value] : settings)
        json.member(name, value);
    json.end_object();
    json.end_object();
    return text;
}

// The ids of new rows: behind the largest there is.
class Ids {
  public:
    static Result<Ids> of(Session& session, std::string_view table) {
        return Ids(HW_TRY(session.number(fmt::format("select max(id) from {}", table))));
    }
    int64_t next() { return ++last_; }

  private:
    explicit Ids(int64_t last) : last_(last) {}
    int64_t last_;
};

// Whether those of `now` that were there before stand in their old order, and the new ones behind
// them all; then no position need change.
template <class Spec>
bool appended_only(const std::vector<Spec>& before, const std::vector<Spec>& now) {
    std::unordered_map<std::string_view, size_t> places;
    for (size_t i = 0; i < before.size(); ++i)
        places.emplace(before[i].name, i);
    size_t last = 0;
    bool fresh = false;
    for (const auto& one : now) {
        const auto at = places.find(one.name);
        if (at == places.end()) {
            fresh = true;
            continue;
        }
        if (fresh || at->second < last) return false;
        last = at->second;
    }
    return true;
}

template <class Spec>
std::unordered_set<std::string_view> names_of(const std::vector<Spec>& specs) {
    std::unordered_set<std::string_view> names;
    for (const auto& spec : specs)
        names.insert(spec.name);
    return names;
}

// Writes the difference between two states of one device.
class Saver {
  public:
    explicit Saver(Session& session) : session_(session) {}

    Result<void> save(const StoredDevice& device, const StoredDevice* before) {
        const auto& spec = device.spec;
        if (before == nullptr) {
            auto ids = HW_TRY(Ids::of(session_, "device"));
            device_id_ = ids.next();
            HW_TRY(session_.run(
                "insert into device (id, name, driver, description, enabled, settings, origin, "
                "revision) values (:id, :name, :driver, :description, :enabled, :settings, "
                ":origin, :revision)",
                {device_id_, spec.name, spec.driver, spec.description,
                 static_cast<int64_t>(spec.enabled ? 1 : 0), settings_text(spec.settings),
                 device.origin, device.revision}));
            return save_groups({}, spec.groups);
        }
        device_id_ = HW_TRY(
            session_.number("select id from device where name = :name", {before->spec.name}));
        HW_TRY(session_.run(
            "update device set name = :name, driver = :driver, description = :description, "
            "enabled = :enabled, settings = :settings, origin = :origin, revision = :revision "
            "where id = :id",
            {spec.name, spec.driver, spec.description, static_cast<int64_t>(spec.enabled ? 1 : 0),
             settings_text(spec.settings), device.origin, device.revision, device_id_}));
        return save_groups(before->spec.groups, spec.groups);
    }

  private:
    Result<void> save_groups(const std::vector<GroupSpec>& before,
                             const std::vector<GroupSpec>& now) {
        const bool keep = appended_only(before, now);
        const auto kept = names_of(now);
        std::unordered_map<std::string_view, const GroupSpec*> old;
        for (const auto& group : before) {
            if (kept.contains(group.name)) {
                old.emplace(group.name, &group);
            } else {
                HW_TRY(session_.run(
                    "delete from device_group where device_id = :device and name = :name",
                    {device_id_, group.name}));
            }
        }
        auto ids = HW_TRY(Ids::of(session_, "device_group"));
        int64_t position = HW_TRY(session_.number(
            "select max(position) from device_group where device_id = :device", {device_id_}));
        for (const auto& group : now) {
            const auto at = old.find(group.name);
            ++position;
            if (at == old.end()) {
                const int64_t id = ids.next();
                HW_TRY(session_.run(
                    "insert into device_group (id, device_id, position, name, interval_ms) values "
                    "(:id, :device, :position, :name, :interval)",
                    {id, device_id_, position, group.name, group.interval.ns / 1'000'000}));
                HW_TRY(save_tags(id, {}, group.tags));
                continue;
            }
            if (!keep || group.interval != at->second->interval)
                HW_TRY(update_group(group, keep ? std::nullopt : std::optional(position)));
            if (group.tags == at->second->tags) continue;
            const int64_t id = HW_TRY(session_.number(
                "select id from device_group where device_id = :device and name = :name",
                {device_id_, group.name}));
            HW_TRY(save_tags(id, at->second->tags, group.tags));
        }
        return {};
    }

    Result<void> update_group(const GroupSpec& group, std::optional<int64_t> position) {
        const int64_t interval = group.interval.ns / 1'000'000;
        HW_TRY(
            session_.run("update device_group set interval_ms = :interval where device_id = "
                         ":device and name = :name",
                         {interval, device_id_, group.name}));
        if (position)
            HW_TRY(
                session_.run("update device_group set position = :position where device_id = "
                             ":device and name = :name",
                             {*position, device_id_, group.name}));
        return {};
    }

    Result<void> save_tags(int64_t group_id, const std::vector<TagSpec>& before,
                           const std::vector<TagSpec>& now) {
        // Other than by appending, the order is new: the rows are written anew.
        if (!appended_only(before, now)) {
            HW_TRY(session_.run("delete from tag where group_id = :id", {group_id}));
            return insert_tags(group_id, now, 0);
        }
        const auto kept = names_of(now);
        std::unordered_map<std::string_view, const TagSpec*> old;
        for (const auto& tag : before) {
            if (kept.contains(tag.name)) {
                old.emplace(tag.name, &tag);
            } else {
                HW_TRY(session_.run("delete from tag where group_id = :id and name = :name",
                                    {group_id, tag.name}));
            }
        }
        size_t survivors = 0;
        for (; survivors < now.size(); ++survivors) {
            const auto at = old.find(now[survivors].name);
            if (at == old.end()) break;
            if (now[survivors] == *at->second) continue;
            HW_TRY(update_tag(group_id, now[survivors]));
        }
        return insert_tags(group_id, now, survivors);
    }

    // Tags from `first` on; few callers have as many as it pays to prepare for.
    Result<void> insert_tags(int64_t group_id, const std::vector<TagSpec>& tags, size_t first) {
        if (first == tags.size()) return {};
        if (!ids_) {
            ids_ = HW_TRY(Ids::of(session_, "tag"));
            std::vector<ColumnType> types = {ColumnType::int64, ColumnType::int64};
            types.insert(types.end(), std::begin(tag_columns), std::end(tag_columns));
            insert_ = HW_TRY(session_.prepare(
                fmt::format("insert into tag (id, position, {}) values (:id, :position, :group, "
                            ":name, :address, :type, :access, :scale, :offset, :bias, :digits, "
                            ":deadband, :deadband_percent, :least, :most, :unit, :description, "
                            ":point)",
                            tag_names),
                types));
        }
        int64_t position = HW_TRY(
            session_.number("select max(position) from tag where group_id = :group", {group_id}));
        std::vector<Value> values;
        for (size_t i = first; i < tags.size(); ++i) {
            values.assign({ids_->next(), ++position, group_id});
            append_tag_values(values, tags[i]);
            HW_TRY(insert_->run(values));
        }
        return {};
    }

    Result<void> update_tag(int64_t group_id, const TagSpec& tag) {
        std::vector<ColumnType> types(std::begin(tag_columns) + 1, std::end(tag_columns));
        types.push_back(ColumnType::int64);
        types.push_back(ColumnType::text);
        if (!update_)
            update_ = HW_TRY(session_.prepare(
                "update tag set name = :name, address = :address, type = :type, access = :access, "
                "scale = :scale, value_offset = :offset, bias = :bias, digits = :digits, "
                "deadband = :deadband, deadband_percent = :deadband_percent, least = :least, "
                "most = :most, unit = :unit, description = :description, point = :point "
                "where group_id = :group and name = :key",
                types));
        std::vector<Value> values;
        append_tag_values(values, tag);
        values.emplace_back(group_id);
        values.emplace_back(tag.name);
        HW_TRY(update_->run(values));
        return {};
    }

    Session& session_;
    int64_t device_id_ = 0;
    std::optional<Ids> ids_;
    std::optional<catalog::Statement> insert_;
    std::optional<catalog::Statement> update_;
};

// Reads all devices; rows come in the order of their positions.
class Loader {
  public:
    explicit Loader(Session& session) : session_(session) {}

    Result<std::vector<StoredDevice>> load() {
        HW_TRY(load_devices());
        HW_TRY(load_groups());
        HW_TRY(load_tags());
        return std::move(devices_);
    }

  private:
    Result<void> load_devices() {
        auto select = HW_TRY(session_.prepare(
            "select id, name, driver, description, enabled, settings, origin, revision from device "
            "order by name",
            {}, device_columns));
        return select.each({}, [this](Row& row) -> Result<void> {
            StoredDevice device;
            HW_TRY(patch_device(as_text(std::move(row[5])), device.spec));
            device.spec.name = as_text(std::move(row[1]));
            device.spec.driver = as_text(std::move(row[2]));
            device.spec.description = as_text(std::move(row[3]));
            device.spec.enabled = as_int(row[4]) != 0;
            device.origin = as_text(std::move(row[6]));
            device.revision = as_int(row[7]);
            by_id_[as_int(row[0])] = devices_.size();
            devices_.push_back(std::move(device));
            return {};
        });
    }

    Result<void> load_groups() {
        auto select = HW_TRY(session_.prepare(
            "select id, device_id, name, interval_ms from device_group order by device_id, "
            "position",
            {}, group_columns));
        return select.each({}, [this](Row& row) -> Result<void> {
            const size_t device = by_id_.at(as_int(row[1]));
            auto& groups = devices_[device].spec.groups;
            groups_[as_int(row[0])] = {device, groups.size()};
            groups.push_back({as_text(std::move(row[2])), milliseconds(as_int(row[3])), {}});
            return {};
        });
    }

    Result<void> load_tags() {
        auto select = HW_TRY(session_.prepare(
            fmt::format("select {} from tag order by group_id, position", tag_names), {},
            tag_columns));
        int64_t last = -1;
        std::vector<TagSpec>* tags = nullptr;
        return select.each({}, [&](Row& row) -> Result<void> {
            if (as_int(row[0]) != last) {
                last = as_int(row[0]);
                const auto [device, group] = groups_.at(last);
                tags = &devices_[device].spec.groups[group].tags;
            }
            auto tag = tag_of(row);
            if (!tag) return fail(Error(ErrorCode::corrupt, tag.error().text()).within("catalog"));
            tags->push_back(std::move(*tag));
            return {};
        });
    }

    Session& session_;
    std::vector<StoredDevice> devices_;
    std::unordered_map<int64_t, size_t> by_id_;
    std::unordered_map<int64_t, std::pair<size_t, size_t>> groups_;
};

static_assert(tag_column_count == 16);

}  // namespace

Result<std::unique_ptr<DeviceStore>> DeviceStore::open(catalog::Database& database) {
    HW_TRY(database.migrate("gateway", migrations));
    return std::unique_ptr<DeviceStore>(new DeviceStore(database));
}

Result<std::vector<StoredDevice>> DeviceStore::load() const {
    std::vector<StoredDevice> devices;
    const auto done = database_.read([&](Session& session) -> Result<void> {
        devices = HW_TRY(Loader(session).load());
        return {};
    });
    if (!done) return fail(done.error());
    return devices;
}

Result<void> DeviceStore::save(const StoredDevice& device, const StoredDevice* before,
                               const Commit& commit) {
    return database_.transaction([&](Session& session) -> Result<void> {
        HW_TRY(Saver(session).save(device, before));
        return commit ? commit() : Result<void>();
    });
}

Result<void> DeviceStore::remove(std::string_view name, const Commit& commit) {
    return database_.transaction([&](Session& session) -> Result<void> {
        HW_TRY(session.run("delete from device where name = :name", {std::string(name)}));
        return commit ? commit() : Result<void>();
    });
}

Result<std::vector<Template>> DeviceStore::load_templates() const {
    std::vector<Template> templates;
    const auto done = database_.read([&](Session& session) -> Result<void> {
        auto rows = HW_TRY(session.rows("select name, body from device_template order by name",
                                        {ColumnType::text, ColumnType::text}));
        for (auto& row : rows) {
            const std::string name = as_text(std::move(row[0]));
            templates.push_back(HW_TRY(read_template(as_text(std::move(row[1])), name)));
        }
        return {};
    });
    if (!done) return fail(done.error());
    return templates;
}

Result<void> DeviceStore::save_template(const Template& what) {
    return database_.transaction([&](Session& session) -> Result<void> {
        HW_TRY(session.run("delete from device_template where name = :name", {what.name}));
        HW_TRY(session.run("insert into device_template (name, body) values (:name, :body)",
                           {what.name, template_text(what)}));
        return {};
    });
}

Result<bool> DeviceStore::remove_template(std::string_view name) {
    bool was = false;
    const auto done = database_.transaction([&](Session& session) -> Result<void> {
        was = HW_TRY(session.run("delete from device_template where name = :name",
                                 {std::string(name)})) > 0;
        return {};
    });
    if (!done) return fail(done.error());
    return was;
}

}  // namespace hw::gateway
