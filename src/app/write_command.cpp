#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/commands.h"
#include "app/json_text.h"
#include "app/server_client.h"
#include "app/terminal.h"
#include "base/decimal.h"
#include "base/json_writer.h"

namespace hw::app {

namespace {

struct Options {
    ServerAddress server;
    std::string point, value, reason;
    std::string timeout;
    bool text = false;
    bool verify = false;
    bool json = false;
};

// A number, true or false as they are typed; anything else is a text.
std::string value_json(const Options& options) {
    const auto number = scan_decimal(options.value);
    const bool plain = options.value == "true" || options.value == "false" ||
                       (number.length == options.value.size() && number.length > 0 &&
                        number.kind != Decimal::Kind::out_of_range);
    std::string out;
    if (options.text || !plain) {
        append_json_string(out, options.value);
    } else if (number.kind == Decimal::Kind::integer) {
        out = std::to_string(number.integer);
    } else if (number.kind == Decimal::Kind::real) {
        append_json_double(out, number.real);
    } else {
        out = options.value;
    }
    return out;
}

Exit write(const Options& options) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.key("value");
    json.raw(value_json(options));
    if (options.verify) json.member("verify", true);
    if (!options.reason.empty()) json.member("reason", options.reason);
    if (!options.timeout.empty()) {
        const auto timeout = parse_duration(options.timeout);
        if (!timeout) return report(timeout.error().within("--timeout"), options.json);
        json.member("timeout_ms", timeout->ns / 1'000'000);
    }
    json.end_object();
    const auto answer =
        send_to_server(options.server, "POST",
                       fmt::format("/api/v1/points/{}/write", io::percent_encode(options.point)),
                       {std::move(body)});
    if (!answer) return report(answer.error(), options.json);
    if (options.json) {
        write_out(answer->body + "\n");
    } else {
        const auto written = JsonText::parse(answer->body);
        if (!written) return report(written.error());
        const std::string old = written->text("old_value");
        const std::string back = written->text("read_back");
        write_out(fmt::format("{} = {}{}{} in {:.1f} ms\n", options.point, written->text("value"),
                              old.empty() ? "" : fmt::format(", before {}", old),
                              back.empty() ? "" : fmt::format(", read back {}", back),
                              written->number("took_ms")));
    }
    flush_out();
    return Exit::ok;
}

}  // namespace

std::function<Exit()> define_write(CLI::App& app) {
    auto options = std::make_shared<Options>();
    app.add_option("POINT", options->point, "Path of the point")->required();
    app.add_option("VALUE", options->value, "A number, true, false or a text")->required();
    app.add_flag("--text", options->text, "The value is a text, whatever it looks like");
    app.add_flag("--verify", options->verify, "Read it back; fail where it differs");
    app.add_option("--reason", options->reason, "Why, for the audit");
    app.add_option("--timeout", options->timeout, "Wait for the device at most so long (5s)");
    app.add_flag("--json", options->json, "JSON instead of text");
    add_url_option(app, options->server);
    app.footer(
        "Examples:\n"
        "  headworks write works/plc1/setpoint 12.5 --verify --reason 'night mode'\n"
        "  headworks write works/plc1/pump1/run false\n"
        "  headworks write works/plc1/level -- -1.5\n"
        "Ends with 0 when the device took it, 3 where no device has the point, 4 where it is not\n"
        "for writing, 6 where the device does not answer.");
    return [options] { return write(*options); };
}

}  // namespace hw::app
