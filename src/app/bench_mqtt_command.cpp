#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>

#include "app/bench_commands.h"
#include "app/mqtt_load.h"
#include "base/json_writer.h"
#include "upstream/mqtt_link.h"

namespace hw::app {

namespace {

struct Options {
    MqttLoad load;
    std::string broker = "mqtt://127.0.0.1:1883";
    std::string mode = "fan-in";
    bool json = false;
};

Result<void> read_broker(const std::string& url, MqttLoad& load) {
    const auto address = HW_TRY(upstream::parse_broker(url));
    load.host = address.host == "localhost" ? "127.0.0.1" : address.host;
    load.port = address.port;
    return {};
}

uint32_t percentile(const std::vector<uint32_t>& sorted, double part) {
    if (sorted.empty()) return 0;
    return sorted[static_cast<size_t>(part * static_cast<double>(sorted.size() - 1))];
}

void print(const Options& options, const MqttLoadReport& report) {
    const bool acks = options.load.mode == MqttLoad::Mode::ingest;
    const auto done = static_cast<double>(acks ? report.acknowledged : report.delivered);
    const double per_cpu = report.server_cpu_s > 0 ? done / report.server_cpu_s : 0;
    if (options.json) {
        std::string out;
        JsonWriter json(out);
        json.begin_object();
        json.member("mode", options.mode);
        json.member("qos", options.load.qos);
        json.member("seconds", report.seconds);
        json.member("sent", report.sent);
        json.member("delivered", report.delivered);
        json.member("acknowledged", report.acknowledged);
        json.member("lost", report.lost);
        json.member("reordered", report.reordered);
        json.member("per_second", done / report.seconds);
        json.member("per_server_cpu_second", per_cpu);
        json.member("server_cores", report.server_cpu_s / report.seconds);
        json.member("own_cores", report.own_cpu_s / report.seconds);
        for (const auto& [name, part] :
             {std::pair{"p50_us", 0.5}, {"p99_us", 0.99}, {"p999_us", 0.999}})
            json.member(name, percentile(report.latencies_us, part));
        json.member("late_p99_us", percentile(report.late_us, 0.99));
        json.end_object();
        fmt::print("{}\n", out);
        return;
    }
    fmt::print("{} QoS {}: {:.0f} messages/s {}", options.mode, options.load.qos,
               done / report.seconds, acks ? "acknowledged" : "delivered");
    if (per_cpu > 0)
        fmt::print(", {:.0f} per server CPU second, server {:.2f} cores", per_cpu,
                   report.server_cpu_s / report.seconds);
    fmt::print(", load {:.2f} cores; lost {}, reordered {}\n", report.own_cpu_s / report.seconds,
               report.lost, report.reordered);
    if (!report.latencies_us.empty())
        fmt::print("latency p50 {} us, p99 {} us, p99.9 {} us; own lateness p99 {} us\n",
                   percentile(report.latencies_us, 0.5), percentile(report.latencies_us, 0.99),
                   percentile(report.latencies_us, 0.999), percentile(report.late_us, 0.99));
}

Exit bench(Options& options) {
    static const std::map<std::string, MqttLoad::Mode> modes = {
        {"fan-in", MqttLoad::Mode::fan_in},
        {"fan-out", MqttLoad::Mode::fan_out},
        {"ingest", MqttLoad::Mode::ingest},
        {"pairs", MqttLoad::Mode::pairs},
    };
    options.load.mode = modes.at(options.mode);
    if (options.load.mode == MqttLoad::Mode::pairs && options.load.rate <= 0)
        options.load.rate = 20'000;
    if (options.load.mode == MqttLoad::Mode::ingest) options.load.scalar = true;
    if (auto read = read_broker(options.broker, options.load); !read)
        return report(read.error(), options.json);
    const auto done = run_mqtt_load(options.load);
    if (!done) return report(done.error(), options.json);
    print(options, *done);
    return Exit::ok;
}

}  // namespace

std::function<Exit()> define_bench_mqtt(CLI::App& app) {
    auto options = std::make_shared<Options>();
    auto& load = options->load;
    app.add_option("--broker", options->broker, "Broker under test, by IPv4 address")
        ->capture_default_str();
    app.add_option("--mode", options->mode,
                   "fan-in: publishers to one wildcard subscriber; fan-out: one publisher to many; "
                   "ingest: publishers only, acknowledgements counted; pairs: at a given rate, "
                   "latency")
        ->check(CLI::IsMember({"fan-in", "fan-out", "ingest", "pairs"}))
        ->capture_default_str();
    app.add_option("--publishers", load.publishers)->capture_default_str();
    app.add_option("--subscribers", load.subscribers, "For fan-out")->capture_default_str();
    app.add_option("-q,--qos", load.qos)->check(CLI::Range(0, 1))->capture_default_str();
    app.add_option("--size", load.payload_bytes, "Payload bytes, at least 24")
        ->capture_default_str();
    app.add_flag("--scalar", load.scalar, "Payloads are numbers, as of an instrument");
    app.add_option("--window", load.window, "Messages under way at once, in all")
        ->capture_default_str();
    app.add_option("--inflight", load.inflight, "Unacknowledged messages of one publisher")
        ->capture_default_str();
    app.add_option("--batch", load.batch, "Packets in one write, at most")->capture_default_str();
    app.add_option("--rate", load.rate, "Messages a second in all, for pairs (20,000)");
    app.add_option("--warmup", load.warmup_s, "Seconds before measuring")->capture_default_str();
    app.add_option("--seconds", load.seconds, "Seconds of measuring")->capture_default_str();
    app.add_option("--topic", load.topic, "First level of the topics")->capture_default_str();
    app.add_option("--pid", load.pid, "The server's process, for its CPU time");
    app.add_flag("--json", options->json, "JSON instead of text");
    app.footer(
        "Examples:\n"
        "  headworks bench mqtt --mode fan-in --qos 1 --pid $(pidof headworks)\n"
        "  headworks bench mqtt --mode ingest --qos 1   # acknowledged on disk\n"
        "  headworks bench mqtt --mode pairs --publishers 50 --qos 1 --rate 20000");
    return [options] { return bench(*options); };
}

}  // namespace hw::app
