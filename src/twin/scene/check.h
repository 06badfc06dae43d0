#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sql/datum.h"
#include "twin/scene/format.h"

namespace hw::twin {

// What is wrong with a scene, or merely doubtful, and where.
struct SceneFlaw {
    std::string path;  // JSON pointer (RFC 6901): "/nodes/3/shape/diameter"
    std::string node;  // id of the node it is in; empty: none
    std::string text;  // names value, limit and remedy

    // "/nodes/3/shape/diameter (node 'tank1'): expected a number, found the text 'x'"
    std::string full_text() const;
    friend bool operator==(const SceneFlaw&, const SceneFlaw&) = default;
};

// Flaws as they are found; beyond the limit they are only counted.
class SceneFlaws {
  public:
    static constexpr size_t limit = 100;

    void add(std::string path, std::string node, std::string text);
    bool none() const { return found_.empty(); }
    size_t more() const { return more_; }
    const std::vector<SceneFlaw>& found() const { return found_; }
    // Of all of them, in one sentence.
    std::string summary() const;

  private:
    std::vector<SceneFlaw> found_;
    size_t more_ = 0;
};

// Checks a value against the table; every flaw is reported with its path. `path` and `node` say
// where the value itself is. Cost: once over it.
void check_fields(const ObjectType& type, const sql::Datum& value, const std::string& path,
                  const std::string& node, SceneFlaws& flaws);

// "a|b|c" parted.
std::vector<std::string> words_of(std::string_view words);
// The text of a label or badge: whether its places in braces are known. Empty: yes.
std::string check_format(std::string_view format);
// "#rrggbb".
bool is_colour(std::string_view text);

}  // namespace hw::twin
