#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace hw::twin {

// How many twins are written in one text (docs/twins_by_template.md has examples of each).
enum class BulkFormat : uint8_t {
    ndjson,         // a line is a twin or a relationship
    csv,            // a row is a twin
    relationships,  // a row of CSV is a relationship
    json,           // one document with "digitalTwins" and "relationships"
    jsonl,          // the import file of Azure Digital Twins: lines under {"Section":"Twins"}
};
std::string_view to_string(BulkFormat format);

// By a format's name ("dtdl" is json), a media type, or a file's name; where that says nothing, by
// how the text begins. CSV's two kinds are told by their header.
Result<BulkFormat> find_bulk_format(std::string_view hint, std::string_view text);

}  // namespace hw::twin
