#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "ingest/decoded.h"
#include "ingest/path_template.h"
#include "ingest/point_tree.h"
#include "model/point_directory.h"
#include "wire/lineprotocol/parser.h"

namespace hw::ingest {

struct BadLine {
    uint64_t line = 0;    // from 1
    uint64_t column = 0;  // from 1
    std::string text;     // as InfluxDB words it
};

struct LinesReport {
    uint64_t lines = 0;  // without blank ones and comments
    uint64_t bad = 0;
    uint64_t samples = 0;
    std::vector<BadLine> errors;  // the first ones
};

// Line protocol to samples. A line is taken whole or not at all. A field's point path is, without a
// template, <measurement>/<values of the tags in the order of their keys>/<field>, where
// - the field `value` adds no level,
// - a tag `point` or `topic` is the path already, and so is a measurement that holds a '/': then
//   the (other) tags take no part.
// Unsigned numbers beyond int64 become doubles. A line without a time gets `now`. One thread;
// a known series costs no path: about 60 ns a line of one field.
class LineDecoder {
  public:
    struct Limits {
        lineprotocol::Limits lines;
        size_t text_bytes;
        size_t errors;
    };
    struct Source {
        std::string_view topic = {};
        std::string_view prefix = {};
        const PathTemplate* path = nullptr;
        PointTree::Node root = PointTree::none;
        lineprotocol::Precision precision = lineprotocol::Precision::ns;
        Time now;
    };

    LineDecoder(model::PointDirectory& points, PointTree& tree, const Limits& limits);

    LinesReport decode(const Source& source, std::string_view body, model::SampleBatch& batch);

  private:
    using Node = PointTree::Node;

    // Empty: taken.
    std::string take(const Source& source, Node series, model::SampleBatch& batch);
    Result<model::PointId> make_point(const Source& source, Node series,
                                      const lineprotocol::Field& field);
    void build_path(const Source& source, std::string_view raw_field);
    bool is_path_already(std::string& out) const;
    void append_tags(std::string& out);

    model::PointDirectory& points_;
    PointTree& tree_;
    const Limits limits_;
    lineprotocol::Line line_;
    lineprotocol::Series series_;
    std::string path_;
    std::string text_;
};

}  // namespace hw::ingest
