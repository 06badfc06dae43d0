#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sql/function.h"
#include "sql/services.h"
#include "twin/derive/derivation.h"
#include "twin/model/interface.h"
#include "twin/model/models.h"
#include "twin/order/order.h"

namespace hw::twin {

// Checks orders against the model. Errors: not_found (no such property or command; names the
// nearest), permission_denied (it is not for writing), invalid_argument (type or range).
//
// The wanted value as the schema wants it; times become texts.
Result<sql::Datum> check_desired(const Interface& model, std::string_view path,
                                 const sql::Datum& value);
struct FoundCommand {
    InterfacePtr holder;  // of the content
    const Content* content = nullptr;
    std::string prefix;  // of the component that it is a command of: "drive/"
};
// "start", or "drive/start" for a component's.
Result<FoundCommand> find_command(const Models& models, const InterfacePtr& model,
                                  std::string_view name);
Result<sql::Datum> check_request(const Content& command, const sql::Datum& request);
// Error: corrupt.
Result<sql::Datum> check_response(const Content& command, const sql::Datum& response);

// Turns commands into writes. One thread; keeps compiled expressions.
class CommandPlanner {
  public:
    // The table outlives this.
    explicit CommandPlanner(const sql::FunctionTable& functions) : functions_(functions) {}

    // `own` yields the twin's own values by path; `model` is the twin's. Empty where the command
    // has no writes; a write whose value needs a request that may be left out, and was, is left
    // out.
    using Own = std::function<sql::Datum(std::string_view path)>;
    Result<std::vector<PlannedWrite>> plan(const Interface& model, const FoundCommand& command,
                                           const sql::Datum& request, const Own& own, Time now);

  private:
    Result<sql::Datum> evaluate(const std::string& text, std::string_view prefix,
                                const sql::Datum& request, const Own& own, Time now);
    Result<Derivation*> compiled(const std::string& text);

    static constexpr size_t expressions_limit = 10'000;
    const sql::FunctionTable& functions_;
    sql::Services services_;
    std::map<std::string, std::unique_ptr<Derivation>, std::less<>> expressions_;
};

}  // namespace hw::twin
