#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "history/settings.h"
#include "sql/batch/settings.h"

namespace hw::sql::batch {

struct SqlBenchOptions {
    std::string folder;  // made if missing; must not hold a historian
    uint64_t samples = 10'000'000;
    uint32_t points = 1'000;
    uint32_t rounds = 7;
    uint64_t seed = 1;
    history::Settings history;
    Settings sql;
};

// One question, asked of history and of the same rows in Parquet.
struct SqlBenchFigure {
    std::string name;
    double history_ms = 0;  // medians
    double parquet_ms = 0;
    bool same_answer = false;

    double ratio() const { return history_ms / parquet_ms; }
};

struct SqlBenchReport {
    uint64_t samples = 0;
    uint64_t history_bytes = 0;
    uint64_t parquet_bytes = 0;
    double export_s = 0;  // sorted by point and time
    std::vector<SqlBenchFigure> figures;
};

// Plant data (history/plant_mix.h) at 1 s, sealed, and copied to one Parquet file with DuckDB's own
// defaults; then each question in turn of both. Blocks.
Result<SqlBenchReport> run_sql_bench(const SqlBenchOptions& options);
std::string render_text(const SqlBenchReport& report);
std::string render_json(const SqlBenchReport& report);

}  // namespace hw::sql::batch
