#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>

#include "connector/file/csv.h"
#include "connector/file/parts.h"
#include "connector/settings_text.h"
#include "sql/json.h"

namespace hw::connector::file {

namespace {

enum class Format : uint8_t { ndjson, csv, line };

struct Form {
    std::string path;
    Format format = Format::ndjson;
    Template line;
    NamedTemplates columns;
    bool header = true;
    char delimiter = ',';
    uint64_t rotate_bytes = 0;
    Duration rotate_interval;
    size_t keep_files = 0;
    bool sync = false;
};

std::unexpected<Error> failure(std::string_view what, const std::string& path, int error) {
    const bool space = error == ENOSPC || error == EDQUOT;
    return fail(
        space ? ErrorCode::no_space : ErrorCode::io_failed,
        fmt::format("cannot {} {}: {}", what, path, std::generic_category().message(error)));
}

// Writes whole batches: what fails half-way is cut off again, so that a file holds whole lines.
class FileSink final : public Sink {
  public:
    FileSink(Form form, const Clock& clock)
        : form_(std::move(form)), clock_(clock), renderer_(Missing::empty) {}
    ~FileSink() override { close(); }

    Result<void> test() override { return open(); }
    Sent send(std::span<const Item> items) override;

  private:
    Result<void> open();
    void close();
    Result<void> cut_torn_line();
    Result<void> rotate_if_due();
    void remove_old() const;
    Result<void> append(std::string& out, const Item& item);
    void append_header(std::string& out) const;
    Result<void> write(const std::string& text);
    Sent send_some(std::span<const Item> items);

    const Form form_;
    const Clock& clock_;
    Renderer renderer_;
    int fd_ = -1;
    uint64_t size_ = 0;
    Time opened_;  // or when the file was begun by an earlier process, as far as its times tell
    int64_t last_stamp_ms_ = 0;
    NamedTemplates columns_;
};

Result<void> FileSink::open() {
    if (fd_ >= 0) return {};
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(form_.path).parent_path(), error);
    if (error) return failure("make the folder of", form_.path, error.value());
    fd_ = ::open(form_.path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fd_ < 0) return failure("open", form_.path, errno);
    // Two that write would overwrite each other's rows.
    if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
        close();
        return fail(ErrorCode::conflict,
                    form_.path + " is being written by another action; give each its own file");
    }
    struct stat about{};
    if (::fstat(fd_, &about) != 0 || !S_ISREG(about.st_mode)) {
        close();
        return fail(ErrorCode::invalid_argument, form_.path + " is not a file");
    }
    size_ = static_cast<uint64_t>(about.st_size);
    opened_ = clock_.now();
    columns_ = form_.columns;
    return cut_torn_line();
}

void FileSink::close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

// A process that was killed may have left half a line.
Result<void> FileSink::cut_torn_line() {
    constexpr size_t window = 64 << 10;
    std::string text(window, '\0');
    const uint64_t whole = size_;
    while (size_ > 0) {
        const uint64_t from = size_ > window ? size_ - window : 0;
        const ssize_t count = ::pread(fd_, text.data(), size_ - from, static_cast<off_t>(from));
        if (count < 0) return failure("read", form_.path, errno);
        const size_t end = std::string_view(text.data(), static_cast<size_t>(count)).rfind('\n');
        size_ = end == std::string_view::npos ? from : from + end + 1;
        if (end != std::string_view::npos) break;
    }
    if (size_ < whole && ::ftruncate(fd_, static_cast<off_t>(size_)) != 0)
        return failure("cut", form_.path, errno);
    return {};
}

Result<void> FileSink::rotate_if_due() {
    const bool big = size_ >= form_.rotate_bytes;
    const bool old = form_.rotate_interval.ns > 0 && size_ > 0 &&
                     clock_.now() - opened_ >= form_.rotate_interval;
    if (!big && !old) return {};
    close();
    const std::filesystem::path path(form_.path);
    // Names grow, so that the oldest are known by them.
    std::filesystem::path target;
    last_stamp_ms_ = std::max(clock_.now().ns / 1'000'000, last_stamp_ms_);
    do {
        const Time time{++last_stamp_ms_ * 1'000'000};
        std::string stamp = format_rfc3339(Time{time.ns / 1'000'000'000 * 1'000'000'000});
        std::erase_if(stamp, [](char c) { return c == ':' || c == '-' || c == 'Z'; });
        target =
            path.parent_path() / fmt::format("{}-{}{:03}Z{}", path.stem().string(), stamp,
                                             time.ns / 1'000'000 % 1000, path.extension().string());
    } while (std::filesystem::exists(target));
    std::error_code error;
    std::filesystem::rename(path, target, error);
    if (error) return failure("rename", form_.path, error.value());
    remove_old();
    return open();
}

void FileSink::remove_old() const {
    if (form_.keep_files == 0) return;
    const std::filesystem::path path(form_.path);
    const std::string prefix = path.stem().string() + "-2";  // of the stamp's year
    std::vector<std::filesystem::path> found;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(path.parent_path(), error)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with(prefix) && entry.path().extension() == path.extension())
            found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    for (size_t i = 0; i + form_.keep_files < found.size(); ++i)
        std::filesystem::remove(found[i], error);
}

void FileSink::append_header(std::string& out) const {
    for (size_t i = 0; i < columns_.size(); ++i) {
        if (i > 0) out += form_.delimiter;
        append_csv_field(out, columns_[i].first, form_.delimiter);
    }
    out += '\n';
}

Result<void> FileSink::append(std::string& out, const Item& item) {
    if (form_.format == Format::ndjson) {
        sql::append_json(out, item.row);
    } else if (form_.format == Format::line) {
        const std::string line = HW_TRY(renderer_.render(form_.line, item));
        // A line stays one.
        for (const char c : line)
            out += c == '\n' || c == '\r' ? ' ' : c;
    } else {
        if (columns_.empty() && item.row.is_object())
            for (const auto& [key, value] : item.row.members()) {
                const std::string name(key.as_text());
                auto part = Template::compile("${x}");
                columns_.emplace_back(name, *std::move(part));
            }
        if (size_ + out.size() == 0 && form_.header) append_header(out);
        for (size_t i = 0; i < columns_.size(); ++i) {
            if (i > 0) out += form_.delimiter;
            std::string field;
            if (form_.columns.empty()) {
                const sql::Datum* value = item.row.find(columns_[i].first);
                if (value != nullptr && !value->is_null()) sql::append_plain(field, *value);
            } else {
                HW_TRY(renderer_.append(field, columns_[i].second, item));
            }
            append_csv_field(out, field, form_.delimiter);
        }
    }
    out += '\n';
    return {};
}

Result<void> FileSink::write(const std::string& text) {
    size_t done = 0;
    while (done < text.size()) {
        const ssize_t count =
            ::pwrite(fd_, text.data() + done, text.size() - done, static_cast<off_t>(size_ + done));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            auto failed = failure("write", form_.path, errno);
            if (::ftruncate(fd_, static_cast<off_t>(size_)) != 0) close();
            return failed;
        }
        done += static_cast<size_t>(count);
    }
    size_ += text.size();
    if (form_.sync && ::fdatasync(fd_) != 0) {
        auto failed = failure("sync", form_.path, errno);
        close();
        return failed;
    }
    return {};
}

// One file's share of the items.
Sent FileSink::send_some(std::span<const Item> items) {
    auto ready = open();
    if (ready) ready = rotate_if_due();
    if (!ready) return {Sent::Outcome::retry, 0, ready.error().text()};
    std::string text;
    Sent sent;
    for (const Item& item : items) {
        if (sent.done > 0 && size_ + text.size() >= form_.rotate_bytes) break;
        const size_t before = text.size();
        if (const auto added = append(text, item); !added) {
            text.resize(before);
            sent.outcome = Sent::Outcome::rejected;
            sent.reason = added.error().text();
            break;
        }
        ++sent.done;
    }
    if (const auto written = write(text); !written)
        return {Sent::Outcome::retry, 0, written.error().text()};
    return sent;
}

Sent FileSink::send(std::span<const Item> items) {
    size_t done = 0;
    while (done < items.size()) {
        Sent sent = send_some(items.subspan(done));
        done += sent.done;
        sent.done = done;
        if (sent.outcome != Sent::Outcome::sent) return sent;
    }
    return {Sent::Outcome::sent, done, {}};
}

}  // namespace

Result<std::unique_ptr<Sink>> make_sink(const Config::Table& settings, const Rooms& rooms) {
    if (const auto pool = settings.find("pool_size");
        pool != settings.end() && pool->second.as_integer() > 1)
        return fail(ErrorCode::invalid_argument, "a file has one writer; leave pool_size at 1");
    Form form;
    form.path = HW_TRY(place_of(settings, "path", rooms));
    const std::string& format = setting(settings, "format").as_text();
    if (format == "csv") form.format = Format::csv;
    if (format == "line") form.format = Format::line;
    form.line = HW_TRY(template_setting(settings, "line"));
    for (const std::string& column : setting(settings, "columns").as_text_list()) {
        const size_t equals = column.find('=');
        const std::string name = column.substr(0, equals);
        auto value = Template::compile(equals == std::string::npos ? "${" + name + "}"
                                                                   : column.substr(equals + 1));
        if (!value) return fail(value.error().within("columns " + name));
        form.columns.emplace_back(name, *std::move(value));
    }
    form.header = setting(settings, "header").as_boolean();
    form.delimiter = HW_TRY(delimiter_of(settings));
    form.rotate_bytes = setting(settings, "rotate_bytes").as_bytes();
    form.rotate_interval = setting(settings, "rotate_interval").as_duration();
    form.keep_files = static_cast<size_t>(setting(settings, "keep_files").as_integer());
    form.sync = setting(settings, "sync").as_boolean();
    return std::make_unique<FileSink>(std::move(form), rooms.clock);
}

}  // namespace hw::connector::file
