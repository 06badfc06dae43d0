#include "sql/user/user_functions.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "base/log.h"

namespace hw::sql::user {

namespace {

class WorkerScalar final : public UserCode {
  public:
    WorkerScalar(Worker& worker, std::string name) : worker_(worker), name_(std::move(name)) {}

    Datum call(Arguments arguments, CallContext& context) const override {
        auto answer = worker_.call(name_, arguments);
        if (answer) return std::move(*answer);
        return context.fail(fmt::format("{}: {}", name_, answer.error().text()));
    }

  private:
    Worker& worker_;
    std::string name_;
};

// The files of a folder that end so, by name.
std::vector<std::filesystem::path> files(const std::filesystem::path& folder,
                                         std::string_view extension) {
    std::vector<std::filesystem::path> found;
    std::error_code error;
    for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
         at.increment(error))
        if (at->path().extension() == extension && at->is_regular_file(error))
            found.push_back(at->path());
    std::ranges::sort(found);
    return found;
}

WorkerOptions in_folder(const std::filesystem::path& file, const WorkerLimits& limits) {
    WorkerOptions options;
    options.name = file.stem();
    options.command.arguments = {std::filesystem::absolute(file)};
    options.command.directory = std::filesystem::absolute(file).parent_path();
    options.limits = limits;
    return options;
}

}  // namespace

UserFunctions::UserFunctions(const UserFunctionsOptions& options, const Clock& clock) {
    for (const auto& file : files(options.folder, ".so"))
        load_library(file);
    // All begin at once; then each is waited for.
    std::vector<WorkerOptions> all = options.workers;
    for (const auto& file : files(options.folder, ".worker")) {
        if (::access(file.c_str(), X_OK) == 0) {
            all.push_back(in_folder(file, options.limits));
        } else {
            trouble(fmt::format("{} is not executable; chmod +x it", file.string()));
        }
    }
    for (const auto& worker : all)
        workers_.push_back(std::make_unique<Worker>(worker, clock));
    for (size_t i = 0; i < all.size(); ++i)
        take_functions(*workers_[i], all[i].limits.hello);
}

void UserFunctions::trouble(std::string text) {
    log_error("sql", text);
    troubles_.push_back(std::move(text));
}

void UserFunctions::load_library(const std::filesystem::path& file) {
    auto library = Library::load(std::filesystem::absolute(file));
    if (!library) return trouble(library.error().text());
    log_info("sql",
             fmt::format("{} functions of {}", (*library)->functions().size(), file.string()));
    libraries_.push_back(std::move(*library));
}

void UserFunctions::take_functions(Worker& worker, Duration hello) {
    if (!worker.wait_ready(hello)) {
        const auto status = worker.status();
        return trouble(
            fmt::format("the worker {} has no functions: {}", worker.name(),
                        status.trouble.empty() ? "it did not say hello in time" : status.trouble));
    }
    for (const auto& info : worker.functions()) {
        OwnedFunction& owned = worker_functions_.emplace_back();
        owned.name = info.name;
        owned.signature = info.signature;
        owned.help = info.help;
        owned.function.least_arguments = info.least_arguments;
        owned.function.most_arguments = info.most_arguments;
        owned.function.nulls = info.sees_nulls ? Nulls::seen : Nulls::to_null;
        owned.function.pure = info.pure;
        owned.code = std::make_unique<WorkerScalar>(worker, info.name);
        owned.refer();
    }
}

void UserFunctions::add_to(FunctionTable& table) {
    const auto add = [&](const OwnedFunction& owned) {
        if (table.find(owned.name, Dialect::both) != nullptr)
            return trouble(fmt::format(
                "a function {} is there already; the user's of that name is left out", owned.name));
        table.add(owned.function);
    };
    for (const auto& library : libraries_)
        std::ranges::for_each(library->functions(), add);
    std::ranges::for_each(worker_functions_, add);
}

std::vector<std::pair<std::string, WorkerStatus>> UserFunctions::workers() const {
    std::vector<std::pair<std::string, WorkerStatus>> all;
    for (const auto& worker : workers_)
        all.emplace_back(worker->name(), worker->status());
    return all;
}

}  // namespace hw::sql::user
