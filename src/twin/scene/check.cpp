#include "twin/scene/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/config_text.h"
#include "model/point_path.h"
#include "sql/json.h"
#include "twin/model/language_text.h"

namespace hw::twin {

namespace {

constexpr size_t id_limit = 128;
constexpr size_t twin_limit = 1024;
constexpr size_t languages_limit = 16;  // of one text
constexpr double coordinate_limit = 1e6;

// A value for an error's text, cut where it is long.
std::string shown(const sql::Datum& value) {
    if (value.is_object()) return "an object";
    if (value.is_array()) return fmt::format("a list of {}", value.items().size());
    if (value.is_null()) return "null";
    std::string text =
        value.is_text() ? fmt::format("the text '{}'", value.as_text()) : sql::to_json(value);
    if (text.size() > 80) text = text.substr(0, 77) + "...";
    return text;
}

// RFC 6901: '~' and '/' within a name.
std::string under(const std::string& path, std::string_view name) {
    std::string out = path + '/';
    for (const char c : name) {
        if (c == '~')
            out += "~0";
        else if (c == '/')
            out += "~1";
        else
            out += c;
    }
    return out;
}

bool is_id(std::string_view text) {
    if (text.empty() || text.size() > id_limit) return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.' || c == ':' || c == '/';
    });
}

bool is_twin(std::string_view text) {
    return !text.empty() && text.size() <= twin_limit && model::is_mqtt_text(text) &&
           text.find_first_of("#+") == std::string_view::npos;
}

class Checker {
  public:
    Checker(std::string node, SceneFlaws& flaws) : node_(std::move(node)), flaws_(flaws) {}

    void object(const ObjectType& type, const sql::Datum& value, const std::string& path) {
        const bool with_kind = std::exchange(with_kind_, false);
        if (!value.is_object()) return expect(path, "an object", value);
        // Within a node its flaws name it.
        const bool names = &type == &node_type() && node_.empty();
        if (names)
            if (const auto* id = value.find("id"); id != nullptr && id->is_text())
                node_ = id->as_text();
        for (const auto& member : value.members()) {
            const auto name = member.key.as_text();
            if (name == "kind" && with_kind) continue;
            const Field* known = type.find(name);
            if (known == nullptr) {
                unknown(type, name, path);
                continue;
            }
            field(*known, member.value, under(path, name));
        }
        for (const auto& wanted : type.fields) {
            const auto* there = value.find(wanted.name);
            if (wanted.required && (there == nullptr || there->is_null()))
                add(path, fmt::format("'{}' is missing; {}", wanted.name, lower(wanted.help)));
        }
        meaning(type, value, path);
        if (names) node_.clear();
    }

  private:
    void add(const std::string& path, std::string text) {
        flaws_.add(path, node_, std::move(text));
    }
    void expect(const std::string& path, std::string_view wanted, const sql::Datum& value) {
        add(path, fmt::format("expected {}, found {}", wanted, shown(value)));
    }
    static std::string lower(std::string_view help) {
        std::string out(help);
        if (out.size() > 1 && out[0] >= 'A' && out[0] <= 'Z' && out[1] >= 'a' && out[1] <= 'z')
            out[0] = static_cast<char>(out[0] - 'A' + 'a');
        return out;
    }

    void unknown(const ObjectType& type, std::string_view name, const std::string& path) {
        std::vector<std::string> names;
        for (const auto& field : type.fields)
            names.emplace_back(field.name);
        add(under(path, name), fmt::format("a {} has no '{}'{}", type.name, name.substr(0, 80),
                                           did_you_mean(name, names)));
    }

    void field(const Field& field, const sql::Datum& value, const std::string& path) {
        if (value.is_null()) return;  // as if it were left out
        switch (field.kind) {
            case FieldKind::text:
            case FieldKind::id:
            case FieldKind::twin:
            case FieldKind::path:
            case FieldKind::choice:
            case FieldKind::colour:
                return word(field, value, path);
            case FieldKind::local_text:
                return local_text(field, value, path);
            case FieldKind::flag:
                if (value.kind() != sql::Kind::boolean) expect(path, "true or false", value);
                return;
            case FieldKind::scalar:
                if (value.is_object() || value.is_array())
                    expect(path, "a number, a text, true or false", value);
                return;
            case FieldKind::number:
                return number(value, path, field.least, field.most);
            case FieldKind::object:
                return object(*field.type, value, path);
            case FieldKind::one_of:
                return one_of(field.types, value, path);
            case FieldKind::free:
                return free(field, value, path);
            default:
                return list(field, value, path);
        }
    }

    void word(const Field& field, const sql::Datum& value, const std::string& path) {
        if (!value.is_text()) return expect(path, "a text", value);
        const auto text = value.as_text();
        switch (field.kind) {
            case FieldKind::id:
                if (!is_id(text))
                    expect(path, "an id of 1 to 128 letters, digits and any of -_.:/", value);
                return;
            case FieldKind::twin:
                if (!is_twin(text))
                    expect(path, "a twin's id of 1 to 1024 bytes without '#' and '+'", value);
                return;
            case FieldKind::path:
                if (text.empty() || text.size() > 1024) expect(path, "a property's path", value);
                return;
            case FieldKind::colour:
                if (!is_colour(text)) expect(path, "a colour as '#rrggbb'", value);
                return;
            case FieldKind::choice: {
                const auto words = words_of(field.words);
                if (std::find(words.begin(), words.end(), text) == words.end())
                    add(path, fmt::format("'{}' is none of {}{}", text.substr(0, 80),
                                          fmt::join(words, ", "), did_you_mean(text, words)));
                return;
            }
            default:
                length(field, text, path);
        }
    }

    void local_text(const Field& field, const sql::Datum& value, const std::string& path) {
        if (!value.is_object()) {
            if (!value.is_text())
                return expect(path, "a text, or texts by language as {\"en\": text}", value);
            return length(field, value.as_text(), path);
        }
        const auto& texts = value.members();
        if (texts.empty() || texts.size() > languages_limit)
            add(path, fmt::format("a text in {} languages; 1 to {} are allowed", texts.size(),
                                  languages_limit));
        for (const auto& [key, text] : texts) {
            const auto language = key.as_text();
            const auto at = under(path, language);
            if (!is_language(language))
                add(at, fmt::format("'{}' is no language tag such as en, en-US or zh-Hans",
                                    language.substr(0, 80)));
            if (!text.is_text()) {
                expect(at, "a text", text);
            } else {
                length(field, text.as_text(), at);
            }
        }
    }

    void length(const Field& field, std::string_view text, const std::string& path) {
        const auto size = static_cast<double>(text.size());
        if (size < field.least || size > field.most)
            add(path, fmt::format("a text of {} bytes; {} to {} are allowed", text.size(),
                                  field.least, field.most));
        const bool formatted = field.name == "format" || field.name == "text";
        if (!formatted) return;
        if (auto wrong = check_format(text); !wrong.empty()) add(path, std::move(wrong));
    }

    void number(const sql::Datum& value, const std::string& path, double least, double most) {
        if (!value.is_number()) return expect(path, "a number", value);
        const double number = value.as_number();
        if (std::isfinite(number) && number >= least && number <= most) return;
        add(path, fmt::format("{} is not within {} to {}", number, least, most));
    }

    void one_of(std::span<const ObjectType> types, const sql::Datum& value,
                const std::string& path) {
        if (!value.is_object()) return expect(path, "an object with a 'kind'", value);
        std::vector<std::string> names;
        for (const auto& type : types)
            names.emplace_back(type.name);
        const auto* kind = value.find("kind");
        if (kind == nullptr || !kind->is_text())
            return add(path,
                       fmt::format("'kind' is missing; give one of {}", fmt::join(names, ", ")));
        const auto name = kind->as_text();
        for (const auto& type : types)
            if (type.name == name) {
                with_kind_ = true;
                object(type, value, path);
                return;
            }
        add(path + "/kind", fmt::format("'{}' is none of {}{}", name.substr(0, 80),
                                        fmt::join(names, ", "), did_you_mean(name, names)));
    }

    void free(const Field& field, const sql::Datum& value, const std::string& path) {
        if (!value.is_object()) return expect(path, "an object", value);
        const auto size = sql::to_json(value).size();
        if (static_cast<double>(size) > field.most)
            add(path,
                fmt::format("has {} bytes as JSON, at most {} are allowed", size, field.most));
    }

    void list(const Field& field, const sql::Datum& value, const std::string& path) {
        switch (field.kind) {
            case FieldKind::vector2:
                return numbers(value, path, 2);
            case FieldKind::vector3:
                return numbers(value, path, 3);
            case FieldKind::scale:
                return scale(value, path);
            case FieldKind::quaternion:
                return quaternion(value, path);
            case FieldKind::colours:
                return colours(field, value, path);
            default:
                break;
        }
        if (!value.is_array()) return expect(path, "a list", value);
        const auto& items = value.items();
        const auto size = static_cast<double>(items.size());
        if (size < field.least || (field.most > 0 && size > field.most))
            return add(path, fmt::format("has {} entries; {} to {} are allowed", items.size(),
                                         field.least, field.most));
        for (size_t i = 0; i < items.size(); ++i)
            item(field, items, i, path + '/' + std::to_string(i));
        if (field.kind == FieldKind::stops) rising(items, path);
    }

    void item(const Field& field, const sql::Datum::Items& items, size_t i,
              const std::string& path) {
        const auto& value = items[i];
        switch (field.kind) {
            case FieldKind::points2:
                return numbers(value, path, 2);
            case FieldKind::points3:
                return numbers(value, path, 3);
            case FieldKind::list:
                return object(*field.type, value, path);
            case FieldKind::list_of:
                return one_of(field.types, value, path);
            case FieldKind::scalars:
                if (value.is_object() || value.is_array())
                    expect(path, "a number, a text, true or false", value);
                return;
            default:  // stops
                if (!value.is_array() || value.items().size() != 2)
                    return expect(path, "[value, '#rrggbb']", value);
                number(value.items()[0], path + "/0", -1e300, 1e300);
                if (!value.items()[1].is_text() || !is_colour(value.items()[1].as_text()))
                    expect(path + "/1", "a colour as '#rrggbb'", value.items()[1]);
        }
    }

    void numbers(const sql::Datum& value, const std::string& path, size_t count) {
        if (!value.is_array() || value.items().size() != count)
            return expect(path, fmt::format("a list of {} numbers", count), value);
        for (size_t i = 0; i < count; ++i)
            number(value.items()[i], path + '/' + std::to_string(i), -coordinate_limit,
                   coordinate_limit);
    }

    void scale(const sql::Datum& value, const std::string& path) {
        constexpr double least = 1e-6;
        if (value.is_number()) return number(value, path, least, coordinate_limit);
        if (!value.is_array() || value.items().size() != 3)
            return expect(path, "a number or a list of 3 numbers", value);
        for (size_t i = 0; i < 3; ++i)
            number(value.items()[i], path + '/' + std::to_string(i), least, coordinate_limit);
    }

    void quaternion(const sql::Datum& value, const std::string& path) {
        if (!value.is_array() || value.items().size() != 4)
            return expect(path, "a list of 4 numbers", value);
        double square = 0;
        for (size_t i = 0; i < 4; ++i) {
            number(value.items()[i], path + '/' + std::to_string(i), -1, 1);
            if (!value.items()[i].is_number()) return;
            square += value.items()[i].as_number() * value.items()[i].as_number();
        }
        if (std::abs(square - 1) > 1e-3)
            add(path, fmt::format("its length is {:.4f}, not 1; normalise it", std::sqrt(square)));
    }

    void colours(const Field& field, const sql::Datum& value, const std::string& path) {
        if (!value.is_object()) return expect(path, "an object of colours", value);
        if (static_cast<double>(value.members().size()) > field.most)
            add(path, fmt::format("has {} members, at most {} are allowed", value.members().size(),
                                  field.most));
        for (const auto& member : value.members())
            if (!member.value.is_text() || !is_colour(member.value.as_text()))
                expect(under(path, member.key.as_text()), "a colour as '#rrggbb'", member.value);
    }

    void rising(const sql::Datum::Items& items, const std::string& path) {
        for (size_t i = 1; i < items.size(); ++i) {
            if (!items[i - 1].is_array() || !items[i].is_array()) return;
            const auto &before = items[i - 1].items(), &after = items[i].items();
            if (before.empty() || after.empty() || !before[0].is_number() || !after[0].is_number())
                return;
            if (after[0].as_number() <= before[0].as_number())
                return add(path + '/' + std::to_string(i) + "/0",
                           fmt::format("{} does not rise above {}; put the stops in order",
                                       after[0].as_number(), before[0].as_number()));
        }
    }

    // What no single field says.
    void meaning(const ObjectType& type, const sql::Datum& value, const std::string& path) {
        const auto has = [&](std::string_view name) {
            const auto* there = value.find(name);
            return there != nullptr && !there->is_null();
        };
        if (type.name == "node" && has("rotation") && has("quaternion"))
            add(path, "has both rotation and quaternion; give one of them");
        if (type.name == "colour" && !has("stops") && !has("values"))
            add(path, "has neither stops nor values; give one of them, or both");
        if (type.name == "condition") {
            const auto* op = value.find("op");
            const bool in = op != nullptr && op->is_text() && op->as_text() == "in";
            if (in ? !has("values") : value.find("value") == nullptr)
                add(path, in ? "'values' is missing; in compares with a list"
                             : "'value' is missing; with what is it compared");
        }
        if (type.name == "fill") fill_range(value, path);
        if (type.name == "schematic of a node" && has("from") != has("to"))
            add(path, "a line has both from and to, or a path alone");
    }

    void fill_range(const sql::Datum& value, const std::string& path) {
        const auto *min = value.find("min"), *max = value.find("max");
        if (max == nullptr || !max->is_number()) return;
        const double low = min != nullptr && min->is_number() ? min->as_number() : 0;
        if (max->as_number() <= low)
            add(path + "/max", fmt::format("{} is not above min, {}", max->as_number(), low));
    }

    std::string node_;
    SceneFlaws& flaws_;
    bool with_kind_ = false;
};

}  // namespace

std::string SceneFlaw::full_text() const {
    std::string out = path.empty() ? "/" : path;
    if (!node.empty()) out += fmt::format(" (node '{}')", node);
    return out + ": " + text;
}

void SceneFlaws::add(std::string path, std::string node, std::string text) {
    if (found_.size() >= limit)
        ++more_;
    else
        found_.push_back({std::move(path), std::move(node), std::move(text)});
}

std::string SceneFlaws::summary() const {
    if (found_.empty()) return "";
    const size_t others = found_.size() + more_ - 1;
    return others == 0 ? found_[0].full_text()
                       : fmt::format("{}, and {} more", found_[0].full_text(), others);
}

void check_fields(const ObjectType& type, const sql::Datum& value, const std::string& path,
                  const std::string& node, SceneFlaws& flaws) {
    Checker(node, flaws).object(type, value, path);
}

std::vector<std::string> words_of(std::string_view words) {
    std::vector<std::string> out;
    while (!words.empty()) {
        const size_t bar = words.find('|');
        out.emplace_back(words.substr(0, bar));
        words = bar == std::string_view::npos ? std::string_view() : words.substr(bar + 1);
    }
    return out;
}

std::string check_format(std::string_view format) {
    static const std::vector<std::string> places = {"value", "unit",    "name",
                                                    "twin",  "quality", "time"};
    for (size_t at = format.find('{'); at != std::string_view::npos; at = format.find('{', at)) {
        const size_t end = format.find('}', at);
        if (end == std::string_view::npos) return "a '{' without its '}'";
        auto place = format.substr(at + 1, end - at - 1);
        const size_t colon = place.find(':');
        const auto digits = colon == std::string_view::npos ? "" : place.substr(colon + 1);
        place = place.substr(0, colon);
        if (std::find(places.begin(), places.end(), place) == places.end())
            return fmt::format(
                "'{{{}}}' is no place; there are {{value}}, {{unit}}, {{name}}, "
                "{{twin}}, {{quality}} and {{time}}",
                place.substr(0, 80));
        const bool fixed = digits.size() == 3 && digits[0] == '.' && digits[1] >= '0' &&
                           digits[1] <= '9' && digits[2] == 'f';
        if (colon != std::string_view::npos && (place != "value" || !fixed))
            return fmt::format("'{}' is no form; digits are given as {{value:.2f}}",
                               format.substr(at, std::min<size_t>(end - at + 1, 80)));
        at = end;
    }
    return "";
}

bool is_colour(std::string_view text) {
    return text.size() == 7 && text[0] == '#' &&
           std::all_of(text.begin() + 1, text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
           });
}

}  // namespace hw::twin
