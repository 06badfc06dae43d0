#include "wire/mqtt/topic_aliases.h"

#include <functional>

namespace hw::mqtt {

std::optional<ProtocolError> InboundAliases::resolve(Publish& packet, uint16_t alias_max) {
    const uint32_t alias = packet.properties.number(PropertyId::topic_alias, 0);
    if (alias == 0 || alias > alias_max)  // [MQTT-3.3.2-8, 3.3.2-9]
        return ProtocolError{Reason::topic_alias_invalid, "topic alias over the maximum"};
    if (topics_.size() < alias) topics_.resize(alias);
    std::string& topic = topics_[alias - 1];
    if (!packet.topic.empty()) {
        topic.assign(packet.topic);
        return std::nullopt;
    }
    if (topic.empty())
        return ProtocolError{Reason::protocol_error, "topic alias was never given a topic"};
    packet.topic = topic;
    return std::nullopt;
}

bool OutboundAliases::encode(const Publish& packet, std::string& out) {
    // An alias costs three bytes, so a shorter topic gains nothing.
    if (packet.topic.size() <= 3) return mqtt::encode(packet, Version::v5, out);
    const size_t slot = std::hash<std::string_view>{}(packet.topic) % topics_.size();
    const auto alias = static_cast<uint16_t>(slot + 1);
    if (topics_[slot] == packet.topic) {
        Publish shortened = packet;
        shortened.topic = {};
        return encode_with_alias(shortened, alias, out);
    }
    if (!encode_with_alias(packet, alias, out)) return false;
    topics_[slot].assign(packet.topic);
    return true;
}

}  // namespace hw::mqtt
