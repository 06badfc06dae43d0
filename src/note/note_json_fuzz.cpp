// Notes as they are sent: what is read is within the limits, and reads back as the same note.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "note/note_json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    constexpr size_t text_limit = 200;
    const hw::Time now{1'700'000'000'000'000'000};
    const std::string_view json(reinterpret_cast<const char*>(data), size);
    const auto note = hw::note::read_note(json, text_limit, now);
    if (!note) return 0;
    if (note->text.empty() || note->text.size() > 4 * text_limit) std::abort();
    if (note->tags.size() > hw::note::tags_limit) std::abort();
    if (note->points.size() + note->twins.size() + note->paths.size() > hw::note::targets_limit)
        std::abort();
    if (note->to && *note->to <= note->from) std::abort();
    const auto again = hw::note::read_note(hw::note::note_text(*note), text_limit, now);
    if (!again || !(*again == *note)) std::abort();
    return 0;
}
