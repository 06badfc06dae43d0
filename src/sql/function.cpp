#include "sql/function.h"

#include <algorithm>
#include <memory>
#include <tuple>

#include "base/assert.h"

namespace hw::sql {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_name(std::string_view entry, std::string_view name) {
    return std::ranges::equal(entry, name, [](char a, char b) { return a == lower(b); });
}

bool overlap(Dialect a, Dialect b) {
    return (static_cast<unsigned>(a) & static_cast<unsigned>(b)) != 0;
}

}  // namespace

Datum CallContext::fail(std::string text) {
    if (!failed_) error_ = std::move(text);
    failed_ = true;
    return {};
}

void CallContext::clear_error() {
    failed_ = false;
    error_.clear();
}

void Aggregate::merge(const Aggregate&) {
    HW_ASSERT(false && "merge of an aggregate that cannot");
}

Datum UserCode::call(Arguments, CallContext&) const {
    HW_ASSERT(false && "a call of user code that is no scalar");
    return {};
}

std::unique_ptr<Aggregate> UserCode::make() const {
    HW_ASSERT(false && "an aggregate of user code that is none");
    return nullptr;
}

void FunctionTable::add(const Function& function) {
    for (const auto& known : functions_)
        HW_ASSERT(!same_name(known->name, function.name) ||
                  !overlap(known->dialect, function.dialect));
    functions_.push_back(std::make_unique<Function>(function));
}

const Function* FunctionTable::find(std::string_view name, Dialect dialect) const {
    const Function* other = nullptr;
    for (const auto& function : functions_) {
        if (!same_name(function->name, name)) continue;
        if (overlap(function->dialect, dialect)) return function.get();
        other = function.get();
    }
    return other;
}

std::vector<const Function*> FunctionTable::all() const {
    std::vector<const Function*> all;
    for (const auto& function : functions_)
        all.push_back(function.get());
    std::ranges::sort(all, {}, [](const Function* function) {
        return std::tuple(function->group, function->name, function->dialect);
    });
    return all;
}

std::vector<std::string> FunctionTable::names() const {
    std::vector<std::string> names;
    for (const auto& function : functions_)
        names.emplace_back(function->name);
    return names;
}

}  // namespace hw::sql
