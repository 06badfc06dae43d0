#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace hw::twin {

// One value of a JSON text with its place. Valid as long as its document.
struct JsonNode {
    enum class Kind : uint8_t { null, boolean, integer, real, text, array, object };
    Kind kind = Kind::null;
    bool boolean = false;
    uint32_t begin = 0;  // byte offsets of the value in the text
    uint32_t end = 0;
    uint32_t key_begin = 0;    // of a member's key, its opening quote
    uint32_t index = 0;        // among its siblings
    uint32_t child_count = 0;  // of an array or object
    int64_t integer = 0;
    double real = 0;        // of an integer too
    std::string_view text;  // unescaped
    std::string_view key;   // of an object's member, unescaped
    const JsonNode* parent = nullptr;
    const JsonNode* first_child = nullptr;
    const JsonNode* next = nullptr;  // sibling

    bool is_text() const { return kind == Kind::text; }
    bool is_array() const { return kind == Kind::array; }
    bool is_object() const { return kind == Kind::object; }
    // "the text 'x'", "an array", "5": for error texts.
    std::string shown() const;
};

struct JsonPlace {
    uint64_t line = 1;
    uint64_t column = 1;  // in bytes
};

// A JSON text (RFC 8259) read to a tree that knows where each value stands. Keeps the text's
// bytes by reference: the caller's text must outlive it. About 90 bytes a value.
class JsonDocument {
  public:
    static constexpr size_t bytes_limit = 64 << 20;
    static constexpr size_t nesting_limit = 128;
    static constexpr size_t nodes_limit = 4'000'000;

    struct Flaw {
        uint32_t offset = 0;
        const JsonNode* near = nullptr;  // the value that it is about, or the one around it
        std::string text;
    };

    explicit JsonDocument(std::string_view text);
    JsonDocument(const JsonDocument&) = delete;
    JsonDocument& operator=(const JsonDocument&) = delete;

    // Null where the text is no JSON: then the last flaw says why. Keys that stand twice in an
    // object are flaws too; the first one counts.
    const JsonNode* root() const { return root_; }
    const std::vector<Flaw>& flaws() const { return flaws_; }
    std::string_view text() const { return text_; }

    // Cost: a binary search over the lines.
    JsonPlace place(uint32_t offset) const;

  private:
    friend class JsonTreeReader;

    std::string_view text_;
    std::deque<JsonNode> nodes_;
    std::deque<std::string> unescaped_;
    std::vector<Flaw> flaws_;
    std::vector<uint32_t> line_starts_;
    const JsonNode* root_ = nullptr;
};

// RFC 6901: "/contents/3/schema"; empty for the root.
std::string json_pointer(const JsonNode& node);

}  // namespace hw::twin
