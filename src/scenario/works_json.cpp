#include "scenario/works_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <concepts>

#include "scenario/member_reader.h"
#include "sql/json.h"

namespace hw::scenario {

namespace {

using sql::Datum;

constexpr size_t list_limit = 1'000;

// The shape of a works' parameters, written once for reader and writer: each names its members to
// a visitor.
template <class Visitor>
void visit(Visitor& v, physics::PumpCurve& curve) {
    v.member("shutoff_head", curve.shutoff_head);
    v.member("droop", curve.droop);
    v.member("efficiency_slope", curve.efficiency_slope);
    v.member("efficiency_droop", curve.efficiency_droop);
}

template <class Visitor>
void visit(Visitor& v, physics::PumpUnit& pump) {
    v.member("name", pump.name);
    v.member("curve", pump.curve);
}

template <class Visitor>
void visit(Visitor& v, physics::Staging& staging) {
    v.member("least_speed", staging.least_speed);
    v.member("most_speed", staging.most_speed);
    v.member("up_speed", staging.up_speed);
    v.member("up_seconds", staging.up_seconds);
    v.member("down_load", staging.down_load);
    v.member("down_seconds", staging.down_seconds);
}

template <class Visitor>
void visit(Visitor& v, physics::StationParameters& station) {
    v.member("pumps", station.pumps);
    v.member("staging", station.staging);
}

template <class Visitor>
void visit(Visitor& v, physics::MainParameters& main) {
    v.member("lift", main.lift);
    v.member("resistance", main.resistance);
}

template <class Visitor>
void visit(Visitor& v, physics::PolyLine& line) {
    v.member("x", line.x);
    v.member("y", line.y);
}

template <class Visitor>
void visit(Visitor& v, physics::NetworkParameters& network) {
    v.member("base", network.base);
    v.member("header_ground", network.header_ground);
    v.member("trunk", network.trunk);
    v.member("riser", network.riser);
    v.member("inlet_opening", network.inlet_opening);
    v.member("low_level_stop", network.low_level_stop);
}

template <class Visitor>
void visit(Visitor& v, physics::TankParameters& tank) {
    v.member("area", tank.area);
    v.member("floor", tank.floor);
    v.member("full", tank.full);
}

template <class Visitor>
void visit(Visitor& v, physics::BedParameters& bed) {
    v.member("clean", bed.clean);
    v.member("growth", bed.growth);
    v.member("curve", bed.curve);
}

template <class Visitor>
void visit(Visitor& v, physics::FilterParameters& filters) {
    v.member("beds", filters.beds);
    v.member("box_area", filters.box_area);
    v.member("normal_level", filters.normal_level);
    v.member("drained_level", filters.drained_level);
    v.member("trough_level", filters.trough_level);
    v.member("head_loss_limit", filters.head_loss_limit);
    v.member("run_seconds_limit", filters.run_seconds_limit);
    v.member("drain_flow", filters.drain_flow);
    v.member("air_seconds", filters.air_seconds);
    v.member("wash_seconds", filters.wash_seconds);
    v.member("ripening_seconds", filters.ripening_seconds);
    v.member("wash_flow", filters.wash_flow);
    v.member("blower_power", filters.blower_power);
    v.member("wash_tank", filters.wash_tank);
    v.member("fill_start", filters.fill_start);
    v.member("fill_stop", filters.fill_stop);
    v.member("fill_flow", filters.fill_flow);
    v.member("fill_power", filters.fill_power);
    v.member("wash_reserve", filters.wash_reserve);
}

template <class Visitor>
void visit(Visitor& v, physics::ThroughputRule& rule) {
    v.member("every", rule.every);
    v.member("phase", rule.phase);
    v.member("quantum", rule.quantum);
    v.member("gain", rule.gain);
    v.member("mean_seconds", rule.mean_seconds);
    v.member("of_level", rule.of_level);
    v.member("least", rule.least);
    v.member("most", rule.most);
    v.member("level_setpoint", rule.level_setpoint);
}

template <class Visitor>
void visit(Visitor& v, physics::PressureRule& rule) {
    v.member("at_zero", rule.at_zero);
    v.member("slope", rule.slope);
    v.member("least", rule.least);
    v.member("most", rule.most);
}

template <class Visitor>
void visit(Visitor& v, physics::WeekPattern& pattern) {
    v.member("half_hours", pattern.value);
    v.member("offset", pattern.offset);
}

template <class Visitor>
void visit(Visitor& v, physics::DemandParameters& demand) {
    v.member("pattern", demand.pattern);
    v.member("level", demand.level);
    v.member("error", demand.error);
    v.member("error_hours", demand.error_hours);
}

template <class Visitor>
void visit(Visitor& v, physics::Works& works) {
    v.member("raw_station", works.raw_station);
    v.member("high_lift", works.high_lift);
    v.member("raw_main", works.raw_main);
    v.member("network", works.network);
    v.member("filters", works.filters);
    v.member("clear_well", works.clear_well);
    v.member("tower", works.tower);
    v.member("throughput", works.throughput);
    v.member("pressure", works.pressure);
    v.member("demand", works.demand);
    v.member("sludge_flow", works.sludge_flow);
    v.member("other_power", works.other_power);
}

class Writer {
  public:
    explicit Writer(JsonWriter& json) : json_(json) {}

    template <class T>
    void member(std::string_view name, T& value) {
        json_.key(name);
        put(value);
    }
    template <class T>
    void put(T& value) {
        json_.begin_object();
        visit(*this, value);
        json_.end_object();
    }
    void put(double& value) { json_.raw(std::isfinite(value) ? fmt::format("{}", value) : "null"); }
    void put(std::string& value) { json_.value(std::string_view(value)); }
    void put(Duration& value) { json_.raw(fmt::format("{}", value.ns / 1'000'000'000)); }
    template <class T>
    void put(std::vector<T>& values) {
        list(values);
    }
    template <class T, size_t N>
    void put(std::array<T, N>& values) {
        list(values);
    }

  private:
    template <class List>
    void list(List& values) {
        json_.begin_array();
        for (auto& value : values)
            put(value);
        json_.end_array();
    }

    JsonWriter& json_;
};

// Lays a JSON object over a value; the first flaw of all levels is kept.
class Reader {
  public:
    Reader(const Datum& object, std::string path, std::string& flaw)
        : members_(object, std::move(path)), flaw_(flaw) {}

    template <class T>
    void member(std::string_view name, T& value) {
        if (const auto* given = members_.take(name)) read(*given, members_.path_of(name), value);
    }
    void finish() {
        if (const auto done = members_.finish(); !done) note(done.error().text());
    }
    template <class T>
    void read(const Datum& given, const std::string& path, T& value) {
        Reader inside(given, path, flaw_);
        visit(inside, value);
        inside.finish();
    }
    void read(const Datum& given, const std::string& path, double& value) {
        if (!given.is_number() || !std::isfinite(given.as_number()))
            return note(fmt::format("'{}' must be a number", path));
        value = given.as_number();
    }
    void read(const Datum& given, const std::string& path, std::string& value) {
        if (!given.is_text()) return note(fmt::format("'{}' must be a text", path));
        value = given.as_text();
    }
    void read(const Datum& given, const std::string& path, Duration& value) {
        double number = 0;
        read(given, path, number);
        if (!(std::abs(number) <= 86'400))
            return note(fmt::format("'{}' is {} s; at most a day either way", path, number));
        value = {static_cast<int64_t>(number * 1e9)};
    }
    template <class T>
    void read(const Datum& given, const std::string& path, std::vector<T>& values) {
        if (!given.is_array() || given.items().size() > list_limit)
            return note(fmt::format("'{}' must be a list of up to {}", path, list_limit));
        if (std::same_as<T, double> || values.size() < given.items().size())
            values.resize(given.items().size());
        for (size_t i = 0; i < given.items().size(); ++i)
            read(given.items()[i], fmt::format("{}[{}]", path, i), values[i]);
    }
    template <class T, size_t N>
    void read(const Datum& given, const std::string& path, std::array<T, N>& values) {
        if (!given.is_array() || given.items().size() != N)
            return note(fmt::format("'{}' must be a list of {}", path, N));
        for (size_t i = 0; i < N; ++i)
            read(given.items()[i], fmt::format("{}[{}]", path, i), values.at(i));
    }

  private:
    void note(std::string text) {
        if (flaw_.empty()) flaw_ = std::move(text);
    }

    MemberReader members_;
    std::string& flaw_;
};

void check_line(const physics::PolyLine& line, std::string_view name, std::string& flaw) {
    if (!flaw.empty()) return;
    if (line.x.size() != line.y.size() || !std::is_sorted(line.x.begin(), line.x.end()))
        flaw = fmt::format("'{}' must have as many y as x, and x that rise", name);
}

}  // namespace

void write_works(JsonWriter& json, const physics::Works& works) {
    physics::Works copy = works;  // one shape serves reader and writer
    Writer(json).put(copy);
}

Result<void> read_works(const Datum& json, const std::string& path, physics::Works& works) {
    std::string flaw;
    physics::Works read = works;
    Reader reader(json, path, flaw);
    visit(reader, read);
    reader.finish();
    check_line(read.throughput.of_level, path + ".throughput.of_level", flaw);
    check_line(read.network.inlet_opening, path + ".network.inlet_opening", flaw);
    if (!flaw.empty()) return fail(ErrorCode::invalid_argument, std::move(flaw));
    works = std::move(read);
    return {};
}

void write_reports(JsonWriter& json, const std::vector<physics::FitReport>& reports) {
    json.begin_array();
    for (const auto& report : reports) {
        json.begin_object();
        json.member("what", report.what);
        json.member("samples", report.n);
        json.member("left_out", report.left_out);
        json.key("rmse");
        json.raw(fmt::format("{:.4g}", std::isfinite(report.rmse) ? report.rmse : 0.0));
        json.member("unit", report.unit);
        json.key("explained");
        json.raw(fmt::format("{:.4g}", report.explained));
        json.key("confidence");
        json.raw(fmt::format("{:.3g}", report.confidence));
        json.member("assumed", report.assumed);
        json.member("note", report.note);
        json.end_object();
    }
    json.end_array();
}

std::string calibration_text(const physics::Calibration& calibration) {
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    json.member("from", calibration.from);
    json.member("to", calibration.to);
    json.key("confidence");
    json.raw(fmt::format("{:.3g}", confidence_of(calibration.reports)));
    json.key("reports");
    write_reports(json, calibration.reports);
    json.key("works");
    write_works(json, calibration.works);
    json.end_object();
    return text;
}

Result<physics::Calibration> read_calibration(std::string_view json) {
    sql::JsonReader parser;
    const Datum root = HW_TRY(parser.read(json));
    MemberReader reader(root, "calibration");
    physics::Calibration calibration;
    const auto from = parse_rfc3339(reader.text("from"));
    const auto to = parse_rfc3339(reader.text("to"));
    if (!from || !to) return fail(ErrorCode::corrupt, "the calibration says no range");
    calibration.from = *from;
    calibration.to = *to;
    reader.ignore("confidence");
    if (const auto* works = reader.take("works"))
        HW_TRY(read_works(*works, "works", calibration.works));
    else
        return fail(ErrorCode::corrupt, "the calibration has no works");
    if (const auto* reports = reader.take("reports"); reports != nullptr && reports->is_array())
        for (const auto& one : reports->items()) {
            MemberReader inside(one, "reports");
            physics::FitReport report;
            report.what = inside.text("what");
            report.n = static_cast<size_t>(std::clamp(inside.number("samples", 0), 0.0, 1e15));
            report.left_out =
                static_cast<size_t>(std::clamp(inside.number("left_out", 0), 0.0, 1e15));
            report.rmse = inside.number("rmse", 0);
            report.unit = inside.text("unit");
            report.explained = inside.number("explained", 0);
            report.confidence = inside.number("confidence", 0);
            const auto* assumed = inside.take("assumed");
            report.assumed = assumed != nullptr && assumed->kind() == sql::Kind::boolean &&
                             assumed->as_boolean();
            report.note = inside.text("note");
            calibration.reports.push_back(std::move(report));
        }
    return calibration;
}

double confidence_of(const std::vector<physics::FitReport>& reports) {
    if (reports.empty()) return 0;
    double sum = 0;
    for (const auto& report : reports)
        sum += report.assumed ? 0.3 : std::clamp(report.confidence, 0.0, 1.0);
    return sum / static_cast<double>(reports.size());
}

}  // namespace hw::scenario
