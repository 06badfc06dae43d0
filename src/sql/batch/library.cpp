#include "sql/batch/library.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <filesystem>

#include "sql/batch/duckdb_api.h"

namespace hw::sql::batch {

namespace {

constexpr std::string_view file_name = "libduckdb.so";
constexpr std::string_view package_file =
    "packaging/duckdb/node_modules/@duckdb/node-bindings-linux-x64/libduckdb.so";
constexpr std::string_view remedy =
    "install it with 'npm install @duckdb/node-bindings-linux-x64@1.5.6-r.1' or from duckdb.org, "
    "and name it in sql.duckdb_library";
constexpr int levels_up = 4;  // from build/<preset> to the source tree

// The library's handle, or an empty pointer with what the loader says.
void* open_file(const std::string& path, std::string& why) {
    void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) why = ::dlerror();
    return handle;
}

}  // namespace

std::vector<std::string> library_places(const std::string& configured) {
    if (!configured.empty()) return {configured};
    std::vector<std::string> places;
    std::error_code error;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
    if (!error) {
        auto folder = program.parent_path();
        places.push_back((folder / file_name).string());
        places.push_back((folder / "../lib/headworks" / file_name).lexically_normal().string());
        for (int i = 0; i < levels_up && folder.has_relative_path(); ++i) {
            places.push_back((folder / package_file).string());
            folder = folder.parent_path();
        }
    }
    for (const std::string_view folder :
         {"/usr/local/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib"})
        places.push_back(fmt::format("{}/{}", folder, file_name));
    return places;
}

bool is_usable_version(std::string_view version) {
    if (version.starts_with('v')) version.remove_prefix(1);
    unsigned major = 0;
    unsigned minor = 0;
    const char* const end = version.data() + version.size();
    const auto first = std::from_chars(version.data(), end, major);
    if (first.ec != std::errc() || first.ptr == end || *first.ptr != '.') return false;
    const auto second = std::from_chars(first.ptr + 1, end, minor);
    return second.ec == std::errc() && major == 1 && minor >= 4;
}

Result<Library> load_library(const std::string& configured) {
    const auto places = library_places(configured);
    std::string why;
    for (const std::string& path : places) {
        std::error_code error;
        if (!std::filesystem::exists(path, error)) continue;
        void* handle = open_file(path, why);
        if (handle == nullptr)
            return fail(ErrorCode::unsupported,
                        fmt::format("DuckDB's library does not load: {}; {}", why, remedy));
        auto api = std::make_shared<duck::Api>();
        const auto missing = duck::fill(handle, *api);
        if (!missing.empty())
            return fail(ErrorCode::unsupported,
                        fmt::format("'{}' lacks {}; {}", path, missing.front(), remedy));
        std::string version = api->library_version();
        if (!is_usable_version(version))
            return fail(ErrorCode::unsupported,
                        fmt::format("'{}' is DuckDB {}, this program needs 1.4 or later of 1; {}",
                                    path, version, remedy));
        return Library{std::move(api), path, std::move(version)};
    }
    return fail(ErrorCode::unsupported,
                fmt::format("SQL over history needs DuckDB's library, which is not at {}; {}",
                            fmt::join(places, ", "), remedy));
}

}  // namespace hw::sql::batch
