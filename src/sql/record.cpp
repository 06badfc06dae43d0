#include "sql/record.h"

#include "model/point_path.h"

namespace hw::sql {

int Shape::find(std::string_view column) const {
    for (size_t i = 0; i < columns.size(); ++i)
        if (columns[i].name == column) return static_cast<int>(i);
    return -1;
}

const Datum& Record::body(JsonReader& reader) const {
    if (body_read_ || shape_.body < 0) return body_;
    body_read_ = true;
    const Datum& raw = columns_[static_cast<size_t>(shape_.body)];
    if (!shape_.body_is_json || (raw.kind() != Kind::text && raw.kind() != Kind::bytes)) {
        body_ = raw;
        return body_;
    }
    auto read = reader.read(raw.as_text());
    if (read) {
        body_ = std::move(*read);
    } else {
        broken_ = read.error().text();
    }
    return body_;
}

const Shape& message_shape() {
    static const Shape shape{
        "message",
        {{"topic", "the topic it was published to"},
         {"payload", "the payload: its JSON, or the text or bytes as they came"},
         {"clientid", "the publisher's client id"},
         {"username", "the publisher's user name, null where it gave none"},
         {"qos", "0, 1 or 2"},
         {"flags", "an object of the MQTT flags: retain, dup"},
         {"timestamp", "when it arrived, in ms since 1970"},
         {"publish_received_at", "when it arrived, in ms since 1970"},
         {"peerhost", "the publisher's address without the port"},
         {"id", "a number of this message, as text"},
         {"pub_props", "its MQTT 5 properties by name; User-Property an object"},
         {"client_attrs", "attributes of the client; empty"},
         {"node", "the name of this server"}},
        1,
        true};
    return shape;
}

const Shape& points_shape() {
    static const Shape shape{"points",
                             {{"topic", "the point's path"},
                              {"value", "bool, int, float, string or bytes"},
                              {"quality", "good, uncertain... or bad..., with the reason"},
                              {"time", "the source's time"},
                              {"timestamp", "the source's time in ms since 1970"},
                              {"unit", "the unit of measure, null where nobody told it"}},
                             -1,
                             false};
    return shape;
}

}  // namespace hw::sql
