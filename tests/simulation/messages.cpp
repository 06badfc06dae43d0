#include "simulation/messages.h"

#include <fmt/format.h>

namespace hw::simulation {

namespace {

constexpr int64_t epoch_ms = 1'700'000'000'000;
constexpr int64_t ancient_ms = 1'000'000'000'000;

// Few enough that times come again, and out of order.
int64_t own_time_ms(Random& random) {
    const auto at = static_cast<int64_t>(random.below(150));
    return random.chance(0.03) ? ancient_ms + at * 1000 : epoch_ms + at * 10;
}

void scalar(Random& random, Message& message) {
    const auto number = static_cast<int64_t>(message.number);
    message.topic = fmt::format("s/{}", random.below(3));
    Expected sample{message.topic, std::nullopt, number};
    message.payload = fmt::format("{}", number);
    if (random.chance(0.5)) {
        message.payload += ".25";
        sample.value = static_cast<double>(number) + 0.25;
    }
    message.samples.push_back(std::move(sample));
}

void text(Random& random, Message& message) {
    message.topic = fmt::format("t/{}", random.below(2));
    message.payload = fmt::format("text {} {}", message.number, std::string(random.below(60), 'x'));
    message.samples.push_back({message.topic, std::nullopt, message.payload});
}

void object(Random& random, Message& message) {
    const auto number = static_cast<int64_t>(message.number);
    const int64_t ms = own_time_ms(random);
    const bool yes = random.chance(0.5);
    const bool bad = random.chance(0.1);
    message.topic = fmt::format("j/{}", random.below(2));
    message.payload =
        fmt::format(R"({{"ts":{},"a":{},"in":{{"b":{}.5,"ok":{}}},"text":"note {}"{}}})", ms,
                    number, number, yes, number, bad ? R"(,"quality":"bad")" : "");
    const Time time{ms * 1'000'000};
    const auto quality = bad ? model::Quality::bad : model::Quality::good;
    const auto add = [&](std::string_view member, model::Value value) {
        message.samples.push_back(
            {message.topic + "/" + std::string(member), time, std::move(value), quality});
    };
    add("a", number);
    add("in/b", static_cast<double>(number) + 0.5);
    add("in/ok", yes);
    add("text", fmt::format("note {}", number));
}

// Many samples at once, so that heads fill up.
void array(Random& random, Message& message) {
    const int64_t ms = own_time_ms(random);
    message.topic = fmt::format("j/{}", random.below(2));
    message.payload = fmt::format(R"({{"timestamp":{},"v":[)", ms);
    const auto size = static_cast<int64_t>(10 + random.below(20));
    for (int64_t i = 0; i < size; ++i) {
        const int64_t value = message.number + i;
        message.payload += fmt::format("{}{}", i == 0 ? "" : ",", value);
        message.samples.push_back(
            {fmt::format("{}/v/{}", message.topic, i), Time{ms * 1'000'000}, value});
    }
    message.payload += "]}";
}

void unkept(Random& random, Message& message) {
    message.topic = fmt::format("n/{}", random.below(2));
    message.payload = fmt::format("word {}", message.number);
}

// An object on a kept topic with nothing in it to keep.
void hollow(Random& random, Message& message) {
    message.topic = fmt::format("j/{}", random.below(2));
    message.payload = fmt::format(R"({{"ts":{},"a":null}})", epoch_ms + message.number);
}

}  // namespace

Message& Messages::make(Random& random, size_t publisher, Time now) {
    Message& message = all_.emplace_back();
    message.number = static_cast<uint32_t>(all_.size());
    message.publisher = publisher;
    message.sent = now;
    message.qos = static_cast<uint8_t>(random.chance(0.15) ? 0 : 1 + random.below(2));
    message.retain = random.chance(0.05);
    const uint64_t dice = random.below(100);
    if (dice < 35) {
        scalar(random, message);
    } else if (dice < 45) {
        text(random, message);
    } else if (dice < 70) {
        object(random, message);
    } else if (dice < 78) {
        array(random, message);
    } else if (dice < 95) {
        unkept(random, message);
    } else {
        hollow(random, message);
    }
    by_payload_.emplace(message.payload, &message);
    return message;
}

Message* Messages::find(std::string_view payload) {
    const auto found = by_payload_.find(payload);
    return found == by_payload_.end() ? nullptr : found->second;
}

}  // namespace hw::simulation
