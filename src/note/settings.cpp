#include "note/settings.h"

namespace hw::note {

const std::vector<Property> properties = {
    {"note.notes_limit", PropertyType::integer, "100000",
     "Most notes that are kept; at it the server takes no new one until some are deleted", 1, 1e7},
    {"note.text_limit", PropertyType::integer, "4000", "Most characters of a note's text", 1,
     100'000},
    {"note.deleted_retention", PropertyType::duration, "30d",
     "How long a deleted note can be brought back", 60, 10 * 365 * 86'400.0},
};

Settings settings_from(const Config& config) {
    Settings settings;
    settings.notes_limit = static_cast<size_t>(config.integer("note.notes_limit"));
    settings.text_limit = static_cast<size_t>(config.integer("note.text_limit"));
    settings.deleted_retention = config.duration("note.deleted_retention");
    return settings;
}

}  // namespace hw::note
