#include <algorithm>

#include <fmt/format.h>

#include "sql/query/group_keys.h"
#include "sql/query/window_kind.h"

namespace hw::sql {

namespace {

// State windows: of each value of PARTITION BY the one that is open. Between windows a partition is
// only a key; such keys are forgotten when the limit of groups is reached.
class StateWindows final : public WindowKind {
  public:
    explicit StateWindows(WindowCore& core)
        : core_(core),
          plan_(core.plan()),
          keys_(plan_.partition_by.size()),
          key_(plan_.partition_by.size()) {}

    void push(IncomingRow& row) override {
        Partition* partition = partition_of(row);
        if (partition == nullptr) return;
        if (plan_.end)
            push_begin_end(*partition, row);
        else
            push_single(*partition, row);
    }
    bool push_late(IncomingRow&) override { return false; }
    void advance(Time) override {}
    std::optional<Time> next_due() const override { return std::nullopt; }
    void finish() override {
        partitions_.clear();
        keys_.clear();
        count_keys();
    }
    void save(ByteWriter& out) const override;
    void load(ByteReader& in) override;

  private:
    struct Partition {
        Time start;
        WindowContentPtr content;  // null: no window is open
    };

    void push_begin_end(Partition& partition, IncomingRow& row) {
        if (!partition.content) {
            if (core_.holds(*plan_.begin, row)) begin(partition, row);
            return;
        }
        const bool ends = core_.holds(*plan_.end, row);
        core_.add(*partition.content, row);
        if (ends) close(partition, row.time);
    }

    void push_single(Partition& partition, IncomingRow& row) {
        const bool holds = core_.holds(*plan_.begin, row);
        if (row.broken) return;
        if (holds) {
            if (partition.content) close(partition, row.time);
            begin(partition, row);
        } else if (partition.content) {
            core_.add(*partition.content, row);
        }
    }

    void begin(Partition& partition, IncomingRow& row) {
        if (row.broken) return;
        partition.start = row.time;
        partition.content = core_.make_content();
        core_.add(*partition.content, row);
    }

    void close(Partition& partition, Time end) {
        const WindowContentPtr content = std::move(partition.content);
        const WindowContent* part = content.get();
        if (!content->empty()) core_.emit({partition.start, end}, {&part, 1});
    }

    Partition* partition_of(IncomingRow& row);
    bool forget_closed();
    void count_keys();

    WindowCore& core_;
    const WindowPlan& plan_;
    GroupKeys keys_;
    std::vector<Partition> partitions_;  // by the key's number
    std::vector<Datum> key_;
    uint64_t key_bytes_ = 0;  // as counted in the usage
};

// Null: the row is broken, and reported.
StateWindows::Partition* StateWindows::partition_of(IncomingRow& row) {
    for (size_t i = 0; i < key_.size(); ++i)
        key_[i] = plan_.partition_by[i]->evaluate(row.scope);
    if (row.scope.call->failed()) {
        core_.fail(WindowCore::Stage::window, row.scope.call->error());
        row.scope.call->clear_error();
        return nullptr;
    }
    const uint64_t hash = GroupKeys::hash_of(key_);
    const uint32_t known = keys_.find(key_, hash);
    if (known != GroupKeys::none) return &partitions_[known];
    const uint64_t limit = core_.usage().limits().groups;
    if (partitions_.size() >= limit && !forget_closed()) {
        core_.fail(WindowCore::Stage::window,
                   fmt::format("{} partitions are held, the limit groups_limit: partition by less "
                               "or raise the limit",
                               limit));
        return nullptr;
    }
    keys_.add(key_, hash);
    const uint64_t bytes = keys_.key_bytes(keys_.size() - 1) + sizeof(Partition);
    key_bytes_ += bytes;
    core_.usage().bytes += bytes;
    return &partitions_.emplace_back();
}

void StateWindows::count_keys() {
    core_.usage().bytes -= key_bytes_;
    key_bytes_ = 0;
    for (size_t i = 0; i < keys_.size(); ++i)
        key_bytes_ += keys_.key_bytes(i) + sizeof(Partition);
    core_.usage().bytes += key_bytes_;
}

// False: less than an eighth could be forgotten, which is not worth the way through all.
bool StateWindows::forget_closed() {
    const auto closed = static_cast<size_t>(std::ranges::count_if(
        partitions_, [](const Partition& partition) { return !partition.content; }));
    if (closed == 0 || closed < partitions_.size() / 8) return false;
    GroupKeys keys(keys_.width());
    std::vector<Partition> partitions;
    for (size_t i = 0; i < partitions_.size(); ++i) {
        if (!partitions_[i].content) continue;
        keys.add(keys_.at(i), keys_.hash_at(i));
        partitions.push_back(std::move(partitions_[i]));
    }
    keys_ = std::move(keys);
    partitions_ = std::move(partitions);
    count_keys();
    return true;
}

void StateWindows::save(ByteWriter& out) const {
    keys_.save(out);
    for (const auto& partition : partitions_) {
        out.u8(partition.content ? 1 : 0);
        if (!partition.content) continue;
        out.signed_varint(partition.start.ns);
        partition.content->save(out);
    }
}

void StateWindows::load(ByteReader& in) {
    keys_.load(in);
    for (size_t i = 0; i < keys_.size() && !in.failed(); ++i) {
        auto& partition = partitions_.emplace_back();
        const uint8_t open = in.u8();
        if (open > 1) return in.fail();
        if (open == 0) continue;
        partition.start = Time{in.signed_varint()};
        partition.content = core_.make_content();
        partition.content->load(in);
    }
    count_keys();
}

}  // namespace

std::unique_ptr<WindowKind> make_state_windows(WindowCore& core) {
    return std::make_unique<StateWindows>(core);
}

}  // namespace hw::sql
