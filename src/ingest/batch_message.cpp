#include "ingest/batch_message.h"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>

#include "base/assert.h"
#include "model/point_path.h"

namespace hw::ingest {

namespace {

constexpr std::string_view magic = "HWUB";
constexpr int compression_level = 3;
constexpr size_t edge_name_bytes = 128;

std::unexpected<Error> corrupt(const char* what) {
    return fail(ErrorCode::corrupt, std::string("upstream batch: ") + what);
}

}  // namespace

std::string batch_topic(std::string_view edge) {
    return fmt::format("{}{}{}", up_topics, edge, batch_topic_end);
}

std::optional<std::string_view> edge_of_topic(std::string_view topic) {
    if (!topic.starts_with(up_topics) || !topic.ends_with(batch_topic_end) ||
        topic.size() <= up_topics.size() + batch_topic_end.size())
        return std::nullopt;
    const auto name =
        topic.substr(up_topics.size(), topic.size() - up_topics.size() - batch_topic_end.size());
    if (name.find('/') != std::string_view::npos) return std::nullopt;
    return name;
}

Result<void> check_edge_name(std::string_view name) {
    const bool sound = !name.empty() && name.size() <= edge_name_bytes &&
                       name.find_first_of("/+#") == std::string_view::npos &&
                       !name.starts_with('$') && model::is_mqtt_text(name);
    if (sound) return {};
    return fail(ErrorCode::invalid_argument,
                fmt::format("'{}' cannot name an edge: 1 to {} bytes without '/', '+', '#' and a "
                            "'$' in front",
                            model::printable(name), edge_name_bytes));
}

struct BatchEncoder::Compressor {
    ZSTD_CCtx* context = ZSTD_createCCtx();
    ~Compressor() { ZSTD_freeCCtx(context); }
};

BatchEncoder::BatchEncoder() : compressor_(std::make_unique<Compressor>()) {}
BatchEncoder::~BatchEncoder() = default;

uint32_t BatchEncoder::index_of(model::PointId point, const PathOf& path_of,
                                std::string_view prefix) {
    const uint32_t id = point.value();
    if (id >= known_.size()) known_.resize(std::max<size_t>(id + 1, known_.size() * 2));
    Known& known = known_[id];
    if (known.generation == generation_) return known.index;
    known = {generation_, paths_++};
    path_.assign(prefix);
    path_.append(path_of(point));
    const auto [a, b] =
        std::mismatch(path_.begin(), path_.end(), path_before_.begin(), path_before_.end());
    const auto shared = static_cast<size_t>(a - path_.begin());
    ByteWriter writer(dictionary_);
    writer.varint(shared);
    writer.varint(path_.size() - shared);
    writer.text(std::string_view(path_).substr(shared));
    std::swap(path_, path_before_);
    return known.index;
}

void BatchEncoder::encode(const model::SampleBatch& batch, size_t from, size_t to,
                          const PathOf& path_of, std::string_view prefix, std::string& out) {
    if (++generation_ == 0) {
        known_.clear();
        generation_ = 1;
    }
    paths_ = 0;
    path_before_.clear();
    dictionary_.clear();
    indices_.clear();
    body_.clear();
    for (size_t i = from; i < to; ++i)
        indices_.push_back(index_of(batch.points()[i], path_of, prefix));
    ByteWriter body(body_);
    body.varint(paths_);
    body.text(dictionary_);
    columns_.write(batch, from, to, indices_, body_);

    ByteWriter writer(out);
    writer.text(magic);
    writer.u8(batch_version);
    writer.varint(body_.size());
    const size_t start = out.size();
    out.resize(start + ZSTD_compressBound(body_.size()));
    const size_t packed =
        ZSTD_compressCCtx(compressor_->context, out.data() + start, out.size() - start,
                          body_.data(), body_.size(), compression_level);
    HW_ASSERT(ZSTD_isError(packed) == 0);
    out.resize(start + packed);
}

struct BatchReader::Decompressor {
    ZSTD_DCtx* context = ZSTD_createDCtx();
    ~Decompressor() { ZSTD_freeDCtx(context); }
};

BatchReader::BatchReader() : decompressor_(std::make_unique<Decompressor>()) {}
BatchReader::~BatchReader() = default;

Result<void> BatchReader::unpack(BytesView payload, const Limits& limits) {
    ByteReader head(payload);
    if (head.text(magic.size()) != magic) return corrupt("it does not begin with HWUB");
    const uint8_t version = head.u8();
    if (version != batch_version)
        return fail(ErrorCode::unsupported,
                    fmt::format("upstream batch of version {}, not {}; update this server first, "
                                "then its edges",
                                version, batch_version));
    const uint64_t size = head.varint();
    if (head.failed()) return corrupt("it is cut short");
    if (size > limits.body_bytes)
        return fail(
            ErrorCode::limit_exceeded,
            fmt::format("upstream batch of {} bytes, more than {}", size, limits.body_bytes));
    body_.resize(size);
    const BytesView packed = head.rest();
    const size_t unpacked = ZSTD_decompressDCtx(decompressor_->context, body_.data(), body_.size(),
                                                packed.data(), packed.size());
    if (ZSTD_isError(unpacked) != 0 || unpacked != size) return corrupt("zstd cannot unpack it");
    return {};
}

Result<const std::vector<std::string_view>*> BatchReader::open(BytesView payload,
                                                               const Limits& limits) {
    HW_TRY(unpack(payload, limits));
    ByteReader in(as_bytes(body_));
    const uint64_t count = in.varint();
    if (count > limits.points || count > body_.size())
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("upstream batch of {} points, more than {}", count, limits.points));
    // Each path lies in one text behind the other; the views are taken once it grows no more.
    std::vector<std::pair<size_t, size_t>> places;
    places.reserve(count);
    paths_text_.clear();
    std::string before;
    for (uint64_t i = 0; i < count; ++i) {
        const uint64_t shared = in.varint();
        const std::string_view rest = in.text(in.varint());
        if (in.failed()) return corrupt("the dictionary is cut short");
        if (shared > before.size() || shared + rest.size() > model::path_bytes_limit)
            return corrupt("a path of no sense");
        before.resize(shared);
        before.append(rest);
        if (paths_text_.size() + before.size() > limits.body_bytes)
            return corrupt("the paths are too long together");
        places.emplace_back(paths_text_.size(), before.size());
        paths_text_.append(before);
    }
    paths_.clear();
    for (const auto& [at, size] : places)
        paths_.push_back(std::string_view(paths_text_).substr(at, size));
    columns_at_ = body_.size() - in.remaining();
    return &paths_;
}

Result<ColumnsReader::Taken> BatchReader::rows(std::span<const uint32_t> points,
                                               const Limits& limits, model::SampleBatch& out) {
    HW_ASSERT(points.size() == paths_.size());
    ByteReader in(as_bytes(std::string_view(body_).substr(columns_at_)));
    const size_t before = out.size();
    const auto taken = HW_TRY(columns_.read(in, points, limits.columns, out));
    if (in.at_end()) return taken;
    out.truncate(before);
    return corrupt("bytes behind the columns");
}

}  // namespace hw::ingest
