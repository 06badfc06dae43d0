#include "sim/serve/control_session.h"

#include <gtest/gtest.h>

#include "sim/serve/test_works.h"

namespace hw::sim {
namespace {

class ControlSessionTest : public testing::Test {
  protected:
    std::string say(std::string_view text) {
        std::string out;
        EXPECT_TRUE(session_.received(as_bytes(text), out));
        return out;
    }

    TestWorks works_;
    ControlSession session_{works_.telemetry.works(), works_.variables};
};

TEST_F(ControlSessionTest, switches_faults) {
    EXPECT_EQ(say("fault list\n"), "ok\n");
    EXPECT_EQ(say("fault on pump-wear intake/pump2 30\n"),
              "pump-wear plant1/intake/pump2 30 % since 2026-03-02T00:00:01Z\nok\n");
    EXPECT_EQ(say("fault on stuck-valve filter3\r\n"),
              "stuck-valve plant1/filtration/filter3 since 2026-03-02T00:00:01Z\nok\n");
    EXPECT_EQ(works_.telemetry.works().faults().active().size(), 2U);
    EXPECT_EQ(say("fault off pump-wear\n"), "ok\n");
    EXPECT_EQ(say("fault list\n"),
              "stuck-valve plant1/filtration/filter3 since 2026-03-02T00:00:01Z\nok\n");
    EXPECT_EQ(say("fault off all\n"), "ok\n");
    EXPECT_FALSE(works_.telemetry.works().faults().any());
}

TEST_F(ControlSessionTest, reads_and_sets) {
    EXPECT_EQ(say("set plant1/chlorination/plc3/residual_setpoint 0.6\n"),
              "plant1/chlorination/plc3/residual_setpoint 0.600000 good\nok\n");
    EXPECT_EQ(works_.telemetry.works().controls().residual, 0.6);
    EXPECT_EQ(say("set plant1/intake/pump1/auto off\n"),
              "plant1/intake/pump1/auto false good\nok\n");
    EXPECT_EQ(say("get plant1/filtration/filter1/state\n"),
              "plant1/filtration/filter1/state filtering good\nok\n");
}

TEST_F(ControlSessionTest, says_what_is_wrong) {
    EXPECT_EQ(say("dance\n"), "error there is no command 'dance'; say help\n");
    EXPECT_EQ(say("get plant1/nothing\n"),
              "error there is no 'plant1/nothing'; list tells what there is\n");
    EXPECT_EQ(say("set plant1/chlorination/plc3/residual_setpoint 30\n"),
              "error 30 is not within 0.1 to 3 mg/l of "
              "'plant1/chlorination/plc3/residual_setpoint'\n");
    EXPECT_TRUE(say("fault on rust pump1\n").starts_with("error there is no fault 'rust'; there "));
    EXPECT_TRUE(say("fault dance\n").starts_with("error fault 'dance' is not on, off or list"));
    EXPECT_TRUE(say("fault on pump-wear\n").starts_with("error pump-wear needs a pump: one of "));
}

TEST_F(ControlSessionTest, commands_come_in_pieces_and_several_at_once) {
    EXPECT_EQ(say("fault li"), "");
    EXPECT_EQ(say("st\nfault list\n"), "ok\nok\n");
}

TEST_F(ControlSessionTest, a_line_without_end_is_not_collected_for_ever) {
    std::string out;
    const std::string much(ControlSession::line_limit + 1, 'x');
    EXPECT_FALSE(session_.received(as_bytes(much), out));
}

TEST_F(ControlSessionTest, tells_what_there_is) {
    const auto faults = say("faults\n");
    for (size_t i = 0; i < fault_kind_count; ++i)
        EXPECT_NE(faults.find(info(static_cast<FaultKind>(i)).name), std::string::npos);
    EXPECT_NE(say("list\n").find("plant1/intake/header/flow_setpoint modbus l/s 0 to 320\n"),
              std::string::npos);
    EXPECT_TRUE(say("status\n").ends_with("faults 0\nok\n"));
    EXPECT_TRUE(say("help\n").ends_with("ok\n"));
}

}  // namespace
}  // namespace hw::sim
