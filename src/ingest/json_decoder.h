#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/time.h"
#include "ingest/decoded.h"
#include "ingest/path_template.h"
#include "ingest/point_tree.h"
#include "model/point_directory.h"

namespace hw::ingest {

// JSON payloads to samples. The rules (docs/ingest.md has them with examples):
// - A member `k` of an object on topic `a/b` is a sample of `a/b/k`, nested ones by '/', elements
//   of an array by their index. null gives nothing and is counted.
// - `ts`, `timestamp`, `time` (the first of them, in this order, that is a time) is the time of its
//   object and all within: RFC 3339, or an epoch number by magnitude. What is no time is an
//   ordinary member; so is a number below 1e8 under `time`.
// - `quality` is the quality of its object and all within: a text, an OPC code or true and false.
// - A scalar `value` is a sample of the object's own path, and `unit` beside it its unit.
// - An object in an array at the top is read as if it had come alone.
// - Neuron: {node, group, timestamp, values{}, errors{}} and {..., tags[{name, value|error}]}. On
//   Neuron's own topic [/]neuron/NODE/upload a tag's path is node/group/tag, on others topic/tag.
//   A failed tag is NaN of quality bad.
// A message is kept whole or, where it is not JSON or over a limit, not at all. One thread. About
// 40 ns a member.
class JsonDecoder {
  public:
    struct Limits {
        size_t depth;
        size_t members;
        size_t text_bytes;
    };
    enum class Form : uint8_t { any, plain, neuron };

    // What a message's points hang on.
    struct Source {
        std::string_view topic;
        std::string_view prefix;
        const PathTemplate* neuron_path = nullptr;
        PointTree::Node root = PointTree::none;
        PointTree::Node neuron_root = PointTree::none;
        Form form = Form::any;
        bool numbers_as_doubles = false;
    };

    JsonDecoder(model::PointDirectory& points, PointTree& tree, const Limits& limits);
    ~JsonDecoder();

    Reason decode(const Source& source, std::string_view payload, Time received, Decoded& out,
                  Tally& tally);

  private:
    struct State;
    const std::unique_ptr<State> state_;
};

}  // namespace hw::ingest
