#include "sql/query/star.h"

#include <fmt/format.h>

#include <utility>

#include "sql/query/path.h"

namespace hw::sql {

namespace {

class Star final : public Evaluator {
  public:
    explicit Star(std::vector<StarPart> parts) : parts_(std::move(parts)) {
        for (const auto& part : parts_) {
            std::vector<Datum> names;
            if (part.shape && !part.body)
                for (const auto& column : part.shape->columns)
                    names.push_back(Datum::text(column.name));
            names_.push_back(std::move(names));
        }
    }

    Datum evaluate(RowScope& scope) const override {
        Datum row;
        for (size_t i = 0; i < parts_.size(); ++i)
            merge(row, values_of(i, scope));
        return row.is_null() ? Datum::object({}) : row;
    }

  private:
    Datum values_of(size_t i, RowScope& scope) const {
        const auto& part = parts_[i];
        if (part.in_slot) return scope.slots[part.source];
        const Record* record = scope.records[part.source];
        if (!record) return {};
        if (!part.body) return columns_of(*record, part, names_[i]);
        const Datum& body = body_of(*record, scope);
        if (!body.is_object() && !scope.call->failed())
            return scope.call->fail(
                fmt::format("the body is {}, not an object", to_string(body.kind())));
        return body;
    }

    static Datum columns_of(const Record& record, const StarPart& part,
                            const std::vector<Datum>& names) {
        Datum::Members members;
        members.reserve(names.size());
        for (size_t c = 0; c < names.size(); ++c)
            if (!part.meta_only || static_cast<int>(c) != part.shape->body)
                members.push_back({names[c], record.column(c)});
        return Datum::object(std::move(members));
    }

    static void merge(Datum& row, Datum more) {
        if (!more.is_object()) return;
        if (row.is_null()) {
            row = std::move(more);
            return;
        }
        for (const auto& member : more.members())
            if (!row.find(member.key)) row.put(member.key, member.value);
    }

    const std::vector<StarPart> parts_;
    std::vector<std::vector<Datum>> names_;
};

}  // namespace

EvaluatorPtr make_star(std::vector<StarPart> parts) {
    return std::make_unique<Star>(std::move(parts));
}

}  // namespace hw::sql
