#include "physics/works_run.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "physics/root.h"
#include "physics/units.h"

namespace hw::physics {

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr double hair = 1e-9;           // s, m3
constexpr double restart_above = 0.05;  // m over the level at which the high-lift pumps stood
constexpr size_t cuts_limit = 1'000;    // of one step
constexpr double shut = 1e-4;           // opening of a float valve that counts as shut

std::vector<PumpWish> wishes_of(const std::vector<WorksInputs::Pump>& inputs, double now) {
    std::vector<PumpWish> wishes;
    for (const auto& pump : inputs)
        wishes.push_back(
            {.available = pump.available.at(now, 1) > 0.5, .manual_speed = pump.speed.at(now, -1)});
    return wishes;
}

double next_change(const std::vector<WorksInputs::Pump>& inputs, double now) {
    double next = infinite;
    for (const auto& pump : inputs)
        next = std::min({next, pump.available.next_change(now), pump.speed.next_change(now)});
    return next;
}

}  // namespace

WorksRun::WorksRun(const Works& works, const WorksState& state, const WorksInputs& inputs,
                   const ForecastOptions& options)
    : works_(works),
      inputs_(inputs),
      options_(options),
      raw_(works.raw_station),
      high_lift_(works.high_lift),
      gallery_(works.filters, state.filters),
      clear_well_{
          works.clear_well, "clear_well", {}, state.clear_well_level * works.clear_well.area},
      tower_{works.tower, "tower", {}, state.tower_level * works.tower.area},
      wash_tank_{works.filters.wash_tank,
                 "wash_tank",
                 {},
                 state.wash_tank_level * works.filters.wash_tank.area},
      source_level_(state.source_level),
      raw_setpoint_(state.raw_setpoint),
      mean_outflow_(state.mean_outflow),
      filling_(state.filling) {
    raw_.pumps() = state.raw_pumps;
    high_lift_.pumps() = state.high_lift_pumps;
    for (auto* station : {&raw_, &high_lift_})
        for (auto& pump : station->pumps())
            pump.starts = 0;
    for (auto* tank : {&clear_well_, &tower_, &wash_tank_}) {
        tank->summary.least = tank->summary.most = tank->level();
    }
    stored_at_start_ = clear_well_.volume + tower_.volume + wash_tank_.volume + gallery_.stored();
    const double every = works.throughput.every;
    const double clock = static_cast<double>(options.start.ns) / 1e9 - works.throughput.phase;
    next_decision_ = (std::floor(clock / every) + 1) * every - clock;
    add_columns();
    for (const auto& pump : raw_.pumps())
        raw_were_.push_back(pump.running);
    for (const auto& pump : high_lift_.pumps())
        high_lift_were_.push_back(pump.running);
}

WorksRun::StationColumns WorksRun::add_station(const std::string& key, size_t pumps) {
    StationColumns columns;
    columns.flow = recorder_.add(key + ".flow", "m3/s", false);
    columns.head = recorder_.add(key + ".head", "m", false);
    columns.speed = recorder_.add(key + ".speed", "1", false);
    columns.power = recorder_.add(key + ".power", "kW", false);
    columns.running = recorder_.add(key + ".running", "1", true);
    for (size_t i = 0; i < pumps; ++i) {
        const std::string pump = key + ".pump" + std::to_string(i + 1);
        columns.pump_running.push_back(recorder_.add(pump + ".running", "1", true));
        columns.pump_speed.push_back(recorder_.add(pump + ".speed", "1", false));
        columns.pump_flow.push_back(recorder_.add(pump + ".flow", "m3/s", false));
        columns.pump_power.push_back(recorder_.add(pump + ".power", "kW", false));
    }
    return columns;
}

void WorksRun::add_columns() {
    clear_well_column_ = recorder_.add("clear_well.level", "m", true);
    tower_column_ = recorder_.add("tower.level", "m", true);
    wash_tank_column_ = recorder_.add("wash_tank.level", "m", true);
    setpoint_column_ = recorder_.add("raw.setpoint", "m3/s", false);
    raw_columns_ = add_station("raw", raw_.pumps().size());
    high_lift_columns_ = add_station("high_lift", high_lift_.pumps().size());
    header_column_ = recorder_.add("high_lift.pressure", "m", false);
    target_column_ = recorder_.add("high_lift.setpoint", "m", false);
    demand_column_ = recorder_.add("demand.wanted", "m3/s", false);
    delivered_column_ = recorder_.add("demand.delivered", "m3/s", false);
    tower_flow_column_ = recorder_.add("tower.flow", "m3/s", false);
    inflow_column_ = recorder_.add("clear_well.inflow", "m3/s", false);
    wash_column_ = recorder_.add("wash.flow", "m3/s", false);
    waste_column_ = recorder_.add("waste.flow", "m3/s", false);
    fill_column_ = recorder_.add("wash_tank.fill_flow", "m3/s", false);
    total_column_ = recorder_.add("power.total", "kW", false);
    other_column_ = recorder_.add("power.other", "kW", false);
    price_column_ = recorder_.add("price", "1", false);
    for (size_t i = 0; i < works_.filters.beds.size(); ++i) {
        const std::string key = "filter" + std::to_string(i + 1);
        filter_flow_.push_back(recorder_.add(key + ".flow", "m3/s", false));
        filter_loss_.push_back(recorder_.add(key + ".head_loss", "m", true));
        filter_phase_.push_back(recorder_.add(key + ".phase", "1", true));
        filter_hours_.push_back(recorder_.add(key + ".run_hours", "h", true));
    }
}

Result<Forecast> WorksRun::run() {
    const double step_seconds = static_cast<double>(options_.step.ns) / 1e9;
    const auto steps = static_cast<size_t>(options_.horizon.ns / options_.step.ns);
    recorder_.begin(steps + 1);
    decide();
    end_row(0);
    for (size_t i = 0; i < steps; ++i) {
        if (options_.stop && options_.stop(static_cast<double>(i) / static_cast<double>(steps)))
            return fail(ErrorCode::cancelled, "the run was cancelled");
        step(step_seconds * static_cast<double>(i + 1));
        end_row(step_seconds);
    }
    Forecast out;
    out.start = options_.start;
    out.step = options_.step;
    out.rows = steps + 1;
    finish(out);
    return out;
}

void WorksRun::step(double until) {
    for (size_t cuts = 0; now_ < until; ++cuts) {
        decide();
        const double left = until - now_;
        const double seconds = cuts < cuts_limit ? std::clamp(until_event(left), hair, left) : left;
        advance(seconds);
        now_ = seconds == left ? until : now_ + seconds;
    }
}

void WorksRun::note(std::string key) {
    if (events_.size() < Forecast::events_limit)
        events_.push_back({now_, std::move(key)});
    else
        ++events_more_;
}

void WorksRun::note_pumps(const Station& station, const std::string& key, std::vector<bool>& were) {
    for (size_t i = 0; i < were.size(); ++i) {
        const bool runs = station.pumps()[i].running;
        if (runs == were[i]) continue;
        note(key + ".pump" + std::to_string(i + 1) + (runs ? ".start" : ".stop"));
        were[i] = runs;
    }
}

void WorksRun::read_inputs() {
    source_level_ = inputs_.source_level.at(now_, source_level_);
    price_ = inputs_.price.at(now_, 0);
    raw_wishes_ = wishes_of(inputs_.raw_pumps, now_);
    high_lift_wishes_ = wishes_of(inputs_.high_lift_pumps, now_);
    const Time time = options_.start + Duration{static_cast<int64_t>(now_ * 1e9)};
    const auto& demand = works_.demand;
    const double fading = std::exp(-now_ / (demand.error_hours * seconds_an_hour));
    demand_ = demand.pattern.at(time) * demand.level * (1 + demand.error * fading);
    demand_ =
        std::max(0.0, demand_ * inputs_.demand_factor.at(now_, 1) + inputs_.demand.at(now_, 0));
    const double weather = std::exp(-now_ / (Works::other_power_error_hours * seconds_an_hour));
    other_power_ = std::max(0.0, works_.other_power.at(time) + works_.other_power_error * weather);
    const auto& rule = works_.pressure;
    pressure_target_ = inputs_.pressure.at(
        now_, std::clamp(rule.at_zero + rule.slope * tower_.level(), rule.least, rule.most));
}

void WorksRun::decide_throughput() {
    const auto& rule = works_.throughput;
    if (now_ + hair >= next_decision_) {
        next_decision_ += rule.every;
        const double setpoint = inputs_.well_level.at(now_, rule.level_setpoint);
        double wanted = rule.gain * mean_outflow_ +
                        rule.of_level.at(clear_well_.level() - (setpoint - rule.level_setpoint));
        if (rule.quantum > 0) wanted = std::round(wanted / rule.quantum) * rule.quantum;
        raw_setpoint_ = std::clamp(wanted, rule.least, rule.most);
    }
    raw_setpoint_ = inputs_.raw_setpoint.at(now_, raw_setpoint_);
}

void WorksRun::decide() {
    read_inputs();
    decide_throughput();
    const double stop = works_.network.low_level_stop;
    if (stop >= 0) {
        const bool was =
            std::exchange(dry_, clear_well_.level() <= stop + hair ||
                                    (dry_ && clear_well_.level() < stop + restart_above - hair));
        if (dry_ && !was) note("high_lift.interlock");
    }
    const auto& filters = works_.filters;
    if (wash_tank_.level() <= filters.fill_start + hair) filling_ = true;
    if (wash_tank_.level() >= filters.fill_stop - hair) filling_ = false;
    settle_raw();
    gallery_.decide(
        wash_tank_.volume,
        [&](size_t i) {
            return inputs_.filter_available.empty() ||
                   inputs_.filter_available[i].at(now_, 1) > 0.5;
        },
        [&](size_t i) { note("filter" + std::to_string(i + 1) + ".wash"); });
    settle_filters();
    settle_high_lift();
    settle_tanks();
    note_pumps(raw_, "raw", raw_were_);
    note_pumps(high_lift_, "high_lift", high_lift_were_);
    total_power_ = raw_.point().power + high_lift_.point().power + other_power_ +
                   (filters_.blower ? works_.filters.blower_power : 0.0) +
                   (fill_ > 0 ? works_.filters.fill_power : 0.0);
}

void WorksRun::settle_raw() {
    const double lift = works_.raw_main.lift - source_level_;
    const double k = works_.raw_main.resistance;
    raw_.settle(raw_setpoint_, [=](double q) { return lift + k * q * q; }, raw_wishes_, false);
}

void WorksRun::settle_filters() {
    const double raw = raw_.point().flow;
    sludge_ = std::min(works_.sludge_flow, raw);
    fill_ = filling_ && !dry_ ? works_.filters.fill_flow : 0.0;
    const bool empty =
        wash_tank_.volume <= wash_tank_.parameters.floor * wash_tank_.parameters.area + hair;
    filters_ = gallery_.compute(raw - sludge_, fill_, empty);
}

double WorksRun::header_head(double flow) const {
    const auto& network = works_.network;
    const double into = flow - demand_;
    double through = into;
    if (into > 0 && !network.inlet_opening.x.empty())
        through =
            into / std::max(shut, std::clamp(network.inlet_opening.at(tower_.level()), 0.0, 1.0));
    return network.base + tower_.level() + network.trunk * flow * flow +
           network.riser * through * std::abs(through);
}

double WorksRun::wanted_supply() const {
    const double head = pressure_target_ + works_.network.header_ground;
    // Enough that head rises past the target: the trunk alone would need it.
    double most = 1;
    while (most < 1e3 && header_head(most) < head)
        most *= 2;
    return falling_root(0, most, 1e-9, [&](double q) { return head - header_head(q); });
}

void WorksRun::settle_high_lift() {
    const double suction = clear_well_.level();
    high_lift_.settle(
        wanted_supply(), [&](double q) { return header_head(q) - suction; }, high_lift_wishes_,
        dry_);
}

void WorksRun::limit_tank(Tank& tank) {
    const double area = tank.parameters.area;
    const bool full = tank.volume >= area * tank.parameters.full - hair;
    const bool empty = tank.volume <= area * tank.parameters.floor + hair;
    tank.spill = full ? std::max(0.0, tank.in - tank.out) : 0.0;
    if (empty) tank.out = std::min(tank.out, tank.in);
    if (full && tank.spill > 0 && !tank.was_full) note(tank.key + ".full");
    if (empty && !tank.was_empty) note(tank.key + ".empty");
    tank.was_full = full && tank.spill > 0;
    tank.was_empty = empty;
}

void WorksRun::settle_tanks() {
    wash_tank_.in = fill_;
    wash_tank_.out = filters_.wash;
    clear_well_.in = filters_.filtered;
    clear_well_.out = high_lift_.point().flow + fill_;
    limit_tank(clear_well_);
    // What an empty clear well cannot give, the pumps do not get.
    const double wanted = high_lift_.point().flow + fill_;
    const double share = wanted > 0 ? clear_well_.out / wanted : 1.0;
    fill_ *= share;
    wash_tank_.in = fill_;
    limit_tank(wash_tank_);
    const double supply = high_lift_.point().flow * share;
    tower_.in = std::max(0.0, supply - demand_);
    tower_.out = std::max(0.0, demand_ - supply);
    limit_tank(tower_);
    delivered_ = demand_ - std::max(0.0, demand_ - supply) + tower_.out;
}

double WorksRun::until_level(const Tank& tank, double level) const {
    const double rate = tank.in - tank.out - tank.spill;
    const double volume = level * tank.parameters.area - tank.volume;
    if (rate == 0 || std::abs(volume) <= hair) return infinite;
    const double seconds = volume / rate;
    return seconds > 0 ? seconds : infinite;
}

double WorksRun::until_event(double until) const {
    double seconds = std::min({until, raw_.until_change(), high_lift_.until_change(),
                               gallery_.until_event(), next_decision_ - now_});
    for (const auto* tank : {&clear_well_, &tower_, &wash_tank_})
        for (const double level : {tank->parameters.floor, tank->parameters.full})
            seconds = std::min(seconds, until_level(*tank, level));
    seconds = std::min({seconds, until_level(wash_tank_, works_.filters.fill_start),
                        until_level(wash_tank_, works_.filters.fill_stop)});
    const double stop = works_.network.low_level_stop;
    if (stop >= 0)
        seconds = std::min(seconds, until_level(clear_well_, dry_ ? stop + restart_above : stop));
    double change = infinite;
    for (const auto* schedule :
         {&inputs_.raw_setpoint, &inputs_.pressure, &inputs_.well_level, &inputs_.demand_factor,
          &inputs_.demand, &inputs_.source_level, &inputs_.price})
        change = std::min(change, schedule->next_change(now_));
    for (const auto& schedule : inputs_.filter_available)
        change = std::min(change, schedule.next_change(now_));
    change = std::min(
        {change, next_change(inputs_.raw_pumps, now_), next_change(inputs_.high_lift_pumps, now_)});
    return std::min(seconds, change - now_);
}

void WorksRun::advance_tank(Tank& tank, double seconds) {
    tank.volume += (tank.in - tank.out - tank.spill) * seconds;
    // The last digit: a limit that is met is met exactly, what is cut goes over the top.
    const double full = tank.parameters.full * tank.parameters.area;
    tank.summary.overflow += tank.spill * seconds;
    if (tank.volume > full) {
        tank.summary.overflow += tank.volume - full;
        tank.volume = full;
    }
    const double level = tank.level();
    const double then = now_ + seconds;
    if (level < tank.summary.least) {
        tank.summary.least = level;
        tank.summary.least_at = then;
    }
    if (level > tank.summary.most) {
        tank.summary.most = level;
        tank.summary.most_at = then;
    }
}

void WorksRun::advance(double seconds) {
    book(seconds);
    for (auto* tank : {&clear_well_, &tower_, &wash_tank_})
        advance_tank(*tank, seconds);
    gallery_.advance(seconds);
    const double keep = std::exp(-seconds / works_.throughput.mean_seconds);
    mean_outflow_ = high_lift_.point().flow + (mean_outflow_ - high_lift_.point().flow) * keep;
    raw_.pass(seconds, raw_wishes_, false);
    high_lift_.pass(seconds, high_lift_wishes_, dry_);
}

void WorksRun::book_station(const Station& station, const StationColumns& columns, double seconds) {
    const auto& point = station.point();
    recorder_.hold(columns.flow, point.flow, seconds);
    recorder_.hold(columns.head, point.head, seconds);
    recorder_.hold(columns.speed, point.speed, seconds);
    recorder_.hold(columns.power, point.power, seconds);
    recorder_.level(columns.running, static_cast<double>(station.running()));
    for (size_t i = 0; i < columns.pump_running.size(); ++i) {
        recorder_.level(columns.pump_running[i], station.pumps()[i].running ? 1 : 0);
        recorder_.hold(columns.pump_speed[i], point.speeds[i], seconds);
        recorder_.hold(columns.pump_flow[i], point.flows[i], seconds);
        recorder_.hold(columns.pump_power[i], point.powers[i], seconds);
    }
    if (point.short_of) totals_.short_seconds += seconds;
}

void WorksRun::book(double seconds) {
    const double hours = seconds / seconds_an_hour;
    book_station(raw_, raw_columns_, seconds);
    book_station(high_lift_, high_lift_columns_, seconds);
    const double supply = clear_well_.out - fill_;
    totals_.raw_energy += raw_.point().power * hours;
    totals_.high_lift_energy += high_lift_.point().power * hours;
    totals_.energy += total_power_ * hours;
    totals_.cost += total_power_ * hours * price_;
    totals_.raw_volume += raw_.point().flow * seconds;
    totals_.supplied_volume += supply * seconds;
    totals_.demand_volume += delivered_ * seconds;
    totals_.wash_volume += filters_.wash * seconds;
    totals_.waste_volume += filters_.waste * seconds;
    totals_.sludge_volume += sludge_ * seconds;
    totals_.shortfall += (demand_ - delivered_) * seconds;
    const auto hold = [&](size_t column, double value) { recorder_.hold(column, value, seconds); };
    hold(setpoint_column_, raw_setpoint_);
    hold(header_column_, header_head(supply) - works_.network.header_ground);
    hold(target_column_, pressure_target_);
    hold(demand_column_, demand_);
    hold(delivered_column_, delivered_);
    hold(tower_flow_column_, tower_.in - tower_.out);
    hold(inflow_column_, filters_.filtered);
    hold(wash_column_, filters_.wash);
    hold(waste_column_, filters_.waste);
    hold(fill_column_, fill_);
    hold(total_column_, total_power_);
    hold(other_column_, other_power_);
    hold(price_column_, price_);
    for (size_t i = 0; i < filter_flow_.size(); ++i)
        hold(filter_flow_[i], gallery_.flow(i));
}

void WorksRun::end_row(double seconds) {
    if (seconds <= 0) book(0);
    recorder_.level(clear_well_column_, clear_well_.level());
    recorder_.level(tower_column_, tower_.level());
    recorder_.level(wash_tank_column_, wash_tank_.level());
    for (size_t i = 0; i < filter_flow_.size(); ++i) {
        const auto& state = gallery_.states()[i];
        recorder_.level(filter_loss_[i], gallery_.head_loss(i));
        recorder_.level(filter_phase_[i], static_cast<double>(state.phase));
        recorder_.level(filter_hours_[i], state.run_seconds / seconds_an_hour);
    }
    recorder_.row(seconds);
}

void WorksRun::finish(Forecast& out) {
    totals_.other_energy = totals_.energy - totals_.raw_energy - totals_.high_lift_energy;
    for (const auto& pump : raw_.pumps())
        totals_.raw_starts += pump.starts;
    for (const auto& pump : high_lift_.pumps())
        totals_.high_lift_starts += pump.starts;
    totals_.washes = gallery_.washes();
    double spilled = 0;
    for (auto* tank : {&clear_well_, &tower_, &wash_tank_}) {
        tank->summary.end = tank->level();
        spilled += tank->summary.overflow;
        if (tank->summary.overflow > 0)
            out.warnings.push_back(tank->key + " overflows by " +
                                   std::to_string(std::lround(tank->summary.overflow)) + " m3");
    }
    const double stored =
        clear_well_.volume + tower_.volume + wash_tank_.volume + gallery_.stored();
    const double gone =
        totals_.sludge_volume + totals_.waste_volume + totals_.demand_volume + spilled;
    totals_.mass_residual = (totals_.raw_volume - gone - (stored - stored_at_start_)) /
                            std::max(1.0, totals_.raw_volume);
    totals_.clear_well = clear_well_.summary;
    totals_.tower = tower_.summary;
    totals_.wash_tank = wash_tank_.summary;
    if (totals_.shortfall > 0.5)
        out.warnings.push_back("the demand falls short by " +
                               std::to_string(std::lround(totals_.shortfall)) + " m3");
    if (events_more_ > 0)
        out.warnings.push_back(std::to_string(events_more_) + " more events were not kept");
    out.totals = totals_;
    out.events = std::move(events_);
    out.series = recorder_.take();
}

}  // namespace hw::physics
