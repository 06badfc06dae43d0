#include "wire/s7/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/random.h"
#include "wire/s7/pdu.h"

// The first byte is the seed of the splits; the rest is what a device sends. The client keeps
// asking and must do and hear the same whether it is fed at once or in pieces.
namespace hw::s7 {
namespace {

class User : public ClientHandler {
  public:
    User() : client({.retries = 2}) {
        std::string pdu;
        const ItemAddress items[] = {{.count = 4, .db = 1}, {.count = 1, .db = 2, .start = 7}};
        append_read_request(pdu, items);
        read_ = std::make_shared<const std::string>(pdu);
        const std::string byte = "x";
        const WriteItem write{{.count = 1, .db = 1}, as_bytes(byte)};
        pdu.clear();
        append_write_request(pdu, std::span(&write, 1));
        write_ = std::make_shared<const std::string>(pdu);
        client.connect(Time{0}, out);
        ask();
    }

    void on_ready(const Negotiation& agreed) override {
        HW_ASSERT(agreed.pdu_size >= 112 && agreed.pdu_size <= 960);
        HW_ASSERT(agreed.jobs_calling >= 1 && agreed.jobs_calling <= 8);
        told += fmt::format("R{}\n", agreed.pdu_size);
        ask();
    }
    void on_read(JobToken job, BytesView data, size_t items, Duration) override {
        HW_ASSERT(items == 2);
        ReadAnswer answer(data);
        for (size_t i = 0; i < items; ++i)
            told += fmt::format("r{} {}\n", job.value(), as_text(answer.next().data));
        HW_ASSERT(!answer.failed());
        ask();
    }
    void on_written(JobToken job, BytesView codes, Duration) override {
        HW_ASSERT(codes.size() == 1);
        told += fmt::format("w{}\n", job.value());
        ask();
    }
    void on_refused(JobToken job, const Error& why) override {
        told += fmt::format("f{} {}\n", job.value(), why.text());
    }
    void on_closed(const Error& why) override { told += "C" + why.text(); }

    void ask() {
        (void)client.submit({.token = JobToken(++asked), .pdu = read_, .items = 2}, Time{0}, out);
        (void)client.submit({.token = JobToken(++asked),
                             .pdu = write_,
                             .items = 1,
                             .is_write = true,
                             .is_urgent = true},
                            Time{0}, out);
    }
    void feed(std::string_view bytes) {
        client.feed(as_bytes(bytes), Time{0}, *this, out);
        HW_ASSERT(client.in_flight() <= 8);
        HW_ASSERT(client.held_bytes() <= 960 + 967);
    }

    Client client;
    std::string told;
    std::string out;
    uint64_t asked = 0;

  private:
    std::shared_ptr<const std::string> read_;
    std::shared_ptr<const std::string> write_;
};

}  // namespace
}  // namespace hw::s7

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    hw::s7::User whole;
    whole.feed(bytes);
    hw::s7::User pieces;
    hw::Random random(data[0]);
    for (std::string_view rest = bytes; !rest.empty();) {
        const size_t take = std::min<size_t>(rest.size(), 1 + random.below(40));
        pieces.feed(std::string(rest.substr(0, take)));
        rest.remove_prefix(take);
    }
    HW_ASSERT(pieces.told == whole.told);
    HW_ASSERT(pieces.out == whole.out);
    for (int s = 1; s < 20; ++s)
        whole.client.tick(hw::Time{0} + hw::seconds(s), whole, whole.out);
    HW_ASSERT(whole.client.in_flight() == 0);
    return 0;
}
