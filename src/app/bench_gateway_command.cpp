#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <thread>

#include "app/bench_commands.h"
#include "app/bench_field.h"
#include "app/bench_server.h"
#include "app/mqtt_load.h"
#include "app/server_client.h"
#include "base/clock.h"
#include "base/json_writer.h"
#include "io/http_client.h"

namespace hw::app {

namespace {

// As on a small machine; --set lays over it.
const std::vector<std::string> small_memory = {
    "history.head_bytes_limit=12MiB", "history.memtable_bytes=8MiB", "history.cache_bytes=4MiB",
    "http.live_buffer_bytes=1MiB"};

struct Options {
    std::string driver = "modbus-tcp";
    unsigned devices = 100;
    unsigned tags = 1000;
    unsigned interval_ms = 1000;
    unsigned writes = 100;
    unsigned seconds = 30;
    unsigned warmup = 5;
    unsigned silent = 0;
    std::vector<std::string> sets;
    bool json = false;
};

struct Report {
    double seconds = 0;
    double samples = 0;
    double expected = 0;
    double overruns = 0;
    double read_errors = 0;
    double server_cpu_s = 0;
    double resident = 0;
    double peak = 0;
    std::vector<double> write_ms;  // sorted
    uint64_t write_failures = 0;
    // With silent devices: samples of the others while they were silent, as a part of what they
    // should be; and the time from the first answer until all are connected and good again.
    std::optional<double> others_kept;
    std::optional<double> back_after_s;
};

class Run {
  public:
    explicit Run(const Options& options) : options_(options) {}
    Result<Report> run();

  private:
    Result<void> create_devices();
    std::string device_json(unsigned device) const;
    Result<std::string> metrics();
    Result<uint64_t> bad_tags();
    Result<void> measure(Report& report);
    void write_one(unsigned number, Report& report);
    Result<void> silence(Report& report);
    void wait_until(Time moment) {
        const Duration left = moment - clock_.monotonic();
        if (left.ns > 0) std::this_thread::sleep_for(std::chrono::nanoseconds(left.ns));
    }

    const Options& options_;
    SystemClock clock_;
    std::unique_ptr<BenchField> field_;
    std::unique_ptr<BenchServer> server_;
};

// Tags t0, t1, ... that move; the last tag of each device is one of those that can be written.
std::string Run::device_json(unsigned device) const {
    const bool modbus = options_.driver == "modbus-tcp";
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.member("name", fmt::format("bench/plc{}", device));
    json.member("driver", std::string_view(options_.driver));
    json.key("settings");
    json.begin_object();
    json.member("host", "127.0.0.1");
    json.member("port", field_->port());
    if (!modbus) {
        json.member("rack", device / 32);
        json.member("slot", device % 32);
    }
    json.end_object();
    json.key("groups");
    json.begin_array();
    json.begin_object();
    json.member("name", "all");
    json.member("interval_ms", options_.interval_ms);
    json.key("tags");
    json.begin_array();
    for (unsigned i = 0; i <= options_.tags; ++i) {
        const bool order = i == options_.tags;
        json.begin_object();
        json.member("name", order ? std::string("setpoint") : fmt::format("t{}", i));
        json.member("address", modbus ? fmt::format("{}!{}", device + 1, 400001 + i * 2)
                                      : fmt::format("DB1.DBD{}", i * 4));
        json.member("type", "float");
        json.member("access", order ? "write" : "read");
        json.end_object();
    }
    json.end_array();
    json.end_object();
    json.end_array();
    json.end_object();
    return out;
}

Result<void> Run::create_devices() {
    for (unsigned i = 0; i < options_.devices; ++i) {
        io::HttpClientRequest request;
        request.method = "POST";
        request.url = server_->url() + "/api/v1/devices";
        request.headers.emplace_back("Content-Type", "application/json");
        request.body = device_json(i);
        const auto response = HW_TRY(io::http_fetch(request));
        if (response.status != 201) return fail(problem_error(response.status, response.body));
    }
    return {};
}

Result<std::string> Run::metrics() {
    io::HttpClientRequest request;
    request.url = server_->url() + "/metrics";
    return HW_TRY(io::http_fetch(request)).body;
}

// As it is now; /metrics is up to a second old.
Result<uint64_t> Run::bad_tags() {
    io::HttpClientRequest request;
    request.url = server_->url() + "/api/v1/devices?limit=1000";
    const std::string body = HW_TRY(io::http_fetch(request)).body;
    constexpr std::string_view member = "\"tags_bad\":";
    uint64_t sum = 0;
    for (size_t at = body.find(member); at != body.npos; at = body.find(member, at + 1)) {
        uint64_t number = 0;
        std::from_chars(body.data() + at + member.size(), body.data() + body.size(), number);
        sum += number;
    }
    return sum;
}

void Run::write_one(unsigned number, Report& report) {
    io::HttpClientRequest request;
    request.method = "POST";
    request.url = fmt::format("{}/api/v1/points/bench/plc{}/setpoint/write", server_->url(),
                              options_.silent + number % (options_.devices - options_.silent));
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = fmt::format("{{\"value\":{}.5}}", number);
    const Time begin = clock_.monotonic();
    const auto response = io::http_fetch(request);
    report.write_ms.push_back(static_cast<double>((clock_.monotonic() - begin).ns) * 1e-6);
    if (!response || response->status != 200) ++report.write_failures;
}

Result<void> Run::measure(Report& report) {
    const auto before = HW_TRY(metrics());
    const double cpu = process_cpu_s(server_->pid());
    const Time begin = clock_.monotonic();
    const uint64_t written = field_->writes();
    for (unsigned i = 0; i < options_.writes; ++i) {
        wait_until(begin + Duration{seconds(options_.seconds).ns * i / options_.writes});
        write_one(i, report);
    }
    wait_until(begin + seconds(options_.seconds));
    const auto after = HW_TRY(metrics());
    report.seconds = static_cast<double>((clock_.monotonic() - begin).ns) * 1e-9;
    report.server_cpu_s = process_cpu_s(server_->pid()) - cpu;
    const auto grown = [&](std::string_view family) {
        return metric_sum(after, family) - metric_sum(before, family);
    };
    report.samples = grown("headworks_gateway_reads_total");
    report.overruns = grown("headworks_gateway_overruns_total");
    report.read_errors = grown("headworks_gateway_read_errors_total");
    report.expected = static_cast<double>(options_.devices) * options_.tags * report.seconds *
                      1000 / options_.interval_ms;
    report.resident = resident_mb(server_->pid());
    report.peak = peak_resident_mb(server_->pid());
    // What was answered must have reached the device.
    report.write_failures +=
        options_.writes - std::min<uint64_t>(options_.writes, field_->writes() - written);
    std::sort(report.write_ms.begin(), report.write_ms.end());
    return {};
}

Result<void> Run::silence(Report& report) {
    constexpr int64_t quiet_s = 10;
    field_->silence(options_.silent);
    wait_until(clock_.monotonic() + seconds(4));  // they are noticed
    const auto before = HW_TRY(metrics());
    const Time begin = clock_.monotonic();
    wait_until(begin + seconds(quiet_s));
    const auto after = HW_TRY(metrics());
    const double taken = static_cast<double>((clock_.monotonic() - begin).ns) * 1e-9;
    const double others = static_cast<double>(options_.devices - options_.silent) * options_.tags;
    report.others_kept = (metric_sum(after, "headworks_gateway_reads_total") -
                          metric_sum(before, "headworks_gateway_reads_total")) /
                         (others * taken * 1000 / options_.interval_ms);
    field_->silence(0);
    const Time back = clock_.monotonic();
    while (clock_.monotonic() - back < seconds(60)) {
        // The tags for writing alone are never read.
        if (HW_TRY(bad_tags()) <= options_.devices) {
            report.back_after_s = static_cast<double>((clock_.monotonic() - back).ns) * 1e-9;
            break;
        }
        wait_until(clock_.monotonic() + milliseconds(20));
    }
    return {};
}

Result<Report> Run::run() {
    BenchField::Settings field;
    field.protocol =
        options_.driver == "s7" ? BenchField::Protocol::s7 : BenchField::Protocol::modbus_tcp;
    field.devices = options_.devices;
    field.tags = options_.tags;
    field_ = HW_TRY(BenchField::start(field));
    std::vector<std::string> sets = small_memory;
    sets.insert(sets.end(), options_.sets.begin(), options_.sets.end());
    server_ = HW_TRY(BenchServer::start(sets));
    HW_TRY(create_devices());
    wait_until(clock_.monotonic() + seconds(options_.warmup));
    Report report;
    HW_TRY(measure(report));
    if (options_.silent > 0) HW_TRY(silence(report));
    return report;
}

double at(const std::vector<double>& sorted, double part) {
    if (sorted.empty()) return 0;
    return sorted[static_cast<size_t>(part * static_cast<double>(sorted.size() - 1))];
}

void print_json(const Options& options, const Report& report) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.member("driver", std::string_view(options.driver));
    json.member("devices", options.devices);
    json.member("tags", options.tags);
    json.member("interval_ms", options.interval_ms);
    json.member("seconds", report.seconds);
    json.member("points_per_second", report.samples / report.seconds);
    json.member("kept_part", report.samples / report.expected);
    json.member("overruns", report.overruns);
    json.member("read_errors", report.read_errors);
    json.member("server_cores", report.server_cpu_s / report.seconds);
    json.member("resident_mb", report.resident);
    json.member("peak_mb", report.peak);
    json.member("write_p50_ms", at(report.write_ms, 0.5));
    json.member("write_p99_ms", at(report.write_ms, 0.99));
    json.member("write_failures", report.write_failures);
    if (report.others_kept) json.member("others_kept_part", *report.others_kept);
    if (report.back_after_s) json.member("back_after_s", *report.back_after_s);
    json.end_object();
    fmt::print("{}\n", out);
}

Exit bench(const Options& options) {
    if (options.silent >= options.devices)
        return report(Error(ErrorCode::invalid_argument, "--silent must be below --devices"));
    const auto done = Run(options).run();
    if (!done) return report(done.error(), options.json);
    if (options.json) {
        print_json(options, *done);
    } else {
        fmt::print(
            "{} {} devices of {} floats every {} ms for {:.1f} s: {:.0f} points/s ({:.1f} % of "
            "what was due), {:.0f} overruns, {:.0f} read errors\n"
            "server: {:.2f} of a core, {:.0f} MB resident, {:.0f} MB at most\n",
            options.devices, options.driver, options.tags, options.interval_ms, done->seconds,
            done->samples / done->seconds, 100 * done->samples / done->expected, done->overruns,
            done->read_errors, done->server_cpu_s / done->seconds, done->resident, done->peak);
        if (!done->write_ms.empty())
            fmt::print("{} writes meanwhile: p50 {:.1f} ms, p99 {:.1f} ms, at most {:.1f} ms\n",
                       done->write_ms.size(), at(done->write_ms, 0.5), at(done->write_ms, 0.99),
                       done->write_ms.back());
        if (done->others_kept)
            fmt::print("{} devices silent: the others made {:.1f} % of their samples; {}\n",
                       options.silent, 100 * *done->others_kept,
                       done->back_after_s
                           ? fmt::format("all good {:.1f} s after they answered again",
                                         *done->back_after_s)
                           : "not all came back within 60 s");
    }
    if (done->write_failures == 0) return Exit::ok;
    fmt::print(stderr, "headworks: {} writes failed or did not reach their device\n",
               done->write_failures);
    return Exit::partial;
}

}  // namespace

std::function<Exit()> define_bench_gateway(CLI::App& app) {
    auto options = std::make_shared<Options>();
    app.add_option("--driver", options->driver)
        ->check(CLI::IsMember({"modbus-tcp", "s7"}))
        ->capture_default_str();
    app.add_option("--devices", options->devices)->check(CLI::Range(1, 247))->capture_default_str();
    app.add_option("--tags", options->tags, "Contiguous floats of each device")
        ->check(CLI::Range(1, 16'000))
        ->capture_default_str();
    app.add_option("--interval-ms", options->interval_ms)
        ->check(CLI::Range(30, 3'600'000))
        ->capture_default_str();
    app.add_option("--writes", options->writes, "Tag writes over HTTP, spread over the run")
        ->capture_default_str();
    app.add_option("--seconds", options->seconds, "Length of what is measured")
        ->check(CLI::Range(1, 86'400))
        ->capture_default_str();
    app.add_option("--warmup", options->warmup, "Seconds before")->capture_default_str();
    app.add_option("--silent", options->silent,
                   "Then so many devices are silent for 14 s, and come back");
    app.add_option("--set", options->sets, "Property of the server, section.key=value; may repeat")
        ->allow_extra_args(false);
    app.add_flag("--json", options->json, "JSON instead of text");
    app.footer(
        "Starts a server with data of its own and little memory (history.head_bytes_limit=12MiB,\n"
        "memtable_bytes=8MiB, cache_bytes=4MiB, http.live_buffer_bytes=1MiB; --set overrides "
        "them),\n"
        "and the devices in this process.\n"
        "Examples:\n"
        "  headworks bench gateway\n"
        "  headworks bench gateway --driver s7\n"
        "  headworks bench gateway --devices 1 --interval-ms 30\n"
        "  headworks bench gateway --silent 10");
    return [options] { return bench(*options); };
}

}  // namespace hw::app
