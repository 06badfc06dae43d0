#include "sql/batch/files.h"

#include <fmt/format.h>

namespace hw::sql::batch {

// What the function `pull` reads: the rows of a query of the other database. One thread.
struct Files::Source {
    Query& query;
    const std::function<bool(uint64_t)>& on_rows;
    std::vector<duck::OwnedType> types = {};
    uint64_t rows = 0;
    std::optional<Error> error = {};
};

namespace {

class Worker final : public FunctionWorker {
  public:
    Worker(const duck::Api& api, Files::Source& source) : api_(api), source_(source) {}

    Result<size_t> fill(duck::DataChunk output) override {
        auto chunk = source_.query.next();
        if (!chunk) {
            source_.error = chunk.error();
            return fail(std::move(chunk).error());
        }
        if (!*chunk) return size_t{0};
        const uint64_t rows = api_.data_chunk_get_size(chunk->get());
        source_.rows += rows;
        if (!source_.on_rows(rows)) {
            source_.error = Error(ErrorCode::cancelled, "the reader has gone");
            return fail(*source_.error);
        }
        // Vectors share their buffers: nothing is copied.
        for (uint64_t i = 0; i < source_.types.size(); ++i)
            api_.vector_reference_vector(api_.data_chunk_get_vector(output, i),
                                         api_.data_chunk_get_vector(chunk->get(), i));
        return rows;
    }

  private:
    const duck::Api& api_;
    Files::Source& source_;
};

class Run final : public FunctionRun {
  public:
    Run(const duck::Api& api, Files::Source& source) : api_(api), source_(source) {}
    std::unique_ptr<FunctionWorker> worker() override {
        return std::make_unique<Worker>(api_, source_);
    }

  private:
    const duck::Api& api_;
    Files::Source& source_;
};

class Plan final : public FunctionPlan {
  public:
    Plan(const duck::Api& api, Files::Source& source) : api_(api), source_(source) {}
    std::vector<FunctionColumn> columns() const override {
        std::vector<FunctionColumn> all;
        for (size_t i = 0; i < source_.types.size(); ++i)
            all.push_back(
                {source_.query.columns()[i].name, duck::TypeId::any, source_.types[i].get()});
        return all;
    }
    uint64_t rows_expected() const override { return 1'000'000; }
    // COPY of all columns wants them all, in order.
    Result<std::unique_ptr<FunctionRun>> begin(std::vector<size_t> columns) const override {
        HW_ASSERT(columns.size() == source_.types.size());
        return std::make_unique<Run>(api_, source_);
    }

  private:
    const duck::Api& api_;
    Files::Source& source_;
};

}  // namespace

Files::~Files() = default;

Result<std::unique_ptr<Files>> Files::open(std::shared_ptr<const duck::Api> api,
                                           std::vector<Database::Option> options) {
    std::unique_ptr<Files> files(new Files);
    files->database_ = HW_TRY(Database::open(std::move(api), options));
    const duck::Api& its = files->database_->api();
    const auto connection = HW_TRY(files->database_->connect());
    FunctionSpec pull{"pull", 1,
                      [&its, files = files.get()](
                          FunctionSpec::Arguments given) -> Result<std::unique_ptr<FunctionPlan>> {
                          MutexLock lock(files->mutex_);
                          const auto found = files->sources_.find(its.get_int64(given[0]));
                          HW_ASSERT(found != files->sources_.end());
                          return std::make_unique<Plan>(its, *found->second);
                      }};
    HW_TRY(register_function(its, connection.get(), std::move(pull)));
    return files;
}

Result<uint64_t> Files::write_parquet(Query& query, const std::string& path,
                                      const std::function<bool(uint64_t)>& on_rows) {
    const duck::Api& api = database_->api();
    const auto connection = HW_TRY(database_->connect());
    Source source{query, on_rows};
    for (size_t i = 0; i < query.columns().size(); ++i)
        source.types.emplace_back(api, query.logical_type(i));
    int64_t key = 0;
    {
        MutexLock lock(mutex_);
        key = ++last_key_;
        sources_.emplace(key, &source);
    }
    auto done = database_->execute(
        connection.get(),
        fmt::format("COPY (SELECT * FROM pull({})) TO '{}' (FORMAT parquet, COMPRESSION zstd)", key,
                    path));
    {
        MutexLock lock(mutex_);
        sources_.erase(key);
    }
    if (source.error) return fail(std::move(*source.error));
    HW_TRY(done);
    return source.rows;
}

}  // namespace hw::sql::batch
