#pragma once

#include <deque>
#include <thread>

#include "base/mutex.h"

namespace hw::connector {

// The one thread that writes the buffers of all actions to the disk, so that neither a rule nor a
// worker that waits for its peer does. Outlives the runners.
class BufferKeeper {
  public:
    class Client {
      public:
        virtual ~Client() = default;
        // Writes what is due. The keeper's thread, without locks of the keeper.
        virtual void keep() = 0;
    };

    BufferKeeper();
    ~BufferKeeper();
    BufferKeeper(const BufferKeeper&) = delete;
    BufferKeeper& operator=(const BufferKeeper&) = delete;

    // keep() is called soon; once for many calls. Any thread, never blocks for long.
    void wake(Client& client);
    // When it returns keep() is not under way and will not be called again for earlier wakes.
    void forget(Client& client);

  private:
    void run();

    Mutex mutex_;
    Condition changed_;
    std::deque<Client*> waiting_ HW_LOCKING(guarded_by(mutex_));
    Client* current_ HW_LOCKING(guarded_by(mutex_)) = nullptr;
    bool stopping_ HW_LOCKING(guarded_by(mutex_)) = false;
    std::thread thread_;
};

}  // namespace hw::connector
