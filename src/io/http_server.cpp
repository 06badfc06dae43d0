#include <algorithm>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "io/http.h"
#include "io/http_connection.h"
#include "io/http_writer.h"
#include "io/tcp_listener.h"

namespace hw::io {
namespace {

constexpr Duration time_check_period = seconds(1);

std::string over_limit_answer(std::string_view what) {
    const HttpResponse problem = http_problem(503, what);
    return response_head(problem, BodyFraming::length, false, http_date(SystemClock().now())) +
           problem.body;
}

std::vector<std::string> split_by_commas(const std::string& text) {
    std::vector<std::string> items;
    size_t at = 0;
    while (at <= text.size()) {
        const size_t comma = std::min(text.find(',', at), text.size());
        std::string item = text.substr(at, comma - at);
        std::erase(item, ' ');
        if (!item.empty()) items.push_back(std::move(item));
        at = comma + 1;
    }
    return items;
}

class ListeningHttpServer final : public HttpServer {
  public:
    ListeningHttpServer(std::shared_ptr<HttpShared> shared) : shared_(std::move(shared)) {}
    ~ListeningHttpServer() override {
        shared_->reactor.cancel(checks_);
        shared_->reactor.cancel(grace_end_);
        abort_all();
    }

    Result<void> listen(Metrics& metrics) {
        const HttpSettings& settings = shared_->settings;
        ListenerLimits limits{settings.connections_limit,
                              over_limit_answer("too many connections are open, the limit "
                                                "http.connections_limit; try again later")};
        if (settings.connections_per_address_limit > 0) {
            limits.addresses = std::make_shared<AddressCounts>(
                settings.connections_per_address_limit, settings.unlimited_addresses);
            limits.address_refusal = over_limit_answer(
                "too many connections of your address are open, the limit "
                "http.connections_per_address_limit; close some");
        }
        listener_ = HW_TRY(open_listener(
            shared_->reactor, settings.host, settings.port, std::move(limits), metrics,
            [shared = shared_](std::unique_ptr<Stream> stream) {
                auto connection = std::make_shared<HttpConnection>(shared, std::move(stream));
                shared->connections.insert(connection);
                connection->start();
            }));
        checks_ = shared_->reactor.every(time_check_period, [shared = shared_.get()] {
            const Time now = shared->reactor.clock().monotonic();
            for (const auto& connection : snapshot(*shared))
                connection->check_time(now);
        });
        return {};
    }

    void websocket(std::string path, std::string subprotocol, Reactor& target,
                   Accept accept) override {
        shared_->routes[std::move(path)] = {split_by_commas(subprotocol), &target,
                                            std::move(accept), WebSocketMode::binary_stream,
                                            shared_->settings.websocket_frame_bytes_limit};
    }
    void websocket_text(std::string path, size_t message_bytes_limit, Reactor& target,
                        Accept accept) override {
        shared_->routes[std::move(path)] = {
            {}, &target, std::move(accept), WebSocketMode::text_messages, message_bytes_limit};
    }
    void guard_upgrades(UpgradeGuard guard) override { shared_->upgrade_guard = std::move(guard); }
    uint16_t port() const override { return listener_->port(); }
    void close(Duration grace) override {
        listener_->close();
        shared_->closing = true;
        for (const auto& connection : snapshot(*shared_))
            connection->wind_down();
        grace_end_ = shared_->reactor.after(grace, [this] { abort_all(); });
    }

  private:
    // A copy, because connections leave the set while it is walked.
    static std::vector<std::shared_ptr<HttpConnection>> snapshot(const HttpShared& shared) {
        return {shared.connections.begin(), shared.connections.end()};
    }
    void abort_all() {
        for (const auto& connection : snapshot(*shared_))
            connection->abort();
    }

    std::shared_ptr<HttpShared> shared_;
    std::unique_ptr<TcpListener> listener_;
    Reactor::TimerId checks_ = 0;
    Reactor::TimerId grace_end_ = 0;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::open(Reactor& reactor, const HttpSettings& settings,
                                                     Metrics& metrics, HttpHandler handler) {
    auto server = std::make_unique<ListeningHttpServer>(
        std::make_shared<HttpShared>(reactor, settings, metrics, std::move(handler)));
    HW_TRY(server->listen(metrics));
    return server;
}

}  // namespace hw::io
