#include "app/bench_field.h"

#include <atomic>
#include <bit>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "io/reactor.h"
#include "wire/modbus/framing.h"
#include "wire/modbus/server_codec.h"
#include "wire/s7/server_codec.h"

namespace hw::app {

namespace {

// What one device holds: `tags` floats that move, then `tags` that stay as written; big-endian.
class Bank {
  public:
    explicit Bank(unsigned tags) : tags_(tags), bytes_(size_t{tags} * 8, '\0') {}

    // Brings the moving half to this second.
    void refresh(int64_t second, unsigned device) {
        if (second == second_) return;
        second_ = second;
        for (unsigned i = 0; i < tags_; ++i) {
            const auto step = static_cast<double>((second + i * 7 + device * 13) % 60);
            const auto value = static_cast<float>(20 + i % 80) + static_cast<float>(step) * 0.25f;
            put(i, std::bit_cast<uint32_t>(value));
        }
    }
    std::string_view read(size_t offset, size_t count) const {
        if (offset + count > bytes_.size()) return {};
        return std::string_view(bytes_).substr(offset, count);
    }
    bool write(size_t offset, std::string_view bytes) {
        if (offset < size_t{tags_} * 4 || offset + bytes.size() > bytes_.size()) return false;
        bytes_.replace(offset, bytes.size(), bytes);
        return true;
    }

  private:
    void put(unsigned i, uint32_t bits) {
        for (size_t b = 0; b < 4; ++b)
            bytes_[size_t{i} * 4 + b] = static_cast<char>(bits >> (24 - 8 * b));
    }

    const unsigned tags_;
    std::string bytes_;
    int64_t second_ = -1;
};

class Field;

// One connection, in either protocol.
class Visitor : public io::StreamHandler {
  public:
    Visitor(Field& field, uint64_t number, std::unique_ptr<io::Stream> stream)
        : field_(field), number_(number), stream_(std::move(stream)) {}
    void start() { stream_->start(*this); }
    void on_bytes(BytesView bytes) override {
        answer_.clear();
        const bool sound = take(bytes, answer_);
        if (!answer_.empty()) stream_->send(as_bytes(answer_));
        if (!sound) stream_->close();
    }
    void on_closed(const Error& why) override;

  protected:
    virtual bool take(BytesView bytes, std::string& out) = 0;
    Field& field_;

  private:
    const uint64_t number_;
    std::unique_ptr<io::Stream> stream_;
    std::string answer_;
};

class Field final : public BenchField {
  public:
    explicit Field(const Settings& settings) : settings_(settings) {
        for (unsigned i = 0; i < settings.devices; ++i)
            banks_.emplace_back(settings.tags);
    }
    ~Field() override {
        if (!thread_.joinable()) return;
        reactor_.stop();
        thread_.join();
    }
    Result<void> open();
    uint16_t port() const override { return listener_->port(); }
    void silence(unsigned count) override { silent_.store(count); }
    uint64_t requests() const override { return requests_.load(); }
    uint64_t writes() const override { return writes_.load(); }

    // The bank of a device that answers; null for others.
    Bank* bank(unsigned device) {
        requests_.fetch_add(1, std::memory_order_relaxed);
        if (device >= banks_.size() || device < silent_.load(std::memory_order_relaxed))
            return nullptr;
        banks_[device].refresh(clock_.now().ns / 1'000'000'000, device);
        return &banks_[device];
    }
    void count_write() { writes_.fetch_add(1, std::memory_order_relaxed); }
    const Settings& settings() const { return settings_; }
    void leave(uint64_t number) {
        // In its own call still.
        std::shared_ptr<Visitor> gone = std::move(visitors_[number]);
        visitors_.erase(number);
        reactor_.post([gone] {});
    }

  private:
    const Settings settings_;
    SystemClock clock_;
    Metrics metrics_;
    io::Reactor reactor_{"bench-field"};
    std::vector<Bank> banks_;
    std::unordered_map<uint64_t, std::unique_ptr<Visitor>> visitors_;
    uint64_t last_ = 0;
    std::unique_ptr<io::TcpListener> listener_;
    std::atomic<unsigned> silent_{0};
    std::atomic<uint64_t> requests_{0};
    std::atomic<uint64_t> writes_{0};
    std::thread thread_;
};

void Visitor::on_closed(const Error&) {
    field_.leave(number_);
}

class ModbusVisitor final : public Visitor {
  public:
    using Visitor::Visitor;

  private:
    bool take(BytesView bytes, std::string& out) override {
        reader_.give(bytes);
        while (true) {
            const auto frame = reader_.next();
            if (!frame) return false;
            if (!*frame) return true;
            Bank* const bank = field_.bank((*frame)->unit - 1u);
            if (bank == nullptr) continue;
            pdu_.clear();
            answer(**frame, *bank);
            modbus::append_frame(modbus::Framing::tcp, (*frame)->transaction, (*frame)->unit,
                                 as_bytes(pdu_), out);
        }
    }
    void answer(const modbus::Frame& frame, Bank& bank) {
        const auto function = static_cast<uint8_t>(frame.pdu[0]);
        const auto request = modbus::parse_request(frame.pdu);
        if (!request) return modbus::append_exception(function, request.error(), pdu_);
        const size_t offset = size_t{request->address} * 2;
        if (request->function == modbus::Function::read_holding_registers) {
            const auto data = bank.read(offset, size_t{request->count} * 2);
            if (!data.empty()) return modbus::append_response(*request, as_bytes(data), pdu_);
        } else if (request->function == modbus::Function::write_multiple_registers &&
                   bank.write(offset, as_text(request->data))) {
            field_.count_write();
            return modbus::append_response(*request, {}, pdu_);
        }
        modbus::append_exception(function, modbus::ExceptionCode::illegal_data_address, pdu_);
    }

    modbus::FrameReader reader_{modbus::Framing::tcp, modbus::FrameReader::Side::server};
    std::string pdu_;
};

// The device is told by the rack in the TSAP that was called: rack and slot are its low byte.
class S7Visitor final : public Visitor, private s7::ServerMemory {
  public:
    S7Visitor(Field& field, uint64_t number, std::unique_ptr<io::Stream> stream)
        : Visitor(field, number, std::move(stream)),
          connection_({static_cast<uint16_t>(field.settings().pdu_size), 8}, *this) {}

  private:
    bool take(BytesView bytes, std::string& out) override {
        const bool sound = connection_.feed(bytes, out).has_value();
        if (field_.bank(device()) == nullptr) out.clear();
        return sound;
    }
    unsigned device() const { return connection_.called_tsap() & 0xff; }
    s7::ReturnCode read(const s7::ItemAddress& item, std::string& out) override {
        const Bank* const bank = field_.bank(device());
        const auto data =
            bank == nullptr ? std::string_view()
                            : bank->read(item.start, size_t{item.count} * s7::bytes_of(item.size));
        if (data.empty()) return s7::ReturnCode::address_out_of_range;
        out += data;
        return s7::ReturnCode::success;
    }
    s7::ReturnCode write(const s7::ItemAddress& item, BytesView data) override {
        Bank* const bank = field_.bank(device());
        if (bank == nullptr || !bank->write(item.start, as_text(data)))
            return s7::ReturnCode::address_out_of_range;
        field_.count_write();
        return s7::ReturnCode::success;
    }

    s7::ServerConnection connection_;
};

Result<void> Field::open() {
    listener_ = HW_TRY(io::TcpListener::open(
        reactor_, "127.0.0.1", 0, 10'000, metrics_, [this](std::unique_ptr<io::Stream> stream) {
            std::unique_ptr<Visitor> visitor;
            const uint64_t number = ++last_;
            if (settings_.protocol == Protocol::modbus_tcp)
                visitor = std::make_unique<ModbusVisitor>(*this, number, std::move(stream));
            else
                visitor = std::make_unique<S7Visitor>(*this, number, std::move(stream));
            Visitor& started = *visitor;
            visitors_.emplace(number, std::move(visitor));
            started.start();
        }));
    thread_ = std::thread([this] { reactor_.run(); });
    return {};
}

}  // namespace

Result<std::unique_ptr<BenchField>> BenchField::start(const Settings& settings) {
    auto field = std::make_unique<Field>(settings);
    HW_TRY(field->open());
    return std::unique_ptr<BenchField>(std::move(field));
}

}  // namespace hw::app
