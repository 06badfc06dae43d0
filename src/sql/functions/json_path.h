#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sql/datum.h"

namespace hw::sql {

// JSONPath (Goessner's, RFC 9535 where that is stricter about nothing): $ . .. [n] [a:b:c] ['key']
// [key] [1,2] * and filters [?(@.age > 60 && @.name =~ 'a.*')]. As eKuiper documents it, a name
// asked of an array is asked of its first item. A path has at most 4 KiB and 128 steps, filters
// nest 32 deep. Immutable; any thread.
class JsonPath {
  public:
    static Result<JsonPath> parse(std::string_view text);
    JsonPath(JsonPath&&) noexcept;
    JsonPath& operator=(JsonPath&&) noexcept;
    ~JsonPath();

    // No wildcard, slice, union, filter or descent in it: finds at most one.
    bool definite() const;
    // What it finds, in the document's order; the values belong to `root`. limit_exceeded where it
    // looks at more than a million values.
    Result<std::vector<const Datum*>> find(const Datum& root) const;

    struct Node;

  private:
    explicit JsonPath(std::unique_ptr<Node> node);
    std::unique_ptr<Node> node_;
};

}  // namespace hw::sql
