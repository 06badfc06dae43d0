#pragma once

#include <string_view>
#include <vector>

#include "api/exchange.h"
#include "api/operations.h"
#include "api/settings.h"
#include "base/clock.h"
#include "note/notes.h"

namespace hw::api {

// The notes of the people who run the works, over HTTP. All run on worker threads. Who may read and
// write which note the room itself decides.
class NoteOperations {
  public:
    struct Rooms {
        note::Notes& notes;
        const Clock& clock;
    };

    // What is pointed to outlives it.
    NoteOperations(const Settings& settings, Rooms rooms) : settings_(settings), rooms_(rooms) {}

    void add_to(std::vector<Operation>& operations);

  private:
    struct ListRequest {
        Format format = Format::json;
        note::NoteQuery query;
    };
    Result<ListRequest> read_list_request(const io::HttpRequest& request) const;

    void list(Exchange exchange) const;
    void get(Exchange exchange) const;
    void create(Exchange exchange);
    void patch(Exchange exchange);
    void remove(Exchange exchange);
    void restore(Exchange exchange);

    const Settings settings_;
    const Rooms rooms_;
};

std::string_view note_schemas();

}  // namespace hw::api
