// Two points in time are not added; a length of time is.
#include "base/time.h"

#ifdef MUST_NOT_COMPILE
hw::Time later = hw::Time{1} + hw::Time{2};
#else
hw::Time later = hw::Time{1} + hw::seconds(2);
#endif
