#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json_writer.h"
#include "sql/datum.h"
#include "twin/model/language_text.h"

namespace hw::twin {

// A name for people: one text, or a text for each of some languages. In memory and in the tables a
// name is one string: the text, or the languages as compact JSON in the order they were given
// ({"en":"Filter 1","zh":"滤池 1"}). So a name of one language costs what it did before there were
// several, tables and files of before are read, and a cell of CSV holds either.
inline constexpr size_t name_bytes_limit = 512;  // of a text
inline constexpr size_t name_languages_limit = 16;

// As somebody gives it: a text (also such JSON) or an object. Errors say what is wrong with a name.
Result<std::string> read_name(const sql::Datum& given);
Result<std::string> read_name(std::string_view given);

// The texts of a name of several languages; empty: it is one text.
std::vector<LanguageText> name_texts(std::string_view name);
// As it was given: a text or an object.
sql::Datum name_datum(std::string_view name);
void write_name(JsonWriter& json, std::string_view member, std::string_view name);
// The text in a language; where there is none in it, or none is asked for, English, else the
// first.
std::string name_in(std::string_view name, std::string_view language = {});
// All its texts, parted by spaces: what a search looks at.
std::string all_names(std::string_view name);

}  // namespace hw::twin
