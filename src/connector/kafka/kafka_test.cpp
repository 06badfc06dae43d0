// Against librdkafka's own mock cluster.

#include "connector/kafka/kafka.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <memory>
#include <string>

#include "base/mutex.h"
#include "connector/settings_table.h"
#include "sql/json.h"

namespace hw::connector::kafka {

namespace {

class Cluster {
  public:
    Cluster() {
        char reason[256];
        client_ = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), reason, sizeof reason);
        cluster_ = rd_kafka_mock_cluster_new(client_, 1);
    }
    ~Cluster() {
        rd_kafka_mock_cluster_destroy(cluster_);
        rd_kafka_destroy(client_);
    }
    std::string hosts() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }
    void down(bool down) {
        if (down)
            rd_kafka_mock_broker_set_down(cluster_, 1);
        else
            rd_kafka_mock_broker_set_up(cluster_, 1);
    }

  private:
    rd_kafka_t* client_;
    rd_kafka_mock_cluster_t* cluster_;
};

Config::Table settings_of(std::span<const Property> part, sql::Datum settings,
                          const Cluster& cluster) {
    settings.put("bootstrap_hosts", sql::Datum::text(cluster.hosts()));
    return read_settings(settings, {kind().connection, part}, "test").value();
}

sql::Datum json(std::string_view text) {
    sql::JsonReader reader;
    return reader.read(text).value();
}

class Box final : public Receiver {
  public:
    bool offer(std::span<Received> messages, std::function<void()> kept) override {
        MutexLock lock(mutex_);
        if (refusals_-- > 0) return false;
        for (auto& message : messages)
            lines_.push_back(message.topic + " " + message.payload + " " +
                             sql::to_json(message.meta));
        kept();
        changed_.notify_all();
        return true;
    }
    void state(bool, const std::string&) override {}
    std::vector<std::string> wait_for(size_t count) {
        MutexLock lock(mutex_);
        changed_.wait_for(mutex_, std::chrono::seconds(60), [&] { return lines_.size() >= count; });
        return lines_;
    }
    int refusals_ = 0;

  private:
    Mutex mutex_;
    Condition changed_;
    std::vector<std::string> lines_;
};

struct Case : testing::Test {
    SystemClock clock;
    Rooms rooms{clock, "/tmp", ""};
    Cluster cluster;

    std::unique_ptr<Sink> sink(std::string_view settings) {
        return kind().make_sink(settings_of(kind().sink, json(settings), cluster), rooms).value();
    }
    std::unique_ptr<SourceLink> source(std::string_view settings) {
        return kind()
            .make_source(settings_of(kind().source, json(settings), cluster), rooms)
            .value();
    }
};

std::vector<Item> items_of(std::initializer_list<std::string_view> rows) {
    std::vector<Item> items;
    for (const auto row : rows)
        items.push_back({json(row), Time{}, "r", items.size()});
    return items;
}

}  // namespace

using Kafka = Case;

TEST_F(Kafka, WhatIsWrittenIsRead) {
    const auto out = sink(R"({"topic":"plant-${site}","key":"${id}","value":"${.}"})");
    ASSERT_TRUE(out->test());
    const auto sent = out->send(items_of({R"({"site":"a","id":1})", R"({"site":"a","id":2})"}));
    EXPECT_EQ(sent.outcome, Sent::Outcome::sent) << sent.reason;
    EXPECT_EQ(sent.done, 2u);
    Box box;
    box.refusals_ = 2;  // full twice: nothing is lost
    const auto in = source(R"({"topic":"plant-a","offset_reset":"earliest"})");
    in->start(box);
    const auto lines = box.wait_for(2);
    in->stop();
    ASSERT_EQ(lines.size(), 2u);
    // The mock spreads keys over its partitions, so the order between keys is not told.
    const bool first = lines[0].find("\"id\":1") != std::string::npos;
    EXPECT_NE(lines[first ? 0 : 1].find(R"(plant-a {"site":"a","id":1} {"partition":)"),
              std::string::npos)
        << lines[0];
    EXPECT_NE(lines[first ? 1 : 0].find(R"("key":"2")"), std::string::npos) << lines[1];
}

TEST_F(Kafka, AMessageThatIsTooLargeIsRejectedAlone) {
    const auto out = sink(R"({"topic":"t","value":"${v}","message_bytes_limit":"1000"})");
    const std::string large = R"({"v":")" + std::string(2000, 'x') + "\"}";
    const auto sent = out->send(items_of({R"({"v":"a"})", large, R"({"v":"b"})"}));
    EXPECT_EQ(sent.outcome, Sent::Outcome::rejected);
    EXPECT_EQ(sent.done, 1u);
    EXPECT_NE(sent.reason.find("message_bytes_limit"), std::string::npos) << sent.reason;
}

TEST_F(Kafka, ABrokerThatIsDownIsTriedAgain) {
    const auto out = sink(R"({"topic":"t","request_timeout":"1s","connect_timeout":"1s"})");
    cluster.down(true);
    EXPECT_FALSE(out->test());
    const auto sent = out->send(items_of({R"({"v":1})"}));
    EXPECT_EQ(sent.outcome, Sent::Outcome::retry);
    EXPECT_EQ(sent.done, 0u);
    cluster.down(false);
    const auto again = out->send(items_of({R"({"v":1})"}));
    EXPECT_EQ(again.outcome, Sent::Outcome::sent) << again.reason;
}

TEST_F(Kafka, SettingsAreChecked) {
    EXPECT_FALSE(kind().make_sink(settings_of(kind().sink, json("{}"), cluster), rooms));
    const auto headers = kind().make_sink(
        settings_of(kind().sink, json(R"({"topic":"t","headers":"novalue"})"), cluster), rooms);
    ASSERT_FALSE(headers);
    EXPECT_NE(headers.error().text().find("novalue"), std::string::npos);
}

}  // namespace hw::connector::kafka
