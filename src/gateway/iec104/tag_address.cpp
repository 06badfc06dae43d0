#include "gateway/iec104/tag_address.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <string>

namespace hw::gateway::iec104 {
namespace {

constexpr uint32_t common_address_most = 65534;  // 65535 is every station's
constexpr uint32_t object_most = 0xffffff;
constexpr uint32_t bit_most = 31;
constexpr uint32_t switch_qualifier_most = 31;
constexpr uint32_t set_point_qualifier_most = 127;

struct CommandName {
    std::string_view name;
    CommandKind kind;
};
constexpr std::array commands = {
    CommandName{"SC", CommandKind::single}, CommandName{"DC", CommandKind::double_point},
    CommandName{"RC", CommandKind::step},   CommandName{"NA", CommandKind::normalized},
    CommandName{"NB", CommandKind::scaled}, CommandName{"NC", CommandKind::short_float},
    CommandName{"BO", CommandKind::bits},
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool is_truth(TagType type) {
    return type == TagType::boolean || type == TagType::bit;
}
bool is_float(TagType type) {
    return type == TagType::float32 || type == TagType::float64;
}

CommandKind usual_command(TagType type) {
    if (is_truth(type)) return CommandKind::single;
    if (is_float(type)) return CommandKind::short_float;
    switch (type) {
        case TagType::int32:
        case TagType::uint32:
        case TagType::dword:
            return CommandKind::bits;
        default:
            return CommandKind::scaled;
    }
}

bool is_switch(CommandKind kind) {
    return kind <= CommandKind::step;
}

class Parser {
  public:
    Parser(std::string_view text, TagType type) : text_(text), type_(type) {}

    Result<TagAddress> parse() {
        const size_t mark = text_.find('!');
        if (mark != std::string_view::npos) {
            address_.common_address = static_cast<uint16_t>(
                HW_TRY(number("common address", 1, common_address_most, "1!4001")));
            if (at_ != mark) return wrong("expected '!' after the common address", "1!4001");
            ++at_;
        }
        address_.object = HW_TRY(number("object address", 0, object_most, "1!4001"));
        address_.command_object = address_.object;
        address_.command = usual_command(type_);
        if (take('.')) {
            address_.bit = static_cast<uint8_t>(HW_TRY(number("bit", 0, bit_most, "1!4001.3")));
            if (!is_truth(type_)) return wrong("a bit is of type bit or bool", "1!4001", begin_);
        }
        if (take('>'))
            address_.command_object =
                HW_TRY(number("command's object address", 0, object_most, "1!4001>6001#SC"));
        if (take('#')) HW_TRY(command());
        if (at_ != text_.size())
            return wrong(fmt::format("unexpected '{}'", text_[at_]), "1!4001>6001#SC.SBO");
        return address_;
    }

  private:
    bool take(char c) {
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    std::unexpected<Error> wrong(std::string_view what, std::string_view example,
                                 std::optional<size_t> where = std::nullopt) const {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("address '{}', position {}: {}, as in '{}'", text_,
                                where.value_or(at_) + 1, what, example));
    }

    Result<uint32_t> number(std::string_view what, uint32_t least, uint32_t most,
                            std::string_view example) {
        begin_ = at_;
        while (at_ < text_.size() && is_digit(text_[at_]))
            ++at_;
        uint32_t value = 0;
        const char* const end = text_.data() + at_;
        const auto [stop, code] = std::from_chars(text_.data() + begin_, end, value);
        if (code != std::errc() || stop != end || value < least || value > most)
            return wrong(fmt::format("expected the {}, a number from {} to {}", what, least, most),
                         example, begin_);
        return value;
    }

    std::string word() {
        begin_ = at_;
        std::string word;
        while (at_ < text_.size() && text_[at_] != '.')
            word.push_back(upper(text_[at_++]));
        return word;
    }

    Result<void> command() {
        const std::string name = word();
        const CommandName* found = nullptr;
        for (const CommandName& entry : commands)
            if (entry.name == name) found = &entry;
        if (found == nullptr)
            return wrong("expected a command type: SC, DC, RC, NA, NB, NC or BO", "1!4001#SC",
                         begin_);
        address_.command = found->kind;
        if (is_switch(found->kind) && is_float(type_))
            return wrong(
                fmt::format("{} takes no {}; use a bit, or a set point", name, to_string(type_)),
                "1!4001#NC", begin_);
        if (!is_switch(found->kind) && is_truth(type_))
            return wrong(fmt::format("{} takes a number, not a {}", name, to_string(type_)),
                         "1!4001#SC", begin_);
        if (found->kind == CommandKind::bits && is_float(type_))
            return wrong("BO takes a whole number", "1!4001#NC", begin_);
        while (take('.'))
            HW_TRY(option());
        return {};
    }

    Result<void> option() {
        const std::string name = word();
        if (name == "SBO") {
            if (address_.command == CommandKind::bits)
                return wrong("BO cannot be selected", "1!4001#BO", begin_);
            address_.select_first = true;
            return {};
        }
        if (name == "T") {
            address_.timed = true;
            return {};
        }
        if (name.starts_with('Q') && address_.command != CommandKind::bits) {
            at_ = begin_ + 1;
            const bool of_switch = is_switch(address_.command);
            address_.qualifier = static_cast<uint8_t>(HW_TRY(
                number("qualifier", 0, of_switch ? switch_qualifier_most : set_point_qualifier_most,
                       "1!4001#SC.Q1")));
            return {};
        }
        return wrong("expected SBO, T or Q with a number", "1!4001#SC.SBO.Q1", begin_);
    }

    std::string_view text_;
    TagType type_;
    size_t at_ = 0;
    size_t begin_ = 0;
    TagAddress address_;
};

}  // namespace

Result<TagAddress> parse_tag_address(std::string_view text, TagType type) {
    return Parser(text, type).parse();
}

}  // namespace hw::gateway::iec104
