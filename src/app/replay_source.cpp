#include "app/replay_source.h"

#include <fmt/format.h>

#include <filesystem>

namespace hw::app {

namespace {

constexpr size_t read_bytes = 256 << 10;
constexpr uint64_t bad_rows_told = 20;

}  // namespace

Result<bool> ReplaySource::open_next() {
    if (next_file_ == 0)
        for (const auto& file : options_.files) {
            std::error_code ignored;
            const auto size = std::filesystem::file_size(file, ignored);
            if (!ignored) bytes_total_ += size;
        }
    if (next_file_ == options_.files.size()) return false;
    file_ = options_.files[next_file_++];
    stream_ = std::ifstream(file_ == "-" ? "/dev/stdin" : file_, std::ios::binary);
    if (!stream_ || (file_ != "-" && std::filesystem::is_directory(file_)))
        return fail(ErrorCode::not_found, fmt::format("file '{}' cannot be read", file_));
    reader_.emplace(options_.delimiter);
    header_.clear();
    plan_.reset();
    return true;
}

Result<bool> ReplaySource::next_row(ingest::CsvRow& row) {
    using Step = ingest::CsvReader::Step;
    for (;;) {
        switch (reader_->next(row)) {
            case Step::row:
                line_ = row.line;
                return true;
            case Step::bad:
                if (header_.empty())
                    return fail(ErrorCode::invalid_argument,
                                fmt::format("{}: {}", file_, reader_->error()));
                bad("not as the header", reader_->error());
                break;
            case Step::end:
                return false;
            case Step::more:
                buffer_.resize(read_bytes);
                stream_.read(buffer_.data(), static_cast<std::streamsize>(read_bytes));
                buffer_.resize(static_cast<size_t>(stream_.gcount()));
                bytes_read_ += buffer_.size();
                if (buffer_.empty()) {
                    reader_->finish();
                } else {
                    reader_->feed(buffer_);
                }
        }
    }
}

// The plan wants to see the first row too, to find the column of times.
Result<void> ReplaySource::begin_rows(const ingest::CsvRow& row) {
    const std::vector<std::string_view> header(header_.begin(), header_.end());
    auto plan = ReplayPlan::make(header, row.cells, options_.columns);
    if (!plan) return fail(plan.error().within(file_));
    plan_ = std::move(*plan);
    for (const auto& remark : plan_->remarks())
        remarks_.push_back(fmt::format("{}: {}", file_, remark));
    return {};
}

bool ReplaySource::take(const ingest::CsvRow& row, Message& message) {
    if (!shift_ && options_.start)
        if (const auto first = plan_->time_of(row.cells)) shift_ = *options_.start - *first;
    message.payload.clear();
    const auto done = plan_->render(row.cells, shift_.value_or(Duration{}), message.payload);
    if (!done) {
        bad("no time", fmt::format("line {}: {}", row.line, done.error().text()));
        return false;
    }
    if (!done->bad_cell.empty())
        bad("a cell left out", fmt::format("line {}: {}", row.line, done->bad_cell));
    message.time = done->time;
    message.values = done->values;
    if (done->values == 0) ++reasons_["no values (not bad)"];
    return done->values > 0;
}

Result<bool> ReplaySource::next(Message& message) {
    ingest::CsvRow row;
    for (;;) {
        if (options_.limit != 0 && rows_ >= options_.limit) return false;
        if (!reader_ && !HW_TRY(open_next())) return false;
        if (!HW_TRY(next_row(row))) {
            if (header_.empty())
                return fail(ErrorCode::invalid_argument,
                            fmt::format("{} is empty; it should begin with a header", file_));
            reader_.reset();
            continue;
        }
        if (header_.empty()) {
            header_.assign(row.cells.begin(), row.cells.end());
            continue;
        }
        if (!plan_) HW_TRY(begin_rows(row));
        ++rows_;
        if (take(row, message)) return true;
    }
}

void ReplaySource::bad(const std::string& reason, const std::string& detail) {
    ++rows_bad_;
    ++reasons_[reason];
    if (rows_bad_ <= bad_rows_told) remarks_.push_back(fmt::format("{}: {}", file_, detail));
    if (rows_bad_ == bad_rows_told + 1)
        remarks_.emplace_back("more bad rows follow; they are counted, not told");
}

double ReplaySource::part_done() const {
    if (bytes_total_ == 0) return -1;
    return static_cast<double>(bytes_read_) / static_cast<double>(bytes_total_);
}

std::vector<std::string> ReplaySource::take_remarks() {
    return std::exchange(remarks_, {});
}

}  // namespace hw::app
