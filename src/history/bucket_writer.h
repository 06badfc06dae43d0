#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "history/chunk.h"
#include "history/query.h"

namespace hw::history {

// Turns a point's samples, in order of time, into buckets: whole summaries, columns or bare numbers
// in, finished buckets out. Plain; one thread.
class BucketWriter {
  public:
    BucketWriter(const AggregateQuery& query, Buckets& out);

    // The value that holds when the range begins, for the aggregate twa.
    void begin_with(double value) { held_ = value; }
    void add(const ChunkSummary& summary);  // must lie in one bucket
    void add(const ColumnsView& rows);
    void add(const NumericRows& rows, int64_t from_ns, int64_t to_ns);
    // Ends the last bucket.
    void finish();

    bool in_one_bucket(int64_t first_ns, int64_t last_ns) const {
        return number_of(first_ns) == number_of(last_ns);
    }
    // Percentiles need every value.
    bool needs_values() const { return needs_values_; }

  private:
    int64_t number_of(int64_t time_ns) const;
    int64_t start_of(int64_t number) const;
    void enter(int64_t number);
    double value_of(Aggregate aggregate);
    double time_weighted() const;
    double percentile(double share);

    const AggregateQuery& query_;
    Buckets& out_;
    bool needs_values_ = false;
    bool open_ = false;
    int64_t number_ = 0;
    ChunkSummary sum_;
    std::vector<double> values_;
    std::optional<double> held_;
};

bool is_percentile(Aggregate aggregate);

// Adds the buckets without samples between `first_ns` and `to_ns`, as the fill says. The counts of
// added buckets are 0.
void fill_buckets(const AggregateQuery& query, int64_t first_start_ns, Buckets& buckets);

// The start of the bucket that the time is in.
int64_t bucket_start_ns(const AggregateQuery& query, int64_t time_ns);

}  // namespace hw::history
