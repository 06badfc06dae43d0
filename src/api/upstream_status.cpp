#include "api/api.h"

namespace hw::api {

void Api::add_upstream() {
    operations_.push_back({"GET",
                           "/api/v1/upstream",
                           "readUpstream",
                           "The link to the centre: state, queue, figures, the last 1,000 gaps",
                           {},
                           "",
                           "",
                           "200 application/json State, newest gap first; "
                           "404 application/problem+json upstream.broker is not set",
                           false,
                           [this](Exchange exchange) {
                               if (!rooms_.upstream)
                                   return exchange.fail(
                                       Error(ErrorCode::not_found,
                                             "this server sends nothing to a centre: "
                                             "upstream.broker is not set"));
                               exchange.respond(json_response(rooms_.upstream()));
                           }});
}

}  // namespace hw::api
