#include <gtest/gtest.h>

#include "sql/functions/functions.h"
#include "sql/services.h"

namespace hw::sql {

namespace {

// A message and a rule's functions on it.
class Messages : public testing::Test {
  protected:
    Messages() { add_builtin_functions(table_); }

    Record message(std::string_view payload) {
        std::vector<Datum> columns(message_shape().columns.size());
        const auto set = [&](std::string_view name, Datum value) {
            columns[static_cast<size_t>(message_shape().find(name))] = std::move(value);
        };
        set("topic", Datum::text("plant1/filter3/flow"));
        set("payload", Datum::text(payload));
        set("clientid", Datum::text("meter7"));
        set("username", Datum::text("u1"));
        set("peerhost", Datum::text("10.0.0.7"));
        set("qos", Datum::integer(1));
        set("id", Datum::text("000A"));
        set("flags", Datum::object({{Datum::text("retain"), Datum::boolean(true)}}));
        return {message_shape(), Time{}, std::move(columns)};
    }
    Datum call(std::string_view name, std::vector<Datum> arguments = {},
               std::string_view payload = R"({"a":{"b":[5,6]}})") {
        const Record record = message(payload);
        CallContext context;
        context.record = &record;
        context.rule_id = rule_;
        context.services = &services_;
        Datum value = table_.find(name, Dialect::emqx)->scalar(arguments, context);
        error_ = context.error();
        return value;
    }

    FunctionTable table_;
    Services services_;
    std::string rule_ = "rule1";
    std::string error_;
};

}  // namespace

TEST_F(Messages, TellsWhatTheMessageHas) {
    EXPECT_EQ(call("topic"), Datum::text("plant1/filter3/flow"));
    EXPECT_EQ(call("topic", {Datum::integer(2)}), Datum::text("filter3"));
    EXPECT_EQ(call("topic", {Datum::integer(3)}), Datum::text("flow"));
    EXPECT_EQ(call("clientid"), Datum::text("meter7"));
    EXPECT_EQ(call("username"), Datum::text("u1"));
    EXPECT_EQ(call("clientip"), Datum::text("10.0.0.7"));
    EXPECT_EQ(call("peerhost"), Datum::text("10.0.0.7"));
    EXPECT_EQ(call("qos"), Datum::integer(1));
    EXPECT_EQ(call("msgid"), Datum::text("000A"));
    EXPECT_EQ(call("flag", {Datum::text("retain")}), Datum::boolean(true));
    EXPECT_EQ(call("flag", {Datum::text("dup")}), Datum());
    EXPECT_EQ(call("flags").members().size(), 1u);
}

TEST_F(Messages, ATopicsLevelMustBeThere) {
    for (const int64_t level : {0, -1, 4}) {
        EXPECT_EQ(call("topic", {Datum::integer(level)}), Datum());
        EXPECT_EQ(error_,
                  "topic: the topic has no level " + std::to_string(level) + "; the first is 1");
    }
}

TEST_F(Messages, LooksIntoThePayload) {
    EXPECT_EQ(call("payload"), Datum::text(R"({"a":{"b":[5,6]}})"));
    EXPECT_EQ(call("payload", {Datum::text("a.b[2]")}), Datum::integer(6));
    EXPECT_EQ(call("payload", {Datum::text("a.c")}), Datum());
    EXPECT_EQ(call("payload", {Datum::text("a")}, "no json"), Datum());
    EXPECT_EQ(error_, "");
}

TEST_F(Messages, StateGoesFromRowToRow) {
    const Datum key = Datum::text("k");
    EXPECT_EQ(call("kv_store_put", {key, Datum::integer(1)}), Datum::boolean(true));
    EXPECT_EQ(call("kv_store_get", {key}), Datum::integer(1));
    EXPECT_EQ(call("get_keyed_state", {key, Datum::text("string"), Datum()}), Datum::text("1"));
    EXPECT_EQ(call("get_keyed_state", {key, Datum::text("float"), Datum()}), Datum::real(1));
    EXPECT_EQ(call("get_keyed_state", {key, Datum::text("boolean"), Datum()}),
              Datum::boolean(true));
    EXPECT_EQ(call("get_keyed_state", {key, Datum::text("datetime"), Datum()}),
              Datum::time(Time{1'000'000}));
    EXPECT_EQ(call("get_keyed_state", {key, Datum::text("bytea"), Datum()}), Datum());
    EXPECT_EQ(error_,
              "get_keyed_state: the type 'bytea' is none of bigint, float, string, boolean, "
              "datetime");
    rule_ = "rule2";
    EXPECT_EQ(call("kv_store_get", {key}), Datum::integer(1));
    call("kv_store_del", {key});
    EXPECT_EQ(call("kv_store_get", {key}), Datum());
    EXPECT_EQ(services_.state_bytes, 0u);
}

TEST_F(Messages, StateOfARuleIsItsOwn) {
    const Datum key = Datum::integer(7);
    EXPECT_EQ(call("proc_dict_put", {key, Datum::text("a")}), Datum());
    EXPECT_EQ(call("proc_dict_put", {key, Datum::text("b")}), Datum::text("a"));
    rule_ = "rule2";
    EXPECT_EQ(call("proc_dict_get", {key}), Datum());
    rule_ = "rule1";
    EXPECT_EQ(call("proc_dict_get", {key}), Datum::text("b"));
    EXPECT_EQ(call("proc_dict_del", {key}), Datum::text("b"));
    EXPECT_EQ(call("proc_dict_del", {key}), Datum());
}

TEST_F(Messages, StateIsBounded) {
    services_.entries_limit = 2;
    for (int i = 0; i < 2; ++i)
        call("kv_store_put", {Datum::integer(i), Datum()});
    EXPECT_EQ(call("kv_store_put", {Datum::integer(9), Datum()}), Datum());
    EXPECT_EQ(error_, "kv_store_put: there are 2 keys already; delete some");
    EXPECT_EQ(call("kv_store_put", {Datum::integer(1), Datum::text("new")}), Datum::boolean(true));
    services_.state_bytes_limit = 1000;
    call("kv_store_put", {Datum::integer(1), Datum::text(std::string(2000, 'x'))});
    EXPECT_EQ(error_, "kv_store_put: more than 1000 bytes of state would be kept");
    EXPECT_EQ(call("kv_store_get", {Datum::integer(1)}), Datum::text("new"));
    call("kv_store_put", {Datum::text(std::string(1025, 'k')), Datum()});
    EXPECT_EQ(error_, "kv_store_put: the key has 1025 bytes; at most 1024 are allowed");
}

TEST_F(Messages, StateCannotNestForEver) {
    const Datum key = Datum::text("k");
    Datum value = Datum::integer(1);
    size_t levels = 0;
    for (; levels < 1000; ++levels) {
        call("kv_store_put", {key, value});
        if (!error_.empty()) break;
        value = Datum::array({call("kv_store_get", {key})});
    }
    EXPECT_EQ(levels, Datum::nesting_limit + 1);
    EXPECT_EQ(error_, "kv_store_put: the value nests deeper than 128 levels");
}

TEST_F(Messages, AnObjectIsNotMadeTooLarge) {
    Datum::Items keys, values;
    for (int i = 0; i <= 10'000; ++i) {
        keys.push_back(Datum::text(std::to_string(i)));
        values.push_back(Datum::integer(i));
    }
    EXPECT_EQ(call("object", {Datum::array(keys), Datum::array(values)}), Datum());
    EXPECT_EQ(error_, "object: an object of more than 10000 members would be made");
    keys.pop_back();
    values.pop_back();
    EXPECT_EQ(call("object", {Datum::array(keys), Datum::array(values)}).members().size(), 10'000u);
}

}  // namespace hw::sql
