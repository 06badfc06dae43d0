// A plain number does not become an id by itself.
#include <cstdint>

#include "base/strong.h"

using Apples = hw::Strong<uint32_t, struct ApplesTag>;

#ifdef MUST_NOT_COMPILE
Apples apples = 1;
#else
Apples apples(1);
#endif
