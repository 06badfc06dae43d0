#include <fmt/format.h>
#include <google/protobuf/compiler/parser.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>

#include <memory>
#include <string>

#include "base/assert.h"
#include "sql/codecs/protobuf_message.h"
#include "sql/codecs/schema.h"
#include "sql/codecs/values.h"

namespace hw::sql {

namespace {

namespace pb = google::protobuf;
using pb::Message;

constexpr std::string_view file_name = "schema.proto";

// The library would write to stderr what we return as errors. Set before there are threads.
[[maybe_unused]] pb::LogHandler* const writes_to_stderr = pb::SetLogHandler(nullptr);

// Keeps the first complaint of the reader or the builder of a file.
class Complaints : public pb::io::ErrorCollector, public pb::DescriptorPool::ErrorCollector {
  public:
    void AddError(int line, pb::io::ColumnNumber column, const std::string& text) override {
        if (first.empty())
            first = fmt::format("line {}, column {}: {}", line + 1, column + 1, text);
    }
    void AddError(const std::string&, const std::string& element, const Message*, ErrorLocation,
                  const std::string& text) override {
        if (first.empty()) first = fmt::format("{}: {}", element, text);
    }

    std::string first;
};

std::unexpected<Error> wrong(std::string text) {
    return fail(ErrorCode::invalid_argument, std::move(text));
}

Result<pb::FileDescriptorProto> parse(std::string_view text) {
    pb::io::ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
    Complaints complaints;
    pb::io::Tokenizer tokenizer(&stream, &complaints);
    pb::compiler::Parser parser;
    parser.RecordErrorsTo(&complaints);
    pb::FileDescriptorProto file;
    if (!parser.Parse(&tokenizer, &file) || !complaints.first.empty())
        return wrong(complaints.first.empty() ? "no .proto file" : complaints.first);
    file.set_name(std::string(file_name));
    return file;
}

// Google's own files come from the library; others cannot be had.
Result<void> add_imports(pb::DescriptorPool& pool, const pb::FileDescriptorProto& file) {
    for (const auto& name : file.dependency()) {
        if (pool.FindFileByName(name)) continue;
        const auto* known = name.starts_with("google/protobuf/")
                                ? pb::DescriptorPool::generated_pool()->FindFileByName(name)
                                : nullptr;
        if (!known)
            return wrong(fmt::format("cannot import '{}'; put its messages into the file", name));
        pb::FileDescriptorProto imported;
        known->CopyTo(&imported);
        HW_TRY(add_imports(pool, imported));
        HW_ASSERT(pool.BuildFile(imported));
    }
    return {};
}

class ProtobufSchema : public Schema {
  public:
    explicit ProtobufSchema(const SchemaLimits& limits) : limits_(limits) {}

    Result<void> build(const pb::FileDescriptorProto& file) {
        HW_TRY(add_imports(pool_, file));
        Complaints complaints;
        file_ = pool_.BuildFileCollectingErrors(file, &complaints);
        if (!file_) return wrong(complaints.first);
        // Made now: the factory makes a type's tables on first use, under a lock.
        for (int i = 0; i < file_->message_type_count(); ++i)
            factory_.GetPrototype(file_->message_type(i));
        return {};
    }

    Result<Datum> decode(std::string_view bytes, std::string_view name) const override {
        HW_TRY(check_message_size(bytes.size(), limits_));
        const auto message = HW_TRY(make(name));
        if (!message->ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size())))
            return fail(ErrorCode::corrupt, fmt::format("no protobuf message '{}'", name));
        if (!message->IsInitialized())
            return fail(ErrorCode::corrupt, fmt::format("the message '{}' lacks {}", name,
                                                        message->InitializationErrorString()));
        return from_message(*message, limits_.values);
    }

    Result<std::string> encode(const Datum& value, std::string_view name) const override {
        const auto message = HW_TRY(make(name));
        HW_TRY(to_message(value, *message));
        if (!message->IsInitialized())
            return wrong(fmt::format("the message '{}' lacks {}", name,
                                     message->InitializationErrorString()));
        HW_TRY(check_message_size(message->ByteSizeLong(), limits_));
        return message->SerializeAsString();
    }

  private:
    // By its name within the file's package, or its full name.
    Result<std::unique_ptr<Message>> make(std::string_view name) const {
        std::string full(name);
        if (!file_->package().empty() && !name.starts_with(file_->package() + "."))
            full = file_->package() + "." + full;
        const auto* type = pool_.FindMessageTypeByName(full);
        if (!type && full != name) type = pool_.FindMessageTypeByName(std::string(name));
        if (!type)
            return fail(ErrorCode::not_found, fmt::format("the schema has no message '{}'", name));
        return std::unique_ptr<Message>(factory_.GetPrototype(type)->New());
    }

    const SchemaLimits limits_;
    pb::DescriptorPool pool_;
    const pb::FileDescriptor* file_ = nullptr;
    // Thread-safe, though not const.
    mutable pb::DynamicMessageFactory factory_;
};

}  // namespace

Result<std::shared_ptr<const Schema>> compile_protobuf(std::string_view proto,
                                                       const SchemaLimits& limits) {
    const pb::FileDescriptorProto file = HW_TRY(parse(proto));
    auto schema = std::make_shared<ProtobufSchema>(limits);
    HW_TRY(schema->build(file));
    return schema;
}

}  // namespace hw::sql
