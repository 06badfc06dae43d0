#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"

namespace hw::app {

// A server of this very program in a process and a data folder of its own, to be measured. Ends
// with the object: SIGTERM, then the folder is removed.
class BenchServer {
  public:
    // `sets` as for --set; ports are any free ones. Waits until it is ready.
    static Result<std::unique_ptr<BenchServer>> start(const std::vector<std::string>& sets);
    ~BenchServer();
    BenchServer(const BenchServer&) = delete;
    BenchServer& operator=(const BenchServer&) = delete;

    int pid() const { return pid_; }
    const std::string& url() const { return url_; }
    // Ends it at once, as a crash would.
    void kill_now();

  private:
    BenchServer() = default;
    Result<void> spawn(const std::vector<std::string>& sets);

    int pid_ = 0;
    std::string folder_;
    std::string url_;
};

// Of a process, in MB (VmRSS, VmHWM); 0 where it is gone.
double resident_mb(int pid);
double peak_resident_mb(int pid);

// The sum of a family of /metrics text over all its labels; 0 where it is absent.
double metric_sum(const std::string& metrics, std::string_view family);

}  // namespace hw::app
