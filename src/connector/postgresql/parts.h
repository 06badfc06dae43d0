#pragma once

#include <memory>

#include "connector/connector.h"

namespace hw::connector::postgresql {

Result<std::unique_ptr<Sink>> make_sink(const Config::Table& settings, const Rooms& rooms);
Result<std::unique_ptr<SourceLink>> make_source(const Config::Table& settings, const Rooms& rooms);
Result<std::unique_ptr<Lookup>> make_lookup(const Config::Table& settings, const Rooms& rooms);

}  // namespace hw::connector::postgresql
