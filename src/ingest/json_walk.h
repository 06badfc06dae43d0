#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

#include "ingest/json_decoder.h"

namespace hw::ingest {

// One parsed payload's way into a batch. Lives for one message; for json_decoder.cpp alone.
class JsonWalk {
  public:
    // What holds for an object and all within it.
    struct Frame {
        Time time;
        model::Quality quality = model::Quality::good;
    };

    JsonWalk(model::PointDirectory& points, PointTree& tree, const JsonDecoder::Limits& limits,
             const JsonDecoder::Source& source, std::string& path, Decoded& out, Tally& tally)
        : points_(points),
          tree_(tree),
          limits_(limits),
          source_(source),
          path_(path),
          out_(out),
          tally_(tally) {}

    // False where the message cannot be kept; reason() tells.
    bool payload(const simdjson::dom::element& root, Time received);
    Reason reason() const { return reason_; }

  private:
    using Node = PointTree::Node;
    using Element = simdjson::dom::element;
    using Object = simdjson::dom::object;

    // The members that say something about the others.
    struct Reserved {
        std::optional<Element> times[3];  // ts, timestamp, time
        std::optional<Element> quality;
        std::optional<Element> unit;
        std::optional<Element> value;
        int time_taken = -1;
        bool quality_taken = false;
        bool unit_taken = false;

        void find(const Object& object);
        void take(Frame& frame, Tally& tally);
        bool took(std::string_view key) const;
    };
    // The fields of Neuron's upload formats.
    struct Neuron {
        std::optional<std::string_view> node;
        std::optional<std::string_view> group;
        std::optional<Object> values;
        std::optional<Object> errors;
        std::optional<simdjson::dom::array> tags;
        std::optional<Element> timestamp;

        void find(const Object& object);
        bool complete() const { return node && group && (values || tags); }
    };

    bool top_object(const Object& object, const Frame& frame);
    bool top_array(const simdjson::dom::array& array, const Frame& frame);
    bool object(const Object& object, Node node, Frame frame, size_t depth);
    bool array(const simdjson::dom::array& array, Node node, const Frame& frame, size_t depth);
    bool value(const Element& element, Node node, const Frame& frame, size_t depth);
    bool neuron(const Neuron& message, Frame frame);
    bool neuron_tag(const Object& tag, Node group, Node& after, const Frame& frame);
    void failed_tag(model::PointId point, Time time);
    bool count_one();
    bool refuse(Reason reason);
    void text(std::string_view text, model::PointId point, const Frame& frame);
    std::optional<model::PointId> point_of(Node node);
    void plain_path(Node node);
    void neuron_path(Node node);

    model::PointDirectory& points_;
    PointTree& tree_;
    const JsonDecoder::Limits& limits_;
    const JsonDecoder::Source& source_;
    std::string& path_;
    Decoded& out_;
    Tally& tally_;
    size_t members_ = 0;
    bool in_neuron_ = false;
    Reason reason_ = Reason::nothing;
};

}  // namespace hw::ingest
