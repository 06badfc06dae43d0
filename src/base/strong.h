#pragma once

#include <compare>
#include <cstddef>
#include <functional>

namespace hw {

// A number that is not any other number: ids, sequences, offsets. Only comparison and hashing come
// with it; arithmetic goes through value(). Costs nothing.
template <class T, class Tag>
class Strong {
  public:
    using Value = T;

    constexpr Strong() = default;
    constexpr explicit Strong(T value) : value_(value) {}

    constexpr T value() const { return value_; }

    friend constexpr auto operator<=>(const Strong&, const Strong&) = default;

  private:
    T value_{};
};

}  // namespace hw

template <class T, class Tag>
struct std::hash<hw::Strong<T, Tag>> {
    std::size_t operator()(const hw::Strong<T, Tag>& id) const noexcept {
        return std::hash<T>{}(id.value());
    }
};
