#include "connector/generator/generator_kind.h"

#include <algorithm>
#include <thread>

#include "connector/generator/mock.h"
#include "connector/settings_text.h"
#include "connector/stop_flag.h"
#include "sql/json.h"

namespace hw::connector::generator {

namespace {

using enum PropertyType;

constexpr Property source[] = {
    {"data", text, R"json({"value":"=walk(20, 0.5, 0, 40)"})json",
     "A message as a JSON object, or an array of them sent in turn; texts that begin with = make a "
     "value each time",
     0, 0, false},
    {"topic", text, "generator", "Topic of the messages", 0, 0, false},
    {"interval", duration, "1s", "From one message to the next; 0: as fast as they are taken", 0,
     86'400, false},
    {"count", integer, "0", "Messages after which it ends; 0: never", 0, 1e15, false},
    {"loop", boolean, "true", "Whether it begins anew behind the last of an array", 0, 0, false},
    {"seed", integer, "1", "The same seed makes the same numbers", 0, 1e15, false},
};

struct Form {
    std::string topic;
    Duration interval;
    uint64_t count = 0;  // 0: no end
};

class Generator final : public SourceLink {
  public:
    Generator(Form form, Mock mock, const Clock& clock)
        : form_(std::move(form)), mock_(std::move(mock)), clock_(clock) {}
    ~Generator() override { stop(); }

    Result<void> test() override { return {}; }
    void start(Receiver& receiver) override {
        stop_.reset();
        thread_ = std::thread([this, &receiver] { run(receiver); });
    }
    void stop() override {
        stop_.set();
        if (thread_.joinable()) thread_.join();
    }

  private:
    void run(Receiver& receiver);

    const Form form_;
    Mock mock_;
    const Clock& clock_;
    uint64_t made_ = 0;
    StopFlag stop_;
    std::thread thread_;
};

void Generator::run(Receiver& receiver) {
    // So many at once that a short interval does not mean a call each.
    const auto batch_size = static_cast<size_t>(
        std::clamp<int64_t>(10'000'000 / std::max<int64_t>(form_.interval.ns, 10'000), 1, 1000));
    receiver.state(true, {});
    Time due = clock_.monotonic();
    while (!stop_.is_set() && (form_.count == 0 || made_ < form_.count)) {
        std::vector<Received> batch;
        while (batch.size() < batch_size && (form_.count == 0 || made_ < form_.count)) {
            const Time now = clock_.now();
            batch.push_back(
                {form_.topic, sql::to_json(mock_.make(made_, now)), now, sql::Datum::object({})});
            ++made_;
        }
        while (!receiver.offer(batch, [] {}))
            if (!stop_.wait(milliseconds(20))) return;
        due = due + Duration{form_.interval.ns * static_cast<int64_t>(batch.size())};
        // What was missed is not made up for.
        due = std::max(due, clock_.monotonic() - seconds(1));
        if (!stop_.wait(std::max(due - clock_.monotonic(), Duration{}))) return;
    }
}

Result<std::unique_ptr<SourceLink>> make_source(const Config::Table& settings, const Rooms& rooms) {
    Form form;
    form.topic = HW_TRY(needed(settings, "topic"));
    form.interval = setting(settings, "interval").as_duration();
    form.count = static_cast<uint64_t>(setting(settings, "count").as_integer());
    Mock mock =
        HW_TRY(Mock::compile(setting(settings, "data").as_text(),
                             static_cast<uint64_t>(setting(settings, "seed").as_integer())));
    if (!setting(settings, "loop").as_boolean())
        form.count = form.count == 0 ? mock.rows() : std::min<uint64_t>(form.count, mock.rows());
    return std::make_unique<Generator>(std::move(form), std::move(mock), rooms.clock);
}

constexpr Kind the_kind = {
    "generator", "Generator", "Makes messages up, for trying rules out.",
    {},          {},          source,
    {},          nullptr,     make_source,
    nullptr,
};

}  // namespace

const Kind& kind() {
    return the_kind;
}

}  // namespace hw::connector::generator
