#include "app/line_editor.h"

#include <editline/readline.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <memory>

#include "app/terminal.h"

namespace hw::app {

namespace {

constexpr int history_lines = 1000;

}  // namespace

LineEditor::LineEditor(std::string history_file)
    : history_file_(std::move(history_file)),
      interactive_(is_terminal(STDIN_FILENO) && is_terminal(STDOUT_FILENO)) {
    if (!interactive_) return;
    using_history();
    stifle_history(history_lines);
    if (!history_file_.empty()) read_history(history_file_.c_str());
}

LineEditor::~LineEditor() {
    if (interactive_ && !history_file_.empty()) write_history(history_file_.c_str());
}

std::optional<std::string> LineEditor::read(const char* prompt) {
    std::string line;
    if (!interactive_) {
        if (!std::getline(std::cin, line)) return std::nullopt;
        return line;
    }
    const std::unique_ptr<char, decltype(&std::free)> typed(readline(prompt), &std::free);
    if (!typed) return std::nullopt;
    return std::string(typed.get());
}

void LineEditor::remember(const std::string& line) {
    if (interactive_ && !line.empty()) add_history(line.c_str());
}

}  // namespace hw::app
