#include "app/topic_observer.h"

namespace hw::app {

uint32_t TopicObserver::events() {
    inner_events_ = inner_ != nullptr ? inner_->events() : 0;
    return inner_events_ | broker::bit(broker::Event::subscribed);
}

void TopicObserver::event(const broker::Happening& happening) {
    if (happening.event == broker::Event::subscribed) subscribed_(happening.topic, happening.now);
    if ((inner_events_ & broker::bit(happening.event)) != 0) inner_->event(happening);
}

}  // namespace hw::app
