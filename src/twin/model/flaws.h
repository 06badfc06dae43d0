#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "twin/model/models.h"
#include "twin/model/positioned_json.h"

namespace hw::twin {

// A document that is being read.
struct Sheet {
    size_t index;
    JsonDocument json;

    Sheet(size_t which, std::string_view text) : index(which), json(text) {}
};

// Gathers flaws up to the limit; what comes later is dropped.
class FlawList {
  public:
    static constexpr size_t limit = 100;

    explicit FlawList(std::vector<ModelFlaw>& flaws) : flaws_(flaws) {}

    // About a value; about a member's key.
    void add(const Sheet& sheet, const JsonNode& node, std::string text);
    void add_at_key(const Sheet& sheet, const JsonNode& node, std::string text);
    // What the JSON reader found.
    void add_all_of(const Sheet& sheet);
    void add_without_place(size_t document, std::string element, std::string text);

    bool any() const { return any_; }
    bool full() const { return flaws_.size() >= limit; }
    // By document, line and column.
    void sort();

  private:
    void add_at(const Sheet& sheet, const JsonNode* node, uint32_t offset, std::string text);

    std::vector<ModelFlaw>& flaws_;
    bool any_ = false;
};

// ": did you mean 'x'?" where a candidate is close, else nothing.
std::string hint(std::string_view text, const std::vector<std::string>& candidates);

}  // namespace hw::twin
