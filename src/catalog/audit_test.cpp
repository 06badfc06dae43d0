#include "catalog/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/decimal.h"

namespace hw::catalog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr Time start{1'700'000'000'000'000'000};

class Audit : public testing::Test {
  protected:
    void SetUp() override {
        database_ = std::move(*Database::open(":memory:"));
        open({});
    }
    void open(const Settings& settings) {
        log_.reset();
        log_ = std::move(*AuditLog::open(*database_, settings, clock_, metrics_));
    }
    void append(std::string target, std::string actor = "anna", int64_t at_s = 0,
                std::string action = "point.write") {
        log_->append({start + seconds(at_s), std::move(actor), "http 127.0.0.1:1",
                      std::move(action), std::move(target), "1", "2", "ok", "test"});
    }
    std::vector<std::string> targets(const AuditQuery& query) {
        EXPECT_TRUE(log_->flush());
        const auto page = log_->query(query);
        EXPECT_TRUE(page) << page.error().text();
        next_ = page->next;
        std::vector<std::string> found;
        for (const auto& record : page->records)
            found.push_back(record.target);
        return found;
    }

    ManualClock clock_{start};
    Metrics metrics_;
    std::unique_ptr<Database> database_;
    std::unique_ptr<AuditLog> log_;
    std::optional<int64_t> next_;
};

TEST_F(Audit, KeepsEveryField) {
    const AuditRecord record{start,         "anna",      "mqtt scada1",
                             "point.write", "a/b",       "\"old'\"",
                             "12.5",        "timed_out", "the device did not answer"};
    log_->append(record);
    ASSERT_TRUE(log_->flush());
    const auto page = log_->query({});
    ASSERT_TRUE(page);
    EXPECT_THAT(page->records, ElementsAre(record));
    EXPECT_FALSE(page->next);
}

TEST_F(Audit, FindsByTargetTimeActorAndAction) {
    append("works/plc1", "anna", 0, "device.create");
    append("works/plc1/flow", "bob", 1);
    append("works/plc10/flow", "anna", 2);
    append("works", "anna", 3, "device.remove");
    EXPECT_THAT(targets({}),
                ElementsAre("works", "works/plc10/flow", "works/plc1/flow", "works/plc1"));
    EXPECT_THAT(targets({.filter = "works/plc1/#"}), ElementsAre("works/plc1/flow", "works/plc1"));
    EXPECT_THAT(targets({.filter = "works/+/flow"}),
                ElementsAre("works/plc10/flow", "works/plc1/flow"));
    EXPECT_THAT(targets({.filter = "works"}), ElementsAre("works"));
    EXPECT_THAT(targets({.filter = "+"}), ElementsAre("works"));
    EXPECT_THAT(targets({.from = start + seconds(1), .to = start + seconds(3)}),
                ElementsAre("works/plc10/flow", "works/plc1/flow"));
    EXPECT_THAT(targets({.actor = "bob"}), ElementsAre("works/plc1/flow"));
    EXPECT_THAT(targets({.action = "device.remove"}), ElementsAre("works"));
    EXPECT_THAT(targets({.action = "device."}), ElementsAre("works", "works/plc1"));
    EXPECT_FALSE(log_->query({.filter = "a/#/b"}));
    append("anna", "anna", 4, "session.begin");
    append("bert", "anna", 5, "user.create");
    append("k1", "anna", 6, "key.create");
    EXPECT_EQ(targets({}).size(), 7u);
    EXPECT_THAT(targets({.access = false}),
                ElementsAre("works", "works/plc10/flow", "works/plc1/flow", "works/plc1"));
}

TEST_F(Audit, PagesFromTheNewestOn) {
    for (int i = 0; i < 5; ++i) {
        append("a/" + std::to_string(i));
        append("b/" + std::to_string(i));
    }
    AuditQuery query{.filter = "a/#", .limit = 2};
    EXPECT_THAT(targets(query), ElementsAre("a/4", "a/3"));
    ASSERT_TRUE(next_);
    query.before = next_;
    EXPECT_THAT(targets(query), ElementsAre("a/2", "a/1"));
    ASSERT_TRUE(next_);
    query.before = next_;
    EXPECT_THAT(targets(query), ElementsAre("a/0"));
    EXPECT_FALSE(next_);
}

TEST_F(Audit, GoesOnBehindTheLastRecordWhenOpenedAgain) {
    append("a");
    EXPECT_TRUE(log_->flush());
    open({});
    append("b");
    EXPECT_THAT(targets({}), ElementsAre("b", "a"));
}

TEST_F(Audit, RemovesWhatIsOld) {
    open({.audit_retention = seconds(3600)});
    append("old", "anna", -3601);
    append("young", "anna", -3599);
    ASSERT_TRUE(log_->flush());
    const auto removed = log_->remove_old();
    ASSERT_TRUE(removed);
    EXPECT_THAT(targets({}), ElementsAre("young"));
}

TEST_F(Audit, AGapIsRecorded) {
    open({.audit_queue_limit = 100});
    // While somebody holds the database, the writer cannot store.
    ASSERT_TRUE(database_->read([&](Session&) -> Result<void> {
        for (int i = 0; i < 150; ++i)
            append("p/" + std::to_string(i));
        return {};
    }));
    ASSERT_TRUE(log_->flush());
    // The writer may have seen the gap in two parts.
    append("after");
    ASSERT_TRUE(log_->flush());
    EXPECT_EQ(metrics_.counter("headworks_catalog_audit_lost_total", "").value(), 50u);
    const auto gaps = log_->query({.filter = "audit", .action = "audit.lost"});
    ASSERT_TRUE(gaps);
    int64_t told = 0;
    for (const auto& gap : gaps->records) {
        EXPECT_THAT(gap.detail, HasSubstr("records were lost from 2023-11-14T22:13:20Z on"));
        told += scan_decimal(gap.detail).integer;
    }
    EXPECT_EQ(told, 50);
}

}  // namespace
}  // namespace hw::catalog
