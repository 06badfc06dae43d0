#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "sql/datum.h"

namespace hw::scenario {

// Reads the members of one JSON object: each is asked for once, and finish() tells the first thing
// that was wrong, or a member that nobody asked for with the nearest known name.
class MemberReader {
  public:
    // `path`: of the object, for errors; "" is the whole text.
    MemberReader(const sql::Datum& object, std::string path);

    const sql::Datum* take(std::string_view name);  // null: not there, or null
    std::string text(std::string_view name, std::string_view otherwise = "");
    double number(std::string_view name, double otherwise);
    Duration duration(std::string_view name, Duration otherwise);  // "24h"
    std::string path_of(std::string_view name) const;
    void flaw(std::string_view name, std::string_view what);  // the first one is kept
    void ignore(std::string_view name) { take(name); }
    Result<void> finish();

  private:
    const sql::Datum& object_;
    std::string path_;
    std::vector<std::string> asked_;
    std::string flaw_;
};

}  // namespace hw::scenario
