#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace hw::note {

inline constexpr size_t tags_limit = 16;
inline constexpr size_t tag_limit = 40;       // characters of one
inline constexpr size_t targets_limit = 64;   // points, twins and paths together
inline constexpr size_t target_bytes = 1024;  // of one

// What a person wrote down: when it was, in their words, and what it is about. A path stands for
// all that lies below it. About nothing means: about the whole site.
struct NoteSpec {
    Time from;
    std::optional<Time> to = {};  // none: a moment
    std::string text = {};
    std::vector<std::string> tags = {};
    std::vector<std::string> points = {};
    std::vector<std::string> twins = {};
    std::vector<std::string> paths = {};

    bool about_site() const { return points.empty() && twins.empty() && paths.empty(); }
    friend bool operator==(const NoteSpec&, const NoteSpec&) = default;
};

struct Note {
    int64_t id = 0;
    NoteSpec spec;
    std::string author;  // "anna", "key:scada", "local" where nobody had to sign in
    Time created, changed;
    std::string changed_by;
    int64_t revision = 1;
};

}  // namespace hw::note
