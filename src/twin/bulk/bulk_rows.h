#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "sql/datum.h"
#include "twin/twins.h"

namespace hw::twin {

// {"source","name","target","properties"?}, or the form of Azure Digital Twins with "$sourceId",
// "$relationshipName", "$targetId" and its properties beside them. Errors name the member.
Result<RelationshipSpec> read_relationship(const sql::Datum& json);

// What a text in any of the formats holds.
struct BulkInput {
    Bulk bulk;
    std::vector<std::string> models;  // documents in DTDL, as they came
};

// Gathers rows. A twin or relationship that is there already is a row error. One owner.
class BulkRows {
  public:
    static constexpr size_t errors_limit = 10'000;  // more: it is not what it should be
    static constexpr size_t rows_limit = 20'000'000;

    // An object that says what it is by its members. A twin may have a list "relationships" of
    // {"name","target","properties"?} of its own.
    void take(const sql::Datum& object, uint64_t line);
    void take_twin(const sql::Datum& object, uint64_t line);
    void take_relationship(const sql::Datum& object, uint64_t line);
    void add(TwinSpec spec, uint64_t line);
    void add(RelationshipSpec spec, uint64_t line);
    void add_model(std::string json) { input_.models.push_back(std::move(json)); }
    void refuse(uint64_t line, std::string what, std::string text);

    // An error once there are too many bad rows.
    Result<void> check() const;
    BulkInput finish() { return std::move(input_); }

  private:
    void take_own_relationships(const sql::Datum& list, const std::string& source, uint64_t line);

    BulkInput input_;
    std::unordered_map<std::string, uint64_t> lines_;  // of keys that are there
};

// Whether the object is a document of DTDL.
bool is_model(const sql::Datum& object);

}  // namespace hw::twin
