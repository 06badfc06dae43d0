#include "scenario/waterworks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/json_writer.h"
#include "scenario/member_reader.h"
#include "scenario/works_json.h"

namespace hw::scenario {

namespace {

using sql::Datum;

constexpr Duration step = seconds(60);                   // of the history that is read
constexpr Duration state_history = seconds(2 * 86'400);  // for the state at the start
constexpr Duration shortest_history = seconds(2 * 86'400);
constexpr Duration longest_history = seconds(60 * 86'400);
constexpr double finest_seconds = 60;  // step of the arithmetic, at most

class Bound : public BoundModel {
  public:
    Bound(BoundWorks bound, std::function<bool(double)> stop)
        : bound_(std::move(bound)), stop_(std::move(stop)) {}

    std::vector<ModelInput> inputs() const override { return bound_.inputs(); }
    std::string describe() const override;
    Result<ModelResult> run(const Fork& fork, const RunOptions& options) const override;

  private:
    BoundWorks bound_;
    std::function<bool(double)> stop_;
};

std::string Bound::describe() const {
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    json.key("roles");
    json.begin_object();
    for (const auto& [key, role] : bound_.roles.roles) {
        json.key(key);
        json.begin_object();
        json.member("twin", role.twin);
        json.member("path", role.path);
        json.member("point", role.point);
        json.end_object();
    }
    json.end_object();
    json.key("missing");
    json.begin_array();
    for (const auto& key : bound_.roles.missing)
        json.value(key);
    json.end_array();
    json.member("calibrated_to", bound_.calibrated_to);
    json.key("reports");
    write_reports(json, bound_.reports);
    json.end_object();
    return text;
}

Result<ModelResult> Bound::run(const Fork& fork, const RunOptions& options) const {
    physics::WorksState state = bound_.state;
    const auto inputs = HW_TRY(works_inputs(bound_, fork, options.horizon, state));
    // The arithmetic steps by a whole part of the wanted step, of a minute at most.
    const double wanted = static_cast<double>(options.step.ns) / 1e9;
    const auto parts = static_cast<int64_t>(std::ceil(wanted / finest_seconds));
    if (options.step.ns % parts != 0)
        return fail(
            ErrorCode::invalid_argument,
            fmt::format("a step of {} has no whole number of equal parts of up to a minute; "
                        "take whole minutes",
                        format_duration(options.step)));
    physics::ForecastOptions run{.start = fork.start(),
                                 .horizon = options.horizon,
                                 .step = {options.step.ns / parts},
                                 .stop = stop_};
    auto forecast = HW_TRY(physics::forecast(bound_.works, state, inputs, run));
    auto result = works_result(bound_, fork, std::move(forecast));
    thin_result(result, options.step);
    return result;
}

struct Found {
    WorksRoles roles;
    WaterworksParameters parameters;
    physics::Works sheet;
};

Result<Found> find_works(const Fork& fork, const Datum& parameters, const ModelRooms& rooms) {
    Found found;
    found.parameters = HW_TRY(read_waterworks_parameters(parameters));
    found.roles = HW_TRY(find_roles(fork, rooms.site, parameters));
    found.sheet = works_sheet(fork, found.roles);
    found.sheet.demand.pattern.offset = found.parameters.offset;
    HW_TRY(read_works(found.parameters.works, "parameters.works", found.sheet));
    return found;
}

Result<physics::Calibration> calibrate_works(const Found& found, const physics::WorksData& data) {
    auto calibration = physics::calibrate(data, found.sheet);
    if (!calibration)
        return fail(calibration.error().within(
            fmt::format("calibration of '{}' from {} to {}", found.roles.site,
                        format_rfc3339(data.start), format_rfc3339(data.time(data.rows)))));
    // What the sheet says wins over what was found.
    HW_TRY(read_works(found.parameters.works, "parameters.works", calibration->works));
    return calibration;
}

}  // namespace

std::string_view WaterworksModel::help() const {
    return "Mass balance and energy of a works from its intake to the town: tank levels, pumps and "
           "their power, filters and their wash, demand";
}

std::vector<std::pair<std::string_view, std::string_view>> WaterworksModel::parameters() const {
    return {
        {"twins", "Which twin plays a part where several could: {\"tower\": \"<id>\"}"},
        {"roles",
         "Where a value is found: {\"raw.flow\": {\"twin\": \"<id>\", \"path\": \"flow\"}}"},
        {"filter_states", "Words for a filter's states: {\"in service\": \"filtering\"}"},
        {"works", "Parameters of the works that are known, over data sheets and calibration"},
        {"history", "How much history a calibration reads that was not kept; default 7d"},
        {"utc_offset_hours", "Local time less UTC; the week's pattern follows local time"},
        {"price", "Price of a kWh: a number, or 24 by the hour of the day"},
        {"currency", "Of the price, for the figures"},
    };
}

Result<WaterworksParameters> read_waterworks_parameters(const Datum& parameters) {
    MemberReader reader(parameters, "parameters");
    WaterworksParameters read;
    for (const auto name : {"twins", "roles", "filter_states"})
        reader.ignore(name);
    if (const auto* works = reader.take("works")) read.works = *works;
    read.history = reader.duration("history", read.history);
    if (read.history < shortest_history || read.history > longest_history)
        reader.flaw("history", "must be from 2d to 60d");
    const double offset = reader.number("utc_offset_hours", 0);
    if (std::abs(offset) > 14) reader.flaw("utc_offset_hours", "must be from -14 to 14");
    read.offset = {static_cast<int64_t>(offset * 3600) * 1'000'000'000};
    read.currency = reader.text("currency");
    if (const auto* price = reader.take("price")) {
        if (price->is_number()) read.prices.push_back(price->as_number());
        if (price->is_array())
            for (const auto& one : price->items())
                if (one.is_number()) read.prices.push_back(one.as_number());
        const auto items = price->is_array() ? price->items().size() : size_t{1};
        if (read.prices.size() != items || (items != 1 && items != 24))
            reader.flaw("price", "must be a number or a list of 24 numbers");
    }
    HW_TRY(reader.finish());
    return read;
}

Result<physics::WorksData> works_data(const Fork& fork, const WorksRoles& roles, Time from, Time to,
                                      const ModelRooms& rooms) {
    physics::WorksData data;
    data.start = from + step;
    data.step = step;
    data.rows = static_cast<size_t>((to - from).ns / step.ns);
    data.raw_pumps.resize(roles.raw_pumps.size());
    data.high_lift_pumps.resize(roles.high_lift_pumps.size());
    data.filters.resize(roles.filters.size());
    data.sludge_volumes.resize(roles.settling.size());
    struct Place {
        physics::Column* column;
        const Role* role;
    };
    std::vector<Place> places;
    std::vector<WantedColumn> wanted;
    each_column(data, [&](const std::string& key, physics::Column& column) {
        const auto* role = roles.find(key);
        if (role == nullptr) return;
        places.push_back({&column, role});
        wanted.push_back(
            {.point = role->point,
             .words = role->enumeration ? roles.filter_words : std::vector<std::string>{}});
    });
    const auto columns = HW_TRY(rooms.history.columns(wanted, from, to, step));
    for (size_t i = 0; i < places.size(); ++i) {
        auto& column = *places[i].column;
        const auto& role = *places[i].role;
        column = physics::Column(data.rows);
        for (size_t row = 0; row < data.rows; ++row) {
            double value = columns[i][row];
            if (role.enumeration && !std::isnan(value))
                value = static_cast<double>(roles.filter_phases.at(static_cast<size_t>(value)));
            column.set(row, value * role.scale);
        }
        if (data.rows == 0 || column.has(data.rows - 1)) continue;
        const auto live = fork.without_overrides().read(role.twin, role.path);
        if (live.stale || model::family(live.quality) == model::QualityFamily::bad) continue;
        if (live.value.is_number()) column.set(data.rows - 1, live.value.as_number() * role.scale);
        if (live.value.kind() == sql::Kind::boolean)
            column.set(data.rows - 1, live.value.as_boolean() ? 1 : 0);
    }
    return data;
}

Result<std::unique_ptr<BoundModel>> WaterworksModel::bind(const Fork& fork, const Datum& parameters,
                                                          const ModelRooms& rooms) const {
    auto found = HW_TRY(find_works(fork, parameters, rooms));
    BoundWorks bound;
    bound.roles = found.roles;
    bound.parameters = found.parameters;
    const bool kept = !rooms.calibration.empty();
    const Duration history = kept ? state_history : found.parameters.history;
    const Time start = fork.start();
    const auto data = HW_TRY(works_data(fork, bound.roles, start - history, start, rooms));
    physics::Calibration calibration;
    if (kept) {
        calibration = HW_TRY(read_calibration(rooms.calibration));
        HW_TRY(read_works(found.parameters.works, "parameters.works", calibration.works));
        if (calibration.to > start + seconds(3600))
            bound.notes.push_back("the calibration is of a later time than the start");
        if (calibration.to + seconds(60 * 86'400) < start)
            bound.notes.push_back("the calibration is older than 60 days; calibrate anew");
    } else {
        calibration = HW_TRY(calibrate_works(found, data));
    }
    if (data.rows == 0)
        return fail(ErrorCode::invalid_argument, "the history before the start is empty");
    bound.works = std::move(calibration.works);
    bound.reports = std::move(calibration.reports);
    bound.calibrated_to = calibration.to;
    auto state = physics::state_at(data, data.rows - 1, bound.works);
    if (!state) return fail(state.error().within("state of '" + rooms.site + "'"));
    bound.state = std::move(*state);
    for (const auto& report : bound.reports)
        if (report.assumed) bound.notes.push_back(report.what + ": " + report.note);
    return std::make_unique<Bound>(std::move(bound), rooms.stop);
}

Result<Model::Calibrated> WaterworksModel::calibrate(const Fork& fork, const Datum& parameters,
                                                     Time from, Time to,
                                                     const ModelRooms& rooms) const {
    if (to - from < shortest_history || to - from > longest_history)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("a calibration reads from {} to {} of history, not {}",
                                format_duration(shortest_history), format_duration(longest_history),
                                format_duration(to - from)));
    auto found = HW_TRY(find_works(fork, parameters, rooms));
    const auto data = HW_TRY(works_data(fork, found.roles, from, to, rooms));
    const auto calibration = HW_TRY(calibrate_works(found, data));
    return Calibrated{.json = calibration_text(calibration),
                      .confidence = confidence_of(calibration.reports)};
}

}  // namespace hw::scenario
