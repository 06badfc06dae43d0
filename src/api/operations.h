#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/principal.h"
#include "api/exchange.h"

namespace hw::api {

struct Parameter {
    std::string_view name;
    std::string_view type;  // of JSON schema: "string", "integer", "boolean"
    std::string_view help;
    bool required = false;
};

// What an operation is to somebody who may see and touch a part of the paths only
// (access::Principal::scope).
enum class Scoping : uint8_t {
    whole,   // needs all paths; so does what nobody has thought about
    free,    // has to do with no path
    filter,  // its parameters filter, twins and point are narrowed to the part
    place,   // the place path, id or name of its address must lie in the part
    own,     // looks for itself, by Exchange::principal()
};

// One operation of the interface: the router and /openapi.json read the same table.
struct Operation {
    std::string_view method;
    std::string path;  // "{name}" is a place; see router.h
    std::string_view id;
    std::string_view summary;
    std::vector<Parameter> parameters;
    // Media types of the request body, by commas, each with its schema: "application/json#Device".
    // Empty for none.
    std::string_view body;
    std::string_view body_help;
    std::string responses;   // "200 application/json#Points Points; 404 ..." see openapi.cpp
    bool may_block = false;  // runs on a worker thread
    std::function<void(Exchange)> run;
    // Least role; empty: viewer for GET, engineer for the rest. access_rules.cpp has the
    // exceptions.
    std::optional<access::Role> role = {};
    bool open = false;  // needs no sign-in
    bool self = false;  // of one's own session: also while the password must be changed first
    Scoping scoping = Scoping::whole;
};

// The least role of operations that do not say theirs, by their ids and methods.
void apply_access_rules(std::vector<Operation>& operations, bool metrics_public);
access::Role role_of(const Operation& operation);

// The members of components/schemas, as JSON without the braces around.
std::string_view openapi_schemas();
std::string_view rules_schemas();
std::string_view twin_schemas();
std::string_view access_schemas();

// Operations of a room that the API does not know itself, and the members of components/schemas
// they refer to (empty: none).
struct Extension {
    std::function<void(std::vector<Operation>&)> add_to;
    std::string_view schemas = {};
};

std::string openapi_json(const std::vector<Operation>& operations,
                         const std::vector<Extension>& extensions, std::string_view version);

}  // namespace hw::api
