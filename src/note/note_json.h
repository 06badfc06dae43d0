#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json_writer.h"
#include "base/time.h"
#include "note/note.h"

namespace hw::note {

// A note as JSON: {"from":"2026-11-27T06:10:00Z","to":null,"text":"...","tags":["shift"],
// "points":[],"twins":[],"paths":["bluewater/plant1"]}. Times also relative to `now` ("now-5m").
// Errors name the member, its value and what is allowed; a member nobody knows is refused.
//
// A whole note; without "from" it is of now.
Result<NoteSpec> read_note(std::string_view json, size_t text_limit, Time now);
// A merge patch (RFC 7396) over one.
Result<NoteSpec> patch_note(NoteSpec note, std::string_view json, size_t text_limit, Time now);

// The members of it, within an object that the caller has begun.
void write_note_members(JsonWriter& json, const NoteSpec& note);
std::string note_text(const NoteSpec& note);

}  // namespace hw::note
