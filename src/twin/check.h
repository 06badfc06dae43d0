#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "twin/model/interface.h"
#include "twin/model/state.h"
#include "twin/model/twin_id.h"
#include "twin/settings.h"

namespace hw::twin {

// The description as the model wants it (values in its types), or what is wrong with it.
Result<TwinSpec> check_twin(TwinSpec spec, const Interface& model, const Settings& settings);
// The relationship of that name. invalid_argument names the nearest.
Result<const Content*> relationship_of(const Interface& model, std::string_view name);
// Properties as the relationship wants them; whether the target is of the model it wants.
Result<RelationshipSpec> check_relationship(RelationshipSpec spec, const Content& relationship,
                                            const Interface& target, const Settings& settings);
Error too_many(const RelationshipSpec& spec, const Content& relationship);

// {"model","name","properties","bindings"}: what can be changed of a twin.
sql::Datum described(const TwinSpec& spec);
std::string described_json(const TwinSpec& spec);
std::string described_json(const RelationshipSpec& spec);
// RFC 7396.
sql::Datum merge_patch(sql::Datum target, const sql::Datum& patch);

}  // namespace hw::twin
