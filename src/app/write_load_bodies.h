#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/write_load.h"
#include "base/mutex.h"
#include "history/plant_mix.h"

namespace hw::app {

// Renders the bodies of a load in order of time: rows of all points for one step after another,
// `steps_per_request` steps a body. About 30 million rows a second. One thread at a time.
class BodyRenderer {
  public:
    explicit BodyRenderer(const WriteLoad& load);
    // Replaces `body` by the next one. How many samples it holds, 0 behind the last.
    uint64_t next(std::string& body);

  private:
    void append_step(std::string& body);

    const WriteLoad& load_;
    std::vector<history::PlantPoint> points_;
    std::vector<std::string> heads_;
    uint64_t step_ = 0;
    const uint64_t steps_;
};

// Hands the bodies to the threads that send them. With `stream` they are rendered as they are
// taken, which costs the load a part of a core; else all before the first is taken.
class BodySource {
  public:
    explicit BodySource(const WriteLoad& load);

    struct Body {
        const std::string* text = nullptr;
        uint64_t samples = 0;  // 0: there are no more
    };
    // Valid until the next call with the same `own`, which holds a streamed body. Any thread.
    Body take(std::string& own);

  private:
    const bool stream_;
    Mutex mutex_;
    BodyRenderer renderer_ HW_LOCKING(guarded_by(mutex_));
    size_t next_ HW_LOCKING(guarded_by(mutex_)) = 0;
    std::vector<std::string> ready_;  // written in the constructor only
    std::vector<uint64_t> samples_;
};

}  // namespace hw::app
