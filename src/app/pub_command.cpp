#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <deque>
#include <fstream>
#include <iterator>
#include <memory>

#include "app/back_off.h"
#include "app/commands.h"
#include "app/input_feed.h"
#include "app/mqtt_options.h"
#include "app/terminal.h"

namespace hw::app {

namespace {

// Bytes not yet taken by the socket, over which QoS 0 messages wait.
constexpr size_t queued_bytes_most = 4 << 20;

struct Options {
    MqttOptions mqtt;
    std::string topic;
    std::string message, file;
    bool message_given = false;
    bool lines = false, null = false, all_input = false, retain = false;
    uint64_t repeat = 1;
    double repeat_delay_s = 0;
    unsigned in_flight = 20;  // as mosquitto_pub: other brokers queue little
    bool json = false;
};

// Publishes what the source gives, in order, and ends when the broker has answered for all.
class Publisher final : public upstream::MqttListener {
  public:
    Publisher(const Options& options, MqttSetup setup)
        : options_(options),
          topic_(options.topic.empty() ? setup.topic : options.topic),
          properties_(setup.properties.publish),
          reactor_("pub"),
          link_(reactor_, setup.address, std::move(setup.client), *this) {}

    Exit run();

  private:
    void on_connected(bool session_present) override;
    void on_acknowledged(mqtt::PacketId, mqtt::Reason reason) override;
    void on_lost(const Error& why) override;

    Result<std::string> whole_payload() const;
    void take_input(std::string piece);
    void pump();
    bool send(std::string_view payload);
    void repeat_later();
    void end(Exit exit) { exit_ = exit; }
    void end(const Error& error) {
        exit_ = options_.mqtt.quiet ? exit_for(error.code()) : report(error, options_.json);
    }
    void debug(const std::string& text) const {
        if (options_.mqtt.debug) fmt::print(stderr, "{}\n", text);
    }

    const Options& options_;
    const std::string topic_;
    const mqtt::PropertyList properties_;
    io::Reactor reactor_;
    upstream::MqttLink link_;
    std::unique_ptr<InputFeed> input_;
    std::string partial_;              // of a line
    std::deque<std::string> waiting_;  // payloads not yet sent
    std::string payload_;              // to be repeated
    uint64_t repeats_left_ = 0;
    bool source_done_ = false;
    bool was_connected_ = false;
    uint64_t sent_ = 0, refused_ = 0;
    BackOff back_off_;
    std::optional<Exit> exit_;
};

Result<std::string> Publisher::whole_payload() const {
    if (options_.null) return std::string();
    if (options_.message_given) return options_.message;
    if (options_.all_input) {
        std::string text;
        char buffer[65'536];
        for (size_t got = 0; (got = std::fread(buffer, 1, sizeof(buffer), stdin)) > 0;)
            text.append(buffer, got);
        return text;
    }
    std::ifstream stream(options_.file, std::ios::binary);
    if (!stream)
        return fail(ErrorCode::not_found, fmt::format("file '{}' cannot be read", options_.file));
    return std::string(std::istreambuf_iterator<char>(stream), {});
}

Exit Publisher::run() {
    if (!options_.lines) {
        auto payload = whole_payload();
        if (!payload) return report(payload.error(), options_.json);
        payload_ = std::move(*payload);
        waiting_.push_back(payload_);
        repeats_left_ = options_.repeat - 1;
        source_done_ = repeats_left_ == 0;
    }
    link_.open();
    reactor_.on_round_end([this] { pump(); });
    reactor_.every(milliseconds(100), [this] {
        if (noted_signal() != 0)
            end(noted_signal() == SIGINT ? Exit::interrupted : Exit::terminated);
    });
    reactor_.run_until([this] { return exit_.has_value(); });
    link_.close();
    reactor_.run_until([this] { return link_.gone(); });
    return *exit_;
}

void Publisher::on_connected(bool) {
    debug("connected");
    was_connected_ = true;
    back_off_.worked();
    if (options_.lines && !input_)
        input_ = std::make_unique<InputFeed>(
            reactor_, [this](std::string piece) { take_input(std::move(piece)); });
    else if (repeats_left_ > 0 && sent_ == 0)
        repeat_later();
}

void Publisher::take_input(std::string piece) {
    if (piece.empty()) {
        // A last line without its end counts too.
        if (!partial_.empty()) waiting_.push_back(std::move(partial_));
        source_done_ = true;
        return;
    }
    partial_ += piece;
    size_t at = 0;
    for (size_t end = 0; (end = partial_.find('\n', at)) != std::string::npos; at = end + 1)
        waiting_.push_back(partial_.substr(at, end - at));
    partial_.erase(0, at);
    if (waiting_.empty()) input_->more();
}

void Publisher::repeat_later() {
    const Duration delay{static_cast<int64_t>(options_.repeat_delay_s * 1e9)};
    reactor_.after(delay, [this] {
        // Without a delay the queue is filled in steps, so that a million repeats need no memory.
        const uint64_t now =
            options_.repeat_delay_s > 0 ? 1 : std::min<uint64_t>(repeats_left_, 1000);
        for (uint64_t i = 0; i < now; ++i)
            waiting_.push_back(payload_);
        repeats_left_ -= now;
        source_done_ = repeats_left_ == 0;
    });
}

bool Publisher::send(std::string_view payload) {
    auto& connection = link_.connection();
    const auto qos = static_cast<mqtt::Qos>(options_.mqtt.qos);
    if (qos == mqtt::Qos::at_most_once ? link_.queued_bytes() > queued_bytes_most
                                       : connection.window() == 0)
        return false;
    const auto id = connection.publish({.topic = topic_,
                                        .payload = as_bytes(payload),
                                        .qos = qos,
                                        .retain = options_.retain,
                                        .properties = properties_.view()},
                                       link_.out());
    if (!id) {
        end(id.error());
        return false;
    }
    ++sent_;
    debug(fmt::format("published {} bytes to {}", payload.size(), topic_));
    return true;
}

void Publisher::pump() {
    if (exit_ || !link_.connection().connected()) return;
    const bool had_some = !waiting_.empty();
    while (!waiting_.empty() && send(waiting_.front()))
        waiting_.pop_front();
    link_.flush();
    if (exit_) return;
    if (waiting_.empty() && had_some && input_ && !source_done_) input_->more();
    if (waiting_.empty() && had_some && !options_.lines && repeats_left_ > 0) repeat_later();
    if (!waiting_.empty() || !source_done_ || link_.connection().in_flight() > 0) return;
    if (link_.queued_bytes() > 0) return;
    end(refused_ > 0 ? Exit::failed : Exit::ok);
}

void Publisher::on_acknowledged(mqtt::PacketId, mqtt::Reason reason) {
    if (!mqtt::failed(reason)) return;
    if (++refused_ == 1 && !options_.mqtt.quiet)
        report(Error(ErrorCode::unavailable,
                     fmt::format("the broker refused a message: {}", mqtt::to_string(reason))),
               options_.json);
}

void Publisher::on_lost(const Error& why) {
    debug(why.text());
    // Only what was under way once is worth another attempt: lines may still come.
    if (!was_connected_ || why.code() != ErrorCode::unavailable || options_.mqtt.qos == 0)
        return end(why);
    reactor_.after(back_off_.next(), [this] { link_.open(); });
}

Exit pub(Options& options, const CLI::App& app) {
    options.message_given = app.count("-m") > 0;
    const int sources = (options.message_given ? 1 : 0) + (options.file.empty() ? 0 : 1) +
                        (options.lines ? 1 : 0) + (options.null ? 1 : 0) +
                        (options.all_input ? 1 : 0);
    auto setup = read_mqtt_options(options.mqtt, "pub");
    if (!setup) return report(setup.error(), options.json);
    const std::string& topic = options.topic.empty() ? setup->topic : options.topic;
    if (!mqtt::valid_topic_name(topic))
        return report(Error(ErrorCode::invalid_argument,
                            topic.empty() ? std::string("say where to publish: -t TOPIC")
                                          : fmt::format("topic '{}' has wildcards or bad UTF-8; "
                                                        "only filters may have + and #",
                                                        topic)),
                      options.json);
    if (sources != 1)
        return report(Error(ErrorCode::invalid_argument,
                            "say what to publish, by one of -m TEXT, -f FILE, -l (lines of "
                            "standard input), -s (all of it) and -n (nothing)"),
                      options.json);
    setup->client.in_flight_max = static_cast<uint16_t>(options.in_flight);
    note_signals();
    return Publisher(options, std::move(*setup)).run();
}

}  // namespace

std::function<Exit()> define_pub(CLI::App& app) {
    auto options = std::make_shared<Options>();
    add_mqtt_options(app, options->mqtt);
    app.add_option("-t,--topic", options->topic, "Where to publish");
    app.add_option("-m,--message", options->message, "The payload");
    app.add_option("-f,--file", options->file, "The payload is this file");
    app.add_flag("-l,--stdin-line", options->lines, "A message for each line of standard input");
    app.add_flag("-n,--null-message", options->null, "No payload; with -r forgets a retained one");
    app.add_flag("-s,--stdin-file", options->all_input, "The payload is all of standard input");
    app.add_flag("-r,--retain", options->retain, "Keep as the topic's retained message");
    app.add_option("-M,--max-inflight", options->in_flight, "QoS 1 and 2: unanswered at most")
        ->check(CLI::Range(1, 65'535))
        ->capture_default_str();
    app.add_option("--repeat", options->repeat, "Publish so often (not with -l)")
        ->check(CLI::Range(1, 1'000'000'000));
    app.add_option("--repeat-delay", options->repeat_delay_s, "Seconds between repeats")
        ->check(CLI::NonNegativeNumber);
    app.add_flag("--json", options->json, "Errors as JSON");
    app.footer(
        "Examples:\n"
        "  headworks pub -t works/plc1/flow -m 12.5 -q 1\n"
        "  headworks pub -h broker.example -t works/plc1/state -m on -r\n"
        "  tail -f readings.txt | headworks pub -t works/plc1/raw -l -q 1\n"
        "  headworks pub -V mqttv5 -t a/b -m x -D publish content-type text/plain\n"
        "The flags are those of mosquitto_pub. QoS 1 and 2 end when the broker has answered.");
    return [options, &app] { return pub(*options, app); };
}

}  // namespace hw::app
