#include "app/search_finders.h"

namespace hw::app {

namespace {

using api::SearchWords;
using Hits = std::vector<api::SearchOperations::Hit>;

constexpr size_t look_twins = 1'000;  // at once

std::string title_or(const std::string& title, const std::string& id) {
    return title.empty() ? id : title;
}

}  // namespace

api::SearchOperations::Finder twin_finder(const twin::Twins& twins) {
    return [&twins](const SearchWords& words, size_t limit, Hits& hits) {
        twin::Scope scope;
        scope.values = scope.relationships = false;
        scope.limit = look_twins;
        for (size_t found = 0;;) {
            const auto page = twins.snapshot(scope);
            if (!page) return;
            for (const auto& twin : page->twins) {
                if (!words.match(twin.id, twin.name)) continue;
                if (found++ == limit) return;
                hits.push_back({"twin", twin.id, title_or(twin.name, twin.id)});
            }
            if (page->twins.size() < look_twins) return;
            scope.after = page->twins.back().id;
        }
    };
}

api::SearchOperations::Finder device_finder(const gateway::Manager& devices) {
    return [&devices](const SearchWords& words, size_t limit, Hits& hits) {
        size_t found = 0;
        for (const auto& device : devices.list()) {
            const auto& spec = device->spec;
            if (!words.match(spec.name, spec.description)) continue;
            if (found++ == limit) return;
            hits.push_back({"device", spec.name, title_or(spec.description, spec.name)});
        }
    };
}

api::SearchOperations::Finder rule_finder(const rules::Manager& rules) {
    return [&rules](const SearchWords& words, size_t limit, Hits& hits) {
        size_t found = 0;
        for (const auto& rule : rules.list()) {
            const auto& spec = rule->spec;
            if (!words.match(spec.id, spec.description)) continue;
            if (found++ == limit) return;
            hits.push_back({"rule", spec.id, title_or(spec.description, spec.id)});
        }
    };
}

}  // namespace hw::app
