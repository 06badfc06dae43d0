#include "rules/checkpoint.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"

namespace hw::rules {

namespace {

enum class Kind : uint8_t { whole = 1, changes = 2, begin = 3 };

constexpr size_t record_bytes = 8 << 20;  // states are parted into records of about this
constexpr size_t read_rows = 1'000;
constexpr size_t read_bytes = 64 << 20;

store::SegmentLogSettings log_settings(std::string folder) {
    store::SegmentLogSettings settings;
    settings.folder = std::move(folder);
    settings.bytes_limit = 64ull << 30;
    settings.segment_bytes = 32 << 20;
    return settings;
}

void put_text(ByteWriter& out, std::string_view text) {
    out.varint(text.size());
    out.text(text);
}

std::string_view take_text(ByteReader& in) {
    const uint64_t size = in.varint();
    if (size > in.remaining()) in.fail();
    return in.failed() ? std::string_view() : in.text(size);
}

// "kind, part, parts, position" and then the rules.
void begin_record(std::string& record, Kind kind, uint64_t position) {
    ByteWriter out(record);
    out.u8(static_cast<uint8_t>(kind));
    // Which part of how many: put in when that is known.
    out.little(uint32_t{0});
    out.little(uint32_t{0});
    out.varint(position);
}

void set_part(std::string& record, size_t part, size_t parts) {
    std::string numbers;
    ByteWriter out(numbers);
    out.little(static_cast<uint32_t>(part));
    out.little(static_cast<uint32_t>(parts));
    std::copy(numbers.begin(), numbers.end(), record.begin() + 1);
}

void put_rule(std::string& record, std::string_view id, const Checkpoints::Content::Rule& rule,
              std::string_view state) {
    ByteWriter out(record);
    put_text(out, id);
    out.varint(static_cast<uint64_t>(rule.version));
    out.varint(rule.since);
    put_text(out, state);
}

}  // namespace

Checkpoints::Checkpoints(io::Disk& disk, std::string folder)
    : log_(disk, log_settings(std::move(folder))) {}

Result<Checkpoints::Content> Checkpoints::load() {
    const auto repair = HW_TRY(log_.open());
    Content content;
    content.skipped = repair.lost_records;
    for (uint64_t at = log_.begin(); at < log_.end();) {
        const auto read = HW_TRY(log_.read(at, read_rows, read_bytes));
        content.skipped += read.lost;
        for (const auto& record : read.records)
            apply(content, record.body);
        if (read.next <= at) break;
        at = read.next;
    }
    gathering_ = {};
    return content;
}

void Checkpoints::apply(Content& content, std::string_view record) {
    ByteReader in(as_bytes(record));
    const auto kind = static_cast<Kind>(in.u8());
    const uint32_t part = in.little<uint32_t>();
    const uint32_t parts = in.little<uint32_t>();
    const uint64_t position = in.varint();
    std::map<std::string, Content::Rule, std::less<>> rules;
    while (!in.at_end() && !in.failed()) {
        const std::string id(take_text(in));
        Content::Rule rule;
        rule.version = static_cast<int64_t>(in.varint());
        rule.since = in.varint();
        rule.state = take_text(in);
        rules.insert_or_assign(id, std::move(rule));
    }
    if (in.failed() || kind < Kind::whole || kind > Kind::begin) {
        ++content.skipped;
        return;
    }
    if (kind == Kind::begin) {
        for (auto& [id, rule] : rules)
            content.rules.insert_or_assign(id, std::move(rule));
        return;
    }
    // Parts that do not follow one another are of a checkpoint that was not finished.
    if (part == 0) {
        gathering_ = {};
        gathered_ = 0;
    }
    if (part != gathered_) return;
    ++gathered_;
    gathering_.rules.merge(rules);
    if (gathered_ < parts) return;
    if (kind == Kind::whole) content.rules.clear();
    for (auto& [id, rule] : gathering_.rules)
        content.rules.insert_or_assign(id, std::move(rule));
    content.position = position;
    content.found = true;
    gathering_ = {};
    gathered_ = 0;
}

Result<void> Checkpoints::write(const std::vector<std::string>& records) {
    std::vector<std::string_view> views(records.begin(), records.end());
    const auto written = log_.append(views);
    if (!written) {
        has_whole_ = false;
        return fail(written.error());
    }
    for (const auto& record : records)
        since_whole_ += record.size();
    return {};
}

// Rules that began since the states were taken stand with none; those that went or are of another
// version now are left out.
Result<void> Checkpoints::save(uint64_t position, const std::vector<Engine::State>& states,
                               bool all) {
    std::map<std::string_view, const Engine::State*> known;
    for (const auto& state : states)
        if (const auto at = begun_.find(state.id);
            at != begun_.end() && at->second.version == state.version)
            known.emplace(state.id, &state);
    std::vector<std::string> records(1);
    const Kind kind = all ? Kind::whole : Kind::changes;
    begin_record(records.back(), kind, position);
    for (const auto& [id, begun] : begun_) {
        const auto at = known.find(id);
        if (at == known.end() && !all) continue;
        if (records.back().size() > record_bytes)
            begin_record(records.emplace_back(), kind, position);
        put_rule(records.back(), id, begun,
                 at == known.end() ? std::string_view() : at->second->bytes);
    }
    for (size_t i = 0; i < records.size(); ++i)
        set_part(records[i], i, records.size());
    const uint64_t first = log_.end();
    if (all) since_whole_ = 0;
    HW_TRY(write(records));
    if (const auto synced = log_.sync(); !synced) {
        has_whole_ = false;
        return fail(synced.error());
    }
    if (!all) return {};
    has_whole_ = true;
    whole_bytes_ = std::exchange(since_whole_, 0);
    log_.trim(first);
    return log_.save_trim();
}

void Checkpoints::adopt(std::string_view id, int64_t version, uint64_t since) {
    begun_.insert_or_assign(std::string(id), Content::Rule{version, since, {}});
}

void Checkpoints::forget(std::string_view id) {
    if (const auto at = begun_.find(id); at != begun_.end()) begun_.erase(at);
}

Result<void> Checkpoints::note_begin(std::string_view id, int64_t version, uint64_t since) {
    const Content::Rule rule{version, since, {}};
    begun_.insert_or_assign(std::string(id), rule);
    std::string record;
    begin_record(record, Kind::begin, 0);
    put_rule(record, id, rule, {});
    set_part(record, 0, 1);
    return write({record});
}

}  // namespace hw::rules
