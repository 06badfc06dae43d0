#include "sql/query/group_table.h"

#include <algorithm>

#include "base/assert.h"
#include "sql/datum_codec.h"

namespace hw::sql {

namespace {

// What an aggregate takes beside what it says itself: the object, its pointer, the allocator.
constexpr size_t aggregate_bytes = 64;

StoredRow copy_row(const StoredRow& row, size_t kept) {
    StoredRow copy;
    copy.record = row.record;
    copy.source = row.source;
    copy.bytes = row.bytes;
    copy.time = row.time;
    if (row.kept) {
        copy.kept = std::make_unique<Datum[]>(kept);
        std::copy_n(row.kept.get(), kept, copy.kept.get());
    }
    return copy;
}

}  // namespace

GroupInput::GroupInput(const WindowPlan& plan)
    : plan_(plan), key_(plan.group_by.size()), skipped_(plan.aggregates.size()) {
    begins_.push_back(0);
    for (const auto& call : plan.aggregates)
        begins_.push_back(begins_.back() + call.arguments.size());
    arguments_.resize(begins_.back());
    hash_ = GroupKeys::hash_of(key_);
}

bool GroupInput::evaluate(RowScope& scope) {
    for (size_t i = 0; i < key_.size(); ++i)
        key_[i] = plan_.group_by[i]->evaluate(scope);
    if (!key_.empty()) hash_ = GroupKeys::hash_of(key_);
    for (size_t call = 0; call < plan_.aggregates.size(); ++call)
        skipped_[call] = !evaluate_call(call, scope);
    return !scope.call->failed();
}

bool GroupInput::evaluate_call(size_t call, RowScope& scope) {
    const auto& aggregate = plan_.aggregates[call];
    if (aggregate.filter && !aggregate.filter->holds(scope)) return false;
    bool null = false;
    for (size_t i = 0; i < aggregate.arguments.size(); ++i) {
        auto& argument = arguments_[begins_[call] + i];
        argument = aggregate.arguments[i]->evaluate(scope);
        null = null || argument.is_null();
    }
    return !null || aggregate.function->nulls == Nulls::seen;
}

GroupTable::GroupTable(const WindowPlan& plan, StateUsage& usage, bool limited)
    : plan_(plan), usage_(usage), limited_(limited), keys_(plan.group_by.size()) {
    for (size_t call = 0; call < plan.aggregates.size(); ++call)
        if (plan.aggregates[call].distinct) distinct_calls_.push_back(call);
}

GroupTable::~GroupTable() {
    usage_.groups -= size();
    usage_.bytes -= bytes_;
}

void GroupTable::take(uint64_t bytes) {
    bytes_ += bytes;
    usage_.bytes += bytes;
}

uint32_t GroupTable::open_group(std::span<const Datum> key, uint64_t hash) {
    keys_.add(key, hash);
    const auto group = static_cast<uint32_t>(size() - 1);
    ++usage_.groups;
    for (const auto& call : plan_.aggregates)
        aggregates_.push_back(call.function->make_aggregate());
    for (const size_t call : distinct_calls_)
        seen_.emplace_back(plan_.aggregates[call].arguments.size());
    measures_.emplace_back();
    take(keys_.key_bytes(group) + sizeof(Measure) + plan_.aggregates.size() * aggregate_bytes);
    return group;
}

void GroupTable::keep_first(const RowOrigin& origin) {
    if (origin.record == nullptr) {
        numbers_.push_back(origin.number);
    } else if (plan_.needs_first) {
        firsts_.push_back(
            store_row(*origin.record, origin.source, origin.time, plan_.kept_slots, origin.slots));
        take(firsts_.back().bytes);
    }
}

const std::string* GroupTable::add(const GroupInput& input, const RowOrigin& origin,
                                   CallContext& context) {
    uint32_t group = keys_.find(input.key(), input.hash());
    if (group == GroupKeys::none) {
        if (const auto* why = refuse_group()) return why;
        group = open_group(input.key(), input.hash());
        keep_first(origin);
    } else if (limited_ && usage_.bytes >= usage_.limits().bytes) {
        return usage_.refuse_group();
    }
    const size_t calls = plan_.aggregates.size();
    for (size_t call = 0; call < calls; ++call) {
        if (input.skipped(call)) continue;
        const auto arguments = input.arguments(call);
        if (plan_.aggregates[call].distinct && known(group, call, arguments)) continue;
        aggregates_[group * calls + call]->add(arguments, context);
    }
    measure(group, false);
    if (!context.failed()) return nullptr;
    failure_ = context.error();
    context.clear_error();
    return &failure_;
}

// Whether DISTINCT has seen the arguments; from now on it has.
bool GroupTable::known(size_t group, size_t call, Arguments arguments) {
    const auto at = std::ranges::find(distinct_calls_, call) - distinct_calls_.begin();
    auto& seen = seen_[group * distinct_calls_.size() + static_cast<size_t>(at)];
    const uint64_t hash = GroupKeys::hash_of(arguments);
    if (seen.find(arguments, hash) != GroupKeys::none) return true;
    seen.add(arguments, hash);
    take(seen.key_bytes(seen.size() - 1));
    return false;
}

// Asking an aggregate for its bytes may cost as much as it holds rows, so it is asked at row 1, 2,
// 3 ... 8 and then each time the group has grown by an eighth.
void GroupTable::measure(size_t group, bool now) {
    auto& measure = measures_[group];
    if (!now && ++measure.rows < measure.next) return;
    measure.next = measure.rows + std::max<uint64_t>(1, measure.rows / 8);
    uint64_t bytes = 0;
    const size_t calls = plan_.aggregates.size();
    for (size_t call = 0; call < calls; ++call)
        bytes += aggregates_[group * calls + call]->bytes();
    take(bytes - measure.bytes);  // wraps where it shrank, and so does the sum
    measure.bytes = bytes;
}

bool GroupTable::can_merge(const WindowPlan& plan) {
    return std::ranges::all_of(plan.aggregates, [](const AggregateCall& call) {
        return call.distinct || call.function->can_merge;
    });
}

const std::string* GroupTable::merge(const GroupTable& later, CallContext& context) {
    const std::string* refused = nullptr;
    const size_t calls = plan_.aggregates.size();
    for (size_t from = 0; from < later.size(); ++from) {
        const auto key = later.key(from);
        uint32_t to = keys_.find(key, later.keys_.hash_at(from));
        if (to == GroupKeys::none) {
            if (const auto* why = refuse_group()) {
                refused = why;
                continue;
            }
            to = open_group(key, later.keys_.hash_at(from));
            if (plan_.needs_first) {
                firsts_.push_back(copy_row(later.firsts_[from], plan_.kept_slots.size()));
                take(firsts_.back().bytes);
            }
        }
        size_t distinct = 0;
        for (size_t call = 0; call < calls; ++call) {
            auto& ours = *aggregates_[to * calls + call];
            if (!plan_.aggregates[call].distinct) {
                ours.merge(*later.aggregates_[from * calls + call]);
                continue;
            }
            const auto& seen = later.seen_[from * distinct_calls_.size() + distinct++];
            for (size_t i = 0; i < seen.size(); ++i)
                if (!known(to, call, seen.at(i))) ours.add(seen.at(i), context);
        }
        measures_[to].rows += later.measures_[from].rows;
        measure(to, true);
    }
    context.clear_error();  // the rows were added before, so their failures are known
    return refused;
}

void GroupTable::save(ByteWriter& out) const {
    keys_.save(out);
    const size_t calls = plan_.aggregates.size();
    std::string part;
    for (size_t group = 0; group < size(); ++group) {
        out.varint(measures_[group].rows);
        if (plan_.needs_first) save_row(out, firsts_[group], plan_.kept_slots.size());
        for (size_t call = 0; call < calls; ++call) {
            part.clear();
            ByteWriter writer(part);
            aggregates_[group * calls + call]->save(writer);
            out.varint(part.size());
            out.text(part);
        }
        for (size_t i = 0; i < distinct_calls_.size(); ++i)
            seen_[group * distinct_calls_.size() + i].save(out);
    }
}

void GroupTable::load(ByteReader& in) {
    HW_ASSERT(size() == 0);
    GroupKeys keys(plan_.group_by.size());
    keys.load(in);
    for (size_t group = 0; group < keys.size() && !in.failed(); ++group) {
        open_group(keys.at(group), keys.hash_at(group));  // whatever the limits are by now
        if (!load_group(group, in)) return in.fail();
    }
}

bool GroupTable::load_group(size_t group, ByteReader& in) {
    measures_[group].rows = in.varint();
    if (plan_.needs_first) {
        firsts_.push_back(load_row(in, plan_.shapes, plan_.kept_slots.size()));
        take(firsts_.back().bytes);
    }
    const size_t calls = plan_.aggregates.size();
    for (size_t call = 0; call < calls && !in.failed(); ++call) {
        const uint64_t size = in.varint();
        if (size > in.remaining()) return false;
        ByteReader part(in.bytes(size));
        aggregates_[group * calls + call]->load(part);
        if (part.failed() || !part.at_end()) return false;
    }
    for (size_t i = 0; i < distinct_calls_.size() && !in.failed(); ++i) {
        auto& seen = seen_[group * distinct_calls_.size() + i];
        seen.load(in);
        for (size_t key = 0; key < seen.size(); ++key)
            take(seen.key_bytes(key));
    }
    if (in.failed() || measures_[group].rows > (1ull << 62)) return false;
    measure(group, true);
    return true;
}

}  // namespace hw::sql
