#pragma once

#include <list>
#include <memory>

#include "access/principal.h"
#include "api/access_guard.h"
#include "io/http.h"
#include "io/reactor.h"

namespace hw::api {

// Answers of the API on their way out: all get the headers that keep them out of caches, and those
// that are streamed are cut within some seconds of the end of what was granted to their client. The
// reactor's thread, but for the responders.
class SealedAnswers {
  public:
    // Both outlive it.
    SealedAnswers(io::Reactor& reactor, const Guard& guard);
    ~SealedAnswers();

    // `grant` may be null: nothing ends.
    std::unique_ptr<io::HttpResponder> seal(std::unique_ptr<io::HttpResponder> responder,
                                            access::GrantPtr grant);
    static void add_headers(io::HttpResponse& response);

  private:
    class Responder;
    class Outlet;
    struct Shared;
    void look();

    io::Reactor& reactor_;
    const Guard& guard_;
    const std::shared_ptr<Shared> shared_;
    io::Reactor::TimerId timer_ = 0;
};

}  // namespace hw::api
