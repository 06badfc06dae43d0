#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "gateway/tag.h"

namespace hw::gateway {

// The members of devices, groups and tags by name: what JSON, TOML, CSV and templates have in
// common. Null means: the default.
using FieldValue =
    std::variant<std::monostate, bool, int64_t, double, std::string, std::vector<std::string>>;

enum class Texts : uint8_t {
    as_written,  // a number in quotes is a mistake
    may_be_any,  // of CSV and templates, which have nothing but texts
};

// Errors: a member that is not known, with the nearest name; a value of the wrong kind. The text
// begins with the member: "'sclae' is not a member of a tag; did you mean 'scale'?".
Result<void> set_field(TagSpec& tag, std::string_view name, const FieldValue& value,
                       Texts texts = Texts::as_written);
// name, interval_ms (a number), interval ("1s", or a number of milliseconds).
Result<void> set_field(GroupSpec& group, std::string_view name, const FieldValue& value,
                       Texts texts = Texts::as_written);
// name, driver, description, enabled; settings and groups are the caller's.
Result<void> set_field(DeviceSpec& device, std::string_view name, const FieldValue& value,
                       Texts texts = Texts::as_written);
// One member of a device's settings; null takes it away. Scalars become text, lists as in a flag.
Result<void> set_setting(DeviceSpec& device, std::string_view name, const FieldValue& value);

// In the order of the documentation and of the CSV columns.
std::span<const std::string> tag_field_names();
// A tag's member as text: "" for the range's absent ends.
std::string field_text(const TagSpec& tag, std::string_view name);

// "[name, interval_ms, ...]"-free form of an unknown member, for members that hold objects.
Error unknown_member(std::string_view of, std::string_view name,
                     std::span<const std::string> known);

// The shortest digits that read back to the same number: "1", "0.1".
std::string number_text(double value);

}  // namespace hw::gateway
