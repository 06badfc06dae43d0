#include "twin/live_lock.h"

namespace hw::twin {

thread_local const LiveLock* LiveLock::writes_ = nullptr;

}  // namespace hw::twin
