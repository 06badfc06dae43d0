#include "sql/functions/json_path.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/functions/json_path_node.h"
#include "sql/functions/regex.h"

namespace hw::sql {

namespace {

using json_path::Filter;
using json_path::FilterOp;
using json_path::Selector;
using json_path::Step;
using json_path::Steps;

constexpr size_t looked_at_limit = 1'000'000;

using Found = std::vector<const Datum*>;

class Finder {
  public:
    explicit Finder(const Datum& root) : root_(root) {}

    Found find(const Steps& steps, const Datum& from) {
        Found at = {&from};
        for (const auto& step : steps) {
            Found next;
            for (const Datum* value : at)
                apply(step, *value, next);
            at = std::move(next);
        }
        return at;
    }
    bool too_many() const { return looked_at_ > looked_at_limit; }

  private:
    void apply(const Step& step, const Datum& value, Found& out) {
        if (++looked_at_ > looked_at_limit) return;
        for (const auto& selector : step.selectors)
            select(selector, value, step.deep, out);
        if (!step.deep) return;
        if (value.is_array())
            for (const auto& item : value.items())
                apply(step, item, out);
        if (value.is_object())
            for (const auto& member : value.members())
                apply(step, member.value, out);
    }

    void select(const Selector& selector, const Datum& value, bool deep, Found& out) {
        switch (selector.type) {
            case Selector::Type::key:
                return select_key(selector.key, value, deep, out);
            case Selector::Type::any:
                return for_each(value, [&](const Datum& item) { push(item, out); });
            case Selector::Type::index:
                return select_index(selector.index, value, out);
            case Selector::Type::slice:
                return select_slice(selector, value, out);
            case Selector::Type::filter:
                return for_each(value, [&](const Datum& item) {
                    if (++looked_at_ > looked_at_limit) return;
                    if (truth(*selector.filter, item)) out.push_back(&item);
                });
        }
    }

    void push(const Datum& value, Found& out) {
        if (++looked_at_ <= looked_at_limit) out.push_back(&value);
    }

    template <class Action>
    static void for_each(const Datum& value, Action action) {
        if (value.is_array())
            for (const auto& item : value.items())
                action(item);
        if (value.is_object())
            for (const auto& member : value.members())
                action(member.value);
    }

    // Descending comes by the items of arrays anyway.
    static void select_key(const Datum& key, const Datum& value, bool deep, Found& out) {
        const bool first = !deep && value.is_array() && !value.items().empty();
        const Datum* const found = first ? value.items().front().find(key) : value.find(key);
        if (found != nullptr) out.push_back(found);
    }

    static void select_index(int64_t index, const Datum& value, Found& out) {
        if (!value.is_array()) return;
        const auto size = static_cast<int64_t>(value.items().size());
        if (index < -size || index >= size) return;
        out.push_back(&value.items()[static_cast<size_t>(index < 0 ? index + size : index)]);
    }

    // As Python's slices.
    void select_slice(const Selector& selector, const Datum& value, Found& out) {
        if (!value.is_array()) return;
        const auto size = static_cast<int64_t>(value.items().size());
        const bool forward = selector.step > 0;
        const auto bound = [&](std::optional<int64_t> given, int64_t otherwise) {
            if (!given) return otherwise;
            const int64_t from_front = *given < 0 ? std::max(*given, -size - 1) + size : *given;
            return forward ? std::clamp<int64_t>(from_front, 0, size)
                           : std::clamp<int64_t>(from_front, -1, size - 1);
        };
        const int64_t end = bound(selector.end, forward ? size : -1);
        int64_t at = bound(selector.begin, forward ? 0 : size - 1);
        while (forward ? at < end : at > end) {
            push(value.items()[static_cast<size_t>(at)], out);
            if (__builtin_add_overflow(at, selector.step, &at)) break;
        }
    }

    // The value of an operand; nullptr: nothing is there.
    const Datum* operand(const Filter& filter, const Datum& item) {
        if (filter.op == FilterOp::literal) return &filter.literal;
        const Found found = find(filter.path, filter.op == FilterOp::item_path ? item : root_);
        return found.empty() ? nullptr : found.front();
    }

    bool truth(const Filter& filter, const Datum& item) {
        switch (filter.op) {
            case FilterOp::literal:
            case FilterOp::item_path:
            case FilterOp::root_path: {
                const Datum* const value = operand(filter, item);
                return value != nullptr && !value->is_null() &&
                       !(value->kind() == Kind::boolean && !value->as_boolean());
            }
            case FilterOp::not_:
                return !truth(*filter.left, item);
            case FilterOp::and_:
                return truth(*filter.left, item) && truth(*filter.right, item);
            case FilterOp::or_:
                return truth(*filter.left, item) || truth(*filter.right, item);
            default:
                return compare(filter, item);
        }
    }

    // A comparison within a comparison is its truth.
    Datum value_of(const Filter& filter, const Datum& item, bool& there) {
        const bool plain = filter.op == FilterOp::literal || filter.op == FilterOp::item_path ||
                           filter.op == FilterOp::root_path;
        if (!plain) return Datum::boolean(truth(filter, item));
        const Datum* const value = operand(filter, item);
        there = there && value != nullptr;
        return value == nullptr ? Datum() : *value;
    }

    bool compare(const Filter& filter, const Datum& item) {
        bool there = true;
        const Datum left = value_of(*filter.left, item, there);
        const Datum right = value_of(*filter.right, item, there);
        if (filter.op == FilterOp::not_equal) return !there || !(left == right);
        if (!there) return false;
        if (filter.op == FilterOp::equal) return left == right;
        if (filter.op == FilterOp::matches)
            return left.is_text() && right.is_text() &&
                   regex_search(left.as_text(), right.as_text()).value_or(false);
        const bool comparable = (left.is_number() && right.is_number()) ||
                                (left.kind() == right.kind() && !left.is_null());
        if (!comparable) return false;
        const auto by = order(left, right);
        switch (filter.op) {
            case FilterOp::less:
                return by < 0;
            case FilterOp::less_equal:
                return by <= 0;
            case FilterOp::greater:
                return by > 0;
            default:
                return by >= 0;
        }
    }

    const Datum& root_;
    size_t looked_at_ = 0;
};

}  // namespace

JsonPath::JsonPath(std::unique_ptr<Node> node) : node_(std::move(node)) {}
JsonPath::JsonPath(JsonPath&&) noexcept = default;
JsonPath& JsonPath::operator=(JsonPath&&) noexcept = default;
JsonPath::~JsonPath() = default;

bool JsonPath::definite() const {
    return std::ranges::all_of(node_->steps, [](const Step& step) {
        return !step.deep && step.selectors.size() == 1 &&
               (step.selectors[0].type == Selector::Type::key ||
                step.selectors[0].type == Selector::Type::index);
    });
}

Result<std::vector<const Datum*>> JsonPath::find(const Datum& root) const {
    Finder finder(root);
    Found found = finder.find(node_->steps, root);
    if (finder.too_many())
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("the JSON path looks at more than {} values", looked_at_limit));
    return found;
}

}  // namespace hw::sql
