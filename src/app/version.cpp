#include "app/version.h"

namespace hw::app {

const std::string_view version = HEADWORKS_VERSION;

}  // namespace hw::app
