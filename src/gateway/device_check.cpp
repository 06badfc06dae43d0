#include "gateway/device_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "model/point_path.h"

namespace hw::gateway {

namespace {

class Checker {
  public:
    Checker(const DriverInfo& driver, std::vector<Flaw>& flaws) : driver_(driver), flaws_(flaws) {}

    void at(std::string_view group, std::string_view tag) {
        group_ = group;
        tag_ = tag;
    }
    void flaw(std::string_view field, std::string text) {
        ++count_;
        if (flaws_.size() < flaws_limit)
            flaws_.push_back(
                {std::string(group_), std::string(tag_), std::string(field), std::move(text)});
    }
    size_t count() const { return count_; }

    void length(std::string_view field, std::string_view text, size_t limit) {
        if (text.size() > limit)
            flaw(field,
                 fmt::format("{} has {} bytes, at most {} are allowed", field, text.size(), limit));
        else if (!model::is_mqtt_text(text))
            flaw(field, fmt::format("{} '{}' is not UTF-8 text", field, model::printable(text)));
    }
    void name(std::string_view field, std::string_view text) {
        if (text.empty()) return flaw(field, "the name is empty");
        length(field, text, name_bytes_limit);
        if (const auto path = model::check_point_path(text); !path)
            return flaw(field, path.error().text());
        const auto odd = std::find_if(text.begin(), text.end(),
                                      [](unsigned char c) { return c < 0x20 || c == 0x7f; });
        if (odd != text.end())
            flaw(field, fmt::format("the name '{}' has a control character at position {}",
                                    model::printable(text), odd - text.begin() + 1));
    }

    Result<AddressFacts> tag(const TagSpec& tag) {
        name("name", tag.name);
        length("description", tag.description, description_bytes_limit);
        length("unit", tag.unit, unit_bytes_limit);
        if (!tag.access.read && !tag.access.write)
            flaw("access", "access is empty; write \"read\" or \"read,write\"");
        if (tag.access.on_change && !tag.access.read)
            flaw("access", "on_change needs read; write \"read,on_change\"");
        numbers(tag);
        if (!tag.point.empty()) {
            if (const auto path = model::check_point_path(tag.point); !path)
                flaw("point", path.error().text());
            else if (tag.point.front() == '$')
                flaw("point", fmt::format("the point '{}' begins with '$', which is the server's "
                                          "own",
                                          tag.point));
        }
        return address(tag);
    }

  private:
    void numbers(const TagSpec& tag) {
        const bool plain = tag.scale == 1 && tag.offset == 0 && tag.bias == 0;
        if (!std::isfinite(tag.scale) || tag.scale == 0)
            flaw("scale", fmt::format("scale {} is neither finite nor other than 0", tag.scale));
        if (!std::isfinite(tag.offset)) flaw("offset", "offset is not finite");
        if (!std::isfinite(tag.bias)) flaw("bias", "bias is not finite");
        if (!plain && !is_numeric(tag.type))
            flaw("scale", fmt::format("a tag of type {} cannot be scaled", to_string(tag.type)));
        if (tag.precision < -1 || tag.precision > 17)
            flaw("precision", fmt::format("precision {} is not within 0 and 17", tag.precision));
        if (!(tag.deadband >= 0) || !std::isfinite(tag.deadband))
            flaw("deadband", fmt::format("deadband {} is negative or not finite", tag.deadband));
        if (!(tag.deadband_percent >= 0 && tag.deadband_percent <= 100))
            flaw("deadband_percent",
                 fmt::format("deadband_percent {} is not within 0 and 100", tag.deadband_percent));
        if (tag.deadband_percent > 0 && !(tag.min && tag.max))
            flaw("deadband_percent", "deadband_percent is of the range, so it needs min and max");
        if ((tag.deadband > 0 || tag.deadband_percent > 0) && !is_numeric(tag.type))
            flaw("deadband", fmt::format("a tag of type {} has no deadband", to_string(tag.type)));
        if ((tag.min || tag.max) && !is_numeric(tag.type))
            flaw("min", fmt::format("a tag of type {} has no range", to_string(tag.type)));
        if (tag.min && tag.max && !(*tag.min < *tag.max))
            flaw("min", fmt::format("min {} is not below max {}", *tag.min, *tag.max));
    }

    Result<AddressFacts> address(const TagSpec& tag) {
        if (tag.address.size() > address_bytes_limit) {
            length("address", tag.address, address_bytes_limit);
            return AddressFacts{};
        }
        if (std::find(driver_.types.begin(), driver_.types.end(), tag.type) ==
            driver_.types.end()) {
            std::vector<std::string_view> names;
            for (const TagType type : driver_.types)
                names.push_back(to_string(type));
            flaw("type", fmt::format("{} has no type {}, only {}", driver_.title,
                                     to_string(tag.type), fmt::join(names, ", ")));
            return AddressFacts{};
        }
        auto facts = driver_.check(tag.address, tag.type);
        if (!facts) {
            flaw("address", facts.error().text());
        } else if (tag.access.write && !facts->writable) {
            flaw("access",
                 fmt::format("'{}' cannot be written; take write out of access", tag.address));
        } else if (tag.access.read && !facts->readable) {
            flaw("access",
                 fmt::format("'{}' cannot be read; take read out of access", tag.address));
        }
        return facts;
    }

    const DriverInfo& driver_;
    std::vector<Flaw>& flaws_;
    std::string_view group_;
    std::string_view tag_;
    size_t count_ = 0;
};

void check_settings(CheckedDevice& device, const DriverRegistry::Entry& entry, Checker& checker) {
    Config::Texts flaws;
    device.settings = Config::read_table(entry.settings, device.spec.settings, flaws);
    for (auto& [key, text] : flaws)
        checker.flaw("settings." + key, std::move(text));
    const auto needs = [&](std::string_view key, bool missing) {
        if (missing)
            checker.flaw(fmt::format("settings.{}", key), fmt::format("'{}' is missing", key));
    };
    switch (device.driver->link) {
        case LinkKind::tcp_client:
            needs("host", device.settings.at("host").text.empty());
            needs("port", device.settings.at("port").text == "0");
            break;
        case LinkKind::serial:
            needs("serial_port", device.settings.at("serial_port").text.empty());
            break;
        case LinkKind::tcp_server:
            break;  // port 0 takes any free one
    }
}

void check_group(CheckedDevice& device, const GroupSpec& group, Checker& checker,
                 std::unordered_set<std::string_view>& tags) {
    checker.at(group.name, "");
    checker.name("name", group.name);
    if (group.interval < least_interval || group.interval > seconds(7 * 86400))
        checker.flaw("interval",
                     fmt::format("interval {} is not within {} and 7d",
                                 format_duration(group.interval), format_duration(least_interval)));
    auto& checked = device.tags.emplace_back();
    checked.reserve(group.tags.size());
    for (const auto& tag : group.tags) {
        checker.at(group.name, tag.name);
        const auto facts = checker.tag(tag);
        std::string point = tag.point.empty() ? device.spec.name + "/" + tag.name : tag.point;
        if (!tags.insert(tag.name).second)
            checker.flaw("name", fmt::format("the device has two tags '{}'", tag.name));
        checked.push_back({std::move(point), facts ? facts->unit : ""});
    }
}

}  // namespace

Error error_of(const std::vector<Flaw>& flaws) {
    constexpr size_t shown = 3;
    std::string text;
    for (size_t i = 0; i < std::min(shown, flaws.size()); ++i) {
        const Flaw& flaw = flaws[i];
        if (i > 0) text += "; ";
        if (!flaw.group.empty()) text += fmt::format("group '{}', ", flaw.group);
        if (!flaw.tag.empty()) text += fmt::format("tag '{}', ", flaw.tag);
        text += fmt::format("{}: {}", flaw.field, flaw.text);
    }
    if (flaws.size() > shown) text += fmt::format("; and {} more", flaws.size() - shown);
    return Error(ErrorCode::invalid_argument, std::move(text));
}

Result<AddressFacts> check_tag(const TagSpec& tag, const DriverInfo& driver,
                               std::vector<Flaw>& flaws, std::string_view group) {
    Checker checker(driver, flaws);
    checker.at(group, tag.name);
    auto facts = checker.tag(tag);
    if (checker.count() > 0) return fail(error_of(flaws));
    return facts;
}

Result<CheckedDevice> check_device(DeviceSpec spec, const DriverRegistry& drivers,
                                   std::vector<Flaw>& flaws) {
    const auto entry = drivers.find(spec.driver);
    if (!entry) {
        flaws.push_back({"", "", "driver", entry.error().text()});
        return fail(error_of(flaws));
    }
    CheckedDevice device;
    device.driver = (*entry)->info;
    device.spec = std::move(spec);
    Checker checker(*device.driver, flaws);
    checker.name("name", device.spec.name);
    if (device.spec.name.starts_with('$'))
        checker.flaw("name", "a device's name may not begin with '$', which is the server's own");
    checker.length("description", device.spec.description, description_bytes_limit);
    check_settings(device, **entry, checker);
    if (device.spec.groups.size() > groups_limit)
        checker.flaw("groups", fmt::format("{} groups, at most {} are allowed",
                                           device.spec.groups.size(), groups_limit));
    std::unordered_set<std::string_view> groups;
    std::unordered_set<std::string_view> tags;
    for (const auto& group : device.spec.groups) {
        check_group(device, group, checker, tags);
        checker.at(group.name, "");
        if (!groups.insert(group.name).second)
            checker.flaw("name", fmt::format("the device has two groups '{}'", group.name));
    }
    std::unordered_set<std::string_view> points;
    for (size_t g = 0; g < device.tags.size(); ++g) {
        for (size_t t = 0; t < device.tags[g].size(); ++t) {
            if (points.insert(device.tags[g][t].point).second) continue;
            checker.at(device.spec.groups[g].name, device.spec.groups[g].tags[t].name);
            checker.flaw("point", fmt::format("the device has two tags of point '{}'",
                                              device.tags[g][t].point));
        }
    }
    if (checker.count() > 0) return fail(error_of(flaws));
    return device;
}

}  // namespace hw::gateway
