#pragma once

#include <memory>
#include <string>

#include "access/access.h"
#include "app/access_gate.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/metrics.h"
#include "catalog/audit.h"
#include "catalog/database.h"

namespace hw::app {

// Users, keys and who may use MQTT, of a data folder. Part of the server's composition.
class AccessRooms {
  public:
    struct Rooms {
        catalog::Database& database;
        catalog::AuditLog& audit;
        const Clock& clock;
        Metrics& metrics;
    };
    // Where there is no user yet and others than this machine can reach the server, a file
    // setup-code is made, which the first run must know. A file local-key has an administrator's
    // key as long as the server runs, for commands on its machine: who can read the folder has all
    // anyway.
    static Result<std::unique_ptr<AccessRooms>> open(const Config& config,
                                                     const std::string& data_folder, Rooms rooms);

    ~AccessRooms();

    access::Access& access() { return *access_; }
    AccessGate& gate() { return *gate_; }

  private:
    std::string local_key_file_;
    std::unique_ptr<access::Access> access_;
    std::unique_ptr<AccessGate> gate_;
};

}  // namespace hw::app
