#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/database.h"
#include "twin/model/state.h"

namespace hw::twin {

// A version of a twin's description.
struct StoredTwin {
    TwinSpec spec;
    int64_t revision = 0;
    Time created, from;
    std::optional<Time> to;  // none: it holds now
    std::string actor;
};

struct StoredRelationship {
    RelationshipSpec spec;
    Time from;
    std::optional<Time> to;
    std::string actor;
};

// One change of the graph as the tables take it: what is replaced or removed ends at the change's
// time, what is new or changed begins then.
struct StoredChange {
    Time time;
    std::string actor;
    struct Twin {
        const TwinSpec* spec;
        int64_t revision;
        Time created;
    };
    struct Relationship {
        const RelationshipSpec* spec;
        bool replaces;
    };
    std::vector<Twin> twins;
    std::vector<Relationship> relationships;
    std::vector<std::string_view> removed_twins;
    std::vector<RelationshipSpec> removed_relationships;
};

// Models, twins and relationships as rows of the catalogue: tables twin_model, twin and
// twin_relationship. A row of the latter two is one version with the times between which it held;
// valid_to_ns is null in those that hold now. Any thread.
class TwinStore {
  public:
    // Makes its tables. The database must outlive it.
    static Result<std::unique_ptr<TwinStore>> open(catalog::Database& database);

    Result<std::vector<std::string>> load_models() const;  // their JSON
    struct Model {
        std::string_view id, json;
    };
    Result<void> save_models(std::span<const Model> models, Time time, const std::string& actor);
    Result<void> remove_model(std::string_view id);

    using TakeTwin = std::function<Result<void>(StoredTwin&&)>;
    using TakeRelationship = std::function<Result<void>(StoredRelationship&&)>;
    // In the order of their keys. Those that hold now, or that held at `time`.
    Result<void> each_twin(std::optional<Time> time, const TakeTwin& take) const;
    Result<void> each_relationship(std::optional<Time> time, const TakeRelationship& take) const;
    Result<std::vector<StoredTwin>> versions(std::string_view id) const;  // newest first
    // Of the relationships of that source, by name, target and time.
    Result<std::vector<StoredRelationship>> relationship_versions(std::string_view source) const;
    struct Ended {
        std::string id;
        int64_t revision = 0;  // its last one that holds no more
        Time to;
    };
    Result<std::vector<Ended>> ended() const;

    Result<void> save(const StoredChange& change);
    // Versions that ended before that time.
    Result<uint64_t> remove_old(Time before);

  private:
    explicit TwinStore(catalog::Database& database) : database_(database) {}

    catalog::Database& database_;
};

}  // namespace hw::twin
