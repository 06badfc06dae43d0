#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "twin/model/interface.h"
#include "twin/model/state.h"

namespace hw::twin {

// W3C Web of Things, Thing Description 1.1 (Recommendation of 2023-12-05): Thing Models
// (chapter 10) to interfaces of DTDL v3 and back, and twins as Thing Descriptions.
struct WotText {
    std::string json;
    std::vector<std::string> warnings;  // what the other language has no place for, and where
};

// A Thing Model as one DTDL document. Its DTMI is the model's "id" where that is one, else it is
// made of the title ("dtmi:wot:Pump;1"). Properties become properties, or telemetry where they can
// only be read and observed; actions commands; events telemetry; links with rel tm:extends that
// name a DTMI what it extends; tm:submodel components. tm:ref is followed within the document.
// Errors: no JSON, no Thing Model, references that go round.
Result<WotText> interface_of_thing_model(std::string_view json);

// What is written in the interface itself; what it inherits is a link. Our own terms ("hw:point",
// "hw:expression", ...) go along under a prefix, so that reading it back loses nothing of them.
WotText thing_model_of(const Interface& model);

// A twin with the addresses at which it can be read, written, followed and commanded: HTTP below
// `http_base` ("http://host:19080"), MQTT topics below $hw/twin.
std::string thing_description_of(const TwinState& twin, std::string_view http_base,
                                 std::string_view mqtt_base = {});

}  // namespace hw::twin
