#pragma once

#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/time.h"
#include "sql/query/window_core.h"

namespace hw::sql {

// Which windows there are and which rows are in them; the core does the rest. Times never go back.
class WindowKind {
  public:
    virtual ~WindowKind() = default;
    // A row that the core has accepted, after advance() to its time.
    virtual void push(IncomingRow& row) = 0;
    // False: no window takes it.
    virtual bool push_late(IncomingRow& row) = 0;
    virtual void advance(Time time) = 0;
    virtual std::optional<Time> next_due() const = 0;
    virtual void finish() = 0;
    virtual void save(ByteWriter& out) const = 0;
    virtual void load(ByteReader& in) = 0;  // broken bytes: in.failed()
};

// Of the core's plan. The core outlives it.
std::unique_ptr<WindowKind> make_pane_windows(WindowCore& core);  // tumbling, hopping, count
std::unique_ptr<WindowKind> make_sliding_windows(WindowCore& core);
std::unique_ptr<WindowKind> make_session_windows(WindowCore& core);
std::unique_ptr<WindowKind> make_state_windows(WindowCore& core);
std::unique_ptr<WindowKind> make_single_rows(WindowCore& core);  // no window

}  // namespace hw::sql
