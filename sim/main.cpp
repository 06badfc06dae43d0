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
#include <vector>

#include "base/log.h"
#include "sim/publish/runner.h"
#include "sim/serve/control_client.h"
#include "sim/serve/control_session.h"
#include "sim/serve/live.h"

namespace hw::sim {
namespace {

constexpr int exit_failed = 1;
constexpr int exit_usage = 2;
constexpr int exit_unreachable = 6;

constexpr const char* about =
    R"(headworks-sim: a waterworks of 20,000 m3 a day, from the river to 200 customers' meters.
It speaks Modbus TCP and RTU, S7, IEC 60870-5-104, MQTT and Sparkplug B, takes set-points, and has
faults that can be switched on.

Examples:
  headworks-sim                                     the works, live, with the broker on this machine
  headworks-sim --broker none                       without MQTT
  headworks-sim devices --write-devices devices.d   what a gateway needs to know of it
  headworks-sim fault on pump-wear intake/pump2     wears a pump of the running works
  headworks-sim --mqtt-all                          every point over MQTT, no other protocol
  headworks-sim --mqtt-all --start 2026-03-01T00:00:00Z --duration 1d --speed max --payload json
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
    std::string listen = "127.0.0.1";
    Ports ports;
    std::string pty;
    std::string write_devices;
    std::vector<std::string> faults;
    std::string verb;  // of the command fault
    std::string fault;
    std::string target;
    std::optional<double> amount;
    uint16_t at = control_default_port;
    bool mqtt_all = false;
    bool no_pty = false;
    uint64_t seed = 1;
    int qos = 0;
    bool list = false;
    bool json = false;
    bool quiet = false;
};

void declare_protocols(CLI::App& app, Options& o) {
    app.add_option("--listen", o.listen, "Address that the servers bind to")->capture_default_str();
    const auto port = [&](const char* name, uint16_t& to, const char* help) {
        app.add_option(name, to, help)->capture_default_str();
    };
    port("--modbus-port", o.ports.modbus,
         "Modbus TCP: intake (unit 1) and filters (unit 2); 0: any");
    port("--s7-port", o.ports.s7, "S7: coagulation to chlorination; 0: any");
    port("--iec104-port", o.ports.iec104, "IEC 60870-5-104: pump station and energy; 0: any");
    port("--control-port", o.ports.control, "Control channel, for faults and set-points; 0: any");
    app.add_option("--pty", o.pty, "Symbolic link to the serial line of Modbus RTU");
    app.add_flag("--no-pty", o.no_pty, "No serial line");
    app.add_flag("--mqtt-all", o.mqtt_all,
                 "All points over MQTT and no other protocol; so it is with --speed max");
    app.add_option("--write-devices", o.write_devices,
                   "Write the gateway's device files to FOLDER");
    app.add_option("--fault", o.faults, "Fault from the start: NAME=TARGET[:AMOUNT], repeatable");
}

void declare_commands(CLI::App& app, Options& o) {
    app.require_subcommand(0, 1);
    app.add_subcommand("devices", "Print the gateway's device files, or write them")->fallthrough();
    auto* fault = app.add_subcommand("fault", "Switch faults of a running works on and off");
    fault->add_option("verb", o.verb, "on, off or list")
        ->required()
        ->check(CLI::IsMember({"on", "off", "list"}));
    fault->add_option("name", o.fault, "Name of the fault; off: all ends every one");
    fault->add_option("target", o.target, "What it happens to: the last levels of a path");
    fault->add_option("--amount", o.amount, "How much of it");
    fault->add_option("--at", o.at, "Control port of the works")->capture_default_str();
    fault->footer("Faults:\n" + describe_faults());
}

void declare(CLI::App& app, Options& o) {
    app.add_option("--broker", o.broker, "Where to publish: mqtt://HOST[:PORT], or none")
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
    declare_protocols(app, o);
    declare_commands(app, o);
    app.footer(exits);
}

struct Plan {
    BrokerAddress broker;
    Telemetry::Settings telemetry;
    Runner::Settings run;
    Duration wait;  // for the first connection
    bool has_broker = true;
    std::vector<FaultOrder> faults;
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
    plan.has_broker = o.broker != "none";
    if (plan.has_broker) plan.broker = HW_TRY(parse_broker(o.broker));
    for (const auto& fault : o.faults)
        plan.faults.push_back(HW_TRY(parse_fault_order(fault)));
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
    plan.run.publish.qos = o.qos;
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

int failed(const Error& error, int code) {
    fmt::print(stderr, "headworks-sim: {}\n", error.text());
    return code;
}

Result<void> turn_on(const Plan& plan, Waterworks& works) {
    for (const auto& order : plan.faults)
        HW_TRY(works.faults().turn_on(order.kind, order.target, order.amount, works.now()));
    return {};
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
    if (const auto on = turn_on(plan, telemetry.works()); !on)
        return failed(on.error(), exit_usage);
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

std::string client_id(const Options& options) {
    if (!options.client_id.empty()) return options.client_id;
    auto id = "headworks-sim-" + options.prefix;
    std::replace(id.begin(), id.end(), '/', '-');
    return id;
}

void print_totals(const RunTotals& totals, const MqttClient& client, size_t points, int qos) {
    fmt::print(stderr,
               "{} rounds of {} points published, {} messages sent, {} {}, {} rounds lost\n",
               totals.rounds, points, client.sent(), client.done(),
               qos > 0 ? "acknowledged" : "written", totals.lost_rounds);
}

Live::Settings live_settings(const Plan& plan, const Options& options) {
    Live::Settings settings;
    settings.speed = plan.run.speed;
    settings.interval = plan.run.interval;
    settings.duration = plan.run.duration;
    settings.host = options.listen;
    settings.ports = options.ports;
    settings.serial = !options.no_pty;
    settings.pty_link = options.pty;
    if (plan.has_broker) settings.broker = plan.broker;
    settings.prefix = options.prefix;
    settings.client_id = client_id(options);
    settings.qos = options.qos;
    settings.patience = plan.wait;
    settings.status_line = !options.quiet && isatty(STDERR_FILENO) == 1;
    return settings;
}

// The works with all their protocols.
int serve(const Plan& plan, const Options& options) {
    Telemetry telemetry(plan.telemetry);
    if (const auto on = turn_on(plan, telemetry.works()); !on)
        return failed(on.error(), exit_usage);
    const auto opened = Live::open(live_settings(plan, options), telemetry);
    if (!opened) return failed(opened.error(), exit_failed);
    Live& live = **opened;
    if (!options.write_devices.empty())
        if (const auto written = write_devices(live.devices(), options.write_devices); !written)
            return failed(written.error(), exit_failed);
    fmt::print("{}\n", live.ready_line());
    std::fflush(stdout);
    const auto ran = live.run(stop_requested);
    if (!ran) return failed(ran.error(), exit_unreachable);
    if (!options.quiet && live.mqtt())
        print_totals(live.publisher()->totals(), *live.mqtt(), live.mqtt_points(), options.qos);
    return 0;
}

int print_devices(const Plan& plan, const Options& options) {
    Telemetry telemetry(plan.telemetry);
    telemetry.advance();
    Variables variables(telemetry);
    DeviceListing listing;
    listing.prefix = options.prefix;
    listing.host = options.listen;
    listing.ports = options.ports;
    listing.serial_port = options.pty;
    const auto files = list_devices(listing, variables, make_modbus_units(variables),
                                    make_data_blocks(variables), make_station_objects(variables));
    if (!options.write_devices.empty()) {
        const auto written = write_devices(files, options.write_devices);
        return written ? 0 : failed(written.error(), exit_failed);
    }
    for (const auto& file : files)
        fmt::print("# {}\n{}\n", file.name, file.text);
    return 0;
}

int ask_fault(const Options& options) {
    auto command = "fault " + options.verb;
    for (const auto& word : {options.fault, options.target})
        if (!word.empty()) command += " " + word;
    if (options.amount) command += fmt::format(" {}", *options.amount);
    const auto answer = ask_control(options.listen, options.at, command);
    if (!answer)
        return failed(answer.error(), answer.error().code() == ErrorCode::unavailable
                                          ? exit_unreachable
                                          : exit_failed);
    fmt::print("{}", *answer);
    return 0;
}

// Everything over MQTT, as a works does that has one gateway of its own.
int publish(Plan& plan, const Options& options, const Clock& clock) {
    const auto client =
        MqttClient::create({.broker = plan.broker, .client_id = client_id(options)});
    if (!client) return failed(client.error(), exit_usage);
    plan.run.status_line = !options.quiet && isatty(STDERR_FILENO) == 1;
    Connector connector(**client, clock, plan.run.status_line);
    if (const auto first = connector.first(plan.wait, stop_requested); !first)
        return failed(first.error(), exit_unreachable);
    // The wait for the broker shall not put the plant behind the clock.
    if (options.start == "now") plan.telemetry.start = whole_seconds(clock.now());
    Telemetry telemetry(plan.telemetry);
    if (const auto on = turn_on(plan, telemetry.works()); !on)
        return failed(on.error(), exit_usage);
    Runner runner(plan.run, {telemetry, **client, connector, clock});
    runner.run(stop_requested);
    if (!options.quiet)
        print_totals(runner.totals(), **client, telemetry.points().size(), options.qos);
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
    if (!plan) return failed(plan.error(), exit_usage);
    if (app.got_subcommand("fault")) return ask_fault(options);
    if (app.got_subcommand("devices")) return print_devices(*plan, options);
    if (options.list) {
        print_list(Telemetry(plan->telemetry), options.json);
        return 0;
    }
    struct sigaction action{};
    action.sa_handler = request_stop;  // without SA_RESTART: a blocked connect ends too
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    if (!options.csv.empty()) return write_csv(*plan, options.csv);
    if (options.mqtt_all || plan->run.speed <= 0) {
        if (plan->has_broker) return publish(*plan, options, clock);
        return failed(Error(ErrorCode::invalid_argument,
                            "--broker none goes with neither --mqtt-all nor --speed max"),
                      exit_usage);
    }
    return serve(*plan, options);
}

}  // namespace
}  // namespace hw::sim

int main(int argc, char** argv) {
    return hw::sim::run(argc, argv);
}
