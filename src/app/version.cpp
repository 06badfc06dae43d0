#include "app/version.h"

namespace hw::app {

const std::string_view version = HEADWORKS_VERSION;
const std::string_view build = HEADWORKS_BUILD_KIND;

}  // namespace hw::app
