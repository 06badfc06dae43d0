#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "connector/connector.h"
#include "connector/stop_flag.h"

// libmosquitto's own name, so that its header stays in .cpp files.
struct mosquitto;

namespace hw::connector::mqtt {

struct Properties {
    std::string content_type;
    std::string response_topic;
    std::vector<std::pair<std::string, std::string>> user;
};

// One connection with a network thread of its own that reconnects for ever, from 0.5 s to 30 s
// apart. The thread is ours, not libmosquitto's: that one ends for good at a name that is not found
// or a certificate that is not trusted, and can only be stopped by cancelling it.
class Client {
  public:
    // Called on the network thread.
    struct Calls {
        std::function<void()> connected = {};
        std::function<void(const std::string& reason)> lost = {};
        std::function<void(Received message)> message = {};
        std::function<void(int mid, int reason)> published = {};
    };

    // Connects in the background. Errors: invalid_argument names the setting; not_found: the file
    // of a secret.
    static Result<std::unique_ptr<Client>> open(const Config::Table& settings, const Rooms& rooms,
                                                Calls calls);
    ~Client();

    // Waits until connected. Errors: unavailable and permission_denied with what the broker said.
    Result<void> wait(Duration limit);
    // The message's id, to be told by `published`, or an error: unavailable, invalid_argument.
    Result<int> publish(const std::string& topic, const std::string& payload, int qos, bool retain,
                        const Properties& properties);
    Result<void> subscribe(const std::string& filter, int qos);

  private:
    Client(Calls calls, bool version5) : calls_(std::move(calls)), version5_(version5) {}
    Result<void> set_up(const Config::Table& settings, const Rooms& rooms);
    void run();
    int run_once(bool first);
    void answered(int code);
    void disconnected(int code);
    void note(std::string reason);  // why there is no connection

    const Calls calls_;
    const bool version5_;
    ::mosquitto* client_ = nullptr;
    std::string address_;  // as it was set
    std::string host_;
    int port_ = 0;
    int keep_alive_ = 60;  // seconds
    Duration connect_timeout_;
    StopFlag stopping_;
    Mutex mutex_;
    Condition changed_;
    bool connected_ HW_LOCKING(guarded_by(mutex_)) = false;
    int refused_ HW_LOCKING(guarded_by(mutex_)) = 0;
    std::string reason_ HW_LOCKING(guarded_by(mutex_));
    std::thread thread_;  // last: it uses the rest
};

}  // namespace hw::connector::mqtt
