#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/exchange.h"
#include "history/history.h"

namespace hw::api {

// What an answer came to, seen by a test.
struct Answer {
    bool given = false;
    bool finished = false;
    io::HttpResponse response;  // a streamed body is gathered here

    std::string header(std::string_view name) const {
        for (const auto& [key, value] : response.headers)
            if (key == name) return value;
        return "";
    }
};

class FakeStream final : public io::HttpStream {
  public:
    explicit FakeStream(std::shared_ptr<Answer> answer) : answer_(std::move(answer)) {}
    bool write(std::string bytes) override {
        answer_->response.body += bytes;
        return !gone;
    }
    size_t queued_bytes() const override { return queued; }
    void finish() override { answer_->finished = true; }
    void on_gone(std::move_only_function<void()> call) override { gone_call = std::move(call); }

    bool gone = false;
    size_t queued = 0;
    std::move_only_function<void()> gone_call;

  private:
    std::shared_ptr<Answer> answer_;
};

class FakeResponder final : public io::HttpResponder {
  public:
    explicit FakeResponder(std::shared_ptr<Answer> answer) : answer_(std::move(answer)) {}
    void respond(io::HttpResponse response) override {
        answer_->given = answer_->finished = true;
        answer_->response = std::move(response);
    }
    std::unique_ptr<io::HttpStream> stream(io::HttpResponse head) override {
        answer_->given = true;
        answer_->response = std::move(head);
        return std::make_unique<FakeStream>(answer_);
    }

  private:
    std::shared_ptr<Answer> answer_;
};

inline Exchange make_exchange(std::shared_ptr<Answer> answer, std::string path,
                              std::vector<std::pair<std::string, std::string>> query = {}) {
    Exchange exchange;
    exchange.request.method = "GET";
    exchange.request.path = std::move(path);
    exchange.request.query = std::move(query);
    exchange.responder = std::make_unique<FakeResponder>(std::move(answer));
    return exchange;
}

// A history in memory: sorted samples by point; a figure is its place among those asked for.
class FakeHistory final : public history::History {
  public:
    std::map<uint32_t, std::map<int64_t, model::Sample>> samples;

    void submit(model::SampleBatch batch, history::Done done) override {
        for (size_t i = 0; i < batch.size(); ++i)
            samples[batch.points()[i].value()][batch.times_ns()[i]] = batch.sample(i);
        if (done) done({});
    }
    bool overloaded() const override { return false; }
    void on_relief(std::function<void()>) override {}
    void on_health(std::function<void(history::Health, const std::string&)>) override {}
    void add_tap(std::function<void(const model::SampleBatch&)>) override {}
    void add_group_tap(GroupTap) override {}
    std::optional<history::PointState> point_state(model::PointId id) const override {
        const auto at = samples.find(id.value());
        if (at == samples.end()) return std::nullopt;
        history::PointState state;
        state.id = id;
        state.last = at->second.rbegin()->second;
        state.type = model::type_of(state.last.value);
        state.first_time = Time{at->second.begin()->first};
        state.count = at->second.size();
        return state;
    }
    void point_states(const std::vector<model::PointId>& ids,
                      std::vector<std::optional<history::PointState>>& out) const override {
        out.clear();
        for (const auto id : ids)
            out.push_back(point_state(id));
    }
    Result<void> values_at(std::span<const model::PointId> ids, Time time,
                           std::vector<std::optional<model::Sample>>& out) const override {
        out.clear();
        for (const auto id : ids) {
            out.emplace_back();
            const auto at = samples.find(id.value());
            if (at == samples.end()) continue;
            const auto after = at->second.upper_bound(time.ns);
            if (after != at->second.begin()) out.back() = std::prev(after)->second;
        }
        return {};
    }
    void describe(model::PointId, std::string_view) override {}
    Result<void> raw(const history::RawQuery& query, const history::RawSink& sink) const override {
        model::SampleBatch rows;
        for (const auto point : query.points) {
            const auto at = samples.find(point.value());
            if (at == samples.end()) continue;
            const auto take = [&](const auto& one) {
                const auto& [time, sample] = one;
                if (time >= query.from.ns && time < query.to.ns && rows.size() < query.limit)
                    rows.add(point, sample);
            };
            if (query.newest_first) {
                std::for_each(at->second.rbegin(), at->second.rend(), take);
            } else {
                std::for_each(at->second.begin(), at->second.end(), take);
            }
        }
        sink(rows);
        return {};
    }
    Result<std::vector<history::Buckets>> aggregate(
        const history::AggregateQuery& query) const override {
        last_aggregate = query;
        std::vector<history::Buckets> all;
        for (const auto point : query.points) {
            history::Buckets buckets{point, {}, {}};
            buckets.values.resize(query.aggregates.size());
            const auto at = samples.find(point.value());
            if (at == samples.end()) continue;
            const Time last{std::min(query.to.ns, at->second.rbegin()->first + 1)};
            for (Time time = query.from; time < last; time = time + query.every) {
                buckets.times_ns.push_back(time.ns);
                for (size_t i = 0; i < query.aggregates.size(); ++i) {
                    const bool of_text = model::type_of(at->second.begin()->second.value) >=
                                             model::ValueType::text &&
                                         query.aggregates[i] != history::Aggregate::count;
                    buckets.values[i].push_back(of_text ? std::nan("") : static_cast<double>(i));
                }
            }
            all.push_back(std::move(buckets));
        }
        return all;
    }
    std::unique_ptr<history::Scan> scan(history::WantedColumns) const override { return nullptr; }
    Result<uint64_t> drop(std::string_view, Time, Time) override { return uint64_t{0}; }
    Result<void> backup(const std::string&) override { return {}; }
    Result<void> settle() override { return {}; }
    history::Health health(std::string*) const override { return history::Health::ok; }
    Figures figures() const override { return {}; }

    mutable history::AggregateQuery last_aggregate;
};

}  // namespace hw::api
