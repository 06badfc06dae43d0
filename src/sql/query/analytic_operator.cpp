#include <algorithm>

#include <fmt/format.h>

#include "base/assert.h"
#include "sql/query/group_keys.h"
#include "sql/query/operators.h"

namespace hw::sql {

namespace {

constexpr uint8_t state_version = 1;
// The object itself, its pointer and the allocator's share.
constexpr size_t object_bytes = 64;

// One call with its states by the values of its PARTITION BY.
class AnalyticStates {
  public:
    explicit AnalyticStates(AnalyticCall call)
        : call_(std::move(call)),
          keys_(call_.partition_by.size()),
          key_(call_.partition_by.size()),
          arguments_(call_.arguments.size()) {}

    void run(RowScope& scope, uint64_t& partitions, size_t& key_bytes, const StateLimits& limits) {
        const bool when = !call_.when || call_.when->holds(scope);
        bool null = false;
        for (size_t i = 0; i < arguments_.size(); ++i) {
            arguments_[i] = call_.arguments[i]->evaluate(scope);
            null = null || arguments_[i].is_null();
        }
        for (size_t i = 0; i < key_.size(); ++i)
            key_[i] = call_.partition_by[i]->evaluate(scope);
        auto& slot = scope.slots[call_.slot];
        slot = Datum();
        if (scope.call->failed()) return;
        if (null && call_.function->nulls == Nulls::to_null) return;
        auto* state = state_of(*scope.call, partitions, key_bytes, limits);
        if (state != nullptr) slot = state->row(arguments_, when, *scope.call);
    }

    size_t bytes() const {
        size_t sum = 0;
        for (const auto& state : states_)
            sum += state->bytes() + object_bytes;
        return sum;
    }

    void save(ByteWriter& out) const {
        keys_.save(out);
        std::string part;
        for (const auto& state : states_) {
            part.clear();
            ByteWriter writer(part);
            state->save(writer);
            out.varint(part.size());
            out.text(part);
        }
    }

    void load(ByteReader& in, uint64_t& partitions, size_t& key_bytes) {
        keys_.load(in);
        for (size_t i = 0; i < keys_.size() && !in.failed(); ++i) {
            const uint64_t size = in.varint();
            if (size > in.remaining()) return in.fail();
            ByteReader part(in.bytes(size));
            states_.push_back(call_.function->analytic());
            states_.back()->load(part);
            if (part.failed() || !part.at_end()) return in.fail();
            ++partitions;
            key_bytes += keys_.key_bytes(i);
        }
    }

    const AnalyticCall& call() const { return call_; }

  private:
    // Null: the limit is reached, and the row has failed.
    Analytic* state_of(CallContext& context, uint64_t& partitions, size_t& key_bytes,
                       const StateLimits& limits) {
        const uint64_t hash = GroupKeys::hash_of(key_);
        const uint32_t known = keys_.find(key_, hash);
        if (known != GroupKeys::none) return states_[known].get();
        if (partitions >= limits.groups || key_bytes >= limits.bytes) {
            context.fail(fmt::format(
                "{} partitions are held, the limit {}: partition {}() by less "
                "or raise the limit",
                partitions, partitions >= limits.groups ? "groups_limit" : "bytes_limit",
                call_.function->name));
            return nullptr;
        }
        ++partitions;
        keys_.add(key_, hash);
        key_bytes += keys_.key_bytes(keys_.size() - 1) + object_bytes;
        states_.push_back(call_.function->analytic());
        return states_.back().get();
    }

    AnalyticCall call_;
    GroupKeys keys_;
    std::vector<std::unique_ptr<Analytic>> states_;  // by the key's number
    std::vector<Datum> key_, arguments_;
};

}  // namespace

struct AnalyticOperator::State {
    std::vector<AnalyticStates> calls;
    StateLimits limits;
    uint64_t partitions = 0;
    size_t key_bytes = 0;
};

AnalyticOperator::AnalyticOperator(std::vector<AnalyticCall> calls, const StateLimits& limits)
    : state_(std::make_unique<State>()) {
    state_->limits = limits;
    for (auto& call : calls)
        state_->calls.emplace_back(std::move(call));
}

AnalyticOperator::~AnalyticOperator() = default;

void AnalyticOperator::run(RowScope& scope) {
    for (auto& call : state_->calls) {
        call.run(scope, state_->partitions, state_->key_bytes, state_->limits);
        if (scope.call->failed()) return;
    }
}

uint64_t AnalyticOperator::partitions() const {
    return state_->partitions;
}

size_t AnalyticOperator::bytes() const {
    size_t sum = state_->key_bytes;
    for (const auto& call : state_->calls)
        sum += call.bytes();
    return sum;
}

void AnalyticOperator::save(ByteWriter& out) const {
    out.u8(state_version);
    out.varint(state_->calls.size());
    for (const auto& call : state_->calls) {
        const auto name = call.call().function->name;
        out.varint(name.size());
        out.text(name);
        call.save(out);
    }
}

Result<void> AnalyticOperator::load(ByteReader& in) {
    if (in.u8() != state_version || in.varint() != state_->calls.size()) in.fail();
    for (auto& call : state_->calls) {
        if (in.text(in.varint()) != call.call().function->name) in.fail();
        if (in.failed()) break;
        call.load(in, state_->partitions, state_->key_bytes);
    }
    if (!in.failed()) return {};
    return std::unexpected(Error(ErrorCode::corrupt,
                                 "the state of the analytic functions is broken or of another "
                                 "statement: restart the rule without it"));
}

}  // namespace hw::sql
