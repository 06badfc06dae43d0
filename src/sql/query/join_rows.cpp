#include "sql/query/join_rows.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/assert.h"

namespace hw::sql {

JoinRows::JoinRows(const WindowPlan& plan, RowLoader& loader) : plan_(plan), loader_(loader) {
    for (const auto& step : plan.joins)
        HW_ASSERT(step.left_keys.size() == step.right_keys.size() && step.source < width());
}

std::span<const StoredRow* const> JoinRows::join(std::span<const StoredRow* const> rows,
                                                 const Failed& failed) {
    pairs_ = 0;
    stopped_ = false;
    joined_.clear();
    // The first source is the one that no step brings.
    std::vector<uint8_t> is_right(width());
    for (const auto& step : plan_.joins)
        is_right[step.source] = 1;
    for (const auto* row : rows) {
        if (is_right[row->source] != 0) continue;
        joined_.resize(joined_.size() + width());
        joined_[joined_.size() - width() + row->source] = row;
    }
    for (const auto& step : plan_.joins) {
        rights_.clear();
        for (const auto* row : rows)
            if (row->source == step.source) rights_.push_back(row);
        run(step, failed);
    }
    return joined_;
}

void JoinRows::run(const JoinStep& step, const Failed& failed) {
    lefts_.swap(joined_);
    matches_.clear();
    right_matched_.assign(rights_.size(), 0);
    if (!step.right_keys.empty()) index_rights(step, failed);
    const auto lefts = static_cast<uint32_t>(lefts_.size() / width());
    for (uint32_t left = 0; left < lefts && !stopped_; ++left) {
        const size_t before = matches_.size();
        match_all(step, left, failed);
        const bool keeps_left = step.type == JoinType::left || step.type == JoinType::full;
        if (keeps_left && matches_.size() == before) matches_.push_back({left, none});
    }
    if (step.type == JoinType::right || step.type == JoinType::full)
        for (uint32_t right = 0; right < rights_.size() && !stopped_; ++right)
            if (right_matched_[right] == 0) matches_.push_back({none, right});
    if (step.type == JoinType::right)
        std::ranges::stable_sort(matches_, {}, [](const Match& match) { return match.right; });
    collect(step);
}

void JoinRows::collect(const JoinStep& step) {
    joined_.assign(matches_.size() * width(), nullptr);
    for (size_t i = 0; i < matches_.size(); ++i) {
        const auto [left, right] = matches_[i];
        const StoredRow** row = joined_.data() + i * width();
        if (left != none) std::ranges::copy(left_row(left), row);
        if (right != none) row[step.source] = rights_[right];
    }
}

std::span<const StoredRow* const> JoinRows::left_row(uint32_t left) const {
    return {lefts_.data() + left * width(), width()};
}

// False: a part is null, or failed.
bool JoinRows::evaluate_key(std::span<const EvaluatorPtr> keys, const Failed& failed) {
    key_.clear();
    for (const auto& part : keys) {
        key_.push_back(part->evaluate(loader_.scope()));
        if (loader_.context().failed()) {
            failed(loader_.context().error());
            return false;
        }
        if (key_.back().is_null()) return false;
    }
    return true;
}

void JoinRows::index_rights(const JoinStep& step, const Failed& failed) {
    index_ = GroupKeys(step.right_keys.size());
    first_.clear();
    last_.clear();
    next_.assign(rights_.size(), none);
    for (uint32_t right = 0; right < rights_.size(); ++right) {
        loader_.load(*rights_[right]);
        if (!evaluate_key(step.right_keys, failed)) continue;
        const uint64_t hash = GroupKeys::hash_of(key_);
        const uint32_t at = index_.find(key_, hash);
        if (at == GroupKeys::none) {
            index_.add(key_, hash);
            first_.push_back(right);
            last_.push_back(right);
        } else {
            next_[last_[at]] = right;
            last_[at] = right;
        }
    }
}

void JoinRows::match_all(const JoinStep& step, uint32_t left, const Failed& failed) {
    if (step.right_keys.empty()) {
        for (uint32_t right = 0; right < rights_.size(); ++right)
            if (!match(step, left, right, failed)) return;
        return;
    }
    loader_.load(left_row(left));
    if (!evaluate_key(step.left_keys, failed)) return;
    const uint32_t at = index_.find(key_, GroupKeys::hash_of(key_));
    if (at == GroupKeys::none) return;
    for (uint32_t right = first_[at]; right != none; right = next_[right])
        if (!match(step, left, right, failed)) return;
}

bool JoinRows::stop(std::string_view what, uint64_t limit, const Failed& failed) {
    stopped_ = true;
    failed(
        fmt::format("a join of one window ends after {} {} (64 times rows_limit pairs are looked "
                    "at, rows_limit joined rows kept): add a condition to ON or raise rows_limit",
                    limit, what));
    return false;
}

// False: a limit was reached.
bool JoinRows::match(const JoinStep& step, uint32_t left, uint32_t right, const Failed& failed) {
    const uint64_t limit = plan_.limits.rows;
    if (++pairs_ > limit * 64) return stop("pairs", limit * 64, failed);
    if (step.rest) {
        pair_.assign(left_row(left).begin(), left_row(left).end());
        pair_[step.source] = rights_[right];
        loader_.load(pair_);
        const bool holds = step.rest->holds(loader_.scope());
        if (loader_.context().failed()) {
            failed(loader_.context().error());
            return true;
        }
        if (!holds) return true;
    }
    if (matches_.size() >= limit) return stop("rows", limit, failed);
    matches_.push_back({left, right});
    right_matched_[right] = 1;
    return true;
}

}  // namespace hw::sql
