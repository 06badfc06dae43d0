#include "app/sql_tables.h"

#include "sql/datum.h"

namespace hw::app {

namespace {

using sql::Datum;
using sql::batch::ColumnType;
using sql::batch::TableCursor;

Datum text_or_null(std::string_view text) {
    return text.empty() ? Datum::null() : Datum::text(text);
}

std::vector<Datum> device_row(const gateway::StoredDevice& device) {
    size_t tags = 0;
    for (const auto& group : device.spec.groups)
        tags += group.tags.size();
    return {Datum::text(device.spec.name),
            Datum::text(device.spec.driver),
            Datum::boolean(device.spec.enabled),
            text_or_null(device.spec.description),
            Datum::integer(static_cast<int64_t>(device.spec.groups.size())),
            Datum::integer(static_cast<int64_t>(tags)),
            Datum::text(device.origin),
            Datum::integer(device.revision),
            text_or_null(device.problem)};
}

// One device at a time, since a hundred thousand tags are no small table.
class TagsCursor final : public TableCursor {
  public:
    explicit TagsCursor(std::vector<gateway::Manager::Device> devices)
        : devices_(std::move(devices)) {}

    Result<bool> next(std::vector<Datum>& cells) override {
        size_t rows = 0;
        while (device_ < devices_.size() && rows < sql::batch::table_rows_limit) {
            const auto& spec = devices_[device_]->spec;
            if (group_ == spec.groups.size()) {
                ++device_;
                group_ = tag_ = 0;
            } else if (tag_ == spec.groups[group_].tags.size()) {
                ++group_;
                tag_ = 0;
            } else {
                add(spec, spec.groups[group_], spec.groups[group_].tags[tag_++], cells);
                ++rows;
            }
        }
        return rows > 0;
    }

  private:
    static void add(const gateway::DeviceSpec& device, const gateway::GroupSpec& group,
                    const gateway::TagSpec& tag, std::vector<Datum>& cells) {
        cells.push_back(Datum::text(device.name));
        cells.push_back(Datum::text(group.name));
        cells.push_back(Datum::text(tag.name));
        cells.push_back(Datum::text(tag.address));
        cells.push_back(Datum::text(gateway::to_string(tag.type)));
        cells.push_back(Datum::text(gateway::to_string(tag.access)));
        cells.push_back(Datum::text(tag.point.empty() ? device.name + "/" + tag.name : tag.point));
        cells.push_back(text_or_null(tag.unit));
        cells.push_back(text_or_null(tag.description));
        cells.push_back(tag.min ? Datum::real(*tag.min) : Datum::null());
        cells.push_back(tag.max ? Datum::real(*tag.max) : Datum::null());
        cells.push_back(Datum::real(static_cast<double>(group.interval.ns) * 1e-9));
    }

    const std::vector<gateway::Manager::Device> devices_;
    size_t device_ = 0;
    size_t group_ = 0;
    size_t tag_ = 0;
};

std::string joined_tags(const std::vector<std::string>& tags) {
    std::string out;
    for (const auto& tag : tags)
        out += (out.empty() ? "" : ",") + tag;
    return out;
}

Datum count_of(uint64_t count) {
    return Datum::integer(static_cast<int64_t>(count));
}

std::vector<Datum> rule_row(const rules::Manager& manager, const rules::StoredRule& rule) {
    const auto figures = manager.figures(rule.spec.id);
    const auto shown = figures.value_or(rules::RuleFigures{});
    return {Datum::text(rule.spec.id),
            Datum::text(rule.spec.sql),
            text_or_null(rule.spec.description),
            text_or_null(joined_tags(rule.spec.tags)),
            Datum::boolean(rule.spec.enabled),
            Datum::boolean(manager.active(rule.spec.id)),
            text_or_null(rule.problem),
            Datum::integer(rule.version),
            Datum::time(rule.updated),
            text_or_null(rule.actor),
            count_of(rule.spec.actions.size()),
            count_of(shown.in),
            count_of(shown.out),
            count_of(shown.failed),
            count_of(shown.late)};
}

}  // namespace

void add_device_tables(sql::batch::Engine& engine, const gateway::Manager& devices) {
    engine.add_table({"devices",
                      "Devices as they are configured",
                      {{"name", ColumnType::text},
                       {"driver", ColumnType::text},
                       {"enabled", ColumnType::boolean},
                       {"description", ColumnType::text},
                       {"groups", ColumnType::int64},
                       {"tags", ColumnType::int64},
                       {"origin", ColumnType::text},
                       {"revision", ColumnType::int64},
                       {"problem", ColumnType::text}},
                      [&devices]() -> Result<std::unique_ptr<TableCursor>> {
                          std::vector<std::vector<Datum>> rows;
                          for (const auto& device : devices.list())
                              rows.push_back(device_row(*device));
                          return sql::batch::cursor_over(std::move(rows));
                      }});
    engine.add_table({"tags",
                      "Tags of the devices, with the points they feed",
                      {{"device", ColumnType::text},
                       {"tag_group", ColumnType::text},
                       {"name", ColumnType::text},
                       {"address", ColumnType::text},
                       {"type", ColumnType::text},
                       {"access", ColumnType::text},
                       {"point", ColumnType::text},
                       {"unit", ColumnType::text},
                       {"description", ColumnType::text},
                       {"min", ColumnType::float64},
                       {"max", ColumnType::float64},
                       {"interval_s", ColumnType::float64}},
                      [&devices]() -> Result<std::unique_ptr<TableCursor>> {
                          return std::make_unique<TagsCursor>(devices.list());
                      }});
}

void add_rule_tables(sql::batch::Engine& engine, const rules::Manager& rules) {
    engine.add_table({"rules",
                      "Rules with their counts since they began to run",
                      {{"id", ColumnType::text},
                       {"sql", ColumnType::text},
                       {"description", ColumnType::text},
                       {"tags", ColumnType::text},
                       {"enabled", ColumnType::boolean},
                       {"running", ColumnType::boolean},
                       {"problem", ColumnType::text},
                       {"version", ColumnType::int64},
                       {"updated_at", ColumnType::time},
                       {"updated_by", ColumnType::text},
                       {"actions", ColumnType::int64},
                       {"events_in", ColumnType::int64},
                       {"rows_out", ColumnType::int64},
                       {"failed", ColumnType::int64},
                       {"late", ColumnType::int64}},
                      [&rules]() -> Result<std::unique_ptr<TableCursor>> {
                          std::vector<std::vector<Datum>> rows;
                          for (const auto& rule : rules.list())
                              rows.push_back(rule_row(rules, *rule));
                          return sql::batch::cursor_over(std::move(rows));
                      }});
    engine.add_table(
        {"streams",
         "Streams and tables of rules",
         {{"name", ColumnType::text}, {"is_table", ColumnType::boolean}, {"sql", ColumnType::text}},
         [&rules]() -> Result<std::unique_ptr<TableCursor>> {
             std::vector<std::vector<Datum>> rows;
             for (const auto& stream : rules.streams())
                 rows.push_back({Datum::text(stream.name), Datum::boolean(stream.table),
                                 Datum::text(stream.sql)});
             return sql::batch::cursor_over(std::move(rows));
         }});
    engine.add_table({"connectors",
                      "Named connections to foreign systems",
                      {{"name", ColumnType::text},
                       {"kind", ColumnType::text},
                       {"description", ColumnType::text}},
                      [&rules]() -> Result<std::unique_ptr<TableCursor>> {
                          std::vector<std::vector<Datum>> rows;
                          for (const auto& connector : rules.connectors())
                              rows.push_back({Datum::text(connector.name),
                                              Datum::text(connector.kind),
                                              text_or_null(connector.description)});
                          return sql::batch::cursor_over(std::move(rows));
                      }});
}

}  // namespace hw::app
