#include "broker/message.h"

#include <cstring>
#include <new>

namespace hw::broker {

namespace {

char* append(char* at, const void* from, size_t size) {
    if (size != 0) std::memcpy(at, from, size);
    return at + size;
}

}  // namespace

MessageRef Message::make(std::string_view topic, std::string_view properties, BytesView payload) {
    const size_t size = sizeof(Message) + topic.size() + properties.size() + payload.size();
    auto* message = new (::operator new(size)) Message;
    message->topic_size = static_cast<uint32_t>(topic.size());
    message->properties_size = static_cast<uint32_t>(properties.size());
    message->payload_size = static_cast<uint32_t>(payload.size());
    char* at = reinterpret_cast<char*>(message + 1);
    at = append(at, topic.data(), topic.size());
    at = append(at, properties.data(), properties.size());
    append(at, payload.data(), payload.size());
    return MessageRef(message);
}

void Message::dispose(Message* message) {
    message->~Message();
    ::operator delete(message);
}

}  // namespace hw::broker
