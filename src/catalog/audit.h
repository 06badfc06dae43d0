#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/metrics.h"
#include "base/time.h"
#include "catalog/database.h"
#include "catalog/settings.h"

namespace hw::catalog {

// Who did what to which thing, and how it ended.
struct AuditRecord {
    Time time;
    std::string actor;      // user or client id; empty: nobody said
    std::string origin;     // from where: "http 127.0.0.1:50211", "mqtt scada1", "file plc1.toml"
    std::string action;     // "device.create", "point.write", ...
    std::string target;     // a path: the device, the template, the point
    std::string old_value;  // as JSON; empty: none
    std::string new_value;
    std::string result;  // "ok", or the code of the error
    std::string detail;  // the error's text, the reason that was given

    friend bool operator==(const AuditRecord&, const AuditRecord&) = default;
};

struct AuditQuery {
    std::string filter = "#";  // MQTT filter of the targets
    std::optional<Time> from = {};
    std::optional<Time> to = {};  // not included
    std::string actor = {};       // empty: any
    std::string action = {};      // empty: any; "device." names all that begin so
    // Sign-ins, users and keys too: "session.", "user.", "key.", "access.".
    bool access = true;
    size_t limit = 100;
    std::optional<int64_t> before = {};  // the cursor of the page before
};

struct AuditPage {
    std::vector<AuditRecord> records;  // newest first
    std::optional<int64_t> next;       // nullopt: there are no more
};

// The record of what people and programs changed. append() never waits: a thread of its own writes
// what has come in, one transaction a round. While the disk says no, records wait for it and are
// tried again each second, up to catalog.audit_queue_limit. What comes beyond that is counted
// (headworks_catalog_audit_lost_total), told in the log, and leaves a record "audit.lost" with
// their number where they are missing, so that a gap is seen. A crash loses at most what the thread
// had not taken up yet, some milliseconds.
class AuditLog {
  public:
    // The database must outlive it.
    static Result<std::unique_ptr<AuditLog>> open(Database& database, const Settings& settings,
                                                  const Clock& clock, Metrics& metrics);
    virtual ~AuditLog() = default;

    // Any thread.
    virtual void append(AuditRecord record) = 0;
    // Waits until all that was appended before is on disk; false where the disk says no.
    virtual bool flush() = 0;
    // Any thread; reads at most 100,000 records for one page, so a page may be short and have a
    // next.
    virtual Result<AuditPage> query(const AuditQuery& query) const = 0;
    // Removes what is older than the retention; done every hour by itself.
    virtual Result<uint64_t> remove_old() = 0;
};

}  // namespace hw::catalog
