#pragma once

#include <span>
#include <string_view>

namespace hw {

// A file that was built into the program (cmake/embed.cmake).
struct EmbeddedFile {
    std::string_view name;
    std::string_view bytes;
};

// The console; none where it was not built. Packed forms have ".br" behind their names.
std::span<const EmbeddedFile> console_files();
// Of the room "sql/codecs": sparkplug_b.proto.
std::span<const EmbeddedFile> sql_codecs_files();
// Of the room "twin/model": the model library.
std::span<const EmbeddedFile> twin_model_files();

}  // namespace hw
