#include "ingest/batch_decoder.h"

namespace hw::ingest {

BatchDecoder::BatchDecoder(model::PointDirectory& points, EdgeOrigins& origins,
                           size_t text_bytes_limit)
    : points_(points), origins_(origins) {
    limits_.columns.text_bytes = text_bytes_limit;
}

Reason BatchDecoder::decode(std::string_view topic, BytesView payload, Decoded& out, Tally& tally) {
    const auto edge = edge_of_topic(topic);
    if (!edge) return Reason::batch;
    const auto paths = reader_.open(payload, limits_);
    if (!paths) return Reason::batch;
    ids_.clear();
    for (const auto path : **paths) {
        const auto id =
            path.starts_with('$') ? fail(ErrorCode::invalid_argument, "") : points_.intern(path);
        ids_.push_back(id ? id->value() : ColumnsReader::unknown);
    }
    const auto taken = reader_.rows(ids_, limits_, out.batch);
    if (!taken) return Reason::batch;
    tally.skipped[static_cast<size_t>(Reason::point)] += taken->unknown;
    tally.skipped[static_cast<size_t>(Reason::text_bytes)] += taken->long_texts;
    origins_.learn(*edge, ids_);
    if (taken->rows > 0) return Reason::none;
    return taken->unknown > 0 ? Reason::point : Reason::nothing;
}

}  // namespace hw::ingest
