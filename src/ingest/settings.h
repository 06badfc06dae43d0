#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/config.h"
#include "ingest/path_template.h"
#include "wire/lineprotocol/parser.h"

namespace hw::ingest {

enum class Decoder : uint8_t { automatic, scalar, json, neuron, line_protocol, batch, none };

// One [[ingest]] table. The first whose filter matches a topic decides.
struct Rule {
    std::string filter;
    Decoder decoder = Decoder::automatic;
    bool keep = true;
    bool numbers_as_doubles = false;
    lineprotocol::Precision precision = lineprotocol::Precision::ns;
    std::string prefix = {};  // before every point path this rule makes, with its '/' if wanted
    PathTemplate path = {};   // line protocol and Neuron; empty: the decoder's own rule
};

struct Settings {
    std::vector<Rule> rules = {Rule{.filter = "#"}};
    size_t depth_limit = 16;
    size_t members_limit = 10'000;
    size_t text_bytes_limit = 64 << 10;
    lineprotocol::Limits lines;
    size_t line_errors_limit = 100;
    size_t topics_limit = 1'000'000;
    size_t cache_nodes_limit = 4'000'000;
    PathTemplate http_path;  // of /write and /api/v2/write
};

// The table rows of the section "decode" and of [[ingest]].
extern const std::vector<Property> properties;
extern const TableArray rules_table;
// Errors name the rule by its number and say what is allowed.
Result<Settings> settings_from(const Config& config);

}  // namespace hw::ingest
