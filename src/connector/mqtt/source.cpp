#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <iterator>
#include <thread>
#include <utility>

#include "connector/mqtt/client.h"
#include "connector/mqtt/parts.h"

namespace hw::connector::mqtt {

namespace {

constexpr size_t batch_limit = 1000;

// The network thread fills a buffer and waits where it is full, so that TCP slows the broker down;
// a thread of its own hands the messages over.
class Subscriber final : public SourceLink {
  public:
    Subscriber(Config::Table settings, Rooms rooms)
        : settings_(std::move(settings)), rooms_(std::move(rooms)) {}
    ~Subscriber() override { stop(); }

    Result<void> test() override {
        const auto client = HW_TRY(Client::open(settings_, rooms_, {}));
        return client->wait(settings_.at("connect_timeout").as_duration());
    }
    void start(Receiver& receiver) override;
    void relief() override { changed_.notify_all(); }
    void stop() override;

  private:
    void take(Received message);
    void subscribe(Receiver& receiver);
    void hand_over(Receiver& receiver);
    std::vector<Received> next_batch();

    const Config::Table settings_;
    const Rooms rooms_;
    Mutex mutex_;
    Condition changed_;
    std::deque<Received> waiting_ HW_LOCKING(guarded_by(mutex_));
    std::atomic<bool> stopping_{false};
    std::atomic<Client*> current_{nullptr};
    std::unique_ptr<Client> client_;
    std::thread thread_;
};

void Subscriber::start(Receiver& receiver) {
    stopping_ = false;
    auto client = Client::open(
        settings_, rooms_,
        {.connected = [this, &receiver] { subscribe(receiver); },
         .lost = [&receiver](const std::string& reason) { receiver.state(false, reason); },
         .message = [this](Received message) { take(std::move(message)); }});
    if (!client) return receiver.state(false, client.error().text());
    client_ = std::move(*client);
    current_ = client_.get();
    current_.notify_all();
    thread_ = std::thread([this, &receiver] { hand_over(receiver); });
}

void Subscriber::stop() {
    stopping_ = true;
    changed_.notify_all();
    client_.reset();
    current_ = nullptr;
    if (thread_.joinable()) thread_.join();
}

void Subscriber::subscribe(Receiver& receiver) {
    current_.wait(nullptr);  // the connection may be quicker than start()
    Client* client = current_;
    const auto qos = static_cast<int>(settings_.at("qos").as_integer());
    for (const auto& filter : settings_.at("topic").as_text_list()) {
        if (auto done = client->subscribe(filter, qos); !done)
            return receiver.state(false, done.error().text());
    }
    receiver.state(true, "");
}

void Subscriber::take(Received message) {
    const auto limit = static_cast<size_t>(settings_.at("buffer_messages").as_integer());
    MutexLock lock(mutex_);
    while (waiting_.size() >= limit && !stopping_)
        changed_.wait_for(mutex_, std::chrono::milliseconds(100));
    waiting_.push_back(std::move(message));
    changed_.notify_all();
}

std::vector<Received> Subscriber::next_batch() {
    MutexLock lock(mutex_);
    if (waiting_.empty()) changed_.wait_for(mutex_, std::chrono::milliseconds(250));
    const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), batch_limit));
    std::vector<Received> batch(std::make_move_iterator(waiting_.begin()),
                                std::make_move_iterator(waiting_.begin() + count));
    waiting_.erase(waiting_.begin(), waiting_.begin() + count);
    changed_.notify_all();
    return batch;
}

void Subscriber::hand_over(Receiver& receiver) {
    while (!stopping_) {
        auto batch = next_batch();
        if (batch.empty()) continue;
        while (!receiver.offer(batch, [] {}) && !stopping_)
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

}  // namespace

Result<std::unique_ptr<SourceLink>> make_source(const Config::Table& settings, const Rooms& rooms) {
    if (settings.at("topic").as_text_list().empty())
        return fail(ErrorCode::invalid_argument,
                    "topic is empty; name the filters to subscribe to");
    return std::unique_ptr<SourceLink>(std::make_unique<Subscriber>(settings, rooms));
}

}  // namespace hw::connector::mqtt
