#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "history/engine.h"
#include "model/point_directory.h"
#include "model/value.h"
#include "simulation/messages.h"

namespace hw::simulation {

// A message as it came to the keeper.
struct Attempt {
    Message* message = nullptr;
    Time received;
};
using Attempts = std::vector<Attempt>;

// What history must hold, sample for sample. What was committed must be there. A group whose commit
// failed must not, but may come back by a crash (its first batches, each whole), if nothing was
// committed since.
class HistoryModel {
  public:
    void committed(const std::vector<const Attempts*>& group);
    void failed(const std::vector<const Attempts*>& group);
    // Each answers what is wrong, or nothing.
    std::optional<std::string> check(const history::Engine& engine,
                                     const model::PointDirectory& points) const;
    std::optional<std::string> check_after_crash(const history::Engine& engine,
                                                 const model::PointDirectory& points);
    // Count, min, max and sum in buckets.
    std::optional<std::string> check_buckets(const history::Engine& engine,
                                             const model::PointDirectory& points, Random& random,
                                             Time now) const;
    // Each acknowledged message's samples are there, or a later message's of the same time; told
    // from the messages alone, not from what the keeper saw.
    std::optional<std::string> check_acknowledged(std::deque<Message>& messages) const;
    bool doubtful() const { return !doubtful_.empty(); }
    size_t samples() const;

  private:
    using Rows = std::map<int64_t, model::Sample>;
    using Kept = std::map<std::string, Rows, std::less<>>;

    static void apply(Kept& kept, const Attempts& attempts);
    static std::optional<std::string> differs(const Kept& kept, const history::Engine& engine,
                                              const model::PointDirectory& points);

    Kept kept_;
    std::vector<std::vector<Attempts>> doubtful_;
};

}  // namespace hw::simulation
