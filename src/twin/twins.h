#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/metrics.h"
#include "catalog/audit.h"
#include "catalog/database.h"
#include "history/history.h"
#include "model/point_directory.h"
#include "model/sample_batch.h"
#include "sql/function.h"
#include "twin/follower.h"
#include "twin/model/models.h"
#include "twin/model/state.h"
#include "twin/settings.h"

namespace hw::twin {

// Which twins: those whose id matches the MQTT filter, of that model or one that extends it, and,
// with a root, only such as are reached from it along relationships (the root too).
struct Scope {
    std::string filter = "#";
    std::string model = {};               // empty: any
    std::string root = {};                // empty: all
    std::vector<std::string> along = {};  // names of relationships; empty: all of them
    bool incoming = false;  // against their direction: who points at the root, and so on
    size_t depth = 64;
    std::string after = {};  // only ids greater than this
    size_t limit = SIZE_MAX;
    bool values = true;         // with properties
    bool relationships = true;  // with outgoing relationships
};

struct ModelChange {
    std::string id;
    enum class What : uint8_t { created, updated, unchanged } what = What::created;
};

struct RowError {
    uint64_t line = 0;  // of the input; 0: it has none
    std::string what;   // the twin's id, "source name target"
    std::string text;
};

struct BulkTwin {
    TwinSpec spec;
    uint64_t line = 0;
};
struct BulkRelationship {
    RelationshipSpec spec;
    uint64_t line = 0;
};
struct Bulk {
    std::vector<BulkTwin> twins;
    std::vector<BulkRelationship> relationships;
    std::vector<RowError> errors;  // rows that could not be read
};
struct BulkOptions {
    bool dry_run = false;         // only says what would happen
    bool all_or_nothing = false;  // one bad row, and nothing is taken; else it is left out
};
struct BulkReport {
    bool applied = false;
    size_t twins_created = 0, twins_changed = 0, twins_unchanged = 0;
    size_t relationships_created = 0, relationships_changed = 0, relationships_unchanged = 0;
    std::vector<RowError> errors;  // at most 1,000; `errors_more` beyond
    size_t errors_more = 0;
};

struct RelationshipQuery {
    std::string twin;
    bool incoming = false;
    std::string name = {};   // empty: any
    std::string after = {};  // cursor: "name\0other twin"
    size_t limit = SIZE_MAX;
};

struct Figures {
    size_t models = 0, twins = 0, relationships = 0, slots = 0, bound_slots = 0, derived_slots = 0;
    uint64_t updates = 0;      // values applied
    uint64_t derivations = 0;  // derived values computed
    uint64_t dropped = 0;      // updates beyond twin.queue_bytes: only the last of a slot is kept
    size_t queued_bytes = 0;
    size_t memory_bytes = 0;  // about
};

// The twins: models, graph and live state. Live state is owned by the thread "twin", which applies
// what history has committed; readers share it under a lock that is held for microseconds at a
// time. Descriptions are kept in the catalogue, every version with the times between which it
// held; values are never kept here but in history, under their points.
//
// Any thread unless said. A read sees every sample that was acknowledged and every change that was
// answered before it began (it waits for the thread to have applied them). Changes go one at a
// time, are checked against the model, written to the catalogue, then applied: where one fails all
// is as before. Every change, refused ones too, leaves an audit record.
class Twins {
  public:
    struct Rooms {
        catalog::Database& database;
        catalog::AuditLog& audit;
        history::History& history;
        model::PointDirectory& points;
        const Clock& clock;
        Metrics& metrics;
        const sql::FunctionTable& functions;  // of derived properties
        // Keeps historized derived values: history's submit.
        std::function<void(model::SampleBatch)> keep;
    };

    // Reads the catalogue; nothing runs yet. What no longer fits its model keeps its place and is
    // told in the log.
    static Result<std::unique_ptr<Twins>> open(const Settings& settings, Rooms rooms);
    virtual ~Twins() = default;

    // Before load(). They outlive this.
    virtual void add_follower(Follower& follower) = 0;
    // Binds all to their points, with the last values that history has. Before anything can come.
    virtual void load() = 0;
    virtual void start() = 0;
    virtual void stop() = 0;
    // Samples of one group commit, before their publishers are answered. The commit thread; about
    // 10 ns a sample of a bound point, 2 ns of others.
    virtual void tap(std::span<const model::SampleBatch* const> batches) = 0;

    virtual std::shared_ptr<const Models> models() const = 0;
    // All documents or none; then invalid_argument, and the flaws.
    virtual Result<std::vector<ModelChange>> put_models(std::span<const std::string_view> documents,
                                                        const Change& change,
                                                        std::vector<ModelFlaw>& flaws) = 0;
    // conflict: twins are of it, or a model is made of it.
    virtual Result<void> remove_model(std::string_view id, const Change& change) = 0;

    // Errors of what follows: not_found names the nearest; invalid_argument; conflict (another
    // revision); limit_exceeded.
    virtual Result<TwinState> get(std::string_view id) const = 0;
    virtual Result<TwinSpec> spec(std::string_view id) const = 0;
    virtual Result<TwinState> put(TwinSpec spec, const Change& change, bool& created) = 0;
    // A JSON merge patch (RFC 7396) over the description.
    virtual Result<TwinState> patch(std::string_view id, std::string_view json,
                                    const Change& change) = 0;
    // conflict while it has relationships, unless `cascade`, which removes them too.
    virtual Result<void> remove(std::string_view id, bool cascade, const Change& change) = 0;

    virtual Result<std::vector<RelationshipSpec>> relationships(
        const RelationshipQuery& query) const = 0;
    virtual Result<void> put_relationship(RelationshipSpec spec, const Change& change,
                                          bool& created) = 0;
    virtual Result<void> remove_relationship(std::string_view source, std::string_view name,
                                             std::string_view target, const Change& change) = 0;
    // One transaction; 100,000 twins take seconds. Twins first, then relationships.
    virtual Result<BulkReport> apply(Bulk bulk, const BulkOptions& options,
                                     const Change& change) = 0;

    virtual Result<LiveValue> read(std::string_view id, std::string_view path) const = 0;
    // Ids at the other end; the inside of a relationship hop.
    virtual Result<std::vector<std::string>> hop(std::string_view id, std::string_view relationship,
                                                 bool incoming) const = 0;
    // not_found: the root.
    virtual Result<Snapshot> snapshot(const Scope& scope) const = 0;
    // The point that feeds a slot now. Errors: not_found; empty where none does.
    virtual Result<std::string> point(std::string_view id, std::string_view path) const = 0;

    // The same as read() without waiting for what is queued; for followers, within their calls too
    // (the only one that is allowed there). Null values for what is not there.
    virtual LiveValue peek(const TwinName& twin, size_t slot) const = 0;
    virtual const TwinName* name(std::string_view id) const = 0;  // null: never was
    // Null: the twin is gone. Good until the lock is let go; copy what is needed.
    virtual InterfacePtr model_of(const TwinName& twin) const = 0;

    // Followers are asked for their interest in every slot of the twins whose id matches anew,
    // before the next value is applied. Some 20 ns a slot and follower.
    virtual void ask_again(std::string_view filter = "#") = 0;
    // Tells followers of something that twin/order has done. Not from within a follower.
    virtual void tell(const Happening& happening) = 0;

    // The descriptions that held at a time (of history's clock), without values.
    virtual Result<Snapshot> described_at(const Scope& scope, Time time) const = 0;
    struct Version {
        int64_t revision = 0;
        Time from;
        std::optional<Time> to;  // none: it holds now
        std::string actor;
        TwinSpec spec;
    };
    virtual Result<std::vector<Version>> versions(std::string_view id) const = 0;
    struct RelationshipVersion {
        RelationshipSpec spec;
        Time from;
        std::optional<Time> to;  // none: it holds now
        std::string actor;
    };
    // Of the relationships that the twin is or was the source of, by name, target and time.
    virtual Result<std::vector<RelationshipVersion>> relationship_versions(
        [[maybe_unused]] std::string_view id) const {
        return std::vector<RelationshipVersion>{};
    }

    virtual Figures figures() const = 0;
    // Waits until all that was committed or answered before this call is applied.
    virtual void sync() const = 0;
};

}  // namespace hw::twin
