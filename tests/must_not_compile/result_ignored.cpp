// A Result cannot be dropped on the floor.
#include "base/error.h"

hw::Result<void> act() {
    return {};
}

void caller() {
#ifdef MUST_NOT_COMPILE
    act();
#else
    if (!act()) return;
#endif
}
