#include "sql/batch/file_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "sql/batch/cells.h"
#include "sql/batch/database.h"
#include "sql/batch/library.h"
#include "sql/batch/query.h"
#include "sql/batch/result_writer.h"

namespace hw::sql::batch {

namespace {

std::string quoted(std::string_view path) {
    std::string out = "'";
    for (const char c : path) {
        if (c == '\'') out += c;
        out += c;
    }
    return out + "'";
}

class DuckFileReader final : public FileReader {
  public:
    DuckFileReader(std::unique_ptr<Database> database, duck::OwnedConnection connection,
                   std::string source)
        : database_(std::move(database)),
          connection_(std::move(connection)),
          source_(std::move(source)) {}

    Result<void> start() {
        const auto names = HW_TRY(texts("SELECT column_name FROM (DESCRIBE FROM " + source_ + ")"));
        std::vector<std::string> wanted;
        for (const char* name : {"point", "time", "value", "text", "quality", "type"})
            if (std::find(names.begin(), names.end(), name) != names.end())
                wanted.emplace_back(name);
        const auto has = [&](const char* name) {
            return std::find(wanted.begin(), wanted.end(), name) != wanted.end();
        };
        if (!has("point") || !has("time") || (!has("value") && !has("text")))
            return fail(ErrorCode::invalid_argument,
                        fmt::format("the file has the columns {}; wanted are point, time, and "
                                    "value or text, and if there are quality and type",
                                    fmt::join(names, ", ")));
        const auto count = HW_TRY(texts("SELECT count(*)::VARCHAR FROM " + source_));
        const std::string& digits = count.at(0);
        std::from_chars(digits.data(), digits.data() + digits.size(), rows_);
        query_ = std::make_unique<Query>(*database_, connection_.get());
        return query_->start(
            fmt::format("SELECT \"{}\" FROM {}", fmt::join(wanted, "\", \""), source_), {}, true);
    }

    uint64_t rows() const override { return rows_; }

    Result<uint64_t> next(uint64_t rows, std::string& csv) override {
        ResultWriter writer(Format::csv, query_->columns(), csv);
        writer.begin();
        uint64_t written = 0;
        while (written < rows) {
            const auto chunk = HW_TRY(query_->next());
            if (!chunk) break;
            const uint64_t count = database_->api().data_chunk_get_size(chunk.get());
            writer.rows(cells_of(chunk.get(), query_->columns()), count);
            written += count;
        }
        return written;
    }

  private:
    std::vector<Cells> cells_of(duck::DataChunk chunk, const std::vector<ResultType>& columns) {
        std::vector<Cells> cells;
        for (size_t i = 0; i < columns.size(); ++i)
            cells.emplace_back(database_->api(), columns[i],
                               database_->api().data_chunk_get_vector(chunk, i));
        return cells;
    }

    // The first column of all rows.
    Result<std::vector<std::string>> texts(const std::string& sql) {
        const auto connection = HW_TRY(database_->connect());
        Query query(*database_, connection.get());
        HW_TRY(query.start(sql, {}, true));
        std::vector<std::string> out;
        for (;;) {
            const auto chunk = HW_TRY(query.next());
            if (!chunk) return out;
            const auto cells = cells_of(chunk.get(), query.columns());
            for (size_t row = 0; row < database_->api().data_chunk_get_size(chunk.get()); ++row)
                cells[0].append_text(row, out.emplace_back());
        }
    }

    const std::unique_ptr<Database> database_;
    const duck::OwnedConnection connection_;
    const std::string source_;
    uint64_t rows_ = 0;
    std::unique_ptr<Query> query_;
};

}  // namespace

Result<std::unique_ptr<FileReader>> FileReader::open(const std::string& library,
                                                     const std::string& path) {
    auto loaded = HW_TRY(load_library(library));
    auto database = HW_TRY(Database::open(loaded.api, {{"errors_as_json", "true"}}));
    auto connection = HW_TRY(database->connect());
    auto reader = std::make_unique<DuckFileReader>(std::move(database), std::move(connection),
                                                   fmt::format("read_parquet({})", quoted(path)));
    HW_TRY(reader->start());
    return reader;
}

}  // namespace hw::sql::batch
