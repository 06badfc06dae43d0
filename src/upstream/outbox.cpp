#include "upstream/outbox.h"

#include <algorithm>

#include "base/log.h"
#include "model/point_path.h"

namespace hw::upstream {

namespace {

constexpr Duration complain_every = seconds(10);

}  // namespace

Outbox::Outbox(io::Disk& disk, QueueSettings settings, Selection selection,
               model::PointDirectory& points, const Clock& clock)
    : selection_(std::move(selection)),
      points_(points),
      clock_(clock),
      queue_(disk, std::move(settings)) {}

Result<void> Outbox::open(const QueueState& state) {
    const MutexLock lock(mutex_);
    return queue_.open(state, clock_.now());
}

bool Outbox::selected(model::PointId point) {
    if (point.value() >= chosen_.size())
        chosen_.resize(std::max<size_t>(point.value() + 1, chosen_.size() * 2), Chosen::unknown);
    Chosen& chosen = chosen_[point.value()];
    if (chosen != Chosen::unknown) [[likely]]
        return chosen == Chosen::yes;
    const auto path = points_.path(point);
    const auto matches = [path](const std::string& filter) { return model::matches(filter, path); };
    const bool yes = std::ranges::any_of(selection_.filters, matches) &&
                     std::ranges::none_of(selection_.exclude, matches);
    const bool ours = !selection_.always.empty() && matches(selection_.always);
    chosen = yes || ours ? Chosen::yes : Chosen::no;
    return yes || ours;
}

std::shared_ptr<const model::SampleBatch> Outbox::select(
    std::span<const model::SampleBatch* const> batches) {
    if (batches.size() == 1) {
        bool all = true;
        for (const auto point : batches[0]->points())
            all &= selected(point);
        if (all) return std::make_shared<const model::SampleBatch>(*batches[0]);
    }
    size_t rows = 0;
    for (const auto* batch : batches)
        rows += batch->size();
    auto some = std::make_shared<model::SampleBatch>();
    some->reserve(rows);
    for (const auto* batch : batches)
        for (size_t i = 0; i < batch->size(); ++i)
            if (selected(batch->points()[i])) some->add_row(*batch, i);
    return some;
}

void Outbox::tap(std::span<const model::SampleBatch* const> batches) {
    auto rows = select(batches);
    if (rows->empty()) return;
    {
        const MutexLock lock(mutex_);
        const auto path_of = [this](model::PointId point) { return points_.path(point); };
        const Time now = clock_.now();
        const auto queued = queue_.append(*rows, path_of, now, records_);
        if (queued) {
            add_fresh(std::move(rows));
        } else if (now - complained_ > complain_every) {
            complained_ = now;
            log_error("upstream", "samples are lost to the centre: " + queued.error().text());
        }
    }
    if (!woken_.exchange(true) && wake_) wake_();
}

void Outbox::add_fresh(std::shared_ptr<const model::SampleBatch> batch) {
    if (!keep_ || fresh_rows_ + batch->size() > fresh_rows_limit) {
        backlog_ = true;
        return;
    }
    size_t from = 0;
    for (const auto& record : records_) {
        fresh_.push_back({record, batch, from, from + record.samples});
        from += record.samples;
    }
    fresh_rows_ += batch->size();
}

void Outbox::keep_fresh(bool keep) {
    const MutexLock lock(mutex_);
    keep_ = keep;
    backlog_ |= !fresh_.empty();
    fresh_.clear();
    fresh_rows_ = 0;
}

std::vector<Outbox::Fresh> Outbox::take_fresh(bool& backlog) {
    woken_ = false;
    const MutexLock lock(mutex_);
    backlog = std::exchange(backlog_, false);
    fresh_rows_ = 0;
    return std::exchange(fresh_, {});
}

}  // namespace hw::upstream
