#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "sql/datum.h"

namespace hw::rules {

// Takes members out of an object one by one; what is wrong is kept until finish(), with the path of
// the member, and so is what was never asked for, with the nearest name. A null is as if not there.
class SpecReader {
  public:
    SpecReader(const sql::Datum& object, std::string_view path);

    bool has(std::string_view name) const;
    // The member as it is, or nullptr.
    const sql::Datum* take(std::string_view name);
    std::string text(std::string_view name, std::string_view otherwise = {});
    // A text, or any scalar as its text: for templates.
    std::string plain(std::string_view name, std::string_view otherwise = {});
    bool boolean(std::string_view name, bool otherwise);
    int64_t integer(std::string_view name, int64_t otherwise, int64_t least, int64_t most);
    Duration duration(std::string_view name, Duration otherwise);  // "10s", or a number of ms
    uint64_t bytes(std::string_view name, uint64_t otherwise);     // "64MiB", or a number
    std::vector<std::string> texts(std::string_view name);         // a list, or one text

    void flaw(std::string_view name, std::string_view what);
    void flaw(const Error& error);
    // Members that were not taken, as they are: for settings of another owner.
    sql::Datum rest();
    Result<void> finish() const;
    std::string path_of(std::string_view name) const;

  private:
    const sql::Datum& object_;
    const std::string path_;
    std::vector<std::string> known_;
    std::optional<Error> error_;
};

}  // namespace hw::rules
