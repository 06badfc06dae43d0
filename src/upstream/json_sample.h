#pragma once

#include <cstddef>
#include <string>

#include "model/sample_batch.h"

namespace hw::upstream {

// One sample as the payload that any MQTT client can read, and our own ingest reads back the same:
// {"value":12.5,"timestamp":"2026-03-01T12:00:00.25Z","quality":"good"}. A number that is not
// finite is null; bytes are a text of hexadecimal digits.
void append_json_sample(std::string& out, const model::SampleBatch& batch, size_t i);

}  // namespace hw::upstream
