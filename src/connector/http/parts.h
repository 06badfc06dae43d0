#pragma once

#include <memory>

#include "connector/connector.h"
#include "connector/settings_text.h"

namespace hw::connector::http {

Result<std::unique_ptr<Sink>> make_sink(const Config::Table& settings, const Rooms& rooms);
Result<std::unique_ptr<SourceLink>> make_pull(const Config::Table& settings, const Rooms& rooms);
Result<std::unique_ptr<SourceLink>> make_push(const Config::Table& settings, const Rooms& rooms);
Result<std::unique_ptr<Lookup>> make_lookup(const Config::Table& settings, const Rooms& rooms);

// "url" and `more` as one template: placeholders are percent-encoded, but one at the beginning,
// which brings a whole address.
Result<Template> url_template(const Config::Table& settings, std::string_view more);
// Lines' ends within a header's value would begin another header: they become spaces.
std::string header_value(std::string text);

}  // namespace hw::connector::http
