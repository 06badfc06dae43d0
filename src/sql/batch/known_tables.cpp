#include "sql/batch/known_tables.h"

#include "base/base64.h"

namespace hw::sql::batch {

namespace {

Datum text_or_null(std::string_view text) {
    return text.empty() ? Datum::null() : Datum::text(text);
}

// As the columns of history: numbers in `value`, all else in `text`.
void add_value(const model::Value& value, std::vector<Datum>& cells) {
    const auto numeric = [&](double number) {
        cells.push_back(Datum::real(number));
        cells.push_back(Datum::null());
    };
    const auto words = [&](std::string_view text) {
        cells.push_back(Datum::null());
        cells.push_back(Datum::text(text));
    };
    switch (model::type_of(value)) {
        case model::ValueType::boolean:
            return numeric(std::get<bool>(value) ? 1 : 0);
        case model::ValueType::int64:
            return numeric(static_cast<double>(std::get<int64_t>(value)));
        case model::ValueType::float64:
            return numeric(std::get<double>(value));
        case model::ValueType::text:
            return words(std::get<std::string>(value));
        case model::ValueType::bytes:
            return words(base64(std::get<model::Bytes>(value).data));
    }
}

class PointsCursor final : public TableCursor {
  public:
    PointsCursor(const history::History& history, const model::PointDirectory& points)
        : history_(history), points_(points) {}

    Result<bool> next(std::vector<Datum>& cells) override {
        // A point whose first sample is not committed yet is not there yet.
        while (cells.empty()) {
            const auto ids = points_.match("#", after_, table_rows_limit);
            if (ids.empty()) return false;
            after_ = points_.path(ids.back());
            history_.point_states(ids, states_);
            for (const auto& state : states_)
                if (state) add(*state, cells);
        }
        return true;
    }

  private:
    void add(const history::PointState& state, std::vector<Datum>& cells) {
        cells.push_back(Datum::text(points_.path(state.id)));
        cells.push_back(Datum::text(model::to_string(state.type)));
        cells.push_back(text_or_null(state.unit));
        add_value(state.last.value, cells);
        cells.push_back(Datum::text(model::to_string(state.last.quality)));
        cells.push_back(Datum::time(state.last.time));
        cells.push_back(Datum::time(state.first_time));
        cells.push_back(Datum::integer(static_cast<int64_t>(state.count)));
    }

    const history::History& history_;
    const model::PointDirectory& points_;
    std::string after_;
    std::vector<std::optional<history::PointState>> states_;
};

class AuditCursor final : public TableCursor {
  public:
    explicit AuditCursor(const catalog::AuditLog& audit) : audit_(audit) {
        query_.limit = table_rows_limit;
        query_.access = false;  // for administrators alone, and SQL is for everybody who reads
    }

    Result<bool> next(std::vector<Datum>& cells) override {
        while (!ended_ && cells.empty()) {
            const auto page = HW_TRY(audit_.query(query_));
            query_.before = page.next;
            ended_ = !page.next;
            for (const auto& record : page.records)
                add(record, cells);
        }
        return !cells.empty();
    }

  private:
    static void add(const catalog::AuditRecord& record, std::vector<Datum>& cells) {
        cells.push_back(Datum::time(record.time));
        for (const std::string* text :
             {&record.actor, &record.origin, &record.action, &record.target, &record.old_value,
              &record.new_value, &record.result, &record.detail})
            cells.push_back(text_or_null(*text));
    }

    const catalog::AuditLog& audit_;
    catalog::AuditQuery query_;
    bool ended_ = false;
};

}  // namespace

Table points_table(const history::History& history, const model::PointDirectory& points) {
    return {"points",
            "Every point with its last value",
            {{"point", ColumnType::text},
             {"type", ColumnType::text},
             {"unit", ColumnType::text},
             {"value", ColumnType::float64},
             {"text", ColumnType::text},
             {"quality", ColumnType::text},
             {"time", ColumnType::time},
             {"first_time", ColumnType::time},
             {"count", ColumnType::int64}},
            [&]() -> Result<std::unique_ptr<TableCursor>> {
                return std::make_unique<PointsCursor>(history, points);
            }};
}

Table audit_table(const catalog::AuditLog& audit) {
    return {"audit",
            "What was changed, by whom",
            {{"time", ColumnType::time},
             {"actor", ColumnType::text},
             {"origin", ColumnType::text},
             {"action", ColumnType::text},
             {"target", ColumnType::text},
             {"old_value", ColumnType::text},
             {"new_value", ColumnType::text},
             {"result", ColumnType::text},
             {"detail", ColumnType::text}},
            [&]() -> Result<std::unique_ptr<TableCursor>> {
                return std::make_unique<AuditCursor>(audit);
            }};
}

}  // namespace hw::sql::batch
