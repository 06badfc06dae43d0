#include <benchmark/benchmark.h>

#include "gateway/modbus/driver.h"
#include "wire/modbus/framing.h"
#include "wire/modbus/server_codec.h"

namespace hw::gateway::modbus {
namespace {

class CountingHost : public DriverHost {
  public:
    const Clock& clock() const override { return clock_; }
    void send(ConnectionId, std::string bytes) override { sent += bytes; }
    void close(ConnectionId, Error) override {}
    void value(TagIndex, const model::Value& value, model::Quality, std::optional<Time>) override {
        sum += *std::get_if<double>(&value);
        ++values;
    }
    void failed(TagIndex, model::Quality, const Error&) override {}
    void polled(GroupIndex) override { ++polls; }
    void answered(RequestId, Result<model::Value>) override {}
    void unit(std::string_view, const UnitReport&) override {}

    SystemClock clock_;
    std::string sent;
    double sum = 0;
    size_t values = 0;
    size_t polls = 0;
};

// One poll of 1,000 floats: 17 requests. The device's half of it is in the time as well.
void poll_thousand_floats(benchmark::State& state) {
    CountingHost host;
    DriverSettings settings;
    for (const auto& property : tcp_driver.settings)
        settings.emplace(property.key, Config::Value{.text = std::string(property.default_value),
                                                     .origin = Origin::built_in,
                                                     .where = "default",
                                                     .type = property.type});
    auto driver = std::move(*tcp_driver.make(settings, host));
    DriverGroup group;
    for (uint32_t i = 0; i < 1'000; ++i)
        group.tags.push_back({.index = TagIndex(i),
                              .address = "1!" + std::to_string(400'001 + 2 * i),
                              .type = TagType::float32,
                              .access = {}});
    driver->configure({&group, 1});
    driver->connected(ConnectionId(1), "bench");
    hw::modbus::FrameReader reader(hw::modbus::Framing::tcp, hw::modbus::FrameReader::Side::server);
    const std::string data(250, '\x41');
    for (auto _ : state) {
        driver->poll(GroupIndex(0));
        while (!host.sent.empty()) {
            reader.give(as_bytes(host.sent));
            host.sent.clear();
            std::string answers;
            while (true) {
                const auto frame = reader.next();
                if (!frame || !*frame) break;
                const auto request = hw::modbus::parse_request((*frame)->pdu);
                std::string pdu;
                append_response(*request, as_bytes(data).first(hw::modbus::data_bytes(*request)),
                                pdu);
                append_frame(hw::modbus::Framing::tcp, (*frame)->transaction, (*frame)->unit,
                             as_bytes(pdu), answers);
            }
            driver->received(ConnectionId(1), as_bytes(answers));
        }
    }
    state.SetItemsProcessed(static_cast<int64_t>(host.values));
    if (host.values != host.polls * 1'000) state.SkipWithError("values are missing");
}
BENCHMARK(poll_thousand_floats);

}  // namespace
}  // namespace hw::gateway::modbus
