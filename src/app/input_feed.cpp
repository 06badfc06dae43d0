#include "app/input_feed.h"

#include <unistd.h>

#include <cerrno>
#include <semaphore>
#include <thread>
#include <utility>

#include "base/mutex.h"

namespace hw::app {

namespace {

constexpr size_t piece_bytes = 64 << 10;
constexpr ptrdiff_t pieces_ahead = 16;

}  // namespace

struct InputFeed::Shared {
    std::counting_semaphore<pieces_ahead> room{pieces_ahead};
    std::function<void(std::string)> on_piece;  // the reactor's thread only
    Mutex mutex;
    io::Reactor* reactor HW_LOCKING(guarded_by(mutex)) = nullptr;  // none: the feed is gone
};

namespace {

// False where nobody listens any more.
bool hand_on(const std::shared_ptr<InputFeed::Shared>& shared, std::string piece) {
    MutexLock lock(shared->mutex);
    if (shared->reactor == nullptr) return false;
    shared->reactor->post([shared, text = std::move(piece)]() mutable {
        if (shared->on_piece) shared->on_piece(std::move(text));
    });
    return true;
}

void read_all(const std::shared_ptr<InputFeed::Shared>& shared) {
    for (;;) {
        shared->room.acquire();
        std::string piece(piece_bytes, '\0');
        ssize_t got = 0;
        do {
            got = ::read(STDIN_FILENO, piece.data(), piece.size());
        } while (got < 0 && errno == EINTR);
        piece.resize(got > 0 ? static_cast<size_t>(got) : 0);
        const bool at_end = piece.empty();
        if (!hand_on(shared, std::move(piece)) || at_end) return;
    }
}

}  // namespace

InputFeed::InputFeed(io::Reactor& reactor, std::function<void(std::string)> on_piece)
    : shared_(std::make_shared<Shared>()) {
    shared_->on_piece = std::move(on_piece);
    {
        MutexLock lock(shared_->mutex);
        shared_->reactor = &reactor;
    }
    std::thread([shared = shared_] { read_all(shared); }).detach();
}

InputFeed::~InputFeed() {
    shared_->on_piece = nullptr;
    {
        MutexLock lock(shared_->mutex);
        shared_->reactor = nullptr;
    }
    shared_->room.release();
}

void InputFeed::more() {
    shared_->room.release();
}

}  // namespace hw::app
