#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "wire/s7/address.h"
#include "wire/s7/pdu.h"

namespace hw::s7 {

// What one tag needs: `bytes` from `start` on (a byte, or a timer's or counter's number).
struct Want {
    Area area = Area::data_block;
    uint16_t db = 0;
    uint32_t start = 0;
    uint32_t bytes = 0;
    bool alone = false;  // never within one range with others
};
inline Want want_of(const Address& address) {
    return {address.area, address.db, address.start, size_of(address), false};
}

struct PlanLimits {
    uint16_t pdu_size = pdu_size_least;
    uint32_t gap_bytes = 16;  // an item of its own costs 16 bytes, so a gap up to that is cheaper
    size_t items = items_limit;
};

// A want, or a part of one that is larger than an answer, within a range.
struct Piece {
    uint32_t want = 0;          // its place in the list of wants
    uint32_t range_offset = 0;  // where its bytes begin in the range's
    uint32_t bytes = 0;
    uint32_t want_offset = 0;  // where they belong in the want's; 0 unless it is in parts
};

// One item of a request.
struct Range {
    Area area = Area::data_block;
    uint16_t db = 0;
    uint32_t start = 0;  // as in Want
    uint32_t bytes = 0;
    uint32_t first_piece = 0;
    uint32_t pieces = 0;
};

struct PlannedRequest {
    uint32_t first_range = 0;
    uint32_t ranges = 0;
};

// Indices into one another, so that a plan is three blocks of memory.
struct ReadPlan {
    std::vector<Piece> pieces;
    std::vector<Range> ranges;
    std::vector<PlannedRequest> requests;
};

// Multi-variable reads for all wants: neighbours merged over gaps, each request's and each answer's
// size within the PDU. A want larger than an answer is split into parts, each a range of its own;
// else a want is whole. Cost: one sort.
ReadPlan plan_reads(std::span<const Want> wants, const PlanLimits& limits);

// The items of one request. At most items_limit.
void append_items(const ReadPlan& plan, const PlannedRequest& request,
                  std::vector<ItemAddress>& out);

}  // namespace hw::s7
