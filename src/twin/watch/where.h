#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "sql/function.h"
#include "sql/services.h"
#include "twin/derive/derivation.h"
#include "twin/twins.h"

namespace hw::twin {

// `where` of a subscription: an expression over a twin's own properties that is true or not. Names
// that a twin's model does not have are null. One thread at a time.
class Where {
  public:
    // Errors: the expression's, and roll-ups, which belong into derived properties.
    static Result<std::unique_ptr<Where>> compile(std::string_view text,
                                                  const sql::FunctionTable& functions,
                                                  sql::Services& services);

    enum class Verdict : uint8_t { yes, no, failed };
    // On the live state, from within a follower's call: `slot` has just become `value`.
    Verdict live(const Twins& twins, const TwinName& twin, size_t slot, const LiveValue* value,
                 Time now, std::string& error);
    static constexpr size_t no_slot = SIZE_MAX;
    Verdict of(const TwinState& twin, Time now, std::string& error);

    // Paths that it reads and the model does not have.
    std::vector<std::string> missing(const Interface& model) const;

  private:
    explicit Where(std::unique_ptr<Derivation> derivation) : derivation_(std::move(derivation)) {}
    Verdict judge(Time now, std::string& error);

    struct Places {
        InterfacePtr model;         // held, so that its address stays its own
        std::vector<size_t> slots;  // of each own path; no_slot where there is none
    };
    const Places& places(const InterfacePtr& model);

    std::unique_ptr<Derivation> derivation_;
    std::unordered_map<const Interface*, Places> places_;
    std::vector<sql::Datum> own_;
};

}  // namespace hw::twin
