#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "sql/function.h"
#include "sql/user/library.h"
#include "sql/user/worker.h"

namespace hw::sql::user {

struct UserFunctionsOptions {
    // Its *.so are loaded and its executable *.worker started, by name; where there is no such
    // folder there are none. Whoever may write there may run code as the server.
    std::filesystem::path folder;
    WorkerLimits limits;                 // of the folder's workers
    std::vector<WorkerOptions> workers;  // beside them
};

// The functions of users: shared libraries and worker programs. Made once at the start; outlives
// every table it was added to, and every thread that calls.
class UserFunctions {
  public:
    // Waits for the hello of each worker, up to limits.hello. What cannot be loaded is left out,
    // logged and told by troubles(); a worker that says hello later is not looked at before the
    // next start. `clock` outlives it.
    UserFunctions(const UserFunctionsOptions& options, const Clock& clock);

    // Names that the table has already are left out and told by troubles().
    void add_to(FunctionTable& table);

    const std::vector<std::string>& troubles() const { return troubles_; }
    std::vector<std::pair<std::string, WorkerStatus>> workers() const;

  private:
    void load_library(const std::filesystem::path& file);
    void take_functions(Worker& worker, Duration hello);
    void trouble(std::string text);

    std::vector<std::unique_ptr<Library>> libraries_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::deque<OwnedFunction> worker_functions_;
    std::vector<std::string> troubles_;
};

}  // namespace hw::sql::user
