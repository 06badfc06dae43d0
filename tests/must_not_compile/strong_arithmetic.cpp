// Ids are not added up.
#include <cstdint>

#include "base/strong.h"

using Apples = hw::Strong<uint32_t, struct ApplesTag>;

#ifdef MUST_NOT_COMPILE
auto sum = Apples(1) + Apples(2);
#else
auto sum = Apples(1).value() + Apples(2).value();
#endif
