#include "gateway/s7/read_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "wire/s7/codes.h"
#include "wire/s7/pdu.h"

namespace hw::gateway::s7 {

using hw::s7::ItemAnswer;
using hw::s7::Piece;
using hw::s7::PlannedRequest;
using hw::s7::Range;
using hw::s7::ReturnCode;
using hw::s7::Want;

model::Quality quality_of(uint8_t return_code) {
    switch (static_cast<ReturnCode>(return_code)) {
        case ReturnCode::hardware_error:
            return model::Quality::bad_device_failure;
        case ReturnCode::address_out_of_range:
            return model::Quality::bad_out_of_range;
        case ReturnCode::type_not_supported:
        case ReturnCode::type_inconsistent:
        case ReturnCode::access_denied:
        case ReturnCode::object_does_not_exist:
            return model::Quality::bad_configuration;
        default:
            return model::Quality::bad;
    }
}

void ReadSet::plan(const hw::s7::PlanLimits& limits) {
    limits_ = limits;
    blocks_.clear();
    requests_.clear();
    parted_.clear();
    std::vector<Want> wants;
    wants.reserve(tags_.size());
    for (const Tag& tag : tags_) {
        Want want = hw::s7::want_of(tag.address);
        want.alone = tag.merge != Merge::free;
        wants.push_back(want);
    }
    add_block(std::move(wants), {}, false);
    planned_requests_ = requests_.size();
    for (const Piece& piece : blocks_[0].plan.pieces)
        if (piece.bytes < size_of(tags_[piece.want].address)) ++parted_[piece.want].parts;
    for (auto& [tag, parted] : parted_)
        parted.bytes.resize(size_of(tags_[tag].address));
}

void ReadSet::add_block(std::vector<Want> wants, std::vector<uint32_t> tags, bool is_split) {
    Block block;
    block.plan = plan_reads(wants, limits_);
    block.tags = std::move(tags);
    block.is_split = is_split;
    std::vector<hw::s7::ItemAddress> items;
    for (uint32_t i = 0; i < block.plan.requests.size(); ++i) {
        items.clear();
        append_items(block.plan, block.plan.requests[i], items);
        std::string pdu;
        append_read_request(pdu, items);
        requests_.push_back({std::make_shared<const std::string>(std::move(pdu)),
                             static_cast<uint32_t>(blocks_.size()), i,
                             static_cast<uint8_t>(items.size())});
    }
    blocks_.push_back(std::move(block));
}

void ReadSet::begin() {
    HW_ASSERT(!blocks_.empty());
    blocks_.resize(1);
    requests_.resize(planned_requests_);
    retry_.clear();
    retried_.clear();
    retry_failed_ = false;
    for (auto& [tag, parted] : parted_) {
        parted.left = parted.parts;
        parted.error.reset();
    }
}

void ReadSet::tell(uint32_t tag, BytesView bytes, ReadSink& sink) {
    Result<hw::s7::Value> value = decode(tags_[tag].address, bytes);
    if (value)
        sink.value(tag, std::move(*value));
    else
        sink.failed(tag, model::Quality::bad, value.error());
}

void ReadSet::note_success(bool in_split, uint32_t tag) {
    if (in_split || tags_[tag].merge != Merge::failed) return;
    tags_[tag].merge = Merge::free;
    changed_ = true;
}

void ReadSet::take_part(Parted& parted, uint32_t tag, ReadSink& sink) {
    HW_ASSERT(parted.left > 0);
    if (--parted.left > 0) return;
    if (parted.error)
        sink.failed(tag, parted.quality, *parted.error);
    else
        tell(tag, as_bytes(parted.bytes), sink);
}

void ReadSet::take_range(size_t block, const Range& range, BytesView bytes, ReadSink& sink) {
    for (uint32_t i = 0; i < range.pieces; ++i) {
        const Piece& piece = blocks_[block].plan.pieces[range.first_piece + i];
        const uint32_t tag = tag_of(blocks_[block], piece);
        const BytesView part = bytes.subspan(piece.range_offset, piece.bytes);
        note_success(blocks_[block].is_split, tag);
        const auto parted = parted_.empty() ? parted_.end() : parted_.find(tag);
        if (parted == parted_.end()) {
            tell(tag, part, sink);
            continue;
        }
        std::copy(as_text(part).begin(), as_text(part).end(),
                  parted->second.bytes.begin() + piece.want_offset);
        take_part(parted->second, tag, sink);
    }
}

void ReadSet::fail_piece(size_t block, const Piece& piece, model::Quality quality, const Error& why,
                         ReadSink& sink) {
    const uint32_t tag = tag_of(blocks_[block], piece);
    if (blocks_[block].is_split) {
        retry_failed_ = true;
        changed_ = true;
        tags_[tag].merge = Merge::failed;
    }
    const auto parted = parted_.find(tag);
    if (parted == parted_.end()) return sink.failed(tag, quality, why);
    parted->second.error = why;
    parted->second.quality = quality;
    take_part(parted->second, tag, sink);
}

void ReadSet::take(size_t request, BytesView data, ReadSink& sink) {
    HW_ASSERT(request < requests_.size());
    const size_t block = requests_[request].block;
    const PlannedRequest planned = blocks_[block].plan.requests[requests_[request].number];
    hw::s7::ReadAnswer answer(data);
    for (uint32_t i = 0; i < planned.ranges; ++i) {
        const Range range = blocks_[block].plan.ranges[planned.first_range + i];
        const ItemAnswer item = answer.next();
        const bool good = item.code == static_cast<uint8_t>(ReturnCode::success);
        if (good && item.data.size() == range.bytes) {
            take_range(block, range, item.data, sink);
            continue;
        }
        if (!good && range.pieces > 1) {
            for (uint32_t p = 0; p < range.pieces; ++p)
                retry_.push_back(
                    tag_of(blocks_[block], blocks_[block].plan.pieces[range.first_piece + p]));
            continue;
        }
        const Error why =
            good
                ? Error(ErrorCode::corrupt,
                        fmt::format("the device sent {} bytes of {}, asked were {}",
                                    item.data.size(), area_name(range.area, range.db), range.bytes))
                : Error(ErrorCode::io_failed, hw::s7::return_code_text(item.code));
        for (uint32_t p = 0; p < range.pieces; ++p)
            fail_piece(block, blocks_[block].plan.pieces[range.first_piece + p],
                       good ? model::Quality::bad : quality_of(item.code), why, sink);
    }
    if (retry_.empty()) return;
    std::vector<Want> wants;
    for (const uint32_t tag : retry_) {
        wants.push_back(hw::s7::want_of(tags_[tag].address));
        wants.back().alone = true;
    }
    retried_.insert(retried_.end(), retry_.begin(), retry_.end());
    add_block(std::move(wants), std::exchange(retry_, {}), true);
}

void ReadSet::refuse(size_t request, const Error& why, ReadSink& sink) {
    HW_ASSERT(request < requests_.size());
    const size_t block = requests_[request].block;
    const PlannedRequest planned = blocks_[block].plan.requests[requests_[request].number];
    for (uint32_t i = 0; i < planned.ranges; ++i) {
        const Range range = blocks_[block].plan.ranges[planned.first_range + i];
        for (uint32_t p = 0; p < range.pieces; ++p)
            fail_piece(block, blocks_[block].plan.pieces[range.first_piece + p],
                       model::Quality::bad_device_failure, why, sink);
    }
}

void ReadSet::finish() {
    if (!retried_.empty() && !retry_failed_) {
        for (const uint32_t tag : retried_)
            tags_[tag].merge = Merge::kept_apart;
        changed_ = true;
    }
    if (std::exchange(changed_, false)) plan(limits_);
}

}  // namespace hw::gateway::s7
