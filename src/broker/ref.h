#pragma once

#include <cstdint>
#include <utility>

namespace hw::broker {

// A counted reference for objects that live on one thread: eight bytes and no atomics, because
// queues hold tens of thousands of them. T has a member `uint32_t refs` (0 when made) and a static
// `void dispose(T*)`.
template <class T>
class Ref {
  public:
    Ref() = default;
    explicit Ref(T* object) : object_(object) { take(); }
    Ref(const Ref& other) : object_(other.object_) { take(); }
    Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    Ref& operator=(Ref other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    ~Ref() {
        if (object_ != nullptr && --object_->refs == 0) T::dispose(object_);
    }

    explicit operator bool() const { return object_ != nullptr; }
    T& operator*() const { return *object_; }
    T* operator->() const { return object_; }
    T* get() const { return object_; }

  private:
    void take() {
        if (object_ != nullptr) ++object_->refs;
    }

    T* object_ = nullptr;
};

}  // namespace hw::broker
