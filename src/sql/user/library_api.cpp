#include "sql/user/library_api.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "sql/services.h"

namespace hw::sql::user {

namespace {

constexpr size_t state_bytes_limit = 64 << 10;
constexpr size_t text_bytes_limit = 4096;

const Datum& datum(const headworks_value* value) {
    return *reinterpret_cast<const Datum*>(value);
}

const headworks_value* handle(const Datum* value) {
    return reinterpret_cast<const headworks_value*>(value);
}

headworks_kind kind(const headworks_value* value) {
    switch (datum(value).kind()) {
        case Kind::null:
            return HEADWORKS_NULL;
        case Kind::boolean:
            return HEADWORKS_BOOLEAN;
        case Kind::int64:
            return HEADWORKS_INTEGER;
        case Kind::float64:
            return HEADWORKS_REAL;
        case Kind::time:
            return HEADWORKS_TIME;
        case Kind::text:
            return HEADWORKS_TEXT;
        case Kind::bytes:
            return HEADWORKS_BYTES;
        case Kind::array:
            return HEADWORKS_ARRAY;
        case Kind::object:
            return HEADWORKS_OBJECT;
    }
    return HEADWORKS_NULL;
}

int boolean(const headworks_value* value) {
    return datum(value).kind() == Kind::boolean && datum(value).as_boolean() ? 1 : 0;
}

int64_t cut(double real) {
    constexpr double end = 9'223'372'036'854'775'808.0;
    if (std::isnan(real)) return 0;
    if (real >= end) return std::numeric_limits<int64_t>::max();
    if (real < -end) return std::numeric_limits<int64_t>::min();
    return static_cast<int64_t>(real);
}

int64_t integer(const headworks_value* value) {
    if (datum(value).kind() == Kind::int64) return datum(value).as_integer();
    return datum(value).kind() == Kind::float64 ? cut(datum(value).as_real()) : 0;
}

double real(const headworks_value* value) {
    return datum(value).is_number() ? datum(value).as_number() : 0;
}

int64_t time_of(const headworks_value* value) {
    return datum(value).kind() == Kind::time ? datum(value).as_time().ns : 0;
}

const char* text(const headworks_value* value, size_t* size) {
    const bool readable = datum(value).is_text() || datum(value).kind() == Kind::bytes;
    const std::string_view view = readable ? datum(value).as_text() : std::string_view();
    if (size != nullptr) *size = view.size();
    return readable ? view.data() : nullptr;
}

size_t count(const headworks_value* value) {
    if (datum(value).is_array()) return datum(value).items().size();
    return datum(value).is_object() ? datum(value).members().size() : 0;
}

const headworks_value* item(const headworks_value* value, size_t index) {
    if (index >= count(value)) return nullptr;
    if (datum(value).is_array()) return handle(&datum(value).items()[index]);
    return handle(&datum(value).members()[index].value);
}

const char* key(const headworks_value* value, size_t index, size_t* size) {
    const bool there = datum(value).is_object() && index < count(value);
    const std::string_view view =
        there ? datum(value).members()[index].key.as_text() : std::string_view();
    if (size != nullptr) *size = view.size();
    return there ? view.data() : nullptr;
}

const headworks_value* member(const headworks_value* value, const char* name) {
    return handle(datum(value).find(std::string_view(name)));
}

void set_null(headworks_call* call) {
    call->answer = Datum();
}

void set_boolean(headworks_call* call, int value) {
    call->answer = Datum::boolean(value != 0);
}

void set_integer(headworks_call* call, int64_t value) {
    call->answer = Datum::integer(value);
}

void set_real(headworks_call* call, double value) {
    call->answer = Datum::real(value);
}

void set_time(headworks_call* call, int64_t ns) {
    call->answer = Datum::time(Time{ns});
}

void set_text(headworks_call* call, const char* value, size_t size) {
    call->answer = Datum::text({value, size});
}

void set_bytes(headworks_call* call, const void* value, size_t size) {
    call->answer = Datum::bytes({static_cast<const char*>(value), size});
}

void set_value(headworks_call* call, const headworks_value* value) {
    call->answer = datum(value);
}

void fail(headworks_call* call, const char* why) {
    const std::string_view view(why == nullptr ? "failed" : why);
    call->context.fail(fmt::format("{}: {}", call->function, view.substr(0, text_bytes_limit)));
}

void set_json(headworks_call* call, const char* json, size_t size) {
    auto read = call->context.services->json.read({json, size});
    if (read) {
        call->answer = std::move(*read);
    } else {
        fail(call, read.error().text().c_str());
    }
}

int64_t now(const headworks_call* call) {
    return call->context.now.ns;
}

std::vector<const headworks_value*> handles(Arguments arguments) {
    std::vector<const headworks_value*> made;
    for (const Datum& argument : arguments)
        made.push_back(handle(&argument));
    return made;
}

class LibraryScalar final : public UserCode {
  public:
    LibraryScalar(std::string_view name, headworks_scalar code) : name_(name), code_(code) {}

    Datum call(Arguments arguments, CallContext& context) const override {
        headworks_call call{context, name_, {}};
        code_(&library_api(), &call, handles(arguments).data(), arguments.size());
        return context.failed() ? Datum() : std::move(call.answer);
    }

  private:
    std::string name_;
    headworks_scalar code_;
};

class LibraryAggregate final : public Aggregate {
  public:
    LibraryAggregate(const std::string& name, const headworks_aggregate& code)
        : name_(name), code_(code), state_((code.state_bytes + sizeof(Block) - 1) / sizeof(Block)) {
        if (code_.begin != nullptr) code_.begin(state_.data());
    }

    void add(Arguments arguments, CallContext& context) override {
        headworks_call call{context, name_, {}};
        code_.add(&library_api(), &call, state_.data(), handles(arguments).data(),
                  arguments.size());
    }
    void merge(const Aggregate& other) override {
        code_.merge(state_.data(), static_cast<const LibraryAggregate&>(other).state_.data());
    }
    Datum result(CallContext& context) const override {
        headworks_call call{context, name_, {}};
        code_.result(&library_api(), &call, state_.data());
        return context.failed() ? Datum() : std::move(call.answer);
    }
    void save(ByteWriter& out) const override {
        out.varint(code_.state_bytes);
        out.text({reinterpret_cast<const char*>(state_.data()), code_.state_bytes});
    }
    void load(ByteReader& in) override {
        if (in.varint() != code_.state_bytes) return in.fail();
        const auto saved = in.text(code_.state_bytes);
        if (!in.failed()) std::memcpy(state_.data(), saved.data(), saved.size());
    }
    size_t bytes() const override { return state_.size() * sizeof(Block); }

  private:
    struct alignas(std::max_align_t) Block {
        std::byte bytes[sizeof(std::max_align_t)];
    };

    const std::string& name_;
    const headworks_aggregate& code_;
    std::vector<Block> state_;
};

class LibraryAggregateCode final : public UserCode {
  public:
    LibraryAggregateCode(std::string_view name, const headworks_aggregate& code)
        : name_(name), code_(code) {}

    std::unique_ptr<Aggregate> make() const override {
        return std::make_unique<LibraryAggregate>(name_, code_);
    }

  private:
    std::string name_;
    headworks_aggregate code_;
};

// Why a function cannot be taken; empty: it can.
std::string objection(const headworks_registry& registry, const headworks_function& function) {
    const std::string_view name(function.name == nullptr ? "" : function.name);
    if (!is_function_name(name))
        return fmt::format("'{}' is no name of lower case letters, digits and '_', at most 64",
                           name.substr(0, 64));
    for (const auto& known : registry.functions)
        if (known.name == name) return fmt::format("{} is there twice", name);
    if (function.least_arguments > function.most_arguments || function.most_arguments > 255)
        return fmt::format("{} takes {} to {} arguments; 0 to 255 are possible", name,
                           function.least_arguments, function.most_arguments);
    if ((function.scalar == nullptr) == (function.aggregate == nullptr))
        return fmt::format("{} must be either a scalar or an aggregate", name);
    if (function.aggregate == nullptr) return {};
    if (function.aggregate->add == nullptr || function.aggregate->result == nullptr)
        return fmt::format("the aggregate {} has no add or no result", name);
    if (function.aggregate->state_bytes < 1 || function.aggregate->state_bytes > state_bytes_limit)
        return fmt::format("the state of {} has {} bytes; 1 to {} are possible", name,
                           function.aggregate->state_bytes, state_bytes_limit);
    return {};
}

int add(headworks_registry* registry, const headworks_function* function) {
    std::string why = objection(*registry, *function);
    if (!why.empty()) {
        if (registry->error.empty()) registry->error = std::move(why);
        return 1;
    }
    OwnedFunction& owned = registry->functions.emplace_back();
    owned.name = function->name;
    owned.signature = function->signature == nullptr ? owned.name + "(...)" : function->signature;
    owned.help = function->help == nullptr ? "A library's function." : function->help;
    owned.function.least_arguments = static_cast<uint8_t>(function->least_arguments);
    owned.function.most_arguments = static_cast<uint8_t>(function->most_arguments);
    owned.function.nulls = function->sees_nulls != 0 ? Nulls::seen : Nulls::to_null;
    owned.function.pure = function->pure != 0;
    if (function->scalar != nullptr) {
        owned.code = std::make_unique<LibraryScalar>(owned.name, function->scalar);
    } else {
        owned.function.type = FunctionClass::aggregate;
        owned.function.can_merge = function->aggregate->merge != nullptr;
        owned.code = std::make_unique<LibraryAggregateCode>(owned.name, *function->aggregate);
    }
    owned.refer();
    return 0;
}

}  // namespace

const headworks_api& library_api() {
    static constexpr headworks_api api = {
        .abi = HEADWORKS_FUNCTION_ABI,
        .size = sizeof(headworks_api),
        .kind = kind,
        .boolean = boolean,
        .integer = integer,
        .real = real,
        .time = time_of,
        .text = text,
        .count = count,
        .item = item,
        .key = key,
        .member = member,
        .set_null = set_null,
        .set_boolean = set_boolean,
        .set_integer = set_integer,
        .set_real = set_real,
        .set_time = set_time,
        .set_text = set_text,
        .set_bytes = set_bytes,
        .set_value = set_value,
        .set_json = set_json,
        .fail = fail,
        .now = now,
        .add = add,
    };
    return api;
}

}  // namespace hw::sql::user
