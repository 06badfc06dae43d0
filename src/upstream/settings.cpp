#include "upstream/settings.h"

#include "ingest/batch_message.h"
#include "model/point_path.h"

namespace hw::upstream {

namespace {

using enum PropertyType;

constexpr double mib = 1 << 20;

}  // namespace

const std::vector<Property> properties = {
    {"upstream.broker", text, "",
     "The centre: mqtt://host:port of another Headworks or any MQTT 5 broker; empty: none."},
    {"upstream.client_id", text, "",
     "Name of this edge at the centre, one topic level; empty: headworks- and the host's name."},
    {"upstream.user", text, "", "User name at the centre; empty: none."},
    {"upstream.password_file", text, "", "File whose first line is the password at the centre."},
    {"upstream.keep_alive", duration, "30s",
     "Silence after which each side asks whether the other is there.", 1, 65535},
    {"upstream.filters", text_list, "#", "MQTT filters of the points that are sent."},
    {"upstream.exclude", text_list, "", "MQTT filters of points that are not sent all the same."},
    {"upstream.prefix", text, "",
     "Put before every path at the centre, with its '/' if wanted, e.g. site7/."},
    {.key = "upstream.format",
     .type = text,
     .default_value = "batch",
     .help = "batch: compressed, for another Headworks; json: a message for each sample, for any "
             "MQTT 5 broker.",
     .choices = "batch|json"},
    {"upstream.batch_interval", duration, "250ms",
     "How long a new sample waits for others to travel with.", 0, 60},
    {"upstream.batch_samples", integer, "8192", "Samples in one message at most.", 1, 100'000},
    {"upstream.queue_bytes_limit", bytes, "1GiB",
     "Disk for samples that wait; at the limit the oldest are dropped, as a gap.", mib, 1e15},
    {"upstream.queue_age_limit", duration, "7d",
     "Samples that have waited for longer are dropped, as a gap.", 1, 3.2e9},
    {.key = "upstream.sync",
     .type = text,
     .default_value = "interval",
     .help = "When the queue is synced to the disk: interval = every upstream.sync_interval, "
             "commit = before each acknowledgement. Only a power cut tells the difference.",
     .choices = "interval|commit"},
    {"upstream.sync_interval", duration, "1s", "Time between two syncs of the queue.", 0.01, 3600},
};

Result<Settings> settings_from(const Config& config) {
    Settings settings;
    settings.broker_text = config.text("upstream.broker");
    settings.enabled = !settings.broker_text.empty();
    if (settings.enabled) settings.broker = HW_TRY(parse_broker(settings.broker_text));
    settings.client_id = config.text("upstream.client_id");
    if (!settings.client_id.empty()) HW_TRY(ingest::check_edge_name(settings.client_id));
    settings.user = config.text("upstream.user");
    settings.password_file = config.text("upstream.password_file");
    settings.keep_alive = config.duration("upstream.keep_alive");
    settings.filters = config.text_list("upstream.filters");
    settings.exclude = config.text_list("upstream.exclude");
    for (const auto* list : {&settings.filters, &settings.exclude})
        for (const auto& filter : *list) {
            const auto sound = model::check_filter(filter);
            if (!sound) return fail(sound.error().within("upstream.filters or upstream.exclude"));
        }
    settings.prefix = config.text("upstream.prefix");
    if (!settings.prefix.empty()) {
        const auto sound = model::check_point_path(settings.prefix);
        if (!sound) return fail(sound.error().within("upstream.prefix"));
        if (settings.prefix.starts_with('$'))
            return fail(ErrorCode::invalid_argument, "upstream.prefix may not begin with '$'");
    }
    settings.format = config.text("upstream.format") == "json" ? Format::json : Format::batch;
    settings.batch_interval = config.duration("upstream.batch_interval");
    settings.batch_samples = static_cast<size_t>(config.integer("upstream.batch_samples"));
    settings.queue_bytes_limit = config.bytes("upstream.queue_bytes_limit");
    settings.queue_age_limit = config.duration("upstream.queue_age_limit");
    settings.sync =
        config.text("upstream.sync") == "commit" ? SyncMode::commit : SyncMode::interval;
    settings.sync_interval = config.duration("upstream.sync_interval");
    return settings;
}

}  // namespace hw::upstream
