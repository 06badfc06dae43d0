#include "app/configuration.h"

#include <unistd.h>

#include <string_view>

#include "access/settings.h"
#include "api/settings.h"
#include "broker/settings.h"
#include "catalog/settings.h"
#include "gateway/settings.h"
#include "history/settings.h"
#include "ingest/settings.h"
#include "ingest/sparkplug_settings.h"
#include "note/settings.h"
#include "rules/settings.h"
#include "scenario/settings.h"
#include "sql/batch/settings.h"
#include "twin/order/settings.h"
#include "twin/settings.h"
#include "twin/watch/settings.h"
#include "upstream/settings.h"
#include "upstream/sparkplug_edge.h"

namespace hw::app {

namespace {

const std::vector<Property> own_properties = {
    {"log.level", PropertyType::text, "info", "Least level that is logged", 0, 0, true,
     "debug|info|warning|error"},
    {"log.format", PropertyType::text, "text", "Lines of text, or one JSON object a line", 0, 0,
     true, "text|json"},
};

}  // namespace

const std::vector<Property>& all_properties() {
    static const std::vector<Property> all = [] {
        std::vector<Property> list = own_properties;
        for (const auto* room :
             {&broker::properties, &api::properties, &ingest::properties,
              &ingest::sparkplug_properties, &history::properties, &gateway::properties,
              &catalog::properties, &access::properties, &upstream::properties,
              &upstream::sparkplug_edge_properties, &rules::properties, &sql::batch::properties,
              &twin::properties, &twin::watch_properties, &twin::order_properties,
              &scenario::properties, &note::properties})
            list.insert(list.end(), room->begin(), room->end());
        return list;
    }();
    return all;
}

const std::vector<TableArray>& all_table_arrays() {
    static const std::vector<TableArray> all = {ingest::rules_table, history::retention_table};
    return all;
}

Result<Config> load_config(const ConfigOptions& options) {
    Config::Sources sources;
    sources.file = options.file;
    sources.sets = options.sets;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const size_t equals = text.find('=');
        if (equals == std::string_view::npos || !text.starts_with("HEADWORKS_") ||
            text.substr(0, equals).find("__") == std::string_view::npos)
            continue;
        sources.environment.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    return Config::load(all_properties(), all_table_arrays(), sources);
}

}  // namespace hw::app
