// Drives one connector from a shell, for the tests against real servers:
//   connector_probe kinds                         the property tables as JSON
//   connector_probe test KIND NAME=VALUE...       the connection test
//   connector_probe send KIND NAME=VALUE...       rows as JSON lines from stdin, through a runner
//   connector_probe read KIND COUNT NAME=VALUE... messages of a source as JSON lines
//   connector_probe find KIND KEY=VALUE NAME=VALUE...   rows of a lookup as JSON lines
// With folder=FOLDER as the data folder and wait=SECONDS as patience. `send` prints the figures.
#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>
#include <thread>

#include "app/connectors.h"
#include "base/config_text.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "connector/file/csv.h"
#include "connector/runner.h"
#include "connector/stop_flag.h"
#include "io/posix_disk.h"
#include "sql/json.h"

namespace hw {
namespace {

using connector::Item;
using connector::Kind;

struct Call {
    const Kind* kind = nullptr;
    Config::Texts given;
    std::string data = ".";
    Duration wait = seconds(20);
};

int complain(std::string_view text) {
    std::cout << "error: " << text << '\n' << std::flush;
    return 1;
}

void split_settings(int from, int argc, char** argv, Call& call) {
    for (int i = from; i < argc; ++i) {
        const std::string_view one(argv[i]);
        const size_t equals = std::min(one.find('='), one.size());
        const std::string name(one.substr(0, equals));
        const std::string value(one.substr(std::min(equals + 1, one.size())));
        if (name == "folder")
            call.data = value;
        else if (name == "wait")
            call.wait = parse_duration(value).value_or(call.wait);
        else
            call.given.emplace_back(name, value);
    }
}

// Every property of the connection and of the part, or of the runner.
Result<Config::Table> table_of(const Call& call, std::span<const Property> part, bool runner) {
    std::vector<Property> properties(call.kind->connection.begin(), call.kind->connection.end());
    properties.insert(properties.end(), part.begin(), part.end());
    if (runner)
        properties.insert(properties.end(), connector::runner_properties().begin(),
                          connector::runner_properties().end());
    Config::Texts flaws;
    auto table = Config::read_table(properties, call.given, flaws);
    if (!flaws.empty())
        return fail(ErrorCode::invalid_argument, flaws.front().first + ": " + flaws.front().second);
    return table;
}

struct Stage {
    SystemClock clock;
    connector::Rooms rooms;
    explicit Stage(const Call& call) : rooms{clock, call.data, call.data} {}
};

int test(const Call& call) {
    const Stage stage(call);
    const auto table = table_of(call, call.kind->sink, false);
    if (!table) return complain(table.error().text());
    const auto sink = call.kind->make_sink(*table, stage.rooms);
    if (!sink) return complain(sink.error().text());
    const auto fit = (*sink)->test();
    if (!fit) return complain(fit.error().text());
    std::cout << "ok" << '\n' << std::flush;
    return 0;
}

void print(const connector::RunnerFigures& figures) {
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    json.member("state", to_string(figures.state));
    json.member("sent", figures.sent);
    json.member("matched", figures.matched);
    json.member("failed", figures.failed);
    json.member("retried", figures.retried);
    json.member("queued", figures.queued_rows);
    json.member("last_error", figures.last_error);
    json.key("dropped");
    json.begin_object();
    for (size_t i = 0; i < connector::drop_reasons; ++i)
        json.member(to_string(static_cast<connector::Drop>(i)), figures.dropped.at(i));
    json.end_object();
    json.end_object();
    std::cout << text << '\n' << std::flush;
}

int send(const Call& call) {
    const Stage stage(call);
    const auto table = table_of(call, call.kind->sink, true);
    if (!table) return complain(table.error().text());
    auto disk = io::PosixDisk::open(call.data);
    if (!disk) return complain(disk.error().text());
    connector::BufferKeeper keeper;
    auto runner =
        connector::Runner::start(connector::runner_settings(*table),
                                 [&] { return call.kind->make_sink(*table, stage.rooms); },
                                 {stage.clock, keeper, disk->get(), "buffer", 1, {}});
    if (!runner) return complain(runner.error().text());
    sql::JsonReader reader;
    std::string line;
    for (uint64_t sequence = 1; std::getline(std::cin, line); ++sequence) {
        auto row = reader.read(line);
        if (!row) return complain(row.error().text());
        // Rows may bring their time, so that tests know it.
        Item item{*std::move(row), stage.clock.now(), "probe", sequence};
        if (const auto* time = item.row.find("_time"); time != nullptr && time->is_number())
            item.time = Time{static_cast<int64_t>(time->as_number()) * 1'000'000};
        while (!(*runner)->offer(item))
            std::this_thread::yield();
    }
    const Time end = stage.clock.monotonic() + call.wait;
    connector::StopFlag never;
    while ((*runner)->figures().queued_rows > 0 && stage.clock.monotonic() < end)
        (void)never.wait(milliseconds(5));
    (*runner)->stop(seconds(1));
    print((*runner)->figures());
    return 0;
}

class Printer final : public connector::Receiver {
  public:
    explicit Printer(uint64_t count) : left_(count) {}
    bool offer(std::span<connector::Received> messages, std::function<void()> kept) override {
        const MutexLock lock(mutex_);
        for (const auto& message : messages) {
            if (left_ == 0) return false;
            --left_;
            std::string text;
            JsonWriter json(text);
            json.begin_object();
            json.member("topic", message.topic);
            json.member("payload", message.payload);
            json.member("meta", sql::to_json(message.meta));
            json.end_object();
            std::cout << text << '\n' << std::flush;
        }
        kept();
        changed_.notify_all();
        return true;
    }
    void state(bool connected, const std::string& reason) override {
        std::cerr << (connected ? "connected" : "disconnected: " + reason) << '\n' << std::flush;
    }
    bool await(Duration patience) {
        const auto until = std::chrono::steady_clock::now() + std::chrono::nanoseconds(patience.ns);
        const MutexLock lock(mutex_);
        while (left_ > 0)
            if (changed_.wait_until(mutex_, until) == std::cv_status::timeout) break;
        return left_ == 0;
    }

  private:
    Mutex mutex_;
    Condition changed_;
    uint64_t left_ HW_LOCKING(guarded_by(mutex_));
};

int read(const Call& call, uint64_t count) {
    const Stage stage(call);
    const auto table = table_of(call, call.kind->source, false);
    if (!table) return complain(table.error().text());
    const auto source = call.kind->make_source(*table, stage.rooms);
    if (!source) return complain(source.error().text());
    Printer printer(count);
    (*source)->start(printer);
    const bool all = printer.await(call.wait);
    (*source)->stop();
    return all ? 0 : 2;
}

int find(const Call& call, std::string_view question) {
    const Stage stage(call);
    const auto table = table_of(call, call.kind->lookup, false);
    if (!table) return complain(table.error().text());
    const auto lookup = call.kind->make_lookup(*table, stage.rooms);
    if (!lookup) return complain(lookup.error().text());
    const size_t equals = std::min(question.find('='), question.size() - 1);
    const std::string keys[] = {std::string(question.substr(0, equals))};
    const sql::Datum values[] = {connector::file::csv_value(question.substr(equals + 1))};
    const auto rows = (*lookup)->find(keys, values);
    if (!rows) return complain(rows.error().text());
    for (const sql::Datum& row : *rows)
        std::cout << sql::to_json(row) << '\n' << std::flush;
    return 0;
}

void write(JsonWriter& json, std::string_view name, std::span<const Property> properties) {
    json.key(name);
    json.begin_array();
    for (const Property& property : properties) {
        json.begin_object();
        json.member("name", property.key);
        json.member("type", to_string(property.type));
        json.member("default", property.default_value);
        json.member("help", property.help);
        json.member("choices", property.choices);
        json.end_object();
    }
    json.end_array();
}

int kinds() {
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    write(json, "runner", connector::runner_properties());
    json.key("kinds");
    json.begin_object();
    for (const Kind* kind : app::connectors().all()) {
        json.key(kind->name);
        json.begin_object();
        json.member("title", kind->title);
        json.member("help", kind->help);
        write(json, "connection", kind->connection);
        write(json, "sink", kind->sink);
        write(json, "source", kind->source);
        write(json, "lookup", kind->lookup);
        json.end_object();
    }
    json.end_object();
    json.end_object();
    std::cout << text << '\n' << std::flush;
    return 0;
}

int run(int argc, char** argv) {
    set_log(LogLevel::warning, false);
    const std::string_view verb = argc > 1 ? argv[1] : "";
    if (verb == "kinds") return kinds();
    Call call;
    if (argc < 3) return complain("say kinds, test, send, read or find");
    call.kind = app::connectors().find(argv[2]);
    if (call.kind == nullptr) return complain("there is no such kind");
    const bool third = verb == "read" || verb == "find";
    if (third && argc < 4) return complain("read wants a count, find KEY=VALUE");
    split_settings(third ? 4 : 3, argc, argv, call);
    if (verb == "test" && call.kind->make_sink != nullptr) return test(call);
    if (verb == "send" && call.kind->make_sink != nullptr) return send(call);
    if (verb == "read" && call.kind->make_source != nullptr)
        return read(call, parse_bytes(argv[3]).value_or(1));
    if (verb == "find" && call.kind->make_lookup != nullptr) return find(call, argv[3]);
    return complain("the kind cannot do that");
}

}  // namespace
}  // namespace hw

int main(int argc, char** argv) {
    return hw::run(argc, argv);
}
