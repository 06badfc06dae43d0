#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace hw::app {

// What the process was given by its surroundings.
std::optional<std::string> environment(const char* name);  // empty values count as none
bool is_terminal(int descriptor);
// ANSI styles on this descriptor: a terminal, and NO_COLOR is not set.
bool may_colour(int descriptor);
unsigned terminal_columns(int descriptor);  // 80 where unknown

// Writes all of it to standard output. False where the reader went away (`| head`) or the disk is
// full: the caller ends quietly.
bool write_out(std::string_view text);
bool flush_out();

// A secret typed twice on the terminal, unseen; or the first line of standard input, where that is
// no terminal. Errors: invalid_argument where the two differ or there is none.
Result<std::string> read_new_secret(std::string_view prompt);

// SIGINT and SIGTERM are noted from now on; 0 for none yet. For loops that end by themselves.
void note_signals();
int noted_signal();

}  // namespace hw::app
