#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "catalog/audit.h"
#include "twin/past/past.h"
#include "twin/twins.h"

namespace hw::twin {

// What is asked of each source of events: those in [from, to], as many of the newest as are needed.
struct EventSpan {
    Time from, to;  // both included
    size_t wanted;
};

// Changes of one twin's description; all of them in the span.
void add_description_events(std::string_view twin, std::span<const Twins::Version> versions,
                            const EventSpan& span, std::vector<PastEvent>& out);

// The same of the relationships that it is the source of.
void add_relationship_events(std::span<const Twins::RelationshipVersion> versions,
                             const EventSpan& span, std::vector<PastEvent>& out);

// Orders and writes, from the audit.
class AuditEvents {
  public:
    AuditEvents(const catalog::AuditLog& audit, std::string filter)
        : audit_(audit), filter_(std::move(filter)) {}

    // Whose events they are; it is or was of that model.
    void add_twin(const std::string& twin, const InterfacePtr& model);

    // Points that feed one of the twins and do not lie below it.
    void add_point(std::string point, std::string twin, std::string path);

    // Adds the newest ones. Where not all of the span was read: what lies before `complete_from`
    // was not.
    Result<void> read(const EventSpan& span, std::vector<PastEvent>& out,
                      Time& complete_from) const;
    // Who removed a twin or a relationship; empty: nobody said.
    std::string remover(const PastEvent& event) const;

  private:
    struct Place {
        std::string twin, path;
    };
    std::string first_actor(const catalog::AuditQuery& query) const;
    bool has(const std::string& twin, const std::string& path) const;
    bool place_of(const catalog::AuditRecord& record, PastEvent& event) const;
    Result<void> read(const EventSpan& span, std::string_view filter, std::string_view action,
                      std::vector<PastEvent>& out, Time& complete_from) const;

    const catalog::AuditLog& audit_;
    const std::string filter_;
    std::unordered_map<std::string, std::vector<InterfacePtr>> twins_;
    std::unordered_map<std::string, Place> points_;
};

}  // namespace hw::twin
