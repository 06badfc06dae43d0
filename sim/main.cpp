#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/log.h"
#include "sim/publish/runner.h"

namespace hw::sim {
namespace {

constexpr int exit_failed = 1;
constexpr int exit_usage = 2;
constexpr int exit_unreachable = 6;

constexpr const char* about =
    R"(headworks-sim: a waterworks of 20,000 m3 a day, from the river to 200 customers' meters,
that publishes about 400 points a second over MQTT.

Examples:
  headworks-sim                                     the works, live, to the broker on this machine
  headworks-sim --broker mqtt://10.0.0.5 --qos 1    to another broker, acknowledged
  headworks-sim --speed 60                          an hour of the plant in a minute
  headworks-sim --start 2026-03-01T00:00:00Z --duration 1d --speed max --payload json --qos 1
                                                    a day of history as fast as the broker takes it
  headworks-sim --list                              the points, with units
  headworks-sim --duration 1h --csv hour.csv        an hour as CSV, without a broker

Plain values carry no time, so the receiver's clock stamps them; give --payload json when the
simulated time is not the real one.)";

constexpr const char* exits =
    R"(Exit: 0 done or stopped, 1 failed, 2 wrong usage, 6 broker not reachable.)";

std::atomic<bool> stop_requested{false};

extern "C" void request_stop(int /*signal*/) {
    stop_requested.store(true);
}

struct Options {
    std::string broker = "mqtt://127.0.0.1:1883";
    std::string prefix = "bluewater";
    std::string speed = "1";
    std::string interval = "1s";
    std::string duration;
    std::string start = "now";
    std::string client_id;
    std::string payload = "mixed";
    std::string wait = "30s";
    std::string csv;
    uint64_t seed = 1;
    int qos = 0;
    bool list = false;
    bool json = false;
    bool quiet = false;
};

void declare(CLI::App& app, Options& o) {
    app.add_option("--broker", o.broker, "Where to publish: mqtt://HOST[:PORT]")
        ->capture_default_str();
    app.add_option("--prefix", o.prefix, "First levels of every topic")->capture_default_str();
    app.add_option("--speed", o.speed, "Simulated seconds a second, or max")->capture_default_str();
    app.add_option("--seed", o.seed, "The same seed and start give the same plant")
        ->capture_default_str();
    app.add_option("--interval", o.interval, "Simulated time between rounds, whole seconds")
        ->capture_default_str();
    app.add_option("--duration", o.duration, "Simulated time to run (default: until stopped)");
    app.add_option("--qos", o.qos, "0 or 1")->check(CLI::Range(0, 1))->capture_default_str();
    app.add_option("--start", o.start, "Simulated time to start at: RFC 3339, epoch or now-6h")
        ->capture_default_str();
    app.add_option("--client-id", o.client_id, "MQTT client id (default: headworks-sim-PREFIX)");
    app.add_option("--payload", o.payload,
                   "mixed (as in the field), json (one timed object an asset) or scalar")
        ->check(CLI::IsMember({"mixed", "json", "scalar"}))
        ->capture_default_str();
    app.add_option("--wait", o.wait,
                   "Give up when there is no first connection for so long; 0s: never")
        ->capture_default_str();
    app.add_option("--csv", o.csv, "Write point,time,value,quality to FILE (- for stdout) instead");
    app.add_flag("--list", o.list, "Print the points and end");
    app.add_flag("--json", o.json, "With --list: as JSON");
    app.add_flag("-q,--quiet", o.quiet, "No status line, no closing summary");
    app.footer(exits);
}

struct Plan {
    BrokerAddress broker;
    Telemetry::Settings telemetry;
    Runner::Settings run;
    Duration wait;  // for the first connection
};

Time whole_seconds(Time time) {
    return {time.ns - time.ns % seconds(1).ns};
}

Result<double> parse_speed(const std::string& text) {
    if (text == "max") return 0.0;
    double speed = 0;
    if (!CLI::detail::lexical_cast(text, speed) || !(speed > 0) || speed > 1e6)
        return fail(ErrorCode::invalid_argument,
                    "speed '" + text + "' is not a number from above 0 to 1000000, nor max");
    return speed;
}

Result<Plan> make_plan(const Options& o, Time now) {
    Plan plan;
    plan.broker = HW_TRY(parse_broker(o.broker));
    plan.run.speed = HW_TRY(parse_speed(o.speed));
    const Duration interval = HW_TRY(parse_duration(o.interval));
    if (interval < seconds(1) || interval > seconds(86'400) || interval.ns % seconds(1).ns != 0)
        return fail(ErrorCode::invalid_argument,
                    "interval '" + o.interval +
                        "' is not a whole number of seconds from 1s to "
                        "1d; the plant's step is 1s");
    plan.run.interval = interval;
    if (!o.duration.empty()) plan.run.duration = HW_TRY(parse_duration(o.duration));
    plan.wait = HW_TRY(parse_duration(o.wait));
    plan.run.qos = o.qos;
    if (o.prefix.empty() || o.prefix.find_first_of("+#") != std::string::npos)
        return fail(ErrorCode::invalid_argument,
                    "prefix '" + o.prefix + "' is empty or has a wildcard; topics cannot");
    const Time start = HW_TRY(parse_time(o.start, now));
    if (start.ns < 0)
        return fail(ErrorCode::invalid_argument, "start '" + o.start + "' is before 1970");
    plan.telemetry = {.start = whole_seconds(start),
                      .seed = o.seed,
                      .interval = interval,
                      .prefix = o.prefix,
                      .form = std::nullopt};
    if (o.payload == "json") plan.telemetry.form = Form::json_ms;
    if (o.payload == "scalar") plan.telemetry.form = Form::scalar;
    return plan;
}

void print_list(const Telemetry& telemetry, bool json) {
    const auto& points = telemetry.points();
    if (json) {
        fmt::print("[");
        const char* comma = "\n";
        for (const auto& p : points) {
            fmt::print(
                R"({}{{"point":"{}","type":"{}","unit":"{}","payload":"{}","description":"{}"}})",
                comma, p.path, p.type, p.unit, to_string(p.form), p.description);
            comma = ",\n";
        }
        fmt::print("\n]\n");
        return;
    }
    size_t width = 5;
    for (const auto& p : points)
        width = std::max(width, p.path.size());
    fmt::print("{:<{}}  {:<6}  {:<8}  {:<16}  {}\n", "POINT", width, "TYPE", "UNIT", "PAYLOAD",
               "DESCRIPTION");
    for (const auto& p : points)
        fmt::print("{:<{}}  {:<6}  {:<8}  {:<16}  {}\n", p.path, width, p.type, p.unit,
                   to_string(p.form), p.description);
    fmt::print(stderr, "{} points in {} messages a round\n", points.size(),
               telemetry.messages().size());
}

int write_csv(const Plan& plan, const std::string& path) {
    const auto close = [](std::FILE* file) { return std::fclose(file); };
    std::unique_ptr<std::FILE, decltype(close)> opened(
        path == "-" ? nullptr : std::fopen(path.c_str(), "w"), close);
    std::FILE* file = path == "-" ? stdout : opened.get();
    if (!file) {
        fmt::print(stderr, "headworks-sim: cannot write '{}'\n", path);
        return exit_failed;
    }
    std::string out = "point,time,value,quality\n";
    Telemetry telemetry(plan.telemetry);
    const auto& works = telemetry.works();
    const Duration duration = plan.run.duration;
    bool good = true;
    while (good && !stop_requested.load() &&
           (duration.ns == 0 || works.now() - works.start() < duration)) {
        telemetry.advance();
        telemetry.append_csv(out);
        good = std::fwrite(out.data(), 1, out.size(), file) == out.size();
        out.clear();
    }
    good = good && std::fflush(file) == 0;
    if (!good) fmt::print(stderr, "headworks-sim: writing '{}' failed; is the disk full?\n", path);
    return good ? 0 : exit_failed;
}

int publish(Plan& plan, const Options& options, const Clock& clock) {
    auto id = options.client_id;
    if (id.empty()) {
        id = "headworks-sim-" + options.prefix;
        std::replace(id.begin(), id.end(), '/', '-');
    }
    const auto client = MqttClient::create({.broker = plan.broker, .client_id = id});
    if (!client) {
        fmt::print(stderr, "headworks-sim: {}\n", client.error().text());
        return exit_usage;
    }
    plan.run.status_line = !options.quiet && isatty(STDERR_FILENO) == 1;
    Connector connector(**client, clock, plan.run.status_line);
    if (const auto first = connector.first(plan.wait, stop_requested); !first) {
        fmt::print(stderr, "headworks-sim: {}\n", first.error().text());
        return exit_unreachable;
    }
    // The wait for the broker shall not put the plant behind the clock.
    if (options.start == "now") plan.telemetry.start = whole_seconds(clock.now());
    Telemetry telemetry(plan.telemetry);
    Runner runner(plan.run, {telemetry, **client, connector, clock});
    runner.run(stop_requested);
    const auto& totals = runner.totals();
    if (!options.quiet)
        fmt::print(stderr,
                   "{} rounds of {} points published, {} messages sent, {} {}, {} rounds lost\n",
                   totals.rounds, telemetry.points().size(), (*client)->sent(), (*client)->done(),
                   options.qos > 0 ? "acknowledged" : "written", totals.lost_rounds);
    return 0;
}

int run(int argc, char** argv) {
    Options options;
    CLI::App app(about);
    declare(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : exit_usage;
    }
    const SystemClock clock;
    auto plan = make_plan(options, clock.now());
    if (!plan) {
        fmt::print(stderr, "headworks-sim: {}\n", plan.error().text());
        return exit_usage;
    }
    if (options.list) {
        print_list(Telemetry(plan->telemetry), options.json);
        return 0;
    }
    struct sigaction action{};
    action.sa_handler = request_stop;  // without SA_RESTART: a blocked connect ends too
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    if (!options.csv.empty()) return write_csv(*plan, options.csv);
    return publish(*plan, options, clock);
}

}  // namespace
}  // namespace hw::sim

int main(int argc, char** argv) {
    return hw::sim::run(argc, argv);
}
