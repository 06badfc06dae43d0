#include <gtest/gtest.h>

#include "base/clock.h"
#include "sql/query/trial.h"
#include "sql/services.h"

// Functions that are somebody else's code are called in every place where ours are.
namespace hw::sql {

namespace {

class Twice final : public UserCode {
  public:
    Datum call(Arguments arguments, CallContext& context) const override {
        if (!arguments[0].is_number()) return context.fail("twice: no number");
        return Datum::real(2 * arguments[0].as_number());
    }
};

class Product final : public Aggregate {
  public:
    void add(Arguments arguments, CallContext&) override { value_ *= arguments[0].as_number(); }
    Datum result(CallContext&) const override { return Datum::real(value_); }
    void save(ByteWriter& out) const override { out.little(std::bit_cast<uint64_t>(value_)); }
    void load(ByteReader& in) override { value_ = std::bit_cast<double>(in.little<uint64_t>()); }
    size_t bytes() const override { return 0; }

  private:
    double value_ = 1;
};

class ProductCode final : public UserCode {
  public:
    std::unique_ptr<Aggregate> make() const override { return std::make_unique<Product>(); }
};

class UserCodeInQueries : public testing::Test {
  protected:
    UserCodeInQueries() {
        Function function;
        function.least_arguments = function.most_arguments = 1;
        function.name = "twice";
        function.user = &twice_;
        table_.add(function);
        function.name = "product";
        function.type = FunctionClass::aggregate;
        function.user = &product_;
        table_.add(function);
    }

    TrialResult run(std::string_view sql) {
        const Environment environment{table_, nullptr, services_, "rule1"};
        auto query = Query::compile(sql, environment);
        EXPECT_TRUE(query);
        std::vector<TrialEvent> events;
        for (const char* payload : {R"({"a":2})", R"({"a":3})", R"({"a":null})"}) {
            const Datum message = Datum::object({{Datum::text("topic"), Datum::text("t")},
                                                 {Datum::text("payload"), Datum::text(payload)}});
            events.push_back({0, trial_message(message, Time{}), Time{}});
        }
        return run_trial(**query, events, ManualClock(Time{}));
    }

    const Twice twice_;
    const ProductCode product_;
    FunctionTable table_;
    Services services_;
};

}  // namespace

TEST_F(UserCodeInQueries, AScalarIsCalled) {
    const auto result = run("SELECT twice(payload.a) AS b FROM 't' WHERE twice(payload.a) > 4");
    ASSERT_EQ(result.rows.size(), 1u);
    EXPECT_EQ(*result.rows[0].row.find("b"), Datum::real(6));
    EXPECT_EQ(result.failed, 0u);
}

TEST_F(UserCodeInQueries, AConstantCallAndAFailure) {
    EXPECT_EQ(*run("SELECT twice(4) AS b FROM 't'").rows.at(0).row.find("b"), Datum::real(8));
    const auto failed = run("SELECT twice(topic) AS b FROM 't'");
    EXPECT_EQ(failed.failed, 3u);
    EXPECT_EQ(failed.failures.at(0).second, "twice: no number");
}

TEST_F(UserCodeInQueries, AnAggregateIsMade) {
    const auto result =
        run("SELECT product(payload.a) AS p FROM 't' GROUP BY topic, TUMBLINGWINDOW(ss, 10)");
    ASSERT_EQ(result.rows.size(), 1u);
    EXPECT_EQ(*result.rows[0].row.find("p"), Datum::real(6));
}

}  // namespace hw::sql
