#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <memory>
#include <optional>

#include "app/back_off.h"
#include "app/commands.h"
#include "app/mqtt_options.h"
#include "app/sub_format.h"
#include "app/terminal.h"
#include "base/clock.h"
#include "model/point_path.h"

namespace hw::app {

namespace {

struct Options {
    MqttOptions mqtt;
    std::vector<std::string> topics, filters_out, unsubscribes;
    bool verbose = false, no_retained = false, no_newline = false;
    bool retained_only = false, remove_retained = false, end_on_subscribed = false;
    bool no_reconnect = false;
    uint64_t count = 0;  // 0: without end
    double wait_s = 0;
    std::string format;
    bool json = false;
};

class Subscriber final : public upstream::MqttListener {
  public:
    Subscriber(const Options& options, MqttSetup setup, std::optional<SubFormat> format)
        : options_(options),
          format_(std::move(format)),
          properties_(std::move(setup.properties)),
          reactor_("sub"),
          link_(reactor_, setup.address, std::move(setup.client), *this) {
        if (!setup.topic.empty()) topics_.push_back(setup.topic);
        topics_.insert(topics_.end(), options.topics.begin(), options.topics.end());
    }

    Exit run();

  private:
    void on_connected(bool session_present) override;
    void on_message(const mqtt::Publish& message) override;
    void on_subscribed(BytesView reasons) override;
    void on_unsubscribed() override;
    void on_lost(const Error& why) override;

    bool wanted(const mqtt::Publish& message) const;
    void print(const mqtt::Publish& message);
    void forget(const mqtt::Publish& message);
    void round_end();
    void end(Exit exit) {
        if (!exit_) exit_ = exit;
    }
    void end(const Error& error) {
        end(options_.mqtt.quiet ? exit_for(error.code()) : report(error, options_.json));
    }
    void debug(const std::string& text) const {
        if (options_.mqtt.debug) fmt::print(stderr, "{}\n", text);
    }

    const Options& options_;
    const std::optional<SubFormat> format_;
    const CommandProperties properties_;
    std::vector<std::string> topics_;
    io::Reactor reactor_;
    upstream::MqttLink link_;
    SystemClock clock_;
    std::string text_;  // of this round, for standard output
    uint64_t printed_ = 0;
    bool was_connected_ = false;
    BackOff back_off_;
    std::optional<Exit> exit_;
};

Exit Subscriber::run() {
    link_.open();
    reactor_.on_round_end([this] { round_end(); });
    reactor_.every(milliseconds(100), [this] {
        if (noted_signal() != 0)
            end(noted_signal() == SIGINT ? Exit::interrupted : Exit::terminated);
    });
    if (options_.wait_s > 0)
        reactor_.after(Duration{static_cast<int64_t>(options_.wait_s * 1e9)}, [this] {
            if (!exit_)
                end(Error(ErrorCode::timed_out, fmt::format("{} messages came within {} s (-W)",
                                                            printed_, options_.wait_s)));
        });
    reactor_.run_until([this] { return exit_.has_value(); });
    round_end();
    link_.close();
    reactor_.run_until([this] { return link_.gone(); });
    return *exit_;
}

void Subscriber::on_connected(bool session_present) {
    debug(session_present ? "connected, with the session kept" : "connected");
    was_connected_ = true;
    back_off_.worked();
    auto& connection = link_.connection();
    if (!options_.unsubscribes.empty()) {
        const std::vector<std::string_view> filters(options_.unsubscribes.begin(),
                                                    options_.unsubscribes.end());
        if (auto id = connection.unsubscribe(filters, link_.out(), properties_.unsubscribe.view());
            !id)
            return end(id.error());
    }
    if (topics_.empty()) return;
    std::vector<mqtt::Subscription> subscriptions;
    for (const auto& topic : topics_)
        subscriptions.push_back(
            {.filter = topic, .qos = static_cast<mqtt::Qos>(options_.mqtt.qos)});
    if (auto id = connection.subscribe(subscriptions, link_.out(), properties_.subscribe.view());
        !id)
        end(id.error());
}

void Subscriber::on_subscribed(BytesView reasons) {
    for (size_t i = 0; i < reasons.size() && i < topics_.size(); ++i) {
        const auto reason = static_cast<mqtt::Reason>(reasons[i]);
        debug(fmt::format("subscribed to {}: {}", topics_[i], static_cast<int>(reasons[i])));
        if (mqtt::failed(reason))
            return end(Error(
                reason == mqtt::Reason::not_authorized ? ErrorCode::permission_denied
                                                       : ErrorCode::invalid_argument,
                fmt::format("the broker refused '{}': {}", topics_[i], mqtt::to_string(reason))));
    }
    if (options_.end_on_subscribed) end(Exit::ok);
}

void Subscriber::on_unsubscribed() {
    debug("unsubscribed");
    if (topics_.empty() && options_.end_on_subscribed) end(Exit::ok);
}

bool Subscriber::wanted(const mqtt::Publish& message) const {
    if (options_.no_retained && message.retain) return false;
    return std::none_of(
        options_.filters_out.begin(), options_.filters_out.end(),
        [&](const std::string& filter) { return model::matches(filter, message.topic); });
}

void Subscriber::forget(const mqtt::Publish& message) {
    // The view's topic is gone once the packet is; a retained message goes out by an empty one.
    if (auto sent =
            link_.connection().publish({.topic = message.topic, .retain = true}, link_.out());
        !sent)
        end(sent.error());
}

void Subscriber::on_message(const mqtt::Publish& message) {
    if (exit_) return;
    if (options_.retained_only && !message.retain) return end(Exit::ok);
    if (!wanted(message)) return;
    if (options_.remove_retained && message.retain) forget(message);
    print(message);
    if (++printed_ == options_.count) end(Exit::ok);
}

void Subscriber::print(const mqtt::Publish& message) {
    bool whole = true;
    if (options_.json) {
        append_message_json(message, clock_.now(), false, text_);
    } else if (format_) {
        whole = format_->append(message, clock_.now(), text_);
    } else {
        if (options_.verbose) text_.append(message.topic).append(" ");
        text_.append(as_text(message.payload));
    }
    if (!options_.no_newline || options_.json) text_ += '\n';
    if (!whole && !options_.mqtt.quiet)
        fmt::print(stderr, "headworks: the payload on topic {} is not JSON\n", message.topic);
}

void Subscriber::round_end() {
    if (text_.empty()) return;
    const bool written = write_out(text_) && flush_out();
    text_.clear();
    if (!written) end(Exit::ok);
}

void Subscriber::on_lost(const Error& why) {
    debug(why.text());
    const bool worth_another =
        why.code() == ErrorCode::unavailable || why.code() == ErrorCode::timed_out;
    if (!worth_another || options_.no_reconnect || !was_connected_) return end(why);
    const Duration wait = back_off_.next();
    if (!options_.mqtt.quiet)
        fmt::print(stderr, "headworks: {}; connecting again in {}\n", why.text(),
                   format_duration(wait));
    reactor_.after(wait, [this] { link_.open(); });
}

Exit sub(const Options& options) {
    auto setup = read_mqtt_options(options.mqtt, "sub");
    if (!setup) return report(setup.error(), options.json);
    if (options.topics.empty() && setup->topic.empty() && options.unsubscribes.empty())
        return report(Error(ErrorCode::invalid_argument,
                            "say what to subscribe to: -t FILTER (may repeat), e.g. -t 'works/#'"),
                      options.json);
    for (const auto* list : {&options.topics, &options.filters_out, &options.unsubscribes})
        for (const auto& filter : *list)
            if (!mqtt::valid_topic_filter(filter))
                return report(Error(ErrorCode::invalid_argument,
                                    fmt::format("'{}' is not a topic filter: + and # stand for "
                                                "whole levels, # for the last",
                                                filter)),
                              options.json);
    std::optional<SubFormat> format;
    if (!options.format.empty()) {
        auto parsed = SubFormat::parse(options.format);
        if (!parsed) return report(parsed.error(), options.json);
        format = std::move(*parsed);
    }
    note_signals();
    return Subscriber(options, std::move(*setup), std::move(format)).run();
}

}  // namespace

std::function<Exit()> define_sub(CLI::App& app) {
    auto options = std::make_shared<Options>();
    add_mqtt_options(app, options->mqtt);
    app.add_option("-t,--topic", options->topics, "Filter to subscribe to; may repeat")
        ->allow_extra_args(false);
    app.add_option("-T,--filter-out", options->filters_out, "Leave these out; may repeat")
        ->allow_extra_args(false);
    app.add_option("-U,--unsubscribe", options->unsubscribes,
                   "Unsubscribe a kept session from this first; may repeat")
        ->allow_extra_args(false);
    app.add_flag("-v,--verbose", options->verbose, "The topic before the payload");
    app.add_option("-F,--format", options->format, "Format of a line, e.g. '%I %t %p'");
    app.add_flag("-N,--no-newline", options->no_newline, "No end of line after a message");
    app.add_option("-C,--count", options->count, "End after so many messages");
    app.add_option("-W,--wait", options->wait_s, "End after so many seconds, with code 6");
    app.add_flag("-R,--no-retained", options->no_retained, "Leave out retained messages");
    app.add_flag("--retained-only", options->retained_only,
                 "Retained messages only; ends at the first that is not");
    app.add_flag("--remove-retained", options->remove_retained,
                 "Have the broker forget each retained message that came");
    app.add_flag("-E,--exit-on-subscribed", options->end_on_subscribed,
                 "End when the broker has answered the subscriptions");
    app.add_flag("--no-reconnect", options->no_reconnect, "End with the connection");
    app.add_flag("--json", options->json, "A JSON object for each message, as of -F %j");
    app.footer(
        "Examples:\n"
        "  headworks sub -t 'works/#' -v\n"
        "  headworks sub -t 'works/+/flow' -q 1 -C 10 -W 30\n"
        "  headworks sub -t 'works/#' -F '@Y-@m-@d @H:@M:@S.@N %t %p'\n"
        "  headworks sub -t 'works/#' -F %j | jq .payload\n"
        "The flags are those of mosquitto_sub; times are UTC. A broken connection is made again.");
    return [options] { return sub(*options); };
}

}  // namespace hw::app
