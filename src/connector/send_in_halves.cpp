#include "connector/send_in_halves.h"

namespace hw::connector {

Sent send_in_halves(std::span<const Item> items,
                    const std::function<Sent(std::span<const Item>)>& send_all) {
    Sent sent = send_all(items);
    if (sent.outcome != Sent::Outcome::rejected || items.size() < 2) return sent;
    const size_t half = items.size() / 2;
    const Sent left = send_in_halves(items.first(half), send_all);
    if (left.outcome != Sent::Outcome::sent) return left;
    Sent right = send_in_halves(items.subspan(half), send_all);
    right.done += half;
    return right;
}

}  // namespace hw::connector
