#include "sim/publish/point_list.h"

#include <fmt/format.h>

#include <utility>

#include "base/assert.h"

namespace hw::sim {

std::string_view to_string(Form form) {
    switch (form) {
        case Form::scalar:
            return "scalar";
        case Form::json_text:
            return "json, ts as text";
        case Form::json_ms:
            return "json, ts in ms";
        case Form::neuron:
            return "neuron values";
    }
    HW_UNREACHABLE();
}

PointList::PointList(std::string prefix, std::optional<Form> form)
    : prefix_(std::move(prefix)), only_(form) {}

void PointList::asset(const Asset& asset, Form form) {
    begin(asset, only_.value_or(form), false);
}

void PointList::analyzer(const Asset& asset, Form form, Trust /*trust*/) {
    begin(asset, only_.value_or(form), true);
}

void PointList::begin(const Asset& asset, Form form, bool analyzed) {
    topic_ = fmt::format("{}/{}/{}/{}", prefix_, asset.site, asset.area, asset.name);
    if (asset.number > 0) topic_ += fmt::format("{:0{}}", asset.number, asset.digits);
    form_ = form;
    analyzed_ = analyzed;
    fresh_ = true;
}

void PointList::add(const Label& label, std::string_view type) {
    auto path = fmt::format("{}/{}", topic_, label.name);
    if (form_ == Form::scalar)
        messages_.push_back({path, form_, false, points_.size(), 1});
    else if (fresh_)
        messages_.push_back({topic_, form_, analyzed_, points_.size(), 1});
    else
        ++messages_.back().count;
    fresh_ = false;
    points_.push_back({.path = std::move(path),
                       .name = std::string(label.name),
                       .type = type,
                       .unit = std::string(label.unit),
                       .description = std::string(label.description),
                       .form = form_,
                       .analyzed = analyzed_});
}

void PointList::number(const Gauge& gauge, double /*value*/) {
    add(gauge.label, "double");
}
void PointList::count(const Label& label, int64_t /*value*/) {
    add(label, "int64");
}
void PointList::flag(const Label& label, bool /*value*/) {
    add(label, "bool");
}
void PointList::text(const Label& label, std::string_view /*value*/) {
    add(label, "string");
}

}  // namespace hw::sim
