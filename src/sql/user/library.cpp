#include "sql/user/library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>

#include "sql/user/library_api.h"

namespace hw::sql::user {

namespace {

template <class Code>
Code symbol(void* library, const char* name) {
    return reinterpret_cast<Code>(::dlsym(library, name));
}

}  // namespace

void OwnedFunction::refer() {
    function.name = name;
    function.signature = signature;
    function.help = help;
    function.group = "user";
    function.origin = "user";
    function.user = code.get();
}

bool is_function_name(std::string_view name) {
    const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
    return !name.empty() && name.size() <= 64 && lower(name[0]) &&
           std::ranges::all_of(
               name, [&](char c) { return lower(c) || (c >= '0' && c <= '9') || c == '_'; });
}

Result<std::unique_ptr<Library>> Library::load(const std::filesystem::path& file) {
    void* const opened = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (opened == nullptr) {
        const char* const why = ::dlerror();
        return fail(ErrorCode::not_found, fmt::format("{} cannot be loaded: {}", file.string(),
                                                      why == nullptr ? "no reason told" : why));
    }
    const auto abi = symbol<decltype(&headworks_function_abi)>(opened, "headworks_function_abi");
    const auto enrol = symbol<decltype(&headworks_register)>(opened, "headworks_register");
    if (abi == nullptr || enrol == nullptr)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("{} does not export headworks_function_abi and headworks_register",
                                file.string()));
    if (abi() != HEADWORKS_FUNCTION_ABI)
        return fail(ErrorCode::unsupported,
                    fmt::format("{} is built for ABI {} of headworks_function.h; this server has "
                                "{}, build it anew",
                                file.string(), abi(), HEADWORKS_FUNCTION_ABI));
    auto library = std::unique_ptr<Library>(new Library(file));
    headworks_registry registry{library->functions_, {}};
    const int refused = enrol(&library_api(), &registry);
    if (!registry.error.empty())
        return fail(ErrorCode::invalid_argument,
                    fmt::format("{}: {}", file.string(), registry.error));
    if (refused != 0)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("{}: headworks_register returned {}", file.string(), refused));
    return library;
}

}  // namespace hw::sql::user
