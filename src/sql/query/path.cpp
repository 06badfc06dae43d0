#include "sql/query/path.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sql/services.h"

namespace hw::sql {

namespace {

const Datum* step_into(const Datum& value, const PathStep& step) {
    if (!step.by_index) return value.find(step.key);
    if (!value.is_array()) return nullptr;
    const auto& items = value.items();
    const auto size = static_cast<int64_t>(items.size());
    const int64_t at = step.index < 0 ? size + step.index : step.index;
    return at >= 0 && at < size ? &items[static_cast<size_t>(at)] : nullptr;
}

const Datum& or_null(const Datum* value) {
    return value ? *value : null_value();
}

// The commonest node: a member of the body of one source's records.
class BodyMember final : public Evaluator {
  public:
    BodyMember(size_t source, Path path, bool decode)
        : source_(source), path_(std::move(path)), decode_(decode) {}

    Datum evaluate(RowScope& scope) const override {
        Datum scratch;
        return view(scope, scratch);
    }
    const Datum& view(RowScope& scope, Datum& scratch) const override {
        const Record* record = scope.records[source_];
        if (!record) return null_value();
        const Datum* value = &body_of(*record, scope);
        for (const auto& step : path_) {
            if (step.by_index || value->is_text())
                return or_null(follow(body_of(*record, scope), path_, decode_, scope, scratch));
            value = value->find(step.key);
            if (!value) return null_value();
        }
        return *value;
    }

  private:
    const size_t source_;
    const Path path_;
    const bool decode_;
};

class AnyPath final : public Evaluator {
  public:
    AnyPath(std::vector<Origin> origins, bool decode)
        : origins_(std::move(origins)), decode_(decode) {}

    Datum evaluate(RowScope& scope) const override {
        Datum scratch;
        return view(scope, scratch);
    }
    const Datum& view(RowScope& scope, Datum& scratch) const override {
        for (const auto& origin : origins_) {
            const Datum* from = root(origin, scope);
            if (!from) continue;
            if (const Datum* value = follow(*from, origin.path, decode_, scope, scratch))
                return *value;
        }
        return null_value();
    }

  private:
    static const Datum* root(const Origin& origin, RowScope& scope) {
        if (origin.in_slot) return &scope.slots[origin.source];
        const Record* record = scope.records[origin.source];
        if (!record) return nullptr;
        if (origin.column == body_column) return &body_of(*record, scope);
        return &record->column(static_cast<size_t>(origin.column));
    }

    const std::vector<Origin> origins_;
    const bool decode_;
};

class SlotPath final : public Evaluator {
  public:
    SlotPath(size_t slot, Path path, bool decode)
        : slot_(slot), path_(std::move(path)), decode_(decode) {}

    Datum evaluate(RowScope& scope) const override {
        Datum scratch;
        return view(scope, scratch);
    }
    const Datum& view(RowScope& scope, Datum& scratch) const override {
        return or_null(follow(scope.slots[slot_], path_, decode_, scope, scratch));
    }

  private:
    const size_t slot_;
    const Path path_;
    const bool decode_;
};

class ValuePath final : public Evaluator {
  public:
    ValuePath(EvaluatorPtr value, Path path, bool decode)
        : value_(std::move(value)), path_(std::move(path)), decode_(decode) {}

    Datum evaluate(RowScope& scope) const override {
        const Datum value = value_->evaluate(scope);
        Datum scratch;
        return or_null(follow(value, path_, decode_, scope, scratch));
    }

  private:
    const EvaluatorPtr value_;
    const Path path_;
    const bool decode_;
};

}  // namespace

const Datum& null_value() {
    static const Datum value;
    return value;
}

std::string to_string(const Path& path) {
    std::string text;
    for (const auto& step : path) {
        if (step.by_index) {
            text += fmt::format("[{}]", step.index);
            continue;
        }
        const std::string_view key = step.key.as_text();
        const bool plain = !key.empty() && std::ranges::all_of(key, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   c == '_';
        });
        text += plain ? fmt::format(".{}", key) : fmt::format(".`{}`", key);
    }
    return text;
}

const Datum* follow(const Datum& from, const Path& path, bool decode, RowScope& scope,
                    Datum& scratch) {
    const Datum* value = &from;
    for (const auto& step : path) {
        if (decode && value->is_text()) {
            auto read = scope.call->services->json.read(value->as_text());
            if (!read) return nullptr;
            // What `value` points to may lie within scratch: keep it until the new one is whole.
            scratch = std::move(*read);
            value = &scratch;
        }
        value = step_into(*value, step);
        if (!value) return nullptr;
    }
    return value;
}

const Datum& body_of(const Record& record, RowScope& scope) {
    const Datum& body = record.body(scope.call->services->json);
    if (body.is_null() && !record.broken().empty()) [[unlikely]]
        scope.call->fail(std::string(record.broken()));
    return body;
}

EvaluatorPtr make_path(std::vector<Origin> origins, bool decode) {
    if (origins.size() == 1 && !origins[0].in_slot && origins[0].column == body_column)
        return std::make_unique<BodyMember>(origins[0].source, std::move(origins[0].path), decode);
    return std::make_unique<AnyPath>(std::move(origins), decode);
}

EvaluatorPtr make_slot_path(size_t slot, Path path, bool decode) {
    return std::make_unique<SlotPath>(slot, std::move(path), decode);
}

EvaluatorPtr make_value_path(EvaluatorPtr value, Path path, bool decode) {
    return std::make_unique<ValuePath>(std::move(value), std::move(path), decode);
}

}  // namespace hw::sql
