#include "api/twin_watch_stream.h"

#include <fmt/format.h>

#include <utility>

#include "base/json_writer.h"

namespace hw::api {

void TwinEventStream::write(std::string text) {
    if (!gone_ && !stream_->write(std::move(text))) gone_ = true;
}

void TwinEventStream::begin(const twin::Watch&) {
    write("retry: 2000\n: heard from here on\n\n");
}

void TwinEventStream::events(const twin::Watch&, std::span<const twin::WatchEvent> events,
                             uint64_t first) {
    std::string text;
    for (size_t i = 0; i < events.size(); ++i) {
        if (first != 0) text += fmt::format("id: {}\n", first + i);
        text += fmt::format("event: {}\ndata: ", twin::to_string(events[i].kind));
        JsonWriter json(text);
        twin::write_watch_event(json, events[i]);
        text += "\n\n";
    }
    write(std::move(text));
}

void TwinEventStream::gap(uint64_t missed) {
    write(fmt::format("event: gap\ndata: {{\"missed\":{}}}\n\n", missed));
}

void TwinEventStream::idle() {
    write(": still here\n\n");
}

void TwinEventStream::end(std::string_view why) {
    std::string text = "event: end\ndata: {\"reason\":";
    append_json_string(text, why);
    write(text + "}\n\n");
    if (!gone_) stream_->finish();
    gone_ = true;
}

}  // namespace hw::api
