#include "app/server_access.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "access/settings.h"
#include "access/store.h"
#include "base/log.h"

namespace hw::app {

namespace {

// 100 bits, in groups that can be read out.
std::string make_code() {
    std::string code;
    for (int i = 0; i < 5; ++i)
        code += (i > 0 ? "-" : "") + access::random_id(access::secure_random).substr(0, 4);
    return code;
}

Result<void> write_secret(const std::string& path, std::string_view secret) {
    ::unlink(path.c_str());  // one of an earlier start may be readable by others
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    const std::string line = fmt::format("{}\n", secret);
    const bool written =
        file >= 0 && ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    const int why = errno;
    if (file >= 0) ::close(file);
    if (written) return {};
    return fail(ErrorCode::io_failed,
                fmt::format("cannot write '{}': {}", path, std::strerror(why)));
}

}  // namespace

AccessRooms::~AccessRooms() {
    if (!local_key_file_.empty()) ::unlink(local_key_file_.c_str());
}

Result<std::unique_ptr<AccessRooms>> AccessRooms::open(const Config& config,
                                                       const std::string& data_folder,
                                                       Rooms rooms) {
    auto settings = HW_TRY(access::settings_from(config));
    const std::string code_file = data_folder + "/setup-code";
    const auto store = HW_TRY(access::Store::open(rooms.database));
    const bool unclaimed = HW_TRY(store->users()).empty();
    std::string code;
    if (unclaimed && !settings.local_only()) {
        code = make_code();
        HW_TRY(write_secret(code_file, code));
    } else {
        ::unlink(code_file.c_str());
    }
    auto made = std::make_unique<AccessRooms>();
    made->access_ = HW_TRY(access::Access::open(
        std::move(settings), {rooms.database, rooms.audit, rooms.clock, rooms.metrics}, code));
    auto& access = *made->access_;
    made->local_key_file_ = data_folder + "/local-key";
    HW_TRY(write_secret(made->local_key_file_, access.make_local_key()));
    access.on_claimed([code_file] { ::unlink(code_file.c_str()); });
    const bool keys = access.settings().mqtt == access::MqttAccess::keys;
    made->gate_ = std::make_unique<AccessGate>(keys ? &access : nullptr);
    if (access.settings().open) {
        log_info("access", "access.mode=open: everybody on this machine may do everything");
    } else if (unclaimed && code.empty()) {
        log_info("access",
                 "there is no user yet: everybody on this machine may do everything until the "
                 "page's first run, or POST /api/v1/setup, makes the administrator");
    } else if (unclaimed) {
        log_warning("access", fmt::format("there is no user yet: open the page and set up the "
                                          "administrator with the code in '{}'; until then nothing "
                                          "else is answered",
                                          code_file));
    }
    return made;
}

}  // namespace hw::app
