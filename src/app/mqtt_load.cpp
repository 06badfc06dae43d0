#include "app/mqtt_load.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>

#include "app/mqtt_load_client.h"
#include "base/clock.h"

namespace hw::app {

namespace {

// Each payload begins with the sender's number, the message's number and its scheduled time.
struct Stamp {
    uint32_t publisher;
    uint32_t pad;
    uint64_t sequence;
    int64_t scheduled_ns;
};

class LoadRun {
  public:
    explicit LoadRun(const MqttLoad& load) : load_(load), scratch_(256 << 10, '\0') {}
    ~LoadRun() {
        if (epoll_ >= 0) ::close(epoll_);
    }

    Result<MqttLoadReport> run();

  private:
    Result<void> open_all();
    Result<void> open_one(LoadClient& client, unsigned index, bool subscriber);
    bool on_readable(unsigned index);
    void on_message(std::string_view body, LoadClient& client, unsigned qos);
    void publish_some();
    void publish_due();
    void publish_one(unsigned index, int64_t scheduled_ns);
    void flush_publisher(unsigned index);
    uint64_t in_flight() const {
        if (load_.mode == MqttLoad::Mode::ingest) return sent_ - acknowledged_;
        return sent_ * deliveries_each_ - delivered_;
    }
    void begin_measuring();
    MqttLoadReport finish();

    const MqttLoad& load_;
    SystemClock clock_;
    int epoll_ = -1;
    std::vector<LoadClient> clients_;  // publishers, then subscribers
    std::vector<std::string> topics_;
    std::vector<uint64_t> expected_;  // next sequence, per publisher (and subscriber in fan_out)
    uint64_t deliveries_each_ = 1;
    std::string scratch_;
    std::string payload_;
    unsigned next_publisher_ = 0;
    uint64_t sent_ = 0, delivered_ = 0, acknowledged_ = 0, lost_ = 0, reordered_ = 0;
    bool measuring_ = false;
    bool dead_ = false;
    int64_t started_ns_ = 0, due_ns_ = 0;
    uint64_t sent_before_ = 0, delivered_before_ = 0, acknowledged_before_ = 0;
    double server_cpu_before_ = 0, own_cpu_before_ = 0;
    int64_t measured_from_ns_ = 0;
    MqttLoadReport report_;
};

Result<void> LoadRun::open_one(LoadClient& client, unsigned index, bool subscriber) {
    std::string filter;
    if (subscriber)
        filter = load_.mode == MqttLoad::Mode::pairs
                     ? fmt::format("{}/{}/value", load_.topic, index)
                     : load_.topic + "/#";
    HW_TRY(client.open(
        load_.host, load_.port,
        fmt::format("{}-{}-{}-{}", load_.topic, subscriber ? "sub" : "pub", index, ::getpid()),
        filter, load_.qos));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = static_cast<uint32_t>(clients_.size() - 1);
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, client.fd(), &event);
    return {};
}

Result<void> LoadRun::open_all() {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    unsigned subscribers = load_.subscribers;
    if (load_.mode == MqttLoad::Mode::ingest) subscribers = 0;
    if (load_.mode == MqttLoad::Mode::pairs) subscribers = load_.publishers;
    if (load_.mode == MqttLoad::Mode::fan_out) deliveries_each_ = subscribers;
    clients_.reserve(load_.publishers + subscribers);
    for (unsigned i = 0; i < load_.publishers; ++i) {
        topics_.push_back(fmt::format("{}/{}/value", load_.topic, i));
        clients_.emplace_back();
        HW_TRY(open_one(clients_.back(), i, false));
    }
    for (unsigned i = 0; i < subscribers; ++i) {
        clients_.emplace_back();
        HW_TRY(open_one(clients_.back(), i, true));
    }
    expected_.assign(load_.publishers, 0);
    return {};
}

void LoadRun::on_message(std::string_view body, LoadClient& client, unsigned qos) {
    ++delivered_;
    if (body.size() < 2) return;
    const size_t topic_bytes =
        static_cast<size_t>(static_cast<uint8_t>(body[0])) << 8 | static_cast<uint8_t>(body[1]);
    size_t at = 2 + topic_bytes;
    if (qos > 0) {
        client.add_puback(static_cast<uint16_t>(static_cast<uint8_t>(body[at]) << 8 |
                                                static_cast<uint8_t>(body[at + 1])));
        at += 2;
    }
    if (load_.scalar || body.size() < at + sizeof(Stamp)) return;
    Stamp stamp;
    std::memcpy(&stamp, body.data() + at, sizeof(stamp));
    if (stamp.publisher >= expected_.size()) return;
    if (deliveries_each_ == 1) {
        uint64_t& expected = expected_[stamp.publisher];
        if (stamp.sequence > expected) lost_ += stamp.sequence - expected;
        if (stamp.sequence < expected) ++reordered_;
        expected = std::max(expected, stamp.sequence + 1);
    }
    if (load_.mode == MqttLoad::Mode::pairs && measuring_)
        report_.latencies_us.push_back(static_cast<uint32_t>(
            std::max<int64_t>(0, clock_.monotonic().ns - stamp.scheduled_ns) / 1000));
}

bool LoadRun::on_readable(unsigned index) {
    LoadClient& client = clients_[index];
    const bool open = client.read(scratch_, [&](uint8_t first, std::string_view body) {
        if ((first & 0xf0) == 0x30) on_message(body, client, first >> 1 & 3);
        if (first == 0x40) {
            ++acknowledged_;
            --client.unacknowledged;
        }
    });
    return open && client.flush();
}

void LoadRun::publish_one(unsigned index, int64_t scheduled_ns) {
    LoadClient& client = clients_[index];
    if (load_.scalar) {
        payload_ =
            fmt::format("{}.{:02}", 100 + client.sequence * 7 % 50, client.sequence * 31 % 100);
    } else {
        const Stamp stamp{index, 0, client.sequence, scheduled_ns};
        payload_.resize(std::max<size_t>(load_.payload_bytes, sizeof(stamp)), 'x');
        std::memcpy(payload_.data(), &stamp, sizeof(stamp));
    }
    client.add_publish(topics_[index], payload_, load_.qos);
    ++client.sequence;
    ++sent_;
    if (load_.qos > 0) ++client.unacknowledged;
}

void LoadRun::flush_publisher(unsigned index) {
    if (!clients_[index].flush()) dead_ = true;
}

void LoadRun::publish_some() {
    for (unsigned turn = 0; turn < load_.publishers; ++turn) {
        const uint64_t flying = in_flight();
        if (flying >= load_.window * deliveries_each_) return;
        const unsigned index = next_publisher_;
        next_publisher_ = (next_publisher_ + 1) % load_.publishers;
        LoadClient& client = clients_[index];
        if (client.has_output()) {
            flush_publisher(index);
            continue;
        }
        uint64_t room = (load_.window * deliveries_each_ - flying) / deliveries_each_;
        if (load_.qos > 0) room = std::min<uint64_t>(room, load_.inflight - client.unacknowledged);
        room = std::min<uint64_t>(room, load_.batch);
        for (uint64_t i = 0; i < room; ++i)
            publish_one(index, 0);
        if (room > 0) flush_publisher(index);
    }
}

void LoadRun::publish_due() {
    const int64_t step_ns = static_cast<int64_t>(1e9 / load_.rate);
    const int64_t now = clock_.monotonic().ns;
    while (due_ns_ <= now) {
        if (measuring_)
            report_.late_us.push_back(
                static_cast<uint32_t>((clock_.monotonic().ns - due_ns_) / 1000));
        publish_one(next_publisher_, due_ns_);
        flush_publisher(next_publisher_);
        next_publisher_ = (next_publisher_ + 1) % load_.publishers;
        due_ns_ += step_ns;
    }
}

void LoadRun::begin_measuring() {
    measuring_ = true;
    measured_from_ns_ = clock_.monotonic().ns;
    sent_before_ = sent_;
    delivered_before_ = delivered_;
    acknowledged_before_ = acknowledged_;
    server_cpu_before_ = process_cpu_s(load_.pid);
    own_cpu_before_ = own_cpu_s();
}

MqttLoadReport LoadRun::finish() {
    report_.seconds = static_cast<double>(clock_.monotonic().ns - measured_from_ns_) * 1e-9;
    report_.sent = sent_ - sent_before_;
    report_.delivered = delivered_ - delivered_before_;
    report_.acknowledged = acknowledged_ - acknowledged_before_;
    report_.lost = lost_;
    report_.reordered = reordered_;
    report_.server_cpu_s = process_cpu_s(load_.pid) - server_cpu_before_;
    report_.own_cpu_s = own_cpu_s() - own_cpu_before_;
    std::sort(report_.latencies_us.begin(), report_.latencies_us.end());
    std::sort(report_.late_us.begin(), report_.late_us.end());
    return std::move(report_);
}

Result<MqttLoadReport> LoadRun::run() {
    HW_TRY(open_all());
    started_ns_ = due_ns_ = clock_.monotonic().ns;
    const bool paced = load_.mode == MqttLoad::Mode::pairs;
    epoll_event events[256];
    for (;;) {
        const int64_t elapsed = clock_.monotonic().ns - started_ns_;
        if (!measuring_ && elapsed > static_cast<int64_t>(load_.warmup_s * 1e9)) begin_measuring();
        if (elapsed > static_cast<int64_t>((load_.warmup_s + load_.seconds) * 1e9)) break;
        if (paced) {
            publish_due();
        } else {
            publish_some();
        }
        // Paced runs poll, so that this program is late as seldom as can be.
        const int ready = ::epoll_wait(epoll_, events, 256, paced ? 0 : 10);
        for (int i = 0; i < ready; ++i)
            if (!on_readable(events[i].data.u32)) dead_ = true;
        if (dead_)
            return fail(ErrorCode::unavailable, "the server closed a connection during the run");
    }
    return finish();
}

}  // namespace

Result<MqttLoadReport> run_mqtt_load(const MqttLoad& load) {
    return LoadRun(load).run();
}

double process_cpu_s(int pid) {
    if (pid <= 0) return 0;
    std::ifstream file(fmt::format("/proc/{}/stat", pid));
    std::string text;
    std::getline(file, text);
    const size_t after_name = text.rfind(") ");
    if (after_name == std::string::npos) return 0;
    // Fields 14 and 15 (proc(5)), counted from the state behind the name, which is field 3.
    size_t at = after_name + 2;
    for (int field = 3; field < 14; ++field)
        at = text.find(' ', at) + 1;
    uint64_t user = 0, system = 0;
    const char* const text_end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data() + at, text_end, user);
    if (parsed.ptr < text_end) std::from_chars(parsed.ptr + 1, text_end, system);
    return static_cast<double>(user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double own_cpu_s() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace hw::app
