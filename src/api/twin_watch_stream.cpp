#include "api/twin_watch_stream.h"

#include <fmt/format.h>

#include <utility>

#include "base/json_writer.h"

namespace hw::api {

void TwinEventStream::write(std::string text) {
    if (stream_ && !gone_ && !stream_->write(std::move(text))) gone_ = true;
}

void TwinEventStream::begin(const twin::Watch&, uint64_t) {
    if (stream_) return;  // it goes on at another watch
    stream_ = responder_->stream(
        {200, {{"content-type", "text/event-stream"}, {"cache-control", "no-store"}}, ""});
    stream_->on_gone([weak = weak_from_this()] {
        const auto self = weak.lock();
        if (!self) return;
        self->gone_ = true;
        self->wake_();
    });
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
    if (!gone_ && stream_) stream_->finish();
    gone_ = true;
}

}  // namespace hw::api
