#include "history/settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/point_path.h"

namespace hw::history {

namespace {

using enum PropertyType;

constexpr double mib = 1 << 20;
constexpr double gib = 1 << 30;

constexpr Property retention_properties[] = {
    {"filter", text, "#", "MQTT filter of the points that this rule is for."},
    {"keep", duration, "0s", "How long samples are kept; 0s keeps them for ever."},
};

}  // namespace

const std::vector<Property> properties = {
    {.key = "history.ack",
     .type = text,
     .default_value = "durable",
     .help = "When a sample counts as kept: durable = on disk, memory = readable.",
     .choices = "durable|memory"},
    {"history.commit_interval", duration, "2ms",
     "Least time between two syncs of the journal; an idle system commits at once.", 0, 10},
    {"history.commit_bytes", bytes, "4MiB",
     "Waiting samples of this size are committed before the interval is over.", 4096, gib},
    {"history.queue_bytes_limit", bytes, "64MiB",
     "Samples waiting for their commit; above it, sockets are not read.", mib, 16 * gib},
    {"history.chunk_samples", integer, "2048", "Samples of one point in one chunk.", 64, 16384},
    {"history.journal_bytes_limit", bytes, "512MiB",
     "Size of the journal above which samples are sealed into chunks, oldest first.", mib,
     1024 * gib},
    {"history.head_bytes_limit", bytes, "192MiB",
     "Memory for samples not yet in chunks; above it the largest heads are sealed.", mib,
     1024 * gib},
    {"history.cache_bytes", bytes, "64MiB", "Memory for blocks of chunks that were read.", mib,
     1024 * gib},
    {"history.memtable_bytes", bytes, "48MiB",
     "Memory for sealed chunks on their way to the store's files.", mib, 16 * gib},
    {"history.points_limit", integer, "10000000", "How many points there may be.", 1, 4e9},
    {"history.disk_reserve_bytes", bytes, "256MiB",
     "Free space of the disk below which nothing more is accepted.", 0, 1024 * gib},
    {"history.text_bytes_limit", bytes, "1MiB", "Size of one text or bytes value.", 1, 16 * mib},
    {"history.query_threads", integer, "2", "Threads that one query may use.", 1, 64},
};

const TableArray retention_table = {
    "retention",
    "How long the samples of which points are kept; the first rule that matches counts.",
    retention_properties};

Result<Settings> settings_from(const Config& config) {
    Settings settings;
    settings.ack = config.text("history.ack") == "memory" ? AckMode::memory : AckMode::durable;
    settings.commit_interval = config.duration("history.commit_interval");
    settings.commit_bytes = config.bytes("history.commit_bytes");
    settings.queue_bytes_limit = config.bytes("history.queue_bytes_limit");
    settings.chunk_samples = static_cast<uint32_t>(config.integer("history.chunk_samples"));
    settings.journal_bytes_limit = config.bytes("history.journal_bytes_limit");
    settings.head_bytes_limit = config.bytes("history.head_bytes_limit");
    settings.cache_bytes = config.bytes("history.cache_bytes");
    settings.memtable_bytes = config.bytes("history.memtable_bytes");
    settings.points_limit = static_cast<uint64_t>(config.integer("history.points_limit"));
    settings.disk_reserve_bytes = config.bytes("history.disk_reserve_bytes");
    settings.text_bytes_limit = config.bytes("history.text_bytes_limit");
    settings.query_threads = static_cast<uint32_t>(config.integer("history.query_threads"));
    for (const Config::Table& table : config.tables("retention")) {
        const auto filter = table.find("filter");
        const auto keep = table.find("keep");
        if (filter == table.end() || keep == table.end())
            return fail(ErrorCode::invalid_argument,
                        "a [[retention]] rule needs both filter and keep");
        const Result<void> sound = model::check_filter(filter->second.text);
        if (!sound) return fail(sound.error().within(filter->second.where));
        const auto length = parse_duration(keep->second.text);
        if (!length) return fail(length.error().within(keep->second.where));
        settings.retention.push_back({filter->second.text, *length});
    }
    return settings;
}

}  // namespace hw::history
