#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/principal.h"
#include "base/clock.h"
#include "base/error.h"
#include "catalog/audit.h"
#include "catalog/database.h"
#include "note/note.h"
#include "note/settings.h"

namespace hw::note {

// Who changes something, from where, and which revision is meant (none: whichever it is).
struct Change {
    const access::Principal& who;
    std::string actor;
    std::string origin;
    std::optional<int64_t> revision = {};
};

struct NoteQuery {
    std::optional<Time> from = {};  // notes that touch [from, to)
    std::optional<Time> to = {};
    // Any of these; all empty: every note. A note is found by what it is about, or lies below; by a
    // twin or a path also where it is about something below that.
    std::vector<std::string> points = {}, twins = {}, paths = {};
    bool site = true;  // with those about the whole site
    std::string tag = {};
    std::string author = {};
    std::function<bool(const Note&)> also = {};  // every note that is found passes it
    size_t limit = 100;
    struct Cursor {
        Time from;
        int64_t id = 0;
    };
    std::optional<Cursor> after = {};
};

struct NotePage {
    std::vector<Note> notes;                // the newest first
    std::optional<NoteQuery::Cursor> next;  // nullopt: there are no more
};

// The notes of the people who run the works: rows of the catalogue (room "note"). Who is limited to
// a part of the paths sees notes that touch it, and of what they are about only that part, and
// those about the whole site; he writes only such as are about nothing else than his part.
// Everybody else sees all. Operators and above write; one's own may be changed and deleted,
// anybody's by engineers and administrators. Each change, refused ones too, leaves an audit record.
// Any thread.
//
// Deleted notes can be brought back for a while; then, or when there are too many, they go.
class Notes {
  public:
    struct Rooms {
        catalog::Database& database;
        catalog::AuditLog& audit;
        const Clock& clock;
    };

    // Makes its tables. What is pointed to outlives it.
    static Result<std::unique_ptr<Notes>> open(const Settings& settings, Rooms rooms);

    // Looks at up to 100,000 notes, some 200 ns each, so a page may be short and have a next.
    Result<NotePage> list(const NoteQuery& query, const access::Principal& who) const;
    // not_found also for what the one who asks must not see.
    Result<Note> get(int64_t id, const access::Principal& who) const;
    // `json` as read_note() and patch_note() take it. Errors: invalid_argument, limit_exceeded,
    // permission_denied, conflict (another revision).
    Result<Note> create(std::string_view json, const Change& change);
    Result<Note> patch(int64_t id, std::string_view json, const Change& change);
    Result<void> remove(int64_t id, const Change& change);
    // A deleted one, as it was.
    Result<Note> restore(int64_t id, const Change& change);

    static bool may_change(const Note& note, const access::Principal& who);
    // Grows with every change: an answer of the same version is the same answer.
    Result<int64_t> version() const;

  private:
    Notes(const Settings& settings, Rooms rooms) : settings_(settings), rooms_(rooms) {}

    using Work = std::function<Result<void>(catalog::Session&)>;
    Result<void> change(const Change& change, std::string_view action, const int64_t& id,
                        std::string& before, const std::string& after, const Work& work);
    Result<Note> writable(catalog::Session& session, int64_t id, bool deleted,
                          const Change& change) const;
    Result<void> check_count(catalog::Session& session) const;
    Result<void> make_room(catalog::Session& session) const;

    const Settings settings_;
    const Rooms rooms_;
};

}  // namespace hw::note
