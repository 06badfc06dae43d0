#include <fmt/format.h>

#include <chrono>
#include <map>
#include <utility>

#include "base/mutex.h"
#include "connector/mqtt/client.h"
#include "connector/mqtt/parts.h"
#include "connector/named_templates.h"
#include "connector/template.h"

namespace hw::connector::mqtt {

namespace {

constexpr int failed_from = 0x80;  // MQTT 5 reason codes
constexpr int quota_exceeded = 0x97;

struct Templates {
    Template topic, payload, content_type;
    NamedTemplates user;
};

// Publishes a batch and waits for the broker's acknowledgements.
class Publisher final : public Sink {
  public:
    Publisher(Config::Table settings, Templates templates)
        : settings_(std::move(settings)), templates_(std::move(templates)) {}

    Result<void> open(const Rooms& rooms);
    Result<void> test() override {
        return client_->wait(settings_.at("connect_timeout").as_duration());
    }
    Sent send(std::span<const Item> items) override;
    void cancel() override;

  private:
    // An error of a template, or what the client said.
    Result<int> publish(const Item& item, bool& line_is_down);
    Sent wait(std::span<const int> mids, Sent otherwise);

    const Config::Table settings_;
    const Templates templates_;
    Renderer renderer_;
    Mutex mutex_;
    Condition changed_;
    std::map<int, int> answers_ HW_LOCKING(guarded_by(mutex_));  // message id to reason
    bool cancelled_ HW_LOCKING(guarded_by(mutex_)) = false;
    std::unique_ptr<Client> client_;  // last: its thread calls the rest
};

Result<void> Publisher::open(const Rooms& rooms) {
    client_ = HW_TRY(Client::open(settings_, rooms, {.published = [this](int mid, int reason) {
                                      MutexLock lock(mutex_);
                                      answers_[mid] = reason;
                                      changed_.notify_all();
                                  }}));
    return {};
}

void Publisher::cancel() {
    MutexLock lock(mutex_);
    cancelled_ = true;
    changed_.notify_all();
}

Result<int> Publisher::publish(const Item& item, bool& line_is_down) {
    const std::string topic = HW_TRY(renderer_.render(templates_.topic, item));
    const std::string payload = HW_TRY(renderer_.render(templates_.payload, item));
    Properties properties;
    properties.content_type = HW_TRY(renderer_.render(templates_.content_type, item));
    properties.user = HW_TRY(render_named(templates_.user, renderer_, item));
    const auto mid =
        client_->publish(topic, payload, static_cast<int>(settings_.at("qos").as_integer()),
                         settings_.at("retain").as_boolean(), properties);
    line_is_down = !mid && mid.error().code() == ErrorCode::unavailable;
    return mid;
}

Sent Publisher::wait(std::span<const int> mids, Sent otherwise) {
    const auto until = std::chrono::steady_clock::now() +
                       std::chrono::nanoseconds(settings_.at("request_timeout").as_duration().ns);
    mutex_.lock();
    Sent sent = std::move(otherwise);
    for (size_t i = 0; i < mids.size(); ++i) {
        auto answer = answers_.find(mids[i]);
        while (answer == answers_.end() && !cancelled_ &&
               changed_.wait_until(mutex_, until) == std::cv_status::no_timeout)
            answer = answers_.find(mids[i]);
        if (answer == answers_.end()) {
            sent = {Sent::Outcome::retry, i,
                    "the broker did not acknowledge within request_timeout"};
            break;
        }
        if (answer->second >= failed_from) {
            sent = {
                answer->second == quota_exceeded ? Sent::Outcome::retry : Sent::Outcome::rejected,
                i,
                fmt::format("the broker refused the message with reason {:#04x}", answer->second)};
            break;
        }
    }
    answers_.clear();
    mutex_.unlock();
    return sent;
}

Sent Publisher::send(std::span<const Item> items) {
    {
        MutexLock lock(mutex_);
        cancelled_ = false;
        answers_.clear();
    }
    if (auto ready = client_->wait(settings_.at("connect_timeout").as_duration()); !ready)
        return {Sent::Outcome::retry, 0, ready.error().text()};
    std::vector<int> mids;
    Sent sent{Sent::Outcome::sent, items.size(), ""};
    for (const auto& item : items) {
        bool line_is_down = false;
        const auto mid = publish(item, line_is_down);
        if (!mid) {
            sent = {line_is_down ? Sent::Outcome::retry : Sent::Outcome::rejected, mids.size(),
                    mid.error().text()};
            break;
        }
        mids.push_back(*mid);
    }
    return wait(mids, std::move(sent));
}

}  // namespace

Result<std::unique_ptr<Sink>> make_sink(const Config::Table& settings, const Rooms& rooms) {
    if (settings.at("topic").as_text().empty())
        return fail(ErrorCode::invalid_argument, "topic is empty; name the topic to publish to");
    Templates templates;
    templates.topic = HW_TRY(Template::compile(settings.at("topic").as_text()));
    templates.payload = HW_TRY(Template::compile(settings.at("payload").as_text()));
    templates.content_type = HW_TRY(Template::compile(settings.at("content_type").as_text()));
    templates.user = HW_TRY(named_templates(settings, "user_properties"));
    auto publisher = std::make_unique<Publisher>(settings, std::move(templates));
    HW_TRY(publisher->open(rooms));
    return std::unique_ptr<Sink>(std::move(publisher));
}

}  // namespace hw::connector::mqtt
