#pragma once

#include <string>

#include "api/broker_port.h"
#include "base/error.h"

namespace hw::api {

// {"topic":"a/b","payload":"42"|any JSON,"payload_encoding":"plain"|"base64","qos":0..2,
//  "retain":bool,"properties":{"content_type","response_topic","correlation_data",
//  "message_expiry_interval","user_properties":{name:value}}}
// A payload that is no string is published as its JSON text. Unknown members are refused.
Result<PublishRequest> read_publish_request(std::string_view body);

}  // namespace hw::api
