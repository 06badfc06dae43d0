#include "sim/serve/iec104_session.h"

#include <gtest/gtest.h>

#include <map>

#include "sim/serve/test_works.h"
#include "wire/iec104/client.h"

namespace hw::sim {
namespace {

using iec104::TypeId;

// A controlling station that keeps the last it heard of each object.
class ControlRoom : public iec104::ClientHandler {
  public:
    void on_started() override {}
    void on_stopped() override {}
    void on_object(const iec104::AsduHeader& header, const iec104::Object& object) override {
        heard[object.address] = object;
        last_type[object.address] = header.type;
        if (header.cause == iec104::Cause::spontaneous) ++changes;
    }
    void on_initialized(uint16_t, const iec104::EndOfInitialization&) override {}
    void on_procedure(uint16_t, iec104::Procedure, Result<Duration> result) override {
        procedures += result ? 1 : 0;
    }
    void on_answer(iec104::OrderId, Result<Duration> result) override {
        answer = result ? "done" : result.error().text();
    }
    void on_discarded(const Error& why) override { ADD_FAILURE() << why.text(); }

    std::map<uint32_t, iec104::Object> heard;
    std::map<uint32_t, TypeId> last_type;
    int changes = 0;
    int procedures = 0;
    std::string answer;
};

class Iec104SessionTest : public testing::Test {
  protected:
    Iec104SessionTest() {
        std::string out;
        const uint16_t station = iec104_common_address;
        client_.set_stations({&station, 1}, out);
        client_.connected(out);
        talk(out);
    }
    // Carries bytes to and fro until nobody has more to say.
    void talk(std::string to_server) {
        std::string to_client;
        while (!to_server.empty() || !to_client.empty()) {
            std::string answer;
            ASSERT_TRUE(session_.received(as_bytes(to_server), answer));
            to_client += answer;
            to_server.clear();
            ASSERT_TRUE(client_.feed(as_bytes(to_client), room_, to_server));
            to_client.clear();
        }
    }
    void run(int seconds) {
        for (int i = 0; i < seconds; ++i) {
            works_.run(1);
            std::string out;
            ASSERT_TRUE(session_.round(out));
            std::string back;
            ASSERT_TRUE(client_.feed(as_bytes(out), room_, back));
            talk(back);
        }
    }
    std::string command(TypeId type, std::string_view path, const iec104::Element& element,
                        bool select_first = false) {
        room_.answer = "none";
        std::string out;
        EXPECT_TRUE(client_.command(iec104::OrderId(1),
                                    {.common_address = iec104_common_address,
                                     .type = type,
                                     .object_address = address(path),
                                     .element = element,
                                     .select_first = select_first},
                                    out));
        talk(out);
        return room_.answer;
    }
    uint32_t address(std::string_view path) const {
        const size_t variable = works_.find(path);
        for (const auto& object : works_.objects)
            if (object.variable == variable) return object.address;
        return 0;
    }
    float heard(std::string_view path) const {
        return std::get<iec104::Short>(room_.heard.at(address(path)).element).value;
    }
    static iec104::SetPoint set_point(float value) {
        return {.value = iec104::Short{value}, .qualifier = 0, .select = false};
    }

    TestWorks works_;
    ManualClock clock_{{1'772'409'600'000'000'000}};
    Iec104Session session_{{.objects = works_.objects,
                            .variables = works_.variables,
                            .works = works_.telemetry.works(),
                            .clock = clock_}};
    iec104::Client client_{{.counter_interval = seconds(60)}, clock_};
    ControlRoom room_;
};

TEST_F(Iec104SessionTest, interrogations_tell_everything) {
    EXPECT_EQ(room_.procedures, 2);
    EXPECT_EQ(room_.heard.size(), works_.objects.size());
    EXPECT_FLOAT_EQ(heard("plant1/highlift/header/flow"),
                    static_cast<float>(works_.number("plant1/highlift/header/flow")));
    EXPECT_EQ(
        std::get<iec104::Counter>(room_.heard.at(address("plant1/highlift/header/volume")).element)
            .value,
        works_.number("plant1/highlift/header/volume"));
}

TEST_F(Iec104SessionTest, changes_come_by_themselves_with_the_plants_time) {
    run(3);
    EXPECT_GT(room_.changes, 20);
    const auto flow = address("plant1/highlift/header/flow");
    EXPECT_EQ(room_.last_type.at(flow), TypeId::m_me_tf);
    ASSERT_TRUE(room_.heard.at(flow).time);
    EXPECT_EQ(iec104::time_from_tag(*room_.heard.at(flow).time, {}, clock_.now()),
              works_.telemetry.works().now());
    EXPECT_FLOAT_EQ(heard("plant1/highlift/header/flow"),
                    static_cast<float>(works_.number("plant1/highlift/header/flow")));
}

TEST_F(Iec104SessionTest, a_set_point_acts_and_is_told_back) {
    EXPECT_EQ(command(TypeId::c_se_nc, "plant1/highlift/header/pressure_setpoint", set_point(4.7F)),
              "done");
    EXPECT_FLOAT_EQ(heard("plant1/highlift/header/pressure_setpoint"), 4.7F);
    run(3600);
    EXPECT_NEAR(works_.number("plant1/highlift/header/pressure"), 4.7, 0.1);
}

TEST_F(Iec104SessionTest, a_pump_is_stopped_selected_first) {
    ASSERT_EQ(works_.number("plant1/highlift/pump1/running"), 1);
    EXPECT_EQ(command(TypeId::c_sc_na, "plant1/highlift/pump1/run", iec104::Switching{}, true),
              "done");
    run(2);
    EXPECT_EQ(works_.number("plant1/highlift/pump1/running"), 0);
    EXPECT_FALSE(
        std::get<iec104::Single>(room_.heard.at(address("plant1/highlift/pump1/running")).element)
            .on);
}

TEST_F(Iec104SessionTest, what_cannot_be_is_refused) {
    const auto* path = "plant1/highlift/header/pressure_setpoint";
    const double before = works_.number(path);
    EXPECT_NE(command(TypeId::c_se_nc, path, set_point(99)), "done");
    EXPECT_NE(command(TypeId::c_sc_na, path, iec104::Switching{}), "done");
    EXPECT_NE(command(TypeId::c_se_nc, "plant1/highlift/header/flow", set_point(1)), "done");
    EXPECT_EQ(works_.number(path), before);
}

TEST_F(Iec104SessionTest, a_failed_sensor_is_invalid) {
    auto& works = works_.telemetry.works();
    ASSERT_TRUE(works.faults().turn_on(FaultKind::sensor_failure, "highlift/header/flow",
                                       std::nullopt, works.now()));
    run(2);
    EXPECT_TRUE(room_.heard.at(address("plant1/highlift/header/flow")).quality.invalid);
    EXPECT_FALSE(room_.heard.at(address("plant1/highlift/header/pressure")).quality.invalid);
}

}  // namespace
}  // namespace hw::sim
