#include "rules/inner_actions.h"

#include <fmt/format.h>

#include <cmath>

#include "base/log.h"
#include "model/point_path.h"
#include "rules/outputs.h"
#include "rules/spec_reader.h"
#include "sql/json.h"

namespace hw::rules {

namespace {

using connector::Item;
using connector::Template;
using sql::Datum;
using sql::Kind;

constexpr size_t members_limit = 10'000;  // of one row, kept as points

// EMQX writes ${pub_props.'User-Property'}.
std::string without_quotes(std::string_view text) {
    std::string out(text);
    for (size_t open = out.find(".'"); open != std::string::npos; open = out.find(".'", open)) {
        const size_t close = out.find('\'', open + 2);
        if (close == std::string::npos) break;
        out.erase(close, 1);
        out.erase(open + 1, 1);
        ++open;
    }
    return out;
}

Template template_of(SpecReader& reader, std::string_view name, std::string_view otherwise = {}) {
    auto made = Template::compile(without_quotes(reader.plain(name, otherwise)));
    if (made) return std::move(*made);
    reader.flaw(made.error().within(reader.path_of(name)));
    return {};
}

std::string action_path(const ActionSpec& spec) {
    return spec.name.empty() ? spec.type : spec.name;
}

std::unexpected<Error> refuse(std::string text) {
    return fail(ErrorCode::invalid_argument, std::move(text));
}

Result<uint8_t> qos_of(const Datum& value) {
    std::string text;
    sql::append_plain(text, value);
    if (text == "0" || text == "1" || text == "2") return static_cast<uint8_t>(text[0] - '0');
    return refuse(fmt::format("'{}' is not a QoS; it is 0, 1 or 2", text.substr(0, 100)));
}

Result<bool> flag_of(const Datum& value) {
    if (value.kind() == Kind::boolean) return value.as_boolean();
    std::string text;
    sql::append_plain(text, value);
    if (text == "true" || text == "1") return true;
    if (text == "false" || text == "0" || text.empty() || text == "null") return false;
    return refuse(
        fmt::format("'{}' is not a retain flag; it is true or false", text.substr(0, 100)));
}

// What a template gives for the row, read on.
template <class Read>
auto read_value(connector::Renderer& renderer, const Template& text, const Item& item,
                const Read& read) -> decltype(read(Datum())) {
    const Datum value = HW_TRY(renderer.value(text, item));
    return read(value);
}

class Republish final : public Action {
  public:
    static Result<std::unique_ptr<Action>> make(const ActionSpec& spec) {
        auto made = std::make_unique<Republish>();
        SpecReader reader(spec.settings, action_path(spec));
        if (!reader.has("topic")) reader.flaw("topic", "must be given");
        made->topic_ = template_of(reader, "topic");
        made->payload_ = template_of(reader, "payload", "${.}");
        if (made->payload_.empty()) made->payload_ = HW_TRY(Template::compile("${.}"));
        made->qos_ = template_of(reader, "qos", "0");
        made->retain_ = template_of(reader, "retain", "false");
        const bool direct = reader.boolean("direct_dispatch", false);
        made->direct_ = reader.boolean("direct", direct);
        made->take_properties(reader);
        HW_TRY(reader.finish());
        HW_TRY(made->settle_constants());
        return std::unique_ptr<Action>(std::move(made));
    }

    Result<void> send(const Item& item, const RowContext& context) override {
        Publish message;
        HW_TRY(context.strict->append(message.topic, topic_, item));
        if (auto valid = model::check_point_path(message.topic); !valid) return fail(valid.error());
        if (message.topic.find_first_of("+#") != std::string::npos)
            return refuse(fmt::format("topic '{}' has a wildcard", message.topic));
        HW_TRY(context.loose->append(message.payload, payload_, item));
        message.qos = fixed_qos_;
        message.retain = fixed_retain_;
        if (!constant_) {
            message.qos = HW_TRY(read_value(*context.strict, qos_, item, qos_of));
            message.retain = HW_TRY(read_value(*context.loose, retain_, item, flag_of));
        }
        message.direct = direct_;
        HW_TRY(add_properties(message, item, context));
        message.rule_id = item.rule_id;
        context.outputs->publish(std::move(message), static_cast<uint8_t>(context.hops + 1),
                                 context.figures);
        return {};
    }

  private:
    void take_properties(SpecReader& reader) {
        const Datum* given = reader.take("user_properties");
        if (given == nullptr) return;
        if (given->is_text()) {
            auto made = Template::compile(without_quotes(given->as_text()));
            if (!made) return reader.flaw(made.error().within(reader.path_of("user_properties")));
            all_properties_ = std::move(*made);
            return;
        }
        if (!given->is_object())
            return reader.flaw("user_properties",
                               "must be an object of templates, or one template");
        SpecReader inside(*given, reader.path_of("user_properties"));
        for (const auto& member : given->members()) {
            const std::string name(member.key.as_text());
            properties_.emplace_back(name, template_of(inside, name));
        }
        if (auto fine = inside.finish(); !fine) reader.flaw(fine.error());
    }

    // What needs no row is read once.
    Result<void> settle_constants() {
        const auto qos = qos_.constant();
        const auto retain = retain_.constant();
        if (qos) fixed_qos_ = HW_TRY(qos_of(Datum::text(*qos)));
        if (retain) fixed_retain_ = HW_TRY(flag_of(Datum::text(*retain)));
        constant_ = qos && retain;
        return {};
    }

    Result<void> add_properties(Publish& message, const Item& item, const RowContext& context) {
        for (const auto& [name, value] : properties_) {
            message.user_properties.emplace_back(name, "");
            HW_TRY(context.loose->append(message.user_properties.back().second, value, item));
        }
        if (all_properties_.empty()) return {};
        const Datum all = HW_TRY(context.loose->value(all_properties_, item));
        if (!all.is_object()) return {};
        for (const auto& member : all.members()) {
            message.user_properties.emplace_back(member.key.as_text(), "");
            sql::append_plain(message.user_properties.back().second, member.value);
        }
        return {};
    }

    Template topic_, payload_, qos_, retain_, all_properties_;
    std::vector<std::pair<std::string, Template>> properties_;
    bool direct_ = false;
    bool constant_ = false;  // qos and retain are
    uint8_t fixed_qos_ = 0;
    bool fixed_retain_ = false;
};

// Null: nothing to keep.
Result<std::optional<model::Value>> value_of(const Datum& value) {
    switch (value.kind()) {
        case Kind::null:
            return std::nullopt;
        case Kind::boolean:
            return model::Value(value.as_boolean());
        case Kind::int64:
            return model::Value(value.as_integer());
        case Kind::float64:
            return model::Value(value.as_real());
        case Kind::time:
            return model::Value(format_rfc3339(value.as_time()));
        case Kind::text:
            return model::Value(std::string(value.as_text()));
        case Kind::bytes:
            return model::Value(model::Bytes{std::string(value.as_text())});
        case Kind::array:
        case Kind::object:
            return model::Value(sql::to_json(value));
    }
    return std::nullopt;
}

Result<Time> time_of(const Datum& value) {
    if (value.kind() == Kind::time) return value.as_time();
    if (value.kind() == Kind::int64) return time_from_epoch(value.as_integer());
    if (value.kind() == Kind::float64) return time_from_epoch(value.as_real());
    if (value.is_text()) return parse_rfc3339(value.as_text());
    return refuse("the time is neither a number nor a text");
}

Result<model::Quality> quality_of(const Datum& value) {
    std::string text;
    sql::append_plain(text, value);
    if (const auto quality = model::parse_quality(text)) return *quality;
    return refuse(
        fmt::format("'{}' is not a quality, e.g. good, uncertain or bad", text.substr(0, 100)));
}

class Keep final : public Action {
  public:
    static Result<std::unique_ptr<Action>> make(const ActionSpec& spec) {
        auto made = std::make_unique<Keep>();
        SpecReader reader(spec.settings, action_path(spec));
        if (reader.has("prefix") == reader.has("point"))
            reader.flaw("point", "or 'prefix' must be given, one of them");
        made->each_ = reader.has("prefix");
        made->path_ = template_of(reader, made->each_ ? "prefix" : "point");
        if (!made->each_) made->value_ = template_of(reader, "value", "${value}");
        made->time_ = template_of(reader, "time");
        made->quality_ = template_of(reader, "quality");
        made->unit_ = template_of(reader, "unit");
        HW_TRY(reader.finish());
        return std::unique_ptr<Action>(std::move(made));
    }

    Result<void> send(const Item& item, const RowContext& context) override {
        Sent sent{item, context, {}, item.time, model::Quality::good, {}};
        HW_TRY(context.strict->append(sent.path, path_, item));
        if (!time_.empty()) sent.time = HW_TRY(read_value(*context.strict, time_, item, time_of));
        if (!quality_.empty())
            sent.quality = HW_TRY(read_value(*context.strict, quality_, item, quality_of));
        if (!unit_.empty()) HW_TRY(context.loose->append(sent.unit, unit_, item));
        if (each_) return keep_members(sent, item.row, 0);
        const Datum value = HW_TRY(context.strict->value(value_, item));
        return keep_one(sent, value);
    }

  private:
    struct Sent {
        const Item& item;
        const RowContext& context;
        std::string path;
        Time time;
        model::Quality quality;
        std::string unit;
        size_t members = 0;
    };

    static Result<void> keep_one(Sent& sent, const Datum& value) {
        auto plain = HW_TRY(value_of(value));
        if (!plain) return refuse(fmt::format("the value for point '{}' is null", sent.path));
        return sent.context.outputs->keep(sent.path, {sent.time, std::move(*plain), sent.quality},
                                          sent.unit, static_cast<uint8_t>(sent.context.hops + 1),
                                          sent.context.figures);
    }

    static Result<void> keep_members(Sent& sent, const Datum& row, size_t depth) {
        if (!row.is_object()) return refuse("the row is not an object");
        for (const auto& member : row.members()) {
            if (member.value.is_null()) continue;
            if (++sent.members > members_limit)
                return refuse(fmt::format("the row has more than {} members", members_limit));
            const size_t before = sent.path.size();
            sent.path += '/';
            sent.path += member.key.as_text();
            const auto kept = member.value.is_object() && depth < 16
                                  ? keep_members(sent, member.value, depth + 1)
                                  : keep_one(sent, member.value);
            if (!kept) return kept;
            sent.path.resize(before);
        }
        return {};
    }

    Template path_, value_, time_, quality_, unit_;
    bool each_ = false;
};

class Write final : public Action {
  public:
    static Result<std::unique_ptr<Action>> make(const ActionSpec& spec) {
        auto made = std::make_unique<Write>();
        SpecReader reader(spec.settings, action_path(spec));
        if (!reader.has("point")) reader.flaw("point", "must be given");
        made->path_ = template_of(reader, "point");
        made->value_ = template_of(reader, "value", "${value}");
        HW_TRY(reader.finish());
        return std::unique_ptr<Action>(std::move(made));
    }

    Result<void> send(const Item& item, const RowContext& context) override {
        WriteOrder order;
        HW_TRY(context.strict->append(order.path, path_, item));
        auto value = HW_TRY(read_value(*context.strict, value_, item, value_of));
        if (!value) return refuse(fmt::format("the value to write to '{}' is null", order.path));
        order.value = std::move(*value);
        order.rule_id = item.rule_id;
        context.outputs->write(std::move(order), context.figures);
        return {};
    }

  private:
    Template path_, value_;
};

class Console final : public Action {
  public:
    static Result<std::unique_ptr<Action>> make(const ActionSpec& spec) {
        auto made = std::make_unique<Console>();
        SpecReader reader(spec.settings, action_path(spec));
        made->text_ = template_of(reader, "text", "${.}");
        HW_TRY(reader.finish());
        return std::unique_ptr<Action>(std::move(made));
    }

    Result<void> send(const Item& item, const RowContext& context) override {
        std::string text;
        HW_TRY(context.loose->append(text, text_, item));
        log_info("rules", fmt::format("rule '{}': {}", item.rule_id, text.substr(0, 4096)));
        context.figures->sent.fetch_add(1, std::memory_order_relaxed);
        return {};
    }

  private:
    Template text_;
};

}  // namespace

Result<std::unique_ptr<Action>> make_republish(const ActionSpec& spec) {
    return Republish::make(spec);
}
Result<std::unique_ptr<Action>> make_keep(const ActionSpec& spec) {
    return Keep::make(spec);
}
Result<std::unique_ptr<Action>> make_write(const ActionSpec& spec) {
    return Write::make(spec);
}
Result<std::unique_ptr<Action>> make_console(const ActionSpec& spec) {
    return Console::make(spec);
}

}  // namespace hw::rules
