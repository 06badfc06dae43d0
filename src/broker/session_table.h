#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "broker/session.h"

namespace hw::broker {

// Every session by client id (in order, for paging) and by serial (for what names a session that
// may be gone). One thread.
class SessionTable {
  public:
    using ById = std::map<std::string, std::unique_ptr<Session>, std::less<>>;

    Session* find(std::string_view client_id) const {
        const auto it = by_id_.find(client_id);
        return it == by_id_.end() ? nullptr : it->second.get();
    }
    Session* find(uint64_t serial) const {
        const auto it = by_serial_.find(serial);
        return it == by_serial_.end() ? nullptr : it->second;
    }
    // The client id is not in use.
    Session& make(std::string_view client_id) {
        auto session = std::make_unique<Session>(++last_serial_, std::string(client_id));
        Session& made = *session;
        by_serial_[made.serial] = &made;
        by_id_.emplace(client_id, std::move(session));
        return made;
    }
    void erase(Session& session) {
        by_serial_.erase(session.serial);
        by_id_.erase(by_id_.find(session.client_id));
    }
    size_t size() const { return by_id_.size(); }
    const ById& by_id() const { return by_id_; }

  private:
    ById by_id_;
    std::unordered_map<uint64_t, Session*> by_serial_;
    uint64_t last_serial_ = 0;
};

}  // namespace hw::broker
