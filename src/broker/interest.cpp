#include "broker/interest.h"

#include "broker/text_hash.h"

namespace hw::broker {

namespace {

// The first `levels` levels with the slashes between them.
std::string_view head_of(std::string_view topic, int levels) {
    size_t at = topic.find('/');
    if (levels == 2 && at != topic.npos) at = topic.find('/', at + 1);
    return topic.substr(0, at);
}

bool has_wildcard_in(std::string_view head) {
    return head.find_first_of("+#") != head.npos;
}

}  // namespace

Interest::Place Interest::place(std::string_view topic) {
    return {static_cast<uint16_t>(hash_text(head_of(topic, 1)) % slots),
            static_cast<uint16_t>(hash_text(head_of(topic, 2)) % slots)};
}

void Interest::changed(std::string_view filter) {
    if (has_wildcard_in(head_of(filter, 1)))
        ++everybody_;
    else if (has_wildcard_in(head_of(filter, 2)))
        ++first_[place(filter).first];
    else
        ++second_[place(filter).second];
}

}  // namespace hw::broker
