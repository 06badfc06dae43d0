#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/assert.h"
#include "base/bytes.h"
#include "wire/modbus/client.h"

namespace hw::modbus {

namespace {

// Counts what is asked and answered; every token at most once.
class Counter : public ClientHandler {
  public:
    void on_send(std::string bytes) override { last = std::move(bytes); }
    void on_answer(Token token, const Answer& answer) override {
        HW_ASSERT(token.value() < answered.size() && !answered[token.value()]);
        answered[token.value()] = true;
        HW_ASSERT(answer.outcome == Outcome::answered || !answer.why.empty());
    }
    void on_unit(uint8_t, bool, std::string_view) override {}
    void on_close(const Error& why) override {
        HW_ASSERT(!closed && !why.text().empty());
        closed = true;
    }

    std::string last;
    std::vector<bool> answered;
    bool closed = false;
};

void ask(Client& client, Counter& counter, uint8_t what) {
    const auto unit = static_cast<uint8_t>(what & 3);
    auto request = read_request(static_cast<Area>(what >> 2 & 3), what, 1 + (what >> 6));
    auto urgency = Urgency::poll;
    if ((what & 0x30) == 0x30) {
        request = {.function = Function::write_single_register, .address = 1, .value = what};
        urgency = Urgency::write;
    }
    if (client.submit(unit, request, urgency, Token(counter.answered.size())))
        counter.answered.push_back(false);
}

}  // namespace

// A script: each step is a request, time that passes, bytes that the device sends (its own, or the
// last request echoed with one byte changed) or a loss. In the end every request was answered.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 2) return 0;
    Client client({.framing = static_cast<Framing>(data[0] % 3),
                   .pipeline = 1U + (data[0] >> 4),
                   .retries = data[1] & 3U,
                   .down_after = 1U + (data[1] >> 2 & 3),
                   .request_delay = milliseconds(data[1] >> 6)});
    Counter counter;
    Time now{1'000'000'000};
    client.connected(now);
    ByteReader script(as_bytes({reinterpret_cast<const char*>(data) + 2, size - 2}));
    while (!script.at_end() && !counter.closed) {
        const uint8_t step = script.u8();
        switch (step & 3) {
            case 0:
                ask(client, counter, script.u8());
                break;
            case 1:
                now = now + milliseconds(int64_t{step} * 8);
                break;
            case 2:
                client.feed(script.bytes(std::min<size_t>(step >> 2, script.remaining())), now,
                            counter);
                break;
            default: {
                auto echo = counter.last;
                const uint8_t at = script.u8();
                if (!echo.empty()) echo[at % echo.size()] = static_cast<char>(script.u8());
                client.feed(as_bytes(echo), now, counter);
            }
        }
        if (!counter.closed) client.tick(now, counter);
        if (const auto due = client.deadline(); due && !counter.closed) HW_ASSERT(*due > now);
    }
    client.lost(counter);
    for (const bool answered : counter.answered)
        HW_ASSERT(answered);
    return 0;
}

}  // namespace hw::modbus
