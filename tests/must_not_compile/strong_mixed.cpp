// Ids of two kinds are not compared.
#include <cstdint>

#include "base/strong.h"

using Apples = hw::Strong<uint32_t, struct ApplesTag>;
using Pears = hw::Strong<uint32_t, struct PearsTag>;

#ifdef MUST_NOT_COMPILE
bool same = Apples(1) == Pears(1);
#else
bool same = Apples(1) == Apples(1);
#endif
