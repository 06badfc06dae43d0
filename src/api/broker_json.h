#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "api/broker_admin.h"
#include "api/exchange.h"
#include "base/json_writer.h"
#include "broker/views.h"

namespace hw::api {

// How the broker's things look in answers; openapi schemas of the same names: broker_schemas.cpp.
void write_client(JsonWriter& json, const broker::ClientView& client);
void write_subscription(JsonWriter& json, const broker::SubscriptionView& subscription);
void write_retained(JsonWriter& json, const broker::RetainedView& message);
void write_ban(JsonWriter& json, const Ban& ban);
void write_trace(JsonWriter& json, const TraceView& trace);
void write_record(JsonWriter& json, const TraceRecord& record);
// "payload", as a text where it is one, else "payload_base64"; and "payload_bytes".
void write_payload(JsonWriter& json, std::string_view payload, size_t bytes);

// Asks the broker in steps with one T as the notes of all of them, and answers from it.
template <class T>
void ask_broker(BrokerAdmin& broker, Exchange exchange, T notes,
                std::function<bool(broker::Broker&, T&)> step,
                std::function<void(Exchange&, T&)> answer) {
    struct State {
        Exchange exchange;
        T notes;
    };
    auto state = std::make_shared<State>(std::move(exchange), std::move(notes));
    broker.ask([state, step = std::move(step)](broker::Broker& b) { return step(b, state->notes); },
               [state, answer = std::move(answer)] { answer(state->exchange, state->notes); });
}

}  // namespace hw::api
