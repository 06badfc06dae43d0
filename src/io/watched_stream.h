#pragma once

#include <functional>
#include <memory>

#include "base/time.h"
#include "io/reactor.h"
#include "io/stream.h"

namespace hw::io {

// A stream that is closed once `still` says no; asked that often, on the reactor's thread, where
// the stream lives.
inline constexpr Duration watch_period = seconds(2);
std::unique_ptr<Stream> watch_stream(Reactor& reactor, std::unique_ptr<Stream> inner,
                                     std::function<bool()> still);

}  // namespace hw::io
