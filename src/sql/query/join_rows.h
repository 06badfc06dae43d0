#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sql/query/group_keys.h"
#include "sql/query/operators.h"
#include "sql/query/row_loader.h"
#include "sql/query/window_row.h"

namespace hw::sql {

// Joins the rows of one window, source by source, as WindowPlan::joins says. Rows come out in the
// order of the left side's rows, of a right join in that of the right side's; those of a full
// join's right side that found nothing come last. At most `rows_limit` joined rows, and 64 times as
// many pairs that are looked at; what is beyond is missing, and `failed` is told once.
class JoinRows {
  public:
    // Each failure: a limit, or an ON that failed for a pair (which then does not match).
    using Failed = std::function<void(const std::string& reason)>;

    JoinRows(const WindowPlan& plan, RowLoader& loader);

    // Rows side by side, one of each source (null: none); valid until the next call.
    std::span<const StoredRow* const> join(std::span<const StoredRow* const> rows,
                                           const Failed& failed);
    size_t width() const { return plan_.shapes.size(); }

  private:
    struct Match {
        uint32_t left, right;  // `none`: an outer join's missing side
    };
    static constexpr uint32_t none = UINT32_MAX;

    void run(const JoinStep& step, const Failed& failed);
    void match_all(const JoinStep& step, uint32_t left, const Failed& failed);
    bool match(const JoinStep& step, uint32_t left, uint32_t right, const Failed& failed);
    void index_rights(const JoinStep& step, const Failed& failed);
    bool evaluate_key(std::span<const EvaluatorPtr> keys, const Failed& failed);
    std::span<const StoredRow* const> left_row(uint32_t left) const;
    void collect(const JoinStep& step);
    bool stop(std::string_view what, uint64_t limit, const Failed& failed);

    const WindowPlan& plan_;
    RowLoader& loader_;
    std::vector<const StoredRow*> lefts_, joined_, rights_, pair_;
    std::vector<Match> matches_;
    std::vector<uint8_t> right_matched_;
    // The rights by key: the first and last of each, and the next of the same key.
    GroupKeys index_{0};
    std::vector<uint32_t> first_, last_, next_;
    std::vector<Datum> key_;
    uint64_t pairs_ = 0;
    bool stopped_ = false;
};

}  // namespace hw::sql
