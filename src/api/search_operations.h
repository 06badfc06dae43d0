#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/broker_admin.h"
#include "api/exchange.h"
#include "api/operations.h"
#include "api/search_words.h"
#include "model/point_directory.h"

namespace hw::api {

std::string_view search_schemas();  // of /openapi.json

// Finds things of all kinds by words, for who types a name into one box.
class SearchOperations {
  public:
    struct Hit {
        std::string kind;  // "point", "twin", "device", "rule", "client"
        std::string id;
        std::string title;
    };
    // What is looked for, and in which part of the paths: somebody's scope.
    struct Search {
        const SearchWords& words;
        std::string_view scope;
        size_t limit;
        std::string_view language = {};  // of titles that have several
    };
    // Appends hits of one kind, at most so many. What has no path is found with all paths only.
    using Finder = std::function<void(const Search&, std::vector<Hit>&)>;
    struct Rooms {
        const model::PointDirectory& points;
        BrokerAdmin& broker;
        std::vector<Finder> finders;  // of all but points and clients
    };

    // What is pointed to outlives it.
    explicit SearchOperations(Rooms rooms) : rooms_(std::move(rooms)) {}

    void add_to(std::vector<Operation>& operations);

  private:
    void search(Exchange exchange) const;

    const Rooms rooms_;
};

// Points whose paths match, in order, after a path; at most so many.
std::vector<model::PointId> find_points(const model::PointDirectory& points,
                                        std::string_view filter, const SearchWords& words,
                                        std::string_view after, size_t limit);

}  // namespace hw::api
