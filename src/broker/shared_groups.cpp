#include "broker/shared_groups.h"

#include <algorithm>

#include "base/assert.h"
#include "broker/topic.h"

namespace hw::broker {

void SharedGroups::join(Subscription& subscription) {
    auto& group = by_name_[subscription.filter];
    if (!group) {
        const auto split = split_shared(subscription.filter);
        HW_ASSERT(split.has_value());
        group = std::make_unique<SharedGroup>();
        group->serial = ++last_serial_;
        group->name = subscription.filter;
        group->filter = split->filter;
        by_serial_[group->serial] = group.get();
        index_.add(*group, group->filter);
    }
    group->members.push_back(&subscription);
    subscription.group = group.get();
}

void SharedGroups::leave(Subscription& subscription) {
    SharedGroup* group = subscription.group;
    const auto at = std::find(group->members.begin(), group->members.end(), &subscription);
    HW_ASSERT(at != group->members.end());
    group->members.erase(at);
    subscription.group = nullptr;
    if (!group->members.empty()) return;
    index_.remove(*group);
    by_serial_.erase(group->serial);
    by_name_.erase(by_name_.find(group->name));
}

SharedGroup* SharedGroups::find(uint32_t serial) const {
    const auto it = by_serial_.find(serial);
    return it == by_serial_.end() ? nullptr : it->second;
}

}  // namespace hw::broker
