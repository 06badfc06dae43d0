#include "upstream/lanes.h"

#include <utility>

namespace hw::upstream {

void Lanes::unclaim(const std::vector<RecordSamples>& records) {
    for (const auto& record : records)
        claimed_.remove({record.number, record.number});
    backlog_ = true;
}

void Lanes::lost() {
    connected_ = false;
    for (const Live& live : live_)
        claimed_.remove({live.record.number, live.record.number});
    if (!live_.empty()) evicted_to_ = live_.back().record.number;
    live_.clear();
    live_rows_ = 0;
    for (const auto& [token, flight] : flights_)
        unclaim(flight.records);
    flights_.clear();
    in_flight_[0] = in_flight_[1] = 0;
    backlog_ = true;
}

void Lanes::live_added(RecordSamples record, Time now) {
    if (!connected_) {
        evicted_to_ = record.number;
        backlog_ = true;
        return;
    }
    live_.push_back({record, now});
    live_rows_ += record.samples;
    claimed_.add({record.number, record.number});
    while (live_rows_ > settings_.live_rows_limit && live_.size() > 1) {
        const RecordSamples oldest = live_.front().record;
        claimed_.remove({oldest.number, oldest.number});
        live_rows_ -= oldest.samples;
        evicted_to_ = oldest.number;
        live_.pop_front();
        backlog_ = true;
    }
}

std::optional<Lanes::Order> Lanes::next(Time now, size_t window) {
    if (!connected_ || window == 0) return std::nullopt;
    const bool ripe = !live_.empty() && (live_rows_ >= settings_.batch_rows ||
                                         now - live_.front().added >= settings_.linger);
    if (ripe && in_flight(Lane::live) < settings_.live_in_flight) {
        Order order{Lane::live, live_.front().record.number, live_.front().record.number};
        size_t rows = 0;
        for (const Live& live : live_) {
            if (rows > 0 && rows + live.record.samples > settings_.batch_rows) break;
            rows += live.record.samples;
            order.last = live.record.number;
        }
        return order;
    }
    const bool room = in_flight(Lane::backlog) < settings_.backlog_in_flight &&
                      (window > settings_.reserved_window || in_flight(Lane::backlog) == 0);
    if (backlog_ && room) return Order{.lane = Lane::backlog};
    return std::nullopt;
}

std::optional<Time> Lanes::deadline() const {
    if (!connected_ || live_.empty() || in_flight(Lane::live) >= settings_.live_in_flight)
        return std::nullopt;
    return live_.front().added + settings_.linger;
}

uint64_t Lanes::sent(Lane lane, std::vector<RecordSamples> records) {
    if (lane == Lane::live) {
        while (!live_.empty() && !records.empty() &&
               live_.front().record.number <= records.back().number) {
            live_rows_ -= live_.front().record.samples;
            live_.pop_front();
        }
    }
    for (const auto& record : records)
        claimed_.add({record.number, record.number});
    ++in_flight_[static_cast<size_t>(lane)];
    flights_[next_token_] = {lane, std::move(records)};
    return next_token_++;
}

std::vector<RecordSamples> Lanes::answered(uint64_t token) {
    const auto at = flights_.find(token);
    if (at == flights_.end()) return {};
    auto records = std::move(at->second.records);
    --in_flight_[static_cast<size_t>(at->second.lane)];
    flights_.erase(at);
    return records;
}

std::vector<RecordSamples> Lanes::refused(uint64_t token) {
    auto records = answered(token);
    unclaim(records);
    return records;
}

void Lanes::forget_before(uint64_t record) {
    if (record > 0) claimed_.remove({0, record - 1});
}

}  // namespace hw::upstream
