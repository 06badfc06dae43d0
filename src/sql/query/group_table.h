#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "sql/query/group_keys.h"
#include "sql/query/operators.h"
#include "sql/query/window_row.h"

namespace hw::sql {

// What a row brings to its group, evaluated once for all the windows it is in.
class GroupInput {
  public:
    explicit GroupInput(const WindowPlan& plan);

    // False: scope.call->failed(), the row belongs nowhere.
    bool evaluate(RowScope& scope);
    std::span<const Datum> key() const { return key_; }
    uint64_t hash() const { return hash_; }
    Arguments arguments(size_t call) const {
        return {arguments_.data() + begins_[call], begins_[call + 1] - begins_[call]};
    }
    // FILTER does not hold, or an argument is null and the function does not see nulls.
    bool skipped(size_t call) const { return skipped_[call]; }

  private:
    bool evaluate_call(size_t call, RowScope& scope);

    const WindowPlan& plan_;
    std::vector<Datum> key_;
    uint64_t hash_ = 0;
    std::vector<Datum> arguments_;
    std::vector<size_t> begins_;  // of each call in arguments_, and the end
    std::vector<uint8_t> skipped_;
};

// Where a row came from, for the first one of a group: an event, or (record null) the number of a
// row in a list that the caller keeps.
struct RowOrigin {
    const RecordRef* record = nullptr;
    size_t source = 0;
    Time time;
    const Datum* slots = nullptr;
    size_t number = 0;
};

// The groups of one window or pane, in order of first appearance, with their aggregates. Counts
// what it takes in the operator's StateUsage and gives it back when it dies. An existing group
// allocates nothing beyond what its aggregates do.
class GroupTable {
  public:
    // Not limited: counts what it takes, but refuses nothing (what it holds was let in before).
    GroupTable(const WindowPlan& plan, StateUsage& usage, bool limited = true);
    ~GroupTable();
    GroupTable(const GroupTable&) = delete;
    GroupTable& operator=(const GroupTable&) = delete;

    // Null: added. Else why not: a limit, or the text of an aggregate's failure (the other
    // aggregates have the row then). `context` is clear afterwards; the text lives until the next
    // call.
    const std::string* add(const GroupInput& input, const RowOrigin& origin, CallContext& context);
    // `later` holds the rows that came after these. Only where can_merge(plan). Null or why a group
    // is missing.
    const std::string* merge(const GroupTable& later, CallContext& context);
    static bool can_merge(const WindowPlan& plan);

    size_t size() const { return keys_.size(); }
    std::span<const Datum> key(size_t group) const { return keys_.at(group); }
    // Of the group's first row; where needs_first is false: not there.
    const StoredRow& first(size_t group) const { return firsts_[group]; }
    size_t first_number(size_t group) const { return numbers_[group]; }
    Datum result(size_t group, size_t call, CallContext& context) const {
        return aggregates_[group * plan_.aggregates.size() + call]->result(context);
    }

    // Only of tables whose rows were events.
    void save(ByteWriter& out) const;
    void load(ByteReader& in);

  private:
    struct Measure {
        uint64_t rows = 0;
        uint64_t next = 1;   // at which number of rows the aggregates' bytes are asked again
        uint64_t bytes = 0;  // of the aggregates, as asked last
    };

    const std::string* refuse_group() const { return limited_ ? usage_.refuse_group() : nullptr; }
    uint32_t open_group(std::span<const Datum> key, uint64_t hash);
    void keep_first(const RowOrigin& origin);
    bool known(size_t group, size_t call, Arguments arguments);
    void measure(size_t group, bool now);
    bool load_group(size_t group, ByteReader& in);
    void take(uint64_t bytes);

    const WindowPlan& plan_;
    StateUsage& usage_;
    const bool limited_;
    uint64_t bytes_ = 0;
    GroupKeys keys_;
    std::vector<std::unique_ptr<Aggregate>> aggregates_;  // those of a group side by side
    std::vector<StoredRow> firsts_;
    std::vector<size_t> numbers_;
    std::vector<Measure> measures_;
    std::vector<size_t> distinct_calls_;
    std::vector<GroupKeys> seen_;  // of each group and distinct call
    std::string failure_;
};

}  // namespace hw::sql
