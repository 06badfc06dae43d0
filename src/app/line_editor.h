#pragma once

#include <optional>
#include <string>

namespace hw::app {

// Lines that a person types, with editing and a history that is kept in a file; from what is no
// terminal, plain lines without a prompt. One at a time in a process.
class LineEditor {
  public:
    // The history's file; empty: none.
    explicit LineEditor(std::string history_file);
    ~LineEditor();
    LineEditor(const LineEditor&) = delete;
    LineEditor& operator=(const LineEditor&) = delete;

    // Without its line break; nothing at the end of the input.
    std::optional<std::string> read(const char* prompt);
    void remember(const std::string& line);

  private:
    const std::string history_file_;
    const bool interactive_;
};

}  // namespace hw::app
