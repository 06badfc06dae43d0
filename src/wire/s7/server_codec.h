#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "wire/s7/codes.h"
#include "wire/s7/pdu.h"
#include "wire/s7/transport.h"

namespace hw::s7 {

// The other end, for simulators and tests: what a client asks, and the answers.

// A job PDU taken apart. `items` of reads and writes; `data` of writes, within the PDU.
struct ServerJob {
    uint16_t reference = 0;
    uint8_t function = 0;  // Function, or one that is not known here
    Negotiation setup;
    std::vector<ItemAddress> items;
    std::vector<BytesView> data;
};
// Fails on PDUs that are no jobs and on lengths that lie. Items that are no S7ANY pointer have the
// count 0. At most 255 items.
Result<ServerJob> parse_job(const Pdu& pdu);

void append_setup_answer(std::string& out, uint16_t reference, const Negotiation& agreed);
// Items that failed (code other than success) go without data.
void append_read_answer(std::string& out, uint16_t reference, std::span<const ItemAnswer> items);
void append_write_answer(std::string& out, uint16_t reference, std::span<const uint8_t> codes);
// The job as a whole was refused: header_error_text() names the pairs.
void append_refusal(std::string& out, uint16_t reference, uint8_t error_class, uint8_t error_code);

// How a server tells the data of such items.
DataSize answer_size_of(ItemSize size);

// What a server serves.
class ServerMemory {
  public:
    virtual ~ServerMemory() = default;
    // Appends the item's bytes (count times bytes_of(size); one of 0 or 1 for a bit). Anything but
    // success appends nothing.
    virtual ReturnCode read(const ItemAddress& item, std::string& out) = 0;
    virtual ReturnCode write(const ItemAddress& item, BytesView data) = 0;
};

struct ServerSettings {
    uint16_t pdu_size = 480;
    uint16_t parallel_jobs = 8;
};

// The server's side of one connection, without I/O. feed() fails when the connection is to be
// closed, with the reason. Functions other than setup, read and write are refused (0x8104), items
// beyond items_limit too.
class ServerConnection {
  public:
    ServerConnection(const ServerSettings& settings, ServerMemory& memory);
    Result<void> feed(BytesView bytes, std::string& out);

    uint64_t jobs() const { return jobs_; }
    uint16_t pdu_size() const { return pdu_size_; }
    // As the client asked, once it is connected.
    uint16_t called_tsap() const { return called_tsap_; }

  private:
    Result<void> take_connect(const Connect& connect, std::string& out);
    Result<void> take_message(BytesView message, std::string& out);
    void answer_read(const ServerJob& job, std::string& answer);
    void answer_write(const ServerJob& job, std::string& answer);

    ServerSettings settings_;
    ServerMemory& memory_;
    TpduReader reader_;
    bool connected_ = false;
    uint8_t tpdu_size_ = tpdu_size_least;
    uint16_t called_tsap_ = 0;
    uint16_t pdu_size_ = pdu_size_least;
    uint64_t jobs_ = 0;
};

}  // namespace hw::s7
