#include "note/notes.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "model/point_path.h"
#include "note/note_json.h"

namespace hw::note {

namespace {

using access::Principal;
using access::Role;
using catalog::as_int;
using catalog::as_text;
using catalog::ColumnType;
using catalog::Row;
using catalog::Session;
using catalog::Value;

// One row a note: lists are texts parted by line feeds, which no entry has. `until_ns` is `to`, or
// `from` of a moment. The counters outlive the rows: an id or a version never comes twice.
constexpr catalog::Migration migrations[] = {
    {"notes",
     "create table note (id bigint not null primary key, from_ns bigint not null, "
     "to_ns bigint, until_ns bigint not null, content text not null, tags text not null, "
     "points text not null, twins text not null, paths text not null, author text not null, "
     "created_ns bigint not null, changed_ns bigint not null, changed_by text not null, "
     "revision bigint not null, deleted_ns bigint);\n"
     "create index note_from on note (from_ns, id);\n"
     "create index note_deleted on note (deleted_ns);\n"
     "create table note_counter (last_id bigint not null, version bigint not null);\n"
     "insert into note_counter (last_id, version) values (0, 0);\n"}};

constexpr std::string_view columns =
    "id, from_ns, to_ns, content, tags, points, twins, paths, author, created_ns, changed_ns, "
    "changed_by, revision, deleted_ns";
constexpr ColumnType types[] = {
    ColumnType::int64, ColumnType::int64, ColumnType::int64, ColumnType::text, ColumnType::text,
    ColumnType::text,  ColumnType::text,  ColumnType::text,  ColumnType::text, ColumnType::int64,
    ColumnType::int64, ColumnType::text,  ColumnType::int64, ColumnType::int64};
constexpr size_t deleted_column = 13;
constexpr size_t scan_limit = 100'000;

std::vector<std::string> lines(std::string text) {
    std::vector<std::string> out;
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        out.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return out;
}

std::string joined(const std::vector<std::string>& list) {
    return fmt::format("{}", fmt::join(list, "\n"));
}

bool is_null(const Value& value) {
    return std::holds_alternative<std::monostate>(value);
}

Note note_of(Row& row) {
    Note note;
    note.id = as_int(row[0]);
    note.spec.from = Time{as_int(row[1])};
    if (!is_null(row[2])) note.spec.to = Time{as_int(row[2])};
    note.spec.text = as_text(std::move(row[3]));
    note.spec.tags = lines(as_text(std::move(row[4])));
    note.spec.points = lines(as_text(std::move(row[5])));
    note.spec.twins = lines(as_text(std::move(row[6])));
    note.spec.paths = lines(as_text(std::move(row[7])));
    note.author = as_text(std::move(row[8]));
    note.created = Time{as_int(row[9])};
    note.changed = Time{as_int(row[10])};
    note.changed_by = as_text(std::move(row[11]));
    note.revision = as_int(row[12]);
    return note;
}

// Whether `path` is `top` or lies below it.
bool within(std::string_view path, std::string_view top) {
    return path.starts_with(top) && (path.size() == top.size() || path[top.size()] == '/');
}

bool any_of(const std::vector<std::string>& list, auto test) {
    return std::any_of(list.begin(), list.end(), test);
}

// What the note is about covers the path.
bool covers(const NoteSpec& note, std::string_view path) {
    const auto above = [&](const std::string& target) { return within(path, target); };
    return any_of(note.paths, above) || any_of(note.twins, above) || any_of(note.points, above);
}

// It is about something below the path.
bool lies_below(const NoteSpec& note, std::string_view path) {
    const auto below = [&](const std::string& target) { return within(target, path); };
    return any_of(note.paths, below) || any_of(note.twins, below) || any_of(note.points, below);
}

bool wanted(const Note& note, const NoteQuery& query) {
    const auto& spec = note.spec;
    const auto found = [&](const std::string& path) {
        return covers(spec, path) || lies_below(spec, path);
    };
    const bool all = query.points.empty() && query.twins.empty() && query.paths.empty();
    const bool chosen =
        spec.about_site()
            ? query.site
            : all || any_of(query.points, [&](const auto& point) { return covers(spec, point); }) ||
                  any_of(query.twins, found) || any_of(query.paths, found);
    return chosen &&
           (query.tag.empty() ||
            any_of(spec.tags, [&](const auto& tag) { return tag == query.tag; })) &&
           (query.author.empty() || note.author == query.author) &&
           (!query.also || query.also(note));
}

// Leaves of what it is about the part that may be seen; false: the note must not be seen.
bool narrow(NoteSpec& note, const Principal& who) {
    if (!who.scoped() || note.about_site()) return true;
    const auto unseen = [&](const std::string& path) { return !model::matches(who.scope, path); };
    std::erase_if(note.points, unseen);
    std::erase_if(note.twins, unseen);
    std::erase_if(note.paths, [&](const std::string& path) {
        return !access::common_filter(who.scope, path + "/#");
    });
    return !note.about_site();
}

Result<void> check_scope(const NoteSpec& note, const Principal& who) {
    if (!who.scoped()) return {};
    const auto refuse = [&](std::string_view what) -> Result<void> {
        return hw::fail(ErrorCode::permission_denied,
                        fmt::format("the note is about {}, and {} may see and touch '{}' only; "
                                    "name points, twins or paths of that part",
                                    what, who.actor(), who.scope));
    };
    if (note.about_site()) return refuse("the whole site");
    for (const auto* list : {&note.points, &note.twins})
        for (const auto& path : *list)
            if (!model::matches(who.scope, path)) return refuse(fmt::format("'{}'", path));
    for (const auto& path : note.paths)
        if (!access::covers(who.scope, path + "/#")) return refuse(fmt::format("'{}'", path));
    return {};
}

Error no_note(int64_t id) {
    return Error(ErrorCode::not_found,
                 fmt::format("there is no note {}; it may have been deleted", id));
}

Result<std::optional<Note>> find(Session& session, int64_t id, bool deleted) {
    auto statement =
        HW_TRY(session.prepare(fmt::format("select {} from note where id = :id", columns),
                               std::span<const ColumnType>(types, 1), types));
    std::optional<Note> found;
    const Value parameters[] = {id};
    HW_TRY(statement.each(parameters, [&](Row& row) -> Result<void> {
        if (is_null(row[deleted_column]) != deleted) found = note_of(row);
        return {};
    }));
    return found;
}

Result<void> store(Session& session, const Note& note, bool fresh) {
    const auto& spec = note.spec;
    const auto until = spec.to.value_or(spec.from).ns;
    Value parameters[] = {spec.from.ns,
                          Value(),
                          until,
                          spec.text,
                          joined(spec.tags),
                          joined(spec.points),
                          joined(spec.twins),
                          joined(spec.paths),
                          note.changed.ns,
                          note.changed_by,
                          note.revision,
                          note.id,
                          note.author,
                          note.created.ns};
    if (spec.to) parameters[1] = spec.to->ns;
    constexpr ColumnType kinds[] = {ColumnType::int64, ColumnType::int64, ColumnType::int64,
                                    ColumnType::text,  ColumnType::text,  ColumnType::text,
                                    ColumnType::text,  ColumnType::text,  ColumnType::int64,
                                    ColumnType::text,  ColumnType::int64, ColumnType::int64,
                                    ColumnType::text,  ColumnType::int64};
    const size_t count = fresh ? std::size(kinds) : std::size(kinds) - 2;
    auto statement = HW_TRY(session.prepare(
        fresh ? "insert into note (from_ns, to_ns, until_ns, content, tags, points, twins, paths, "
                "changed_ns, changed_by, revision, id, author, created_ns) values (:from_ns, "
                ":to_ns, :until_ns, :content, :tags, :points, :twins, :paths, :changed_ns, "
                ":changed_by, :revision, :id, :author, :created_ns)"
              : "update note set from_ns = :from_ns, to_ns = :to_ns, until_ns = :until_ns, "
                "content = :content, tags = :tags, points = :points, twins = :twins, "
                "paths = :paths, changed_ns = :changed_ns, changed_by = :changed_by, "
                "revision = :revision, deleted_ns = null where id = :id",
        std::span<const ColumnType>(kinds, count)));
    HW_TRY(statement.run(std::span<const Value>(parameters, count)));
    return {};
}

std::string name_of(const Change& change) {
    return change.actor.empty() ? "local" : change.actor;
}

// The condition and its parameters, in step.
struct Where {
    std::string text = " where deleted_ns is null";
    std::vector<Value> values;
    std::vector<ColumnType> types;

    void add(std::string_view condition, int64_t value) {
        text.append(" and ").append(condition);
        values.emplace_back(value);
        types.push_back(ColumnType::int64);
    }
};

Where where_of(const NoteQuery& query) {
    Where where;
    if (query.from) where.add("until_ns >= :first_ns", query.from->ns);
    if (query.to) where.add("from_ns < :last_ns", query.to->ns);
    if (query.after) {
        where.add("(from_ns < :after_ns", query.after->from.ns);
        where.text += " or (from_ns = :same_ns";
        where.values.emplace_back(query.after->from.ns);
        where.types.push_back(ColumnType::int64);
        where.add("id < :after_id))", query.after->id);
    }
    return where;
}

}  // namespace

bool Notes::may_change(const Note& note, const Principal& who) {
    if (who.role >= Role::engineer) return true;
    return who.role >= Role::operating && note.author == who.actor() && !who.actor().empty();
}

Result<std::unique_ptr<Notes>> Notes::open(const Settings& settings, Rooms rooms) {
    HW_TRY(rooms.database.migrate("note", migrations));
    return std::unique_ptr<Notes>(new Notes(settings, rooms));
}

Result<NotePage> Notes::list(const NoteQuery& query, const Principal& who) const {
    const Where where = where_of(query);
    NotePage page;
    const auto read = rooms_.database.read([&](Session& session) -> Result<void> {
        auto select = HW_TRY(
            session.prepare(fmt::format("select {} from note{} order by from_ns desc, id desc "
                                        "limit {}",
                                        columns, where.text, scan_limit),
                            where.types, types));
        size_t scanned = 0;
        NoteQuery::Cursor last;
        bool full = false;
        // The limit is seen one row late: only then it is known that there are more.
        const auto more = Error(ErrorCode::cancelled, "");
        const auto done = select.each(where.values, [&](Row& row) -> Result<void> {
            ++scanned;
            Note note = note_of(row);
            const bool take = narrow(note.spec, who) && wanted(note, query);
            if (take && page.notes.size() >= query.limit) {
                full = true;
                return hw::fail(more);
            }
            last = {note.spec.from, note.id};
            if (take) page.notes.push_back(std::move(note));
            return {};
        });
        if (!done && !full) return done;
        if (full || scanned == scan_limit) page.next = last;
        return {};
    });
    if (!read) return hw::fail(read.error());
    return page;
}

Result<Note> Notes::get(int64_t id, const Principal& who) const {
    std::optional<Note> found;
    const auto read = rooms_.database.read([&](Session& session) -> Result<void> {
        found = HW_TRY(find(session, id, false));
        return {};
    });
    if (!read) return hw::fail(read.error());
    if (!found || !narrow(found->spec, who)) return hw::fail(no_note(id));
    return std::move(*found);
}

Result<int64_t> Notes::version() const {
    int64_t version = 0;
    const auto read = rooms_.database.read([&](Session& session) -> Result<void> {
        version = HW_TRY(session.number("select version from note_counter"));
        return {};
    });
    if (!read) return hw::fail(read.error());
    return version;
}

// What the work does, the version's step and, whichever way it ends, an audit record.
Result<void> Notes::change(const Change& change, std::string_view action, const int64_t& id,
                           std::string& before, const std::string& after, const Work& work) {
    auto done = rooms_.database.transaction([&](Session& session) -> Result<void> {
        HW_TRY(work(session));
        HW_TRY(session.run("update note_counter set version = version + 1"));
        return {};
    });
    rooms_.audit.append({.time = rooms_.clock.now(),
                         .actor = change.actor,
                         .origin = change.origin,
                         .action = fmt::format("note.{}", action),
                         .target = id > 0 ? fmt::format("note/{}", id) : "note",
                         .old_value = std::move(before),
                         .new_value = done ? after : "",
                         .result = done ? "ok" : std::string(to_string(done.error().code())),
                         .detail = done ? "" : done.error().text()});
    return done;
}

Result<Note> Notes::writable(Session& session, int64_t id, bool deleted,
                             const Change& change) const {
    auto found = HW_TRY(find(session, id, deleted));
    Note seen = found ? *found : Note();
    if (!found || !narrow(seen.spec, change.who))
        return hw::fail(deleted ? Error(ErrorCode::not_found,
                                        fmt::format("there is no deleted note {}; it was not "
                                                    "deleted, or longer ago than "
                                                    "note.deleted_retention",
                                                    id))
                                : no_note(id));
    HW_TRY(check_scope(found->spec, change.who));
    if (!may_change(*found, change.who))
        return hw::fail(ErrorCode::permission_denied,
                        fmt::format("note {} is {}'s; its author, an engineer or an administrator "
                                    "may change it",
                                    id, found->author));
    if (change.revision && *change.revision != found->revision)
        return hw::fail(ErrorCode::conflict,
                        fmt::format("note {} is at revision {}, not {}; read it again", id,
                                    found->revision, *change.revision));
    return std::move(*found);
}

Result<void> Notes::check_count(Session& session) const {
    const auto limit = static_cast<int64_t>(settings_.notes_limit);
    if (HW_TRY(session.number("select count(*) from note where deleted_ns is null")) < limit)
        return {};
    return hw::fail(ErrorCode::limit_exceeded,
                    fmt::format("{} notes are kept, the limit note.notes_limit; delete some or "
                                "raise it",
                                limit));
}

// Deleted ones whose time is over go, and where the table is full the one deleted longest ago.
Result<void> Notes::make_room(Session& session) const {
    HW_TRY(check_count(session));
    HW_TRY(session.run("delete from note where deleted_ns < :before",
                       {(rooms_.clock.now() - settings_.deleted_retention).ns}));
    const auto limit = static_cast<int64_t>(settings_.notes_limit);
    if (HW_TRY(session.number("select count(*) from note")) < limit) return {};
    HW_TRY(
        session.run("delete from note where id in (select id from note where deleted_ns is not "
                    "null order by deleted_ns, id limit 1)"));
    return {};
}

Result<Note> Notes::create(std::string_view json, const Change& change) {
    Note note;
    std::string before, after;
    const Work work = [&](Session& session) -> Result<void> {
        const Time now = rooms_.clock.now();
        note.spec = HW_TRY(read_note(json, settings_.text_limit, now));
        HW_TRY(check_scope(note.spec, change.who));
        HW_TRY(make_room(session));
        HW_TRY(session.run("update note_counter set last_id = last_id + 1"));
        note.author = note.changed_by = name_of(change);
        note.created = note.changed = now;
        note.id = HW_TRY(session.number("select last_id from note_counter"));
        HW_TRY(store(session, note, true));
        after = note_text(note.spec);
        return {};
    };
    HW_TRY(this->change(change, "create", note.id, before, after, work));
    return note;
}

Result<Note> Notes::patch(int64_t id, std::string_view json, const Change& change) {
    Note note;
    std::string before, after;
    const Work work = [&](Session& session) -> Result<void> {
        const Time now = rooms_.clock.now();
        note = HW_TRY(writable(session, id, false, change));
        before = note_text(note.spec);
        note.spec = HW_TRY(patch_note(std::move(note.spec), json, settings_.text_limit, now));
        HW_TRY(check_scope(note.spec, change.who));
        note.changed = now;
        note.changed_by = name_of(change);
        ++note.revision;
        HW_TRY(store(session, note, false));
        after = note_text(note.spec);
        return {};
    };
    HW_TRY(this->change(change, "change", id, before, after, work));
    return note;
}

Result<void> Notes::remove(int64_t id, const Change& change) {
    std::string before;
    const Work work = [&](Session& session) -> Result<void> {
        const Note note = HW_TRY(writable(session, id, false, change));
        before = note_text(note.spec);
        HW_TRY(
            session.run("update note set deleted_ns = :now, revision = revision + 1 "
                        "where id = :id",
                        {rooms_.clock.now().ns, id}));
        return {};
    };
    return this->change(change, "delete", id, before, "", work);
}

Result<Note> Notes::restore(int64_t id, const Change& change) {
    Note note;
    std::string before, after;
    const Work work = [&](Session& session) -> Result<void> {
        note = HW_TRY(writable(session, id, true, change));
        HW_TRY(check_count(session));
        ++note.revision;
        HW_TRY(store(session, note, false));
        after = note_text(note.spec);
        return {};
    };
    HW_TRY(this->change(change, "restore", id, before, after, work));
    return note;
}

}  // namespace hw::note
