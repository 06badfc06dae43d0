// Many clients against a plain model, from a seed: within a session nothing of QoS 1 and 2 is lost,
// doubled (QoS 2) or reordered; acknowledgements come after the commit and in order.

#include <gtest/gtest.h>

#include <charconv>
#include <deque>
#include <map>
#include <set>

#include "base/random.h"
#include "broker/probe.h"

namespace hw::broker {
namespace {

using mqtt::PacketType;
using mqtt::Version;
using probe::Bench;
using probe::Client;
using probe::Packet;

// A subscriber that remembers across connections what a session should.
class Receiver {
  public:
    Receiver(Bench& bench, std::string name, Version version)
        : client_(bench, version), name_(std::move(name)) {}

    void connect() {
        mqtt::PropertyList list;
        if (client_.version == Version::v5)
            list.number(mqtt::PropertyId::session_expiry_interval, 3600);
        if (client_.version == Version::v5) list.number(mqtt::PropertyId::receive_maximum, 5);
        client_.connect({.id = name_, .clean = false, .properties = list.view()});
        online = true;
        owed_.clear();
    }
    void lose() {
        client_.lose();
        online = false;
        owed_.clear();
    }
    void subscribe(int qos) { client_.subscribe("in/#", qos); }
    // Takes what came; answers some of it, in order.
    void work(Random& random) {
        take(client_.read());
        const size_t answers = random.below(owed_.size() + 1);
        for (size_t i = 0; i < answers; ++i) {
            const auto [type, id] = owed_.front();
            owed_.pop_front();
            client_.ack(type, id);
        }
        take(client_.read());
    }
    bool owes() const { return !owed_.empty(); }

    bool online = false;
    std::vector<int> got[3];  // by QoS

  private:
    void take(const std::vector<Packet>& packets) {
        for (const Packet& packet : packets) {
            if (packet.type == PacketType::pubrel) {
                unreleased_.erase(packet.id);
                owed_.emplace_back(PacketType::pubcomp, packet.id);
            }
            if (packet.type != PacketType::publish) continue;
            int number = 0;
            std::from_chars(packet.payload.data(), packet.payload.data() + packet.payload.size(),
                            number);
            auto& list = got[packet.qos];
            if (packet.qos == 1) {
                owed_.emplace_back(PacketType::puback, packet.id);
                // A repeated one may come twice, but then marked.
                const bool known = std::find(list.begin(), list.end(), number) != list.end();
                if (known) {
                    EXPECT_TRUE(packet.dup) << number;
                    continue;
                }
            }
            if (packet.qos == 2) {
                owed_.emplace_back(PacketType::pubrec, packet.id);
                if (!unreleased_.insert(packet.id).second) {
                    EXPECT_TRUE(packet.dup);
                    continue;
                }
            }
            list.push_back(number);
        }
    }

    Client client_;
    std::string name_;
    std::deque<std::pair<PacketType, uint16_t>> owed_;
    std::set<uint16_t> unreleased_;
};

struct Sent {
    uint16_t id;
    bool kept;
};

// A publisher that checks its acknowledgements.
class Sender {
  public:
    Sender(Bench& bench, std::string name, Version version) : client_(bench, version) {
        client_.connect({.id = name});
        client_.read();
    }
    void publish(int number, int qos, bool kept) {
        id_ = static_cast<uint16_t>(id_ % 1000 + 1);
        client_.publish(kept ? "kept/x" : "in/x", std::to_string(number), qos, qos > 0 ? id_ : 0);
        if (qos > 0) waiting_[qos].push_back({id_, kept});
    }
    void work(bool committed) {
        for (const Packet& packet : client_.read()) {
            if (packet.type == PacketType::pubcomp) continue;
            const int qos = packet.type == PacketType::puback ? 1 : 2;
            ASSERT_FALSE(waiting_[qos].empty());
            EXPECT_EQ(waiting_[qos].front().id, packet.id);
            EXPECT_TRUE(committed || !waiting_[qos].front().kept);
            waiting_[qos].pop_front();
            if (qos == 2) client_.ack(PacketType::pubrel, packet.id);
        }
    }
    bool waits() const { return !waiting_[1].empty() || !waiting_[2].empty(); }

  private:
    Client client_;
    uint16_t id_ = 0;
    std::deque<Sent> waiting_[3];
};

Version version_of(uint64_t i) {
    return i % 2 == 0 ? Version::v5 : Version::v3_1_1;
}

void run(uint64_t seed) {
    Random random(seed);
    Bench bench;
    std::vector<std::unique_ptr<Receiver>> receivers;
    std::vector<std::unique_ptr<Sender>> senders;
    for (uint64_t i = 0; i < 4; ++i) {
        receivers.push_back(
            std::make_unique<Receiver>(bench, "r" + std::to_string(i), version_of(i)));
        receivers.back()->connect();
        receivers.back()->subscribe(i < 2 ? 1 : 2);
        senders.push_back(std::make_unique<Sender>(bench, "s" + std::to_string(i), version_of(i)));
    }
    std::vector<int> sent[3];
    int number = 0;
    for (int step = 0; step < 300; ++step) {
        const uint64_t at = random.below(4);
        const uint64_t what = random.below(10);
        if (what < 5) {
            const int qos = 1 + static_cast<int>(random.below(2));
            const bool kept = random.chance(0.3);
            senders[at]->publish(++number, qos, kept);
            if (!kept) sent[qos].push_back(number);
            senders[at]->work(false);
        } else if (what < 8) {
            if (receivers[at]->online) receivers[at]->work(random);
        } else if (what == 8) {
            if (receivers[at]->online)
                receivers[at]->lose();
            else
                receivers[at]->connect();
        } else {
            bench.commit();
            for (auto& sender : senders)
                sender->work(true);
        }
    }
    for (int round = 0; round < 400; ++round) {
        bench.commit();
        for (auto& sender : senders)
            sender->work(true);
        for (auto& receiver : receivers) {
            if (!receiver->online) receiver->connect();
            receiver->work(random);
        }
    }
    for (auto& sender : senders)
        EXPECT_FALSE(sender->waits());
    std::vector<int> all = sent[1];
    all.insert(all.end(), sent[2].begin(), sent[2].end());
    std::sort(all.begin(), all.end());
    for (size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(receivers[i]->got[1], i < 2 ? all : sent[1]) << "receiver " << i;
        EXPECT_EQ(receivers[i]->got[2], i < 2 ? std::vector<int>() : sent[2]) << "receiver " << i;
    }
    for (const ClientView& view : bench.broker->clients({.limit = 100}).items) {
        EXPECT_EQ(view.inflight, 0u) << view.client_id;
        EXPECT_EQ(view.queued, 0u);
    }
}

TEST(BrokerRandom, loses_doubles_and_reorders_nothing) {
    for (uint64_t seed = 1; seed <= 60; ++seed) {
        run(seed);
        ASSERT_FALSE(HasFailure()) << "seed " << seed;
    }
}

}  // namespace
}  // namespace hw::broker
