#include "broker/certificates.h"

#include "wire/sparkplug/topic.h"

namespace hw::broker {

bool is_birth_topic(std::string_view topic) {
    const auto parsed = sparkplug::parse_topic(topic);
    return parsed &&
           (parsed->verb == sparkplug::Verb::nbirth || parsed->verb == sparkplug::Verb::dbirth);
}

}  // namespace hw::broker
