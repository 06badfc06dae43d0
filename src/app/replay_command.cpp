#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <csignal>
#include <memory>

#include "app/commands.h"
#include "app/mqtt_options.h"
#include "app/progress.h"
#include "app/replay_run.h"
#include "app/terminal.h"
#include "base/clock.h"
#include "base/json_writer.h"
#include "model/point_path.h"

namespace hw::app {

namespace {

struct Options {
    std::vector<std::string> files;
    std::string prefix;
    std::string time_column, delimiter, skip, only;
    std::string speed = "max", start = "original", timezone = "Z";
    std::string broker = "mqtt://127.0.0.1:1883";
    std::string user, password_file, client_id;
    std::string version = "mqttv5";
    int qos = 1;
    unsigned in_flight = 1000;
    uint64_t limit = 0;
    bool dry_run = false, json = false, quiet = false;
};

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts;
    size_t at = 0;
    while (at < text.size()) {
        const size_t comma = std::min(text.find(',', at), text.size());
        if (comma > at) parts.push_back(text.substr(at, comma - at));
        at = comma + 1;
    }
    return parts;
}

// "max" is 0.
Result<double> read_speed(std::string_view text) {
    if (text == "max") return 0.0;
    std::string_view digits = text;
    if (digits.ends_with('x')) digits.remove_suffix(1);
    double speed = 0;
    const auto end = digits.data() + digits.size();
    const auto [at, error] = std::from_chars(digits.data(), end, speed);
    if (error != std::errc() || at != end || !(speed > 0) || speed > 1e9)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("speed '{}' is neither max nor a factor like 60x", text));
    return speed;
}

Result<char> read_delimiter(const std::string& text) {
    if (text.empty()) return '\0';
    if (text == "tab" || text == "\\t") return '\t';
    if (text.size() == 1 && text[0] != '"' && text[0] != '\n' && text[0] != '\r') return text[0];
    return fail(ErrorCode::invalid_argument,
                fmt::format("delimiter '{}' is not one character (or tab)", text));
}

Result<ReplaySourceOptions> source_options(const Options& options) {
    ReplaySourceOptions source;
    source.files = options.files;
    source.delimiter = HW_TRY(read_delimiter(options.delimiter));
    source.columns.time_column = options.time_column;
    source.columns.skip = split(options.skip);
    source.columns.only = split(options.only);
    source.columns.offset = HW_TRY(parse_offset(options.timezone));
    source.limit = options.limit;
    if (options.start != "original")
        source.start = HW_TRY(parse_time(options.start, SystemClock().now()));
    return source;
}

Result<ReplayRunOptions> run_options(const Options& options) {
    ReplayRunOptions run;
    run.broker = HW_TRY(upstream::parse_broker(options.broker));
    run.topic = options.prefix;
    run.qos = static_cast<mqtt::Qos>(options.qos);
    run.speed = HW_TRY(read_speed(options.speed));
    run.show_progress = !options.quiet && is_terminal(STDERR_FILENO);
    run.client.version = options.version == "mqttv5" ? mqtt::Version::v5 : mqtt::Version::v3_1_1;
    run.client.client_id = options.client_id.empty()
                               ? fmt::format("headworks-replay-{}", ::getpid())
                               : options.client_id;
    run.client.in_flight_max = static_cast<uint16_t>(options.in_flight);
    if (!options.user.empty()) {
        run.client.user_name = options.user;
        run.client.password = HW_TRY(read_password(options.password_file));
    }
    return run;
}

Exit dry_run(ReplaySource& source, const Options& options) {
    ReplaySource::Message message;
    for (;;) {
        const auto more = source.next(message);
        for (const auto& remark : source.take_remarks())
            fmt::print(stderr, "headworks: {}\n", remark);
        if (!more) return report(more.error(), options.json);
        if (!*more) break;
        if (!write_out(fmt::format("{} {}\n", options.prefix, message.payload))) return Exit::ok;
    }
    flush_out();
    return source.rows_bad() > 0 ? Exit::partial : Exit::ok;
}

void print_json(const ReplayReport& done, const ReplaySource& source, double rate) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.member("sent", done.sent);
    json.member("values", done.values);
    json.member("acknowledged", done.acknowledged);
    json.member("refused", done.refused);
    json.member("reconnects", done.reconnects);
    json.member("seconds", static_cast<double>(done.elapsed.ns) * 1e-9);
    json.member("messages_per_second", rate);
    json.member("bad_rows", source.rows_bad());
    json.key("reasons");
    json.begin_object();
    for (const auto& [reason, count] : source.reasons())
        json.member(reason, count);
    json.end_object();
    json.end_object();
    fmt::print("{}\n", out);
}

void print_text(const ReplayReport& done, const ReplaySource& source, double rate) {
    fmt::print("sent {} messages with {} values, {} acknowledged", with_commas(done.sent),
               with_commas(done.values), with_commas(done.acknowledged));
    if (done.refused > 0) fmt::print(", {} refused", with_commas(done.refused));
    fmt::print(", in {:.2f} s: {} messages/s\n", static_cast<double>(done.elapsed.ns) * 1e-9,
               with_commas(static_cast<uint64_t>(rate)));
    for (const auto& [reason, count] : source.reasons())
        fmt::print("rows with {}: {}\n", reason, with_commas(count));
    if (done.reconnects > 0) fmt::print("connected again: {} times\n", done.reconnects);
}

Exit conclude(const ReplayReport& done, const ReplaySource& source, const Options& options) {
    const double rate = done.elapsed.ns > 0 ? static_cast<double>(done.sent) * 1e9 /
                                                  static_cast<double>(done.elapsed.ns)
                                            : 0;
    if (options.json) {
        print_json(done, source, rate);
    } else if (!options.quiet && (done.sent > 0 || !done.ended_by)) {
        print_text(done, source, rate);
    }
    if (done.ended_by) return report(*done.ended_by, options.json);
    if (done.signal != 0) return done.signal == SIGINT ? Exit::interrupted : Exit::terminated;
    if (done.refused > 0) {
        report(Error(ErrorCode::unavailable, fmt::format("the broker refused {} messages, the "
                                                         "first with: {}",
                                                         done.refused, done.first_refusal)),
               options.json);
        return Exit::partial;
    }
    return source.rows_bad() > 0 ? Exit::partial : Exit::ok;
}

Exit replay(const Options& options) {
    if (!mqtt::valid_topic_name(options.prefix) || options.prefix.ends_with('/'))
        return report(Error(ErrorCode::invalid_argument,
                            fmt::format("prefix '{}' is not a topic: no wildcards, no '/' at the "
                                        "end",
                                        options.prefix)),
                      options.json);
    auto source_setup = source_options(options);
    if (!source_setup) return report(source_setup.error(), options.json);
    const auto run_setup = run_options(options);
    if (!run_setup) return report(run_setup.error(), options.json);
    ReplaySource source(std::move(*source_setup));
    if (options.dry_run) return dry_run(source, options);
    note_signals();
    return conclude(run_replay(source, *run_setup), source, options);
}

void add_connection_options(CLI::App& app, Options& options) {
    app.add_option("--broker", options.broker, "Where to publish: mqtt://host[:port]")
        ->capture_default_str();
    app.add_option("-q,--qos", options.qos, "Quality of service")
        ->check(CLI::Range(0, 2))
        ->capture_default_str();
    app.add_option("--max-inflight", options.in_flight, "Unacknowledged messages at most")
        ->check(CLI::Range(1, 65'535))
        ->capture_default_str();
    app.add_option("--client-id", options.client_id, "MQTT client id");
    app.add_option("-u,--username", options.user, "User name");
    app.add_option("--password-file", options.password_file,
                   "File whose first line is the password; else HEADWORKS_PASSWORD");
    app.add_option("-V,--protocol-version", options.version, "mqttv5 or mqttv311")
        ->check(CLI::IsMember({"mqttv5", "mqttv311"}))
        ->capture_default_str();
}

}  // namespace

std::function<Exit()> define_replay(CLI::App& app) {
    auto options = std::make_shared<Options>();
    app.add_option("FILE", options->files, "CSV files with a header line; - for standard input")
        ->required();
    app.add_option("--prefix", options->prefix,
                   "Topic; a column becomes the point <prefix>/<column>")
        ->required();
    app.add_option("--time-column", options->time_column,
                   "Column of the times (default: datetime, timestamp, time, ts, or the first "
                   "that holds times)");
    app.add_option("--delimiter", options->delimiter, "Between cells (default: found)");
    app.add_option("--skip", options->skip, "Columns left out, parted by commas");
    app.add_option("--only", options->only, "Only these columns, parted by commas");
    app.add_option("--speed", options->speed, "max, 1x, 60x...")->capture_default_str();
    app.add_option("--start", options->start,
                   "Time of the first row: original, now, RFC 3339, epoch or now-6h")
        ->capture_default_str();
    app.add_option("--timezone", options->timezone, "Offset of times that say none, e.g. +02:00")
        ->capture_default_str();
    app.add_option("--limit", options->limit, "At most so many rows");
    add_connection_options(app, *options);
    app.add_flag("--dry-run", options->dry_run, "Print the messages, publish nothing");
    app.add_flag("--quiet", options->quiet, "No progress and no closing line");
    app.add_flag("--json", options->json, "The closing figures and errors as JSON");
    app.footer(
        "Examples:\n"
        "  headworks replay valve1/0.csv --prefix skab/valve1/0 --skip anomaly,changepoint\n"
        "  headworks replay day.csv --prefix works/plc1 --speed 60x --start now\n"
        "  headworks replay day.csv --prefix works/plc1 --dry-run --limit 3\n"
        "Bad rows are told by line and make the exit code 7.");
    return [options] { return replay(*options); };
}

}  // namespace hw::app
