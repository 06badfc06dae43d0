#pragma once

#include <fmt/format.h>

#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "wire/iec104/client.h"
#include "wire/iec104/server.h"

// Both ends of a dialogue, for this room's tests and fuzzers.
namespace hw::iec104 {

// What a client hears, as text.
class HeardByClient : public ClientHandler {
  public:
    void on_started() override { text += "started;"; }
    void on_stopped() override { text += "stopped;"; }
    void on_object(const AsduHeader& header, const Object& object) override {
        text += fmt::format("{}!{} {} {};", header.common_address, object.address,
                            name_of(header.type), name_of(header.cause));
        objects.push_back(object);
    }
    void on_initialized(uint16_t common_address, const EndOfInitialization&) override {
        text += fmt::format("{} initialized;", common_address);
    }
    void on_procedure(uint16_t common_address, Procedure procedure,
                      Result<Duration> result) override {
        text += fmt::format("{} {}: {};", common_address, name_of(procedure),
                            result ? "done" : result.error().text());
    }
    void on_answer(OrderId id, Result<Duration> result) override {
        ++answers[id.value()];
        text += fmt::format("order {}: {};", id.value(), result ? "done" : result.error().text());
    }
    void on_discarded(const Error& why) override { text += why.text() + ";"; }

    std::string text;
    std::vector<Object> objects;
    std::map<uint64_t, int> answers;
};

// Two stations of a few objects. 300 is a switch that wants to be selected, 301 one that does not,
// 302 refuses.
class TestStations : public ServerHandler {
  public:
    std::span<const uint16_t> stations() override { return addresses; }
    void on_started() override { text += "started;"; }
    void on_stopped() override { text += "stopped;"; }
    std::optional<std::vector<Report>> interrogated(uint16_t common_address,
                                                    uint8_t qualifier) override {
        if (qualifier != station_interrogation || refuses_interrogation) return std::nullopt;
        std::vector<Report> reports;
        for (uint32_t i = 0; i < measured; ++i)
            reports.push_back(
                {TypeId::m_me_nb,
                 {.address = 100 + i, .element = Scaled{7}, .quality = {}, .time = {}}});
        reports.push_back(
            {TypeId::m_sp_na,
             {.address = common_address, .element = Single{true}, .quality = {}, .time = {}}});
        return reports;
    }
    std::optional<std::vector<Report>> counted(uint16_t, uint8_t) override {
        return std::vector<Report>{
            {TypeId::m_it_na,
             {.address = 200, .element = Counter{.value = 42}, .quality = {}, .time = {}}}};
    }
    std::optional<Report> asked(uint16_t, uint32_t object_address) override {
        if (object_address != 100) return std::nullopt;
        return Report{TypeId::m_me_nb,
                      {.address = 100, .element = Scaled{8}, .quality = {}, .time = {}}};
    }
    Verdict selected(uint16_t, TypeId type, const Object& object) override {
        text += fmt::format("select {} {};", name_of(type), object.address);
        return object.address == 300 ? Verdict::accepted : Verdict::refused;
    }
    Verdict executed(uint16_t, TypeId type, const Object& object, bool after_select) override {
        text += fmt::format("execute {} {}{};", name_of(type), object.address,
                            after_select ? " selected" : "");
        if (object.address == 300) return after_select ? Verdict::accepted : Verdict::refused;
        if (object.address == 302) return Verdict::refused;
        if (object.address == 303) return Verdict::unknown_type;
        return object.address == 301 ? Verdict::accepted : Verdict::unknown_object;
    }
    bool clock_set(uint16_t common_address, std::optional<Time> time) override {
        text += fmt::format("{} clock {};", common_address, time ? format_rfc3339(*time) : "none");
        return time.has_value();
    }
    bool reset(uint16_t, uint8_t qualifier) override {
        text += fmt::format("reset {};", qualifier);
        return true;
    }

    std::vector<uint16_t> addresses = {1, 2};
    uint32_t measured = 3;
    bool refuses_interrogation = false;
    std::string text;
};

}  // namespace hw::iec104
