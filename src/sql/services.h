#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/time.h"
#include "sql/datum.h"
#include "sql/json.h"

namespace hw::sql {

class SchemaRegistry;  // sql/codecs/schema_registry.h

// What functions share within one engine (one thread): the reader of JSON, the global state
// (kv_store_put, proc_dict_put), random numbers from a seed, the default time zone.
class Services {
  public:
    explicit Services(uint64_t seed = 1) : random(seed) {}

    JsonReader json;
    Random random;
    std::string time_zone = "UTC";  // an IANA name, for functions that are not told one
    // kv_store_*: shared by all rules, bounded by entries_limit (a put beyond it fails).
    std::map<std::string, Datum, std::less<>> store;
    // proc_dict_* and eKuiper's global state: by rule id, then key.
    std::map<std::string, std::map<std::string, Datum, std::less<>>, std::less<>> dictionaries;
    // getenv(): the variables of the environment that begin with EMQXVAR_, by what follows it, as
    // they were at the start.
    std::map<std::string, std::string, std::less<>> variables;
    // schema_encode() and its kin; the engine's, outlives this. nullptr: they fail.
    SchemaRegistry* schemas = nullptr;
    size_t entries_limit = 100'000;
    // Of both, keys and values, roughly; a put beyond the limit fails.
    size_t state_bytes = 0;
    size_t state_bytes_limit = 64 << 20;
};

}  // namespace hw::sql
