#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.h"
#include "broker/text_hash.h"

namespace hw::broker {

struct Core;

// The $SYS tree, by the names that mosquitto made usual: retained, text, and published only when a
// value changed. One thread.
class SysTopics {
  public:
    SysTopics(Core& core, std::string version);

    void publish(Time now);

  private:
    void put(std::string_view name, std::string value);
    void put(std::string_view name, uint64_t value);

    Core& core_;
    std::string version_;
    Time started_;
    TextMap<std::string> values_;
};

}  // namespace hw::broker
