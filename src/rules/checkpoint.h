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

namespace hw::rules {

// What the rules knew, on disk (docs/formats/rule_checkpoint.md): a file that begins with the
// states of all rules and grows by what changed, each part with its CRC; when it has grown to twice
// its beginning the next one is a new file with all of them. A part is taken as a whole or not at
// all, so a checkpoint is atomic. One thread.
class CheckpointFile {
  public:
    explicit CheckpointFile(io::Disk& disk) : disk_(disk) {}

    struct Content {
        uint64_t position = 1;  // the log is replayed from here
        struct Rule {
            int64_t version = 0;
            uint64_t since = 0;  // it takes nothing of the log before this position
            std::string state;   // empty: none yet
        };
        std::map<std::string, Rule, std::less<>> rules;
        bool found = false;
    };
    // The newest that is whole. Errors: the disk; what is broken only is skipped.
    Result<Content> load();

    // Whether the next save must hold the states of all rules.
    bool wants_all() const { return file_ == nullptr || bytes_ > 2 * whole_bytes_ + (1 << 20); }
    // On disk when it returns. Where it fails the one before stays good, and the next must be
    // whole.
    Result<void> save(uint64_t position, const std::vector<Engine::State>& states, bool all);
    // The rule of that version begins at the position, with no state; not synced.
    Result<void> note_begin(std::string_view id, int64_t version, uint64_t since);
    uint64_t bytes() const { return bytes_; }

  private:
    Result<void> write(const std::string& part, bool all, bool sync);
    Result<void> open_next();

    io::Disk& disk_;
    std::unique_ptr<io::AppendFile> file_;
    std::string name_;
    std::vector<std::string> old_;
    uint64_t next_number_ = 1;
    uint64_t bytes_ = 0;
    uint64_t whole_bytes_ = 0;
    std::map<std::string, Content::Rule, std::less<>> begun_;  // since and version of each rule
};

}  // namespace hw::rules
