#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/metrics.h"
#include "base/mutex.h"
#include "ingest/batch_decoder.h"
#include "ingest/decoded.h"
#include "ingest/edge_origins.h"
#include "ingest/json_decoder.h"
#include "ingest/line_decoder.h"
#include "ingest/settings.h"

namespace hw::ingest {

// A body of line protocol, read: submit `batch` to history and answer when it is on disk.
struct Lines {
    LinesReport report;
    model::SampleBatch batch;
};

// The one place that turns messages into samples. No I/O and no clock: the time comes with the
// message. classify, decode and publish_figures belong to one thread (the broker's); write_lines
// may be called by any. Owns what it remembers of topics, about 150 bytes a topic.
class Ingest {
  public:
    // A topic's plan: which rule, and which points. Never 0 for a kept topic.
    using Plan = uint64_t;

    Ingest(const Settings& settings, model::PointDirectory& points, Metrics& metrics);
    ~Ingest();

    // 0 where no sample of the topic is kept: no rule, a rule that says so, a topic that begins
    // with '$' without a rule that names it, unless an edge sends its batches there. The same
    // topic gets the same plan.
    Plan classify(std::string_view topic);

    // Appends the message's samples. A message is taken whole or not at all; why not is counted.
    // About 25 ns for a scalar, 40 ns a member of JSON.
    Reason decode(Plan plan, std::string_view topic, BytesView payload, Time received,
                  Decoded& out);
    // Puts what was counted since the last call to the metrics. Once a round.
    void publish_figures();

    // Which edge sends which point.
    const EdgeOrigins& origins() const { return origins_; }

    // Reads a whole body. Lines without a time get `now`.
    Lines write_lines(std::string_view body, lineprotocol::Precision precision, Time now);

  private:
    struct Topic;
    struct Writer;
    struct Counters;

    const Rule* rule_for(std::string_view topic) const;
    Reason decode_scalar(Topic& topic, std::string_view name, std::string_view payload,
                         Time received, Decoded& out);
    Reason decode_json(Topic& topic, std::string_view name, std::string_view payload, Time received,
                       JsonDecoder::Form form, Decoded& out);
    Reason decode_lines(Topic& topic, std::string_view name, std::string_view payload,
                        Time received, Decoded& out);
    Reason decode_by_rule(Topic& topic, std::string_view name, std::string_view payload,
                          Time received, Decoded& out);
    void refresh_roots(Topic& topic);
    std::unique_ptr<Writer> take_writer();

    const Settings settings_;
    model::PointDirectory& points_;
    const std::unique_ptr<Counters> counters_;
    PointTree tree_;
    JsonDecoder json_;
    LineDecoder lines_;
    EdgeOrigins origins_;
    BatchDecoder batches_;
    std::deque<Topic> topics_;                                 // by plan - 1 - rules
    std::unordered_map<std::string_view, Plan> plan_by_name_;  // keys lie in topics_
    Tally tally_;

    Mutex writers_mutex_;
    // Idle ones; each keeps its own memory of series.
    std::vector<std::unique_ptr<Writer>> writers_ HW_LOCKING(guarded_by(writers_mutex_));
};

}  // namespace hw::ingest
