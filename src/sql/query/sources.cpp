#include "sql/query/sources.h"

#include <fmt/format.h>

#include <utility>

#include "model/point_path.h"

namespace hw::sql {

namespace {

std::unexpected<Flaw> flaw(const Source& source, std::string text, std::string expected = {},
                           std::string nearest = {}) {
    return std::unexpected(
        Flaw{source.place, std::move(text), std::move(expected), std::move(nearest)});
}

bool has_wildcard(std::string_view name) {
    return name.find_first_of("+#") != std::string_view::npos;
}

Parsed<std::vector<BoundSource>> bind_events(const Source& source) {
    const std::string& name = source.names[0];
    std::vector<BoundSource> bound;
    std::vector<std::string> known;
    const auto add = [&](const std::string& event, const Shape* shape) {
        BoundSource one;
        one.type = SourceType::event;
        one.names = {event};
        one.name = source.alias;
        one.shown = fmt::format("\"$events/{}\"", event);
        one.shape = shape;
        bound.push_back(std::move(one));
    };
    if (!has_wildcard(name)) {
        if (const Shape* shape = event_shape(name)) add(name, shape);
    }
    for (const Shape* shape : event_shapes()) {
        known.push_back(shape->name);
        if (has_wildcard(name) && model::check_filter(name) && model::matches(name, shape->name))
            add(shape->name, shape);
    }
    if (bound.empty())
        return flaw(source, fmt::format("there is no event '{}'", name), "one of $events/...",
                    nearest_name(name, known));
    return bound;
}

Parsed<BoundSource> bind_named(const Source& source, const Environment& environment) {
    const std::string& name = source.names[0];
    const StreamBook::Entry* entry =
        environment.streams ? environment.streams->find(name) : nullptr;
    if (!entry)
        return flaw(source, fmt::format("there is no stream or table '{}'", name),
                    "CREATE STREAM first, or an MQTT filter in double quotes",
                    environment.streams ? nearest_name(name, environment.streams->names()) : "");
    BoundSource bound;
    bound.type = SourceType::named;
    bound.names = source.names;
    bound.name = source.alias.empty() ? name : source.alias;
    bound.shown = shown(source);
    bound.named = true;
    bound.shape = entry->lookup ? nullptr : entry->shape;
    bound.lookup = entry->lookup;
    if (!bound.shape && !bound.lookup)
        return flaw(source, fmt::format("'{}' cannot be read: its source is not ready", name));
    for (const auto& column : entry->definition.columns)
        bound.fields.push_back(column.name);
    return bound;
}

BoundSource bind_plain(const Source& source) {
    BoundSource bound;
    bound.type = source.type;
    bound.names = source.names;
    bound.name = source.alias;
    bound.shown = shown(source);
    bound.shape = source.type == SourceType::points ? &points_shape() : &message_shape();
    return bound;
}

}  // namespace

std::string shown(const Source& source) {
    std::string text;
    switch (source.type) {
        case SourceType::filter:
            text = fmt::format("\"{}\"", source.names[0]);
            break;
        case SourceType::event:
            text = fmt::format("\"$events/{}\"", source.names[0]);
            break;
        case SourceType::ingress:
            text = fmt::format("\"$sources/{}\"", source.names[0]);
            break;
        case SourceType::points:
            text = fmt::format("points('{}')", fmt::join(source.names, "', '"));
            break;
        case SourceType::named:
            text = source.names[0];
            break;
    }
    return source.alias.empty() ? text : text + " AS " + source.alias;
}

Parsed<std::vector<BoundSource>> bind_sources(const Select& select,
                                              const Environment& environment) {
    std::vector<BoundSource> all;
    size_t slots = 0;
    for (const auto& source : select.sources) {
        std::vector<BoundSource> bound;
        if (source.type == SourceType::event) {
            auto events = bind_events(source);
            if (!events) return std::unexpected(std::move(events.error()));
            bound = std::move(*events);
        } else if (source.type == SourceType::named) {
            auto named = bind_named(source, environment);
            if (!named) return std::unexpected(std::move(named.error()));
            bound.push_back(std::move(*named));
        } else {
            bound.push_back(bind_plain(source));
        }
        for (auto& one : bound) {
            one.join = source.join;
            one.from = &source;
            if (one.lookup) one.slot = slots++;
            all.push_back(std::move(one));
        }
    }
    return all;
}

Dialect dialect_of(const std::vector<BoundSource>& sources) {
    for (const auto& source : sources)
        if (source.type == SourceType::named && source.shape) return Dialect::ekuiper;
    return Dialect::emqx;
}

}  // namespace hw::sql
