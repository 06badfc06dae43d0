#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/time.h"

namespace hw::app {

// What the readers of live frames got, all together.
struct LiveReadings {
    uint64_t frames = 0;
    uint64_t values = 0;
    uint64_t bytes = 0;
    uint64_t passed = 0;         // samples that frames left out
    uint64_t least_values = 0;   // of one reader
    double longest_gap_s = 0;    // between two frames of one reader
    double first_picture_s = 0;  // until the slowest reader had it whole
    double cpu_s = 0;            // of the readers' process
};

// Many readers of one live stream in a process of their own, so that their work is told apart from
// the server's. The caller has one thread only.
class LiveReaders {
  public:
    // Returns when each has its first picture.
    static Result<std::unique_ptr<LiveReaders>> start(const std::string& host, uint16_t port,
                                                      const std::string& target, unsigned count);
    ~LiveReaders();
    LiveReaders(const LiveReaders&) = delete;
    LiveReaders& operator=(const LiveReaders&) = delete;

    // Ends them. Errors: one was cut off.
    Result<LiveReadings> finish();

  private:
    LiveReaders() = default;

    int pid_ = 0;
    int orders_ = -1;   // closed: finish
    int answers_ = -1;  // "begun", then the readings
};

}  // namespace hw::app
