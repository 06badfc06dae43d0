#include <optional>

#include "sql/batch/arguments.h"
#include "sql/batch/context.h"
#include "sql/batch/handles.h"

namespace hw::sql::batch {

using duck::TypeId;

namespace {

class ListCursor final : public TableCursor {
  public:
    explicit ListCursor(std::vector<std::vector<Datum>> rows) : rows_(std::move(rows)) {}
    Result<bool> next(std::vector<Datum>& cells) override {
        const size_t end = std::min(rows_.size(), at_ + table_rows_limit);
        const bool any = at_ < end;
        for (; at_ < end; ++at_)
            for (Datum& cell : rows_[at_])
                cells.push_back(std::move(cell));
        return any;
    }

  private:
    std::vector<std::vector<Datum>> rows_;
    size_t at_ = 0;
};

TypeId type_of(ColumnType type) {
    switch (type) {
        case ColumnType::text:
            return TypeId::varchar;
        case ColumnType::int64:
            return TypeId::bigint;
        case ColumnType::float64:
            return TypeId::double_precision;
        case ColumnType::boolean:
            return TypeId::boolean;
        case ColumnType::time:
            return TypeId::timestamp_ns;
    }
    HW_UNREACHABLE();
}

void write_cell(const duck::Api& api, duck::Vector vector, size_t row, ColumnType type,
                const Datum& cell) {
    if (cell.is_null()) return write_nulls(api, vector, row, 1);
    switch (type) {
        case ColumnType::text:
            return write_text(api, vector, row, 1, cell.as_text());
        case ColumnType::int64:
            vector_data<int64_t>(api, vector)[row] = cell.as_integer();
            return;
        case ColumnType::float64:
            vector_data<double>(api, vector)[row] = cell.as_number();
            return;
        case ColumnType::boolean:
            vector_data<bool>(api, vector)[row] = cell.as_boolean();
            return;
        case ColumnType::time:
            vector_data<int64_t>(api, vector)[row] = cell.as_time().ns;
            return;
    }
}

class Worker final : public FunctionWorker {
  public:
    Worker(const Context& context, const Table& table, std::optional<Time> at,
           std::vector<size_t> columns)
        : context_(context), table_(table), at_(at), columns_(std::move(columns)) {}

    Result<size_t> fill(duck::DataChunk output) override {
        if (!cursor_ && at_) cursor_ = HW_TRY(table_.open_at(*at_));
        if (!cursor_) cursor_ = HW_TRY(table_.open());
        cells_.clear();
        if (!HW_TRY(cursor_->next(cells_))) return size_t{0};
        const size_t width = table_.columns.size();
        const size_t rows = cells_.size() / width;
        HW_ASSERT(rows * width == cells_.size() && rows <= context_.api.vector_size());
        for (size_t i = 0; i < columns_.size(); ++i) {
            if (columns_[i] == no_column) continue;
            duck::Vector vector = context_.api.data_chunk_get_vector(output, i);
            for (size_t row = 0; row < rows; ++row)
                write_cell(context_.api, vector, row, table_.columns[columns_[i]].type,
                           cells_[row * width + columns_[i]]);
        }
        return rows;
    }

  private:
    const Context& context_;
    const Table& table_;
    const std::optional<Time> at_;
    const std::vector<size_t> columns_;
    std::unique_ptr<TableCursor> cursor_;
    std::vector<Datum> cells_;
};

class Run final : public FunctionRun {
  public:
    Run(const Context& context, const Table& table, std::optional<Time> at,
        std::vector<size_t> columns)
        : context_(context), table_(table), at_(at), columns_(std::move(columns)) {}
    std::unique_ptr<FunctionWorker> worker() override {
        return std::make_unique<Worker>(context_, table_, at_, columns_);
    }

  private:
    const Context& context_;
    const Table& table_;
    const std::optional<Time> at_;
    const std::vector<size_t> columns_;
};

class Plan final : public FunctionPlan {
  public:
    Plan(const Context& context, const Table& table, std::optional<Time> at)
        : context_(context), table_(table), at_(at) {}
    std::vector<FunctionColumn> columns() const override {
        std::vector<FunctionColumn> all;
        for (const TableColumn& column : table_.columns)
            all.push_back({column.name, type_of(column.type)});
        return all;
    }
    uint64_t rows_expected() const override { return 1000; }
    Result<std::unique_ptr<FunctionRun>> begin(std::vector<size_t> columns) const override {
        return std::make_unique<Run>(context_, table_, at_, std::move(columns));
    }

  private:
    const Context& context_;
    const Table& table_;
    const std::optional<Time> at_;
};

}  // namespace

std::unique_ptr<TableCursor> cursor_over(std::vector<std::vector<Datum>> rows) {
    return std::make_unique<ListCursor>(std::move(rows));
}

FunctionSpec rows_function(const Context& context, const Table& table) {
    return {table.name + "_rows", 0,
            [&](FunctionSpec::Arguments) -> Result<std::unique_ptr<FunctionPlan>> {
                return std::make_unique<Plan>(context, table, std::nullopt);
            }};
}

FunctionSpec rows_at_function(const Context& context, const Table& table) {
    return {table.name + "_at", 1,
            [&](FunctionSpec::Arguments arguments) -> Result<std::unique_ptr<FunctionPlan>> {
                const Time now = context.clock.now();
                const Time at = HW_TRY(time_argument(context.api, arguments[0], "time", now, now));
                return std::make_unique<Plan>(context, table, at);
            }};
}

}  // namespace hw::sql::batch
