#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "gateway/driver.h"
#include "wire/modbus/framing.h"
#include "wire/modbus/server_codec.h"

namespace hw::gateway::modbus {

// Writes down what a driver says.
class RecordingHost : public DriverHost {
  public:
    const Clock& clock() const override { return clock_; }
    void send(ConnectionId, std::string bytes) override { sent += bytes; }
    void close(ConnectionId, Error why) override { closed.push_back(why.text()); }
    void value(TagIndex tag, const model::Value& value, model::Quality,
               std::optional<Time>) override {
        values[tag.value()] = value;
        ++value_count;
    }
    void failed(TagIndex tag, model::Quality quality, const Error& why) override {
        failures[tag.value()] = {quality, why.text()};
        ++failure_count;
    }
    void polled(GroupIndex group) override { ++polls[group.value()]; }
    void answered(RequestId request, Result<model::Value> result) override {
        answers.emplace_back(request.value(), std::move(result));
        if (then) then(request);
    }
    void unit(std::string_view unit, const UnitReport& report) override {
        units.emplace_back(unit, report);
    }

    ManualClock clock_{Time{1'000'000'000'000}};
    std::string sent;
    std::vector<std::string> closed;
    std::map<uint32_t, model::Value> values;
    std::map<uint32_t, std::pair<model::Quality, std::string>> failures;
    std::map<uint32_t, int> polls;
    std::vector<std::pair<uint64_t, Result<model::Value>>> answers;
    std::vector<std::pair<std::string, UnitReport>> units;
    std::function<void(RequestId)> then;  // called with each answer
    size_t value_count = 0;
    size_t failure_count = 0;
};

// A device of 1,000 registers and coils; some units are silent, some addresses and functions not
// there.
class Device {
  public:
    explicit Device(hw::modbus::Framing framing)
        : framing_(framing), reader_(framing, hw::modbus::FrameReader::Side::server) {}

    // The answers to what was sent.
    std::string serve(std::string_view bytes) {
        reader_.give(as_bytes(bytes));
        std::string out;
        for (;;) {
            const auto frame = reader_.next();
            if (!frame || !*frame) return out;
            ++requests;
            if (silent.contains((*frame)->unit)) continue;
            const auto pdu = answer((*frame)->pdu);
            hw::modbus::append_frame(framing_, (*frame)->transaction, (*frame)->unit, as_bytes(pdu),
                                     out);
        }
    }

    std::vector<uint16_t> registers = std::vector<uint16_t>(1'000);
    std::vector<bool> coils = std::vector<bool>(1'000);
    std::map<uint8_t, bool> silent;
    std::map<uint16_t, bool> missing;     // addresses
    std::map<uint8_t, bool> unknown;      // functions
    std::map<uint8_t, size_t> functions;  // how often
    size_t requests = 0;

  private:
    using Request = hw::modbus::Request;
    using Function = hw::modbus::Function;

    std::string answer(BytesView pdu) {
        std::string out;
        const auto function = static_cast<uint8_t>(pdu[0]);
        ++functions[function];
        const auto request = hw::modbus::parse_request(pdu);
        const auto refuse = [&](hw::modbus::ExceptionCode code) {
            hw::modbus::append_exception(function, code, out);
            return out;
        };
        if (!request) return refuse(request.error());
        if (unknown.contains(function)) return refuse(hw::modbus::ExceptionCode::illegal_function);
        for (unsigned i = 0; i < request->count; ++i) {
            const auto at = static_cast<uint16_t>(request->address + i);
            if (missing.contains(at) || at >= registers.size())
                return refuse(hw::modbus::ExceptionCode::illegal_data_address);
        }
        const auto data = apply(*request);
        hw::modbus::append_response(*request, as_bytes(data), out);
        return out;
    }

    std::string apply(const Request& request) {
        std::string data;
        ByteWriter writer(data);
        ByteReader given(request.data);
        switch (request.function) {
            case Function::read_coils:
            case Function::read_discrete_inputs:
                data.resize((request.count + 7U) / 8);
                for (size_t i = 0; i < request.count; ++i)
                    if (coils[request.address + i])
                        data[i / 8] = static_cast<char>(data[i / 8] | 1 << (i % 8));
                break;
            case Function::write_single_coil:
                coils[request.address] = request.value != 0;
                break;
            case Function::write_multiple_coils:
                for (size_t i = 0; i < request.count; ++i)
                    coils[request.address + i] =
                        (static_cast<unsigned>(request.data[i / 8]) >> (i % 8) & 1) != 0;
                break;
            case Function::write_single_register:
                registers[request.address] = request.value;
                break;
            case Function::write_multiple_registers:
                for (size_t i = 0; i < request.count; ++i)
                    registers[request.address + i] = given.big<uint16_t>();
                break;
            case Function::mask_write_register: {
                auto& word = registers[request.address];
                word = static_cast<uint16_t>((word & request.and_mask) |
                                             (request.or_mask & ~request.and_mask));
                break;
            }
            default:
                for (size_t i = 0; i < request.count; ++i)
                    writer.big(registers[request.address + i]);
        }
        return data;
    }

    hw::modbus::Framing framing_;
    hw::modbus::FrameReader reader_;
};

}  // namespace hw::gateway::modbus
