#include "broker/text_hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace hw::broker {

uint64_t hash_text(std::string_view text) {
    return XXH3_64bits(text.data(), text.size());
}

}  // namespace hw::broker
