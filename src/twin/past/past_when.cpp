#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sql/services.h"
#include "twin/past/past.h"
#include "twin/past/point_values.h"
#include "twin/past/row_merger.h"
#include "twin/past/when_net.h"

namespace hw::twin {

namespace {

// Collects the intervals of a condition that is told at every moment when it may have changed.
class Intervals {
  public:
    Intervals(WhenAnswer& answer, size_t limit) : answer_(answer), limit_(limit) {}

    void at(Time time, bool holds) {
        if (holds == holds_) return;
        holds_ = holds;
        if (holds) {
            begin_ = time;
            return;
        }
        close(time);
    }
    void end(Time time) {
        answer_.still = holds_;
        if (holds_) close(time);
    }

  private:
    void close(Time time) {
        const WhenAnswer::Interval made{begin_, time};
        if (!answer_.first) answer_.first = made;
        answer_.last = made;
        answer_.total = answer_.total + (time - begin_);
        if (answer_.count++ < limit_) answer_.intervals.push_back(made);
    }

    WhenAnswer& answer_;
    const size_t limit_;
    bool holds_ = false;
    Time begin_;
};

// Whether the condition or a derived value of the model looks at other twins.
bool needs_others(const Derivation& condition, DerivingInterface& interface) {
    return !condition.roll_ups().empty() ||
           std::ranges::any_of(interface.derived, [](const DerivedSlot& derived) {
               return derived.derivation && !derived.derivation->roll_ups().empty();
           });
}

// The part of a question during which the twin's description was one and the same.
class Segment {
  public:
    Segment(const Past::Rooms& rooms, WhenNet& net, WhenAnswer& answer)
        : rooms_(rooms), net_(net), answer_(answer) {}

    Result<void> run(Time from, Time to, Intervals& intervals);

  private:
    Result<void> begin(Time from);
    void take(size_t point, const model::Sample& sample);
    void tell(Time time, Intervals& intervals);

    const Past::Rooms& rooms_;
    WhenNet& net_;
    WhenAnswer& answer_;
    std::vector<model::PointId> points_;
    std::vector<std::vector<size_t>> inputs_;  // by point: the net's inputs that it feeds
};

// Several inputs may have one point.
Result<void> Segment::begin(Time from) {
    std::vector<std::pair<model::PointId, size_t>> found;
    for (size_t i = 0; i < net_.inputs().size(); ++i)
        if (const auto id = rooms_.points.find(net_.inputs()[i].point)) found.emplace_back(*id, i);
    std::ranges::sort(found, {},
                      [](const auto& one) { return std::pair(one.first.value(), one.second); });
    for (const auto& [point, input] : found) {
        if (points_.empty() || points_.back() != point) {
            points_.push_back(point);
            inputs_.emplace_back();
        }
        inputs_.back().push_back(input);
    }
    std::vector<std::optional<model::Sample>> samples;
    HW_TRY(rooms_.history.values_at(points_, from, samples));
    for (size_t i = 0; i < samples.size(); ++i)
        if (samples[i]) take(i, *samples[i]);
    return {};
}

void Segment::take(size_t point, const model::Sample& sample) {
    for (const size_t number : inputs_[point]) {
        const auto& input = net_.inputs()[number];
        LiveValue live = slot_value(*input.content, sample, sample.time, {});
        const bool bad = model::family(live.quality) == model::QualityFamily::bad;
        net_.set(input.value, bad ? sql::Datum() : std::move(live.value));
    }
}

void Segment::tell(Time time, Intervals& intervals) {
    intervals.at(time, net_.holds(time));
    if (answer_.error.empty()) answer_.error = net_.error();
}

// All samples of one time count together.
Result<void> Segment::run(Time from, Time to, Intervals& intervals) {
    HW_TRY(begin(from));
    tell(from, intervals);
    RowMerger rows(rooms_.history, points_, from, to);
    std::optional<Time> pending;
    while (HW_TRY(rows.next())) {
        if (pending && *pending != rows.time()) tell(*pending, intervals);
        pending = rows.time();
        take(rows.source(), rows.sample());
        if (answer_.rows + rows.rows() > Past::when_rows_limit)
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("the range has more than {} samples; ask for a shorter one",
                                    Past::when_rows_limit));
    }
    if (pending) tell(*pending, intervals);
    answer_.rows += rows.rows();
    return {};
}

}  // namespace

Result<WhenAnswer> Past::when(std::string_view id, const WhenQuery& query) const {
    const Time to = HW_TRY(past_time(query.to));
    if (query.from >= to)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("from {} is not before to {}", format_rfc3339(query.from),
                                format_rfc3339(to)));
    sql::Services services;
    const auto condition = HW_TRY(Derivation::compile(query.condition, rooms_.functions, services));
    WhenAnswer answer;
    Intervals intervals(answer, query.intervals_limit);
    const auto changes = HW_TRY(changes_of(id, query.from, to));
    bool was_there = false;
    for (size_t i = 0; i < changes.size(); ++i) {
        const Time from = changes[i];
        const Time until = i + 1 < changes.size() ? changes[i + 1] : to;
        // Anew for each part: accumulators are of its members.
        DerivingInterfaces interfaces(rooms_.functions);
        Scope scope;
        scope.filter = id;
        Snapshot described = HW_TRY(rooms_.twins.described_at(scope, from));
        if (described.twins.empty()) {
            intervals.at(from, false);
            continue;
        }
        was_there = true;
        if (needs_others(*condition, interfaces.get(described.twins[0].model)))
            described = HW_TRY(rooms_.twins.described_at({}, from));
        const auto net =
            HW_TRY(WhenNet::make(*condition, described, id, interfaces,
                                 {when_points_limit, rooms_.settings.derive_hops_limit}));
        HW_TRY(Segment(rooms_, *net, answer).run(from, until, intervals));
    }
    if (!was_there)
        return fail(ErrorCode::not_found,
                    fmt::format("there was no twin '{}' between {} and {}", id,
                                format_rfc3339(query.from), format_rfc3339(to)));
    intervals.end(to);
    answer.before = answer.first && answer.first->from == query.from;
    return answer;
}

// `from`, and when the twin's description or relationships changed after it.
Result<std::vector<Time>> Past::changes_of(std::string_view id, Time from, Time to) const {
    std::vector<Time> changes = {from};
    const auto add = [&](const auto& version) {
        if (version.from > from && version.from < to) changes.push_back(version.from);
        if (version.to && *version.to > from && *version.to < to) changes.push_back(*version.to);
    };
    std::ranges::for_each(HW_TRY(rooms_.twins.versions(id)), add);
    std::ranges::for_each(HW_TRY(rooms_.twins.relationship_versions(id)), add);
    std::ranges::sort(changes);
    changes.erase(std::ranges::unique(changes).begin(), changes.end());
    return changes;
}

}  // namespace hw::twin
