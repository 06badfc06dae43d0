#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "model/quality.h"
#include "wire/s7/address.h"
#include "wire/s7/planner.h"
#include "wire/s7/values.h"

namespace hw::gateway::s7 {

// Where the values of a ReadSet go. `tag` is the place in the set.
class ReadSink {
  public:
    virtual ~ReadSink() = default;
    virtual void value(size_t tag, hw::s7::Value value) = 0;
    virtual void failed(size_t tag, model::Quality quality, const Error& why) = 0;
};

// The addresses that are read together, their requests, and what their answers mean. A round is one
// reading of all of them: begin(), then every request answered by take() or refuse(); those add
// requests while ranges that failed are split; then finish(). Each tag is told exactly once a
// round. One owner, one thread. A round without failures allocates only for texts.
class ReadSet {
  public:
    void add(const hw::s7::Address& address) { tags_.push_back({address, Merge::free}); }
    const hw::s7::Address& address(size_t tag) const { return tags_[tag].address; }

    // Builds the requests; again after each connection, for the PDU may differ.
    void plan(const hw::s7::PlanLimits& limits);

    // What was learnt about ranges that fail is forgotten, before plan(): the CPU may be another.
    void forget() {
        for (Tag& tag : tags_)
            tag.merge = Merge::free;
    }

    void begin();
    size_t requests() const { return requests_.size(); }
    std::shared_ptr<const std::string> pdu(size_t request) const { return requests_[request].pdu; }
    uint8_t items(size_t request) const { return requests_[request].items; }

    // The answer's data have as many items as the request.
    void take(size_t request, BytesView data, ReadSink& sink);
    void refuse(size_t request, const Error& why, ReadSink& sink);
    // What was learnt is put into the plan for the next round.
    void finish();

  private:
    // How a tag may share a range. One that failed alone is asked alone until it succeeds; ranges
    // that fail although each of their tags succeeds are not merged again.
    enum class Merge : uint8_t { free, failed, kept_apart };
    struct Tag {
        hw::s7::Address address;
        Merge merge = Merge::free;
    };
    // A plan for some of the tags: the first for all of them, the others for a range that failed.
    struct Block {
        hw::s7::ReadPlan plan;
        std::vector<uint32_t> tags;  // by the plan's wants; empty: the same numbers
        bool is_split = false;
    };
    struct Request {
        std::shared_ptr<const std::string> pdu;
        uint32_t block = 0;
        uint32_t number = 0;
        uint8_t items = 0;
    };
    // A tag larger than one answer.
    struct Parted {
        std::string bytes;
        uint32_t parts = 0;
        uint32_t left = 0;
        std::optional<Error> error;
        model::Quality quality = model::Quality::good;
    };

    void add_block(std::vector<hw::s7::Want> wants, std::vector<uint32_t> tags, bool is_split);
    uint32_t tag_of(const Block& block, const hw::s7::Piece& piece) const {
        return block.tags.empty() ? piece.want : block.tags[piece.want];
    }
    void take_range(size_t block, const hw::s7::Range& range, BytesView bytes, ReadSink& sink);
    void fail_piece(size_t block, const hw::s7::Piece& piece, model::Quality quality,
                    const Error& why, ReadSink& sink);
    void take_part(Parted& parted, uint32_t tag, ReadSink& sink);
    void tell(uint32_t tag, BytesView bytes, ReadSink& sink);
    void note_success(bool in_split, uint32_t tag);

    hw::s7::PlanLimits limits_;
    std::vector<Tag> tags_;
    std::vector<Block> blocks_;
    std::vector<Request> requests_;
    size_t planned_requests_ = 0;  // of the first block
    std::unordered_map<uint32_t, Parted> parted_;
    std::vector<uint32_t> retry_;  // tags of failed ranges, to be asked alone
    std::vector<uint32_t> retried_;
    bool retry_failed_ = false;
    bool changed_ = false;
};

// The quality that a return code stands for.
model::Quality quality_of(uint8_t return_code);

}  // namespace hw::gateway::s7
