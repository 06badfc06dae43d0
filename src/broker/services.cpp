#include "broker/services.h"

#include <utility>

#include "broker/topic.h"

namespace hw::broker {

void Services::add(std::string filter, Service service) {
    entries_.push_back({std::move(filter), std::move(service)});
}

uint32_t Services::find(std::string_view topic) const {
    for (size_t i = 0; i < entries_.size(); ++i)
        if (matches(entries_[i].filter, topic)) return static_cast<uint32_t>(i + 1);
    return 0;
}

}  // namespace hw::broker
