#include "sim/serve/control_client.h"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "io/reactor.h"

namespace hw::sim {

namespace {

constexpr Duration patience = seconds(5);

// Collects lines until the one that ends an answer.
class Listener final : public io::StreamHandler {
  public:
    void on_bytes(BytesView bytes) override {
        text_ += as_text(bytes);
        size_t line = 0;
        for (size_t end = text_.find('\n'); end != std::string::npos;
             end = text_.find('\n', line)) {
            const auto said = std::string_view(text_).substr(line, end - line);
            if (said == "ok") answer_ = text_.substr(0, line);
            if (said.starts_with("error "))
                answer_ = fail(ErrorCode::invalid_argument, std::string(said.substr(6)));
            line = end + 1;
        }
    }
    void on_closed(const Error& /*why*/) override {
        give_up("the works closed the control channel");
    }
    void give_up(std::string why) {
        if (!answer_) answer_ = fail(ErrorCode::unavailable, std::move(why));
    }
    bool done() const { return answer_.has_value(); }
    Result<std::string> take() { return std::move(*answer_); }

  private:
    std::string text_;
    std::optional<Result<std::string>> answer_;
};

}  // namespace

Result<std::string> ask_control(const std::string& host, uint16_t port,
                                const std::string& command) {
    io::Reactor reactor("control");
    Listener listener;
    std::unique_ptr<io::Stream> stream;
    io::connect_tcp(
        reactor, host, port, patience, [&](Result<std::unique_ptr<io::Stream>> connected) {
            if (!connected) {
                listener.give_up(
                    fmt::format("no works at {}:{} ({}); is headworks-sim running, and is this "
                                "its --control-port?",
                                host, port, connected.error().text()));
                return;
            }
            stream = std::move(*connected);
            stream->start(listener);
            stream->send(as_bytes(command + "\n"));
        });
    reactor.after(patience, [&] { listener.give_up("the works did not answer within 5 s"); });
    reactor.run_until([&] { return listener.done(); });
    return listener.take();
}

}  // namespace hw::sim
