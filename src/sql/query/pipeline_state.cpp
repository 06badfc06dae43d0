#include <fmt/format.h>

#include <utility>

#include "base/json_writer.h"
#include "sql/query/pipeline.h"

namespace hw::sql {

namespace {

constexpr uint8_t state_version = 1;

void save_passed(ByteWriter& out, const CallContext::Passed& passed) {
    out.varint(passed.count);
    out.signed_varint(passed.last.ns);
}

void load_passed(ByteReader& in, CallContext::Passed& passed) {
    passed.count = in.varint();
    passed.last = Time{in.signed_varint()};
}

}  // namespace

std::vector<OperatorFigures> Pipeline::figures() const {
    std::vector<OperatorFigures> all;
    const auto window = window_ ? window_->figures() : std::vector<OperatorFigures>{};
    for (size_t i = 0; i < stages_.size(); ++i) {
        OperatorFigures figures;
        const size_t first = parts_.stages.window;
        if (window_ && i >= first && i < first + window_stages_)
            figures = window[i - first];
        else if (order_ && i == parts_.stages.order)
            figures = order_->figures();
        figures.name = parts_.plan[i].name;
        figures.detail = parts_.plan[i].detail;
        figures.in += stages_[i].in;
        figures.out += stages_[i].out;
        if (stages_[i].errors) stages_[i].errors->put_into(figures);
        if (analytics_ && i == parts_.stages.analytic) {
            figures.state_rows = analytics_->partitions();
            figures.state_bytes = analytics_->bytes();
        }
        all.push_back(std::move(figures));
    }
    return all;
}

std::string Pipeline::plan_text() const {
    std::string text;
    // Depth first from what puts rows out; the plan is a chain with sources at its end.
    const auto add = [&](const auto& self, size_t node, size_t depth) -> void {
        const auto& of = parts_.plan[node];
        text += fmt::format("{}{}{}{}\n", std::string(depth * 2, ' '), of.name,
                            of.detail.empty() ? "" : ": ", of.detail);
        for (const size_t input : of.inputs)
            self(self, input, depth + 1);
    };
    add(add, parts_.plan.size() - 1, 0);
    return text;
}

std::string Pipeline::plan_json() const {
    std::string text;
    JsonWriter json(text);
    json.begin_array();
    for (size_t i = 0; i < parts_.plan.size(); ++i) {
        const auto& node = parts_.plan[i];
        json.begin_object();
        json.key("id");
        json.value(i);
        json.key("name");
        json.value(node.name);
        json.key("detail");
        json.value(node.detail);
        json.key("inputs");
        json.begin_array();
        for (const size_t input : node.inputs)
            json.value(input);
        json.end_array();
        json.end_object();
    }
    json.end_array();
    return text;
}

size_t Pipeline::state_bytes() const {
    size_t bytes = 0;
    if (order_) bytes += order_->bytes();
    if (analytics_) bytes += analytics_->bytes();
    if (window_) bytes += window_->bytes();
    if (result_analytics_) bytes += result_analytics_->bytes();
    return bytes;
}

void Pipeline::save(std::string& out) const {
    ByteWriter writer(out);
    writer.u8(state_version);
    writer.varint(parts_.canonical.size());
    writer.text(parts_.canonical);
    if (order_) order_->save(writer);
    if (analytics_) analytics_->save(writer);
    if (window_) window_->save(writer);
    if (result_analytics_) result_analytics_->save(writer);
    if (!parts_.asks_passed) return;
    save_passed(writer, call_.passed);
    save_passed(writer, call_.passed_of_windows);
}

Result<void> Pipeline::load(BytesView state) {
    ByteReader reader(state);
    const uint8_t version = reader.u8();
    if (reader.failed()) return hw::fail(ErrorCode::corrupt, "the state of the rule is empty");
    if (version != state_version)
        return hw::fail(ErrorCode::unsupported,
                        fmt::format("the state of the rule is of version {}, this program reads {}",
                                    version, state_version));
    const uint64_t size = reader.varint();
    const std::string_view canonical =
        size <= reader.remaining() ? reader.text(size) : std::string_view();
    if (reader.failed() || canonical.size() != size)
        return hw::fail(ErrorCode::corrupt, "the state of the rule is cut short");
    if (canonical != parts_.canonical)
        return hw::fail(ErrorCode::unsupported, "the state is of another statement");
    if (order_) HW_TRY(order_->load(reader));
    if (analytics_) HW_TRY(analytics_->load(reader));
    if (window_) HW_TRY(window_->load(reader));
    if (result_analytics_) HW_TRY(result_analytics_->load(reader));
    if (parts_.asks_passed) {
        load_passed(reader, call_.passed);
        load_passed(reader, call_.passed_of_windows);
    }
    if (reader.failed() || !reader.at_end())
        return hw::fail(ErrorCode::corrupt, "the state of the rule has bytes left over");
    return {};
}

}  // namespace hw::sql
