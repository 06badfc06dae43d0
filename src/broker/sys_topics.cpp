#include "broker/sys_topics.h"

#include <fmt/format.h>

#include "broker/core.h"

namespace hw::broker {

SysTopics::SysTopics(Core& core, std::string version)
    : core_(core), version_(std::move(version)), started_(core.clock.monotonic()) {}

void SysTopics::put(std::string_view name, std::string value) {
    std::string& last = values_[std::string(name)];
    if (last == value) return;
    last = std::move(value);
    const std::string topic = fmt::format("$SYS/broker/{}", name);
    Publication publication{topic, as_bytes(last)};
    publication.retain = true;
    core_.inbox.publish(publication);
}

void SysTopics::put(std::string_view name, uint64_t value) {
    put(name, std::to_string(value));
}

void SysTopics::publish(Time now) {
    const Figures f = core_.figures;
    put("version", "headworks " + version_);
    put("uptime", fmt::format("{} seconds", (now - started_).ns / seconds(1).ns));
    put("clients/connected", core_.online);
    put("clients/disconnected", core_.sessions.size() - core_.online);
    put("clients/total", core_.sessions.size());
    put("connections/count", core_.connections.size());
    put("bytes/received", f.bytes_in);
    put("bytes/sent", f.bytes_out);
    put("publish/messages/received", f.messages_in());
    put("publish/messages/sent", f.messages_out());
    put("publish/messages/dropped", f.dropped());
    put("messages/received", f.messages_in());
    put("messages/sent", f.messages_out());
    put("messages/kept", f.kept);
    put("subscriptions/count", core_.router.subscriptions());
    put("shared_subscriptions/count", core_.router.groups().size());
    put("topics/count", core_.router.routes());
    put("retained messages/count", core_.retained.count());
    put("store/messages/bytes", core_.retained.bytes());
}

}  // namespace hw::broker
