#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/access.h"
#include "broker/broker.h"
#include "broker/gate.h"

namespace hw::app {

// Who may use MQTT: everybody, or programs that show an API key, or a short-lived token, as their
// password. A message costs one look-up by the client's id. A client id belongs to who has used it
// first, as long as its session lives: else a narrow key could take over the subscriptions of a
// wide one. Whether it does is looked up within two seconds of the first refusal. The broker's
// thread.
class AccessGate final : public broker::Gate {
  public:
    // null: everybody may everything.
    explicit AccessGate(access::Access* keys) : keys_(keys) {}

    mqtt::Reason connect(const broker::Visitor& visitor) override;
    bool may_publish(std::string_view client_id, std::string_view topic) override;
    bool may_subscribe(std::string_view client_id, std::string_view filter) override;
    // As the audit has it: the key or user behind the client, where they are known.
    std::string actor_of(std::string_view client_id) const;
    // Sends away whose key or session has ended, forgets who has gone. About every two seconds, not
    // from within the broker.
    void tick(broker::Broker& broker);

  private:
    struct Hash {
        using is_transparent = void;
        size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>()(text);
        }
    };
    const access::Principal* known(std::string_view client_id) const;

    access::Access* const keys_;
    std::unordered_map<std::string, access::GrantPtr, Hash, std::equal_to<>> clients_;
    std::vector<std::string> contested_;  // client ids of another's that were asked for
    size_t look_above_ = 1000;
};

}  // namespace hw::app
