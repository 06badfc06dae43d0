#include "sql/query/output_path.h"

#include <charconv>
#include <utility>

namespace hw::sql {

namespace {

void put_from(Datum& at, const OutputPath& path, size_t step, Datum value);

void put_member(Datum& at, const OutputPath& path, size_t step, Datum value) {
    if (!at.is_object()) at = Datum::object({});
    const Datum& key = path[step].key;
    Datum inner;
    if (const Datum* known = at.find(key)) inner = *known;
    put_from(inner, path, step + 1, std::move(value));
    at.put(key, std::move(inner));
}

void put_item(Datum& at, const OutputPath& path, size_t step, Datum value) {
    Datum inner;
    const auto& of = path[step];
    if (!at.is_array() || of.type != OutputStep::Type::item) {
        put_from(inner, path, step + 1, std::move(value));
        if (!at.is_array()) at = Datum::array({});
        auto& items = at.own_items();
        items.insert(of.type == OutputStep::Type::head ? items.begin() : items.end(),
                     std::move(inner));
        return;
    }
    const auto size = static_cast<int64_t>(at.items().size());
    const int64_t i = of.index < 0 ? size + of.index : of.index - 1;
    if (i < 0 || i >= size) return;
    auto& items = at.own_items();
    put_from(items[static_cast<size_t>(i)], path, step + 1, std::move(value));
}

void put_from(Datum& at, const OutputPath& path, size_t step, Datum value) {
    if (step == path.size()) {
        at = std::move(value);
    } else if (path[step].type == OutputStep::Type::member) {
        put_member(at, path, step, std::move(value));
    } else {
        put_item(at, path, step, std::move(value));
    }
}

}  // namespace

OutputStep output_step(const std::string& part) {
    if (part.size() < 3 || part.front() != '[' || part.back() != ']')
        return {OutputStep::Type::member, Datum::text(part), 0};
    if (part == "[0]") return {OutputStep::Type::head, {}, 0};
    if (part == "[-0]") return {OutputStep::Type::tail, {}, 0};
    int64_t index = 0;
    const char* const end = part.data() + part.size() - 1;
    const auto read = std::from_chars(part.data() + 1, end, index);
    if (read.ec != std::errc() || read.ptr != end)
        return {OutputStep::Type::member, Datum::text(part), 0};
    return {OutputStep::Type::item, {}, index};
}

void put_path(Datum& row, const OutputPath& path, Datum value, JsonReader& reader) {
    if (path.size() > 1 && path[0].type == OutputStep::Type::member) {
        const Datum* first = row.find(path[0].key);
        if (first && first->is_text() && path[0].key.as_text() == "payload")
            if (auto read = reader.read(first->as_text())) row.put(path[0].key, std::move(*read));
    }
    put_from(row, path, 0, std::move(value));
}

}  // namespace hw::sql
