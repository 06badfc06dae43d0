#pragma once

#include <functional>
#include <memory>
#include <string>

#include "io/reactor.h"

namespace hw::app {

// Standard input for a reactor: a thread reads (pipes, terminals and files alike block) and hands
// on what came, at most 16 pieces of 64 KiB ahead. The thread may still be in read() when the
// process ends; it holds nothing that the feed owns.
class InputFeed {
  public:
    // Called on the reactor's thread: a piece, and at the end an empty one.
    InputFeed(io::Reactor& reactor, std::function<void(std::string)> on_piece);
    ~InputFeed();
    // The piece is used up: one more may be read.
    void more();

    struct Shared;

  private:
    std::shared_ptr<Shared> shared_;
};

}  // namespace hw::app
