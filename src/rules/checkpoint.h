#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "io/disk.h"
#include "rules/engine.h"
#include "store/segment_log.h"

namespace hw::rules {

// What the rules knew, on disk (docs/formats/rule_checkpoint.md): a log that begins with the states
// of all rules and grows by what changed; when it has grown to three times its beginning all of
// them are written again, and what lies before is trimmed. A checkpoint counts as a whole or not at
// all. One thread.
class Checkpoints {
  public:
    explicit Checkpoints(io::Disk& disk, std::string folder = "checkpoint");

    struct Content {
        uint64_t position = 1;  // the input log is replayed from here
        struct Rule {
            int64_t version = 0;
            uint64_t since = 0;  // it takes nothing of the log before this position
            std::string state;   // empty: none yet
        };
        std::map<std::string, Rule, std::less<>> rules;
        bool found = false;
        uint64_t skipped = 0;  // records that could not be read
    };
    // Opens it, once, and gives the newest that is whole. Errors: the disk; what is broken only is
    // skipped.
    Result<Content> load();

    // Whether the next save must hold the states of all rules.
    bool wants_all() const { return !has_whole_ || since_whole_ > 2 * whole_bytes_ + (1 << 20); }
    // On disk when it returns. Where it fails the one before stays good, and the next must be
    // whole.
    Result<void> save(uint64_t position, const std::vector<Engine::State>& states, bool all);
    // The rule of that version begins at the position, with no state; safe from a kill at once,
    // from a power loss after sync().
    Result<void> note_begin(std::string_view id, int64_t version, uint64_t since);
    Result<void> sync() { return log_.sync(); }
    // The rule goes on from what load() gave.
    void adopt(std::string_view id, int64_t version, uint64_t since);
    bool any() const { return !begun_.empty(); }  // rules that are to be saved
    // A rule that is no more.
    void forget(std::string_view id);
    uint64_t bytes() const { return log_.bytes(); }

  private:
    Result<void> write(const std::vector<std::string>& records);
    void apply(Content& content, std::string_view record);

    store::SegmentLog log_;
    std::map<std::string, Content::Rule, std::less<>> begun_;  // since and version of each rule
    Content gathering_;                                        // of a checkpoint in several records
    uint64_t gathered_ = 0;
    bool has_whole_ = false;
    uint64_t whole_bytes_ = 0;
    uint64_t since_whole_ = 0;
};

}  // namespace hw::rules
