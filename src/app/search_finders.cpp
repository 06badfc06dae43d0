#include "app/search_finders.h"

#include "model/point_path.h"
#include "twin/model/twin_name.h"

namespace hw::app {

namespace {

using api::SearchOperations;
using Hits = std::vector<api::SearchOperations::Hit>;

constexpr size_t look_twins = 1'000;  // at once

std::string title_or(const std::string& title, const std::string& id) {
    return title.empty() ? id : title;
}

}  // namespace

api::SearchOperations::Finder twin_finder(const twin::Twins& twins) {
    return [&twins](const SearchOperations::Search& search, Hits& hits) {
        twin::Scope scope;
        scope.filter = search.scope;
        scope.values = scope.relationships = false;
        scope.limit = look_twins;
        for (size_t found = 0;;) {
            const auto page = twins.snapshot(scope);
            if (!page) return;
            for (const auto& twin : page->twins) {
                if (!search.words.match(twin.id, twin::all_names(twin.name))) continue;
                if (found++ == search.limit) return;
                hits.push_back({"twin", twin.id,
                                title_or(twin::name_in(twin.name, search.language), twin.id)});
            }
            if (page->twins.size() < look_twins) return;
            scope.after = page->twins.back().id;
        }
    };
}

api::SearchOperations::Finder device_finder(const gateway::Manager& devices) {
    return [&devices](const SearchOperations::Search& search, Hits& hits) {
        size_t found = 0;
        for (const auto& device : devices.list()) {
            const auto& spec = device->spec;
            if (!model::matches(search.scope, spec.name) ||
                !search.words.match(spec.name, spec.description))
                continue;
            if (found++ == search.limit) return;
            hits.push_back({"device", spec.name, title_or(spec.description, spec.name)});
        }
    };
}

api::SearchOperations::Finder rule_finder(const rules::Manager& rules) {
    return [&rules](const SearchOperations::Search& search, Hits& hits) {
        if (search.scope != "#") return;
        size_t found = 0;
        for (const auto& rule : rules.list()) {
            const auto& spec = rule->spec;
            if (!search.words.match(spec.id, spec.description)) continue;
            if (found++ == search.limit) return;
            hits.push_back({"rule", spec.id, title_or(spec.description, spec.id)});
        }
    };
}

}  // namespace hw::app
