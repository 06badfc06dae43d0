#pragma once

#include "connector/connector.h"

namespace hw::connector::smtp {

// Mail through a server that takes it by SMTP.
const Kind& kind();

}  // namespace hw::connector::smtp
