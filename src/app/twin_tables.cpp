#include "app/twin_tables.h"

#include <optional>

#include "sql/datum.h"
#include "sql/json.h"
#include "twin/model/twin_name.h"

namespace hw::app {

namespace {

using sql::Datum;
using sql::batch::ColumnType;
using sql::batch::TableCursor;

constexpr size_t twins_a_page = 1'000;

Datum text_or_null(std::string_view text) {
    return text.empty() ? Datum::null() : Datum::text(text);
}

void add_twin(const twin::TwinState& twin, std::vector<Datum>& cells) {
    cells.push_back(Datum::text(twin.id));
    cells.push_back(Datum::text(twin.model ? twin.model->id : ""));
    cells.push_back(Datum::text(twin::name_in(twin.name)));
    cells.push_back(Datum::integer(twin.revision));
    cells.push_back(Datum::time(twin.created));
    cells.push_back(Datum::time(twin.updated));
    cells.push_back(text_or_null(twin.updated_by));
    cells.push_back(Datum::text(twin::all_names(twin.name)));
}

void add_relationships(const twin::TwinState& twin, std::vector<Datum>& cells) {
    for (const auto& relationship : twin.relationships) {
        cells.push_back(Datum::text(relationship.source));
        cells.push_back(Datum::text(relationship.name));
        cells.push_back(Datum::text(relationship.target));
        cells.push_back(relationship.properties.members().empty()
                            ? Datum::null()
                            : Datum::text(sql::to_json(relationship.properties)));
    }
}

// A number or boolean as `value`; what is neither as `text`, structures as JSON.
void add_value(const Datum& value, std::vector<Datum>& cells) {
    Datum number, text;
    if (value.is_number()) {
        number = Datum::real(value.as_number());
    } else if (value.kind() == sql::Kind::boolean) {
        number = Datum::real(value.as_boolean() ? 1 : 0);
    } else if (!value.is_null()) {
        std::string plain;
        sql::append_plain(plain, value);
        text = Datum::text(plain);
    }
    cells.push_back(std::move(number));
    cells.push_back(std::move(text));
}

void add_values(const twin::TwinState& twin, std::vector<Datum>& cells) {
    for (size_t i = 0; i < twin.properties.size(); ++i) {
        const auto& property = twin.properties[i];
        const auto slot = twin.model ? twin.model->slot(property.path) : std::nullopt;
        cells.push_back(Datum::text(twin.id));
        cells.push_back(Datum::text(property.path));
        add_value(property.live.value, cells);
        cells.push_back(
            slot ? text_or_null(twin::unit_symbol(twin.model->slots[*slot].content->unit))
                 : Datum::null());
        cells.push_back(Datum::text(model::to_string(property.live.quality)));
        cells.push_back(property.live.time.ns == 0 ? Datum::null()
                                                   : Datum::time(property.live.time));
        cells.push_back(Datum::boolean(property.live.stale));
        cells.push_back(Datum::text(twin::to_string(property.live.origin)));
        cells.push_back(text_or_null(property.point));
    }
}

// Pages through the twins, so that a million values never lie side by side.
class TwinsCursor final : public TableCursor {
  public:
    using Rows = void (*)(const twin::TwinState&, std::vector<Datum>&);
    using Read = std::function<Result<twin::Snapshot>(const twin::Scope&)>;

    TwinsCursor(Read read, Rows rows, size_t width, bool values, bool relationships)
        : read_(std::move(read)), rows_(rows), width_(width) {
        scope_.limit = twins_a_page;
        scope_.values = values;
        scope_.relationships = relationships;
    }

    Result<bool> next(std::vector<Datum>& cells) override {
        while (at_ == waiting_.size() && !ended_)
            HW_TRY(read_page());
        const size_t most = sql::batch::table_rows_limit * width_;
        const size_t count = std::min(most, waiting_.size() - at_);
        for (size_t i = 0; i < count; ++i)
            cells.push_back(std::move(waiting_[at_ + i]));
        at_ += count;
        return count > 0;
    }

  private:
    Result<void> read_page() {
        waiting_.clear();
        at_ = 0;
        const auto page = HW_TRY(read_(scope_));
        for (const auto& twin : page.twins)
            rows_(twin, waiting_);
        ended_ = page.twins.size() < scope_.limit;
        if (!ended_) scope_.after = page.twins.back().id;
        return {};
    }

    const Read read_;
    const Rows rows_;
    const size_t width_;
    twin::Scope scope_;
    std::vector<Datum> waiting_;
    size_t at_ = 0;
    bool ended_ = false;
};

struct Part {
    const char* name;
    const char* help;
    std::vector<sql::batch::TableColumn> columns;
    TwinsCursor::Rows rows;
    bool values, relationships;
};

void add_part(sql::batch::Engine& engine, const twin::Twins& twins, const TwinsAt& at,
              const Part& part) {
    const auto cursor = [part](TwinsCursor::Read read) -> std::unique_ptr<TableCursor> {
        return std::make_unique<TwinsCursor>(std::move(read), part.rows, part.columns.size(),
                                             part.values, part.relationships);
    };
    sql::batch::Table table{
        part.name, part.help, part.columns,
        [&twins, cursor]() -> Result<std::unique_ptr<TableCursor>> {
            return cursor([&twins](const twin::Scope& scope) { return twins.snapshot(scope); });
        }};
    table.open_at = [at, cursor](Time time) -> Result<std::unique_ptr<TableCursor>> {
        return cursor([at, time](const twin::Scope& scope) { return at(scope, time); });
    };
    engine.add_table(std::move(table));
}

void add_models(sql::batch::Engine& engine, const twin::Twins& twins) {
    engine.add_table({"models",
                      "Models of twins (DTDL interfaces)",
                      {{"id", ColumnType::text},
                       {"name", ColumnType::text},
                       {"description", ColumnType::text},
                       {"extends", ColumnType::text},
                       {"slots", ColumnType::int64}},
                      [&twins]() -> Result<std::unique_ptr<TableCursor>> {
                          std::vector<std::vector<Datum>> rows;
                          const auto models = twins.models();
                          for (const auto& [id, model] : models->all()) {
                              std::string extends;
                              for (const auto& base : model->extends)
                                  extends += (extends.empty() ? "" : ",") + base;
                              rows.push_back(
                                  {Datum::text(id), text_or_null(model->display_name),
                                   text_or_null(model->description), text_or_null(extends),
                                   Datum::integer(static_cast<int64_t>(model->slots.size()))});
                          }
                          return sql::batch::cursor_over(std::move(rows));
                      }});
}

}  // namespace

void add_twin_tables(sql::batch::Engine& engine, const twin::Twins& twins, TwinsAt at) {
    add_part(engine, twins, at,
             {"twins",
              "Twins, without their values",
              {{"id", ColumnType::text},
               {"model", ColumnType::text},
               {"name", ColumnType::text},
               {"revision", ColumnType::int64},
               {"created_at", ColumnType::time},
               {"updated_at", ColumnType::time},
               {"updated_by", ColumnType::text},
               {"names", ColumnType::text}},
              add_twin,
              false,
              false});
    add_part(engine, twins, at,
             {"relationships",
              "Relationships between twins",
              {{"source", ColumnType::text},
               {"name", ColumnType::text},
               {"target", ColumnType::text},
               {"properties", ColumnType::text}},
              add_relationships,
              false,
              true});
    add_part(engine, twins, at,
             {"twin_values",
              "Values of twins: numbers and booleans in value, all else in text",
              {{"twin", ColumnType::text},
               {"path", ColumnType::text},
               {"value", ColumnType::float64},
               {"text", ColumnType::text},
               {"unit", ColumnType::text},
               {"quality", ColumnType::text},
               {"time", ColumnType::time},
               {"stale", ColumnType::boolean},
               {"origin", ColumnType::text},
               {"point", ColumnType::text}},
              add_values,
              true,
              false});
    add_models(engine, twins);
}

}  // namespace hw::app
