#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <chrono>
#include <memory>
#include <thread>

#include "app/bench_commands.h"
#include "app/bench_live_reader.h"
#include "app/bench_server.h"
#include "app/mqtt_load.h"
#include "base/clock.h"
#include "base/json_writer.h"
#include "io/http_client.h"

namespace hw::app {

namespace {

struct Options {
    unsigned clients = 50;
    unsigned points = 10'000;
    unsigned writes = 10;  // a second, each of its part of the points
    std::string frames = "250ms";
    std::string length = "20s";
    bool json = false;
};

struct Figures {
    double seconds = 0;
    double idle_cores = 0;  // of the server: with the same writes, nobody follows
    double cores = 0;
    double memory_mb = 0;
    uint64_t written = 0;
    LiveReadings readings;
};

// Every point gets a new value once a second, in even parts.
class Writer {
  public:
    Writer(std::string url, const Options& options) : url_(std::move(url)), options_(options) {}

    Result<uint64_t> run(Duration length) {
        const SystemClock clock;
        const Time begin = clock.monotonic();
        uint64_t written = 0;
        for (uint64_t step = 0;; ++step) {
            const Time due =
                begin + Duration{static_cast<int64_t>(step * 1'000'000'000ULL / options_.writes)};
            if (due >= begin + length) return written;
            const Duration wait = due - clock.monotonic();
            if (wait.ns > 0) std::this_thread::sleep_for(std::chrono::nanoseconds(wait.ns));
            written += HW_TRY(part(step % options_.writes));
        }
    }
    Result<uint64_t> part(uint64_t number) {
        const uint64_t first = options_.points * number / options_.writes;
        const uint64_t end = options_.points * (number + 1) / options_.writes;
        std::string body;
        for (uint64_t i = first; i < end; ++i) {
            random_ = random_ * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
            body += fmt::format("works,area=area{},asset=pump{} flow={:.2f}\n", i / 100, i % 100,
                                static_cast<double>(random_ >> 48) / 100);
        }
        const auto answer = HW_TRY(io::http_fetch(
            {.method = "POST", .url = url_ + "/write", .headers = {}, .body = std::move(body)}));
        if (answer.status != 204)
            return fail(ErrorCode::io_failed, "the server refused a write: " + answer.body);
        return end - first;
    }

  private:
    const std::string url_;
    const Options& options_;
    uint64_t random_ = 1;
};

Result<double> cores_while(int pid, Duration length, Writer& writer, uint64_t& written) {
    const SystemClock clock;
    const Time begin = clock.monotonic();
    const double before = process_cpu_s(pid);
    written = HW_TRY(writer.run(length));
    return (process_cpu_s(pid) - before) /
           (static_cast<double>((clock.monotonic() - begin).ns) / 1e9);
}

Result<Figures> measure(const Options& options, Duration length) {
    const auto server = HW_TRY(BenchServer::start({}));
    const std::string& url = server->url();
    uint16_t port = 0;
    const size_t colon = url.rfind(':');
    std::from_chars(url.data() + colon + 1, url.data() + url.size(), port);
    Writer writer(url, options);
    for (unsigned i = 0; i < options.writes; ++i)
        HW_TRY(writer.part(i));
    Figures figures;
    figures.seconds = static_cast<double>(length.ns) / 1e9;
    figures.idle_cores = HW_TRY(cores_while(server->pid(), length, writer, figures.written));
    const auto readers = HW_TRY(LiveReaders::start(
        "127.0.0.1", port, "/api/v1/live?frames=" + options.frames, options.clients));
    figures.cores = HW_TRY(cores_while(server->pid(), length, writer, figures.written));
    figures.memory_mb = resident_mb(server->pid());
    figures.readings = HW_TRY(readers->finish());
    return figures;
}

void print(const Options& options, const Figures& figures) {
    const auto& got = figures.readings;
    const double mb = static_cast<double>(got.bytes) / 1e6;
    if (options.json) {
        std::string out;
        JsonWriter json(out);
        json.begin_object();
        json.member("clients", options.clients);
        json.member("points", options.points);
        json.member("frames", options.frames);
        json.member("seconds", figures.seconds);
        json.member("written", figures.written);
        json.member("cores_without_clients", figures.idle_cores);
        json.member("cores", figures.cores);
        json.member("memory_mb", figures.memory_mb);
        json.member("frames_got", got.frames);
        json.member("values_got", got.values);
        json.member("values_got_least", got.least_values);
        json.member("values_passed", got.passed);
        json.member("bytes_got", got.bytes);
        json.member("longest_gap_s", got.longest_gap_s);
        json.member("first_picture_s", got.first_picture_s);
        json.member("reader_cores", got.cpu_s / figures.seconds);
        json.end_object();
        return fmt::print("{}\n", out);
    }
    fmt::print("{} clients follow {} points that change once a second, frames of {}, {:.0f} s\n",
               options.clients, options.points, options.frames, figures.seconds);
    fmt::print("  server, nobody follows {:>10.3f} cores\n", figures.idle_cores);
    fmt::print("  server, all follow     {:>10.3f} cores, {:.0f} MB resident\n", figures.cores,
               figures.memory_mb);
    fmt::print("  values written         {:>10}\n", figures.written);
    fmt::print("  values got, least      {:>10}, {} passed over in all\n", got.least_values,
               got.passed);
    fmt::print(
        "  bytes got              {:>10.1f} MB/s, {:.1f} a value\n", mb / figures.seconds,
        static_cast<double>(got.bytes) / static_cast<double>(std::max<uint64_t>(got.values, 1)));
    fmt::print("  longest gap            {:>10.2f} s between two frames\n", got.longest_gap_s);
    fmt::print("  first picture          {:>10.2f} s until the last had it whole\n",
               got.first_picture_s);
    fmt::print("  readers' process       {:>10.3f} cores\n", got.cpu_s / figures.seconds);
}

Exit bench(const Options& options) {
    const auto length = parse_duration(options.length);
    if (!length) return report(length.error(), options.json);
    const auto figures = measure(options, *length);
    if (!figures) return report(figures.error(), options.json);
    print(options, *figures);
    return Exit::ok;
}

}  // namespace

std::function<Exit()> define_bench_live(CLI::App& app) {
    auto options = std::make_shared<Options>();
    app.add_option("--clients", options->clients, "Browsers that follow all points")
        ->capture_default_str()
        ->check(CLI::Range(1, 1'000));
    app.add_option("--points", options->points, "Each changes once a second")
        ->capture_default_str()
        ->check(CLI::Range(1, 1'000'000));
    app.add_option("--writes", options->writes, "Requests a second that bring the values")
        ->capture_default_str()
        ->check(CLI::Range(1, 1'000));
    app.add_option("--frames", options->frames, "Time from frame to frame")->capture_default_str();
    app.add_option("--length", options->length, "Time to measure, twice")->capture_default_str();
    app.add_flag("--json", options->json, "JSON instead of text");
    app.footer(
        "Starts a server in a process and folder of its own and writes to it over HTTP, first\n"
        "while nobody follows, then with the clients, which run in a third process.");
    return [options] { return bench(*options); };
}

}  // namespace hw::app
