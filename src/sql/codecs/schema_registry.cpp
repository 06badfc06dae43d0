#include "sql/codecs/schema_registry.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "base/embedded.h"

namespace hw::sql {

namespace {

constexpr size_t name_bytes_limit = 128;

}  // namespace

std::string_view to_string(SchemaType type) {
    switch (type) {
        case SchemaType::avro:
            return "avro";
        case SchemaType::protobuf:
            return "protobuf";
        case SchemaType::json:
            return "json";
    }
    HW_ASSERT(false);
}

Result<std::shared_ptr<const Schema>> compile_schema(SchemaType type, std::string_view text,
                                                     const SchemaLimits& limits) {
    if (text.size() > limits.text_bytes)
        return fail(ErrorCode::limit_exceeded, fmt::format("a schema of {} bytes, at most {}",
                                                           text.size(), limits.text_bytes));
    switch (type) {
        case SchemaType::avro:
            return compile_avro(text, limits);
        case SchemaType::protobuf:
            return compile_protobuf(text, limits);
        case SchemaType::json:
            return compile_json_schema(text, limits);
    }
    HW_ASSERT(false);
}

Result<void> SchemaRegistry::put(const SchemaDefinition& definition) {
    if (definition.name.empty() || definition.name.size() > name_bytes_limit)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("the schema's name has {} bytes, it must have 1 to {}",
                                definition.name.size(), name_bytes_limit));
    auto schema = compile_schema(definition.type, definition.text, limits_);
    if (!schema) return fail(schema.error().within("schema '" + definition.name + "'"));
    const MutexLock lock(mutex_);
    if (!entries_.contains(definition.name) && entries_.size() >= schemas_limit_)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("there are {} schemas already; remove one", schemas_limit_));
    entries_[definition.name] = {definition, *std::move(schema)};
    return {};
}

Result<void> SchemaRegistry::remove(std::string_view name) {
    const MutexLock lock(mutex_);
    const auto found = entries_.find(name);
    if (found == entries_.end())
        return fail(ErrorCode::not_found, fmt::format("there is no schema '{}'", name));
    entries_.erase(found);
    std::erase_if(numbers_, [&](const auto& number) { return number.second.name == name; });
    return {};
}

std::vector<SchemaDefinition> SchemaRegistry::list() const {
    const MutexLock lock(mutex_);
    std::vector<SchemaDefinition> all;
    for (const auto& [name, entry] : entries_)
        all.push_back(entry.definition);
    return all;
}

std::shared_ptr<const Schema> SchemaRegistry::find(std::string_view name) const {
    const MutexLock lock(mutex_);
    const auto found = entries_.find(name);
    return found == entries_.end() ? nullptr : found->second.schema;
}

Result<void> SchemaRegistry::set_number(std::string_view registry, std::string_view subject,
                                        uint32_t number, std::string_view name) {
    const MutexLock lock(mutex_);
    if (!entries_.contains(name))
        return fail(ErrorCode::not_found, fmt::format("there is no schema '{}'", name));
    numbers_[{std::string(registry), number}] = {std::string(subject), std::string(name)};
    return {};
}

std::shared_ptr<const Schema> SchemaRegistry::find(std::string_view registry,
                                                   uint32_t number) const {
    const MutexLock lock(mutex_);
    const auto found = numbers_.find({std::string(registry), number});
    if (found == numbers_.end()) return nullptr;
    const auto entry = entries_.find(found->second.name);
    HW_ASSERT(entry != entries_.end());
    return entry->second.schema;
}

std::optional<uint32_t> SchemaRegistry::number_of(std::string_view registry,
                                                  std::string_view subject) const {
    const MutexLock lock(mutex_);
    std::optional<uint32_t> newest;  // numbers grow with each version of a subject
    for (const auto& [key, number] : numbers_)
        if (key.first == registry && number.subject == subject) newest = key.second;
    return newest;
}

const Schema& SchemaRegistry::sparkplug() {
    static const std::shared_ptr<const Schema> schema =
        compile_protobuf(sql_codecs_files()[0].bytes, {.message_bytes = 16 << 20}).value();
    return *schema;
}

}  // namespace hw::sql
