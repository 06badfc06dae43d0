#pragma once

#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "ingest/batch_message.h"
#include "ingest/decoded.h"
#include "ingest/edge_origins.h"
#include "model/point_directory.h"

namespace hw::ingest {

// Batches of other Headworks to samples. A payload that is not sound is not kept at all; of a sound
// one rows are left out, and counted, whose path is no point's (one that begins with '$', or over
// history.points_limit) or whose text is over the limit. One thread; about 40 ns a row.
class BatchDecoder {
  public:
    BatchDecoder(model::PointDirectory& points, EdgeOrigins& origins, size_t text_bytes_limit);

    Reason decode(std::string_view topic, BytesView payload, Decoded& out, Tally& tally);

  private:
    model::PointDirectory& points_;
    EdgeOrigins& origins_;
    BatchReader::Limits limits_;
    BatchReader reader_;
    std::vector<uint32_t> ids_;
};

}  // namespace hw::ingest
