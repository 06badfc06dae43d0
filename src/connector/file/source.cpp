#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/log.h"
#include "connector/file/csv.h"
#include "connector/file/marks.h"
#include "connector/file/parts.h"
#include "connector/settings_text.h"
#include "connector/stop_flag.h"
#include "ingest/csv.h"
#include "sql/json.h"

namespace hw::connector::file {

namespace {

namespace fs = std::filesystem;

enum class Format : uint8_t { lines, csv, json };
enum class After : uint8_t { keep, remove, move };

struct Form {
    std::string path, move_to, mark_file;
    Format format = Format::lines;
    char delimiter = ',';
    std::vector<std::string> columns;
    bool follow = false;
    After after = After::keep;
    Duration interval;
    size_t batch_size = 1000;
};

constexpr size_t chunk_bytes = 256 << 10;
constexpr size_t line_limit = 16 << 20;
constexpr uint64_t json_limit = 16 << 20;

// A CSV file that is being read: the reader wants it from the beginning.
struct CsvState {
    ingest::CsvReader reader;
    std::vector<std::string> header;
    uint64_t fed = 0;
    uint64_t rows = 0;
};

class FileSource final : public SourceLink {
  public:
    FileSource(Form form, const Clock& clock) : form_(std::move(form)), clock_(clock) {}
    ~FileSource() override { stop(); }

    Result<void> test() override {
        std::error_code error;
        if (fs::exists(form_.path, error)) return {};
        return fail(ErrorCode::not_found, fmt::format("there is no {} yet", form_.path));
    }
    void start(Receiver& receiver) override {
        stop_.reset();
        thread_ = std::thread([this, &receiver] { run(receiver); });
    }
    void stop() override {
        stop_.set();
        if (thread_.joinable()) thread_.join();
    }

  private:
    void run(Receiver& receiver);
    Result<void> round(Receiver& receiver);
    std::vector<fs::path> files() const;
    Result<void> read_file(const fs::path& path, Receiver& receiver);
    Result<void> read_chunks(std::ifstream& file, const fs::path& path, FileMark& mark,
                             uint64_t size, Receiver& receiver);
    Result<uint64_t> take_lines(std::string_view text, bool end, std::vector<std::string>& out);
    Result<void> take_csv(const fs::path& path, std::string_view text, bool end, FileMark& mark,
                          std::vector<std::string>& out);
    Result<void> take_json(const std::string& text, std::vector<std::string>& out);
    bool hand_over(const fs::path& path, std::vector<std::string>&& payloads, Receiver& receiver);
    void put_away(const fs::path& path);

    const Form form_;
    const Clock& clock_;
    StopFlag stop_;
    std::thread thread_;
    FileMarks marks_;
    std::map<std::string, std::unique_ptr<CsvState>> csv_;
    sql::JsonReader reader_;
};

void FileSource::run(Receiver& receiver) {
    marks_ = load_marks(form_.mark_file);
    csv_.clear();
    do {
        const auto done = round(receiver);
        if (stop_.is_set()) break;
        receiver.state(done.has_value(), done ? std::string() : done.error().text());
    } while (stop_.wait(form_.interval));
}

std::vector<fs::path> FileSource::files() const {
    std::error_code error;
    std::vector<fs::path> found;
    if (!fs::is_directory(form_.path, error)) return {fs::path(form_.path)};
    for (const auto& entry : fs::directory_iterator(form_.path, error))
        if (entry.is_regular_file(error) && !entry.path().filename().string().starts_with('.'))
            found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
}

Result<void> FileSource::round(Receiver& receiver) {
    const FileMarks before = marks_;
    const auto all = files();
    std::erase_if(marks_, [&](const auto& known) {
        return std::none_of(all.begin(), all.end(), [&](const fs::path& path) {
            return path.filename().string() == known.first;
        });
    });
    Result<void> result;
    for (const fs::path& path : all) {
        if (auto read = read_file(path, receiver); !read) result = read;
        if (stop_.is_set()) break;
    }
    if (marks_ != before)
        if (auto saved = save_marks(form_.mark_file, marks_); !saved) return saved;
    return result;
}

Result<void> FileSource::read_file(const fs::path& path, Receiver& receiver) {
    struct stat about{};
    if (::stat(path.c_str(), &about) != 0)
        return fail(ErrorCode::not_found, fmt::format("there is no {} yet", path.string()));
    const std::string name = path.filename().string();
    const auto size = static_cast<uint64_t>(about.st_size);
    FileMark& mark = marks_[name];
    // Another file under the name, or one that was emptied.
    if (mark.inode != about.st_ino || size < mark.offset) {
        mark = {.inode = about.st_ino};
        csv_.erase(name);
    }
    if (mark.done) return {};
    std::ifstream file(path, std::ios::binary);
    if (!file) return fail(ErrorCode::io_failed, fmt::format("{} cannot be read", path.string()));
    HW_TRY(read_chunks(file, path, mark, size, receiver));
    if (stop_.is_set() || form_.follow) return {};
    mark.done = true;
    csv_.erase(name);
    put_away(path);
    return {};
}

// From the mark to the end, as it was when the reading began.
Result<void> FileSource::read_chunks(std::ifstream& file, const fs::path& path, FileMark& mark,
                                     uint64_t size, Receiver& receiver) {
    const std::string name = path.filename().string();
    const bool json = form_.format == Format::json;
    if (json && size > json_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("{} has {} bytes; JSON files may have {}", path.string(), size,
                                json_limit));
    uint64_t offset = mark.offset;
    if (form_.format == Format::csv) {
        auto& state = csv_[name];
        if (!state) {
            state.reset(new CsvState{ingest::CsvReader(form_.delimiter), {}});
            std::string header;
            for (const std::string& column : form_.columns) {
                if (!header.empty()) header += form_.delimiter;
                append_csv_field(header, column, form_.delimiter);
            }
            if (!header.empty()) state->reader.feed(header + "\n");
        }
        offset = state->fed;
    }
    std::string chunk;
    size_t most = chunk_bytes;
    while (offset < size && !stop_.is_set()) {
        chunk.resize(json ? size : std::min<uint64_t>(most, size - offset));
        file.clear();
        file.seekg(static_cast<std::streamoff>(offset));
        file.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
        chunk.resize(static_cast<size_t>(file.gcount()));
        if (chunk.empty()) break;
        const bool end = !form_.follow && offset + chunk.size() >= size;
        std::vector<std::string> payloads;
        FileMark next = mark;
        uint64_t taken = chunk.size();
        if (json)
            HW_TRY(take_json(chunk, payloads));
        else if (form_.format == Format::csv)
            HW_TRY(take_csv(path, chunk, end, next, payloads));
        else
            taken = HW_TRY(take_lines(chunk, end, payloads));
        if (taken == 0) {
            // A line that goes on behind the chunk, or, at the file's end, is not whole yet.
            if (offset + chunk.size() >= size) break;
            most *= 2;
            continue;
        }
        offset += taken;
        next.offset = offset;
        if (!hand_over(path, std::move(payloads), receiver)) return {};
        mark = next;
        most = chunk_bytes;
    }
    return {};
}

Result<uint64_t> FileSource::take_lines(std::string_view text, bool end,
                                        std::vector<std::string>& out) {
    size_t at = 0;
    while (at < text.size()) {
        size_t stop = text.find('\n', at);
        if (stop == std::string_view::npos && !end) break;
        stop = std::min(stop, text.size());
        std::string_view line = text.substr(at, stop - at);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!line.empty()) out.emplace_back(line);
        at = std::min(stop + 1, text.size());
    }
    if (at == 0 && text.size() > line_limit)
        return fail(
            ErrorCode::limit_exceeded,
            fmt::format("a line of more than {} bytes; is it a file of lines?", line_limit));
    return at;
}

Result<void> FileSource::take_csv(const fs::path& path, std::string_view text, bool end,
                                  FileMark& mark, std::vector<std::string>& out) {
    CsvState& state = *csv_[path.filename().string()];
    state.reader.feed(text);
    state.fed += text.size();
    if (end) state.reader.finish();
    bool header_is_known = !state.header.empty();
    ingest::CsvRow row;
    while (true) {
        const auto step = state.reader.next(row);
        if (step == ingest::CsvReader::Step::more || step == ingest::CsvReader::Step::end) break;
        if (step == ingest::CsvReader::Step::bad) {
            log_warning("file", fmt::format("{}: {}", path.string(), state.reader.error()));
            continue;
        }
        // Of the file, or made of the settings' columns.
        if (!header_is_known) {
            state.header.assign(row.cells.begin(), row.cells.end());
            header_is_known = true;
            continue;
        }
        if (++state.rows <= mark.rows) continue;
        sql::Datum object = sql::Datum::object({});
        for (size_t i = 0; i < std::min(row.cells.size(), state.header.size()); ++i)
            object.put(state.header[i], csv_value(row.cells[i]));
        out.push_back(sql::to_json(object));
    }
    mark.rows = std::max(mark.rows, state.rows);
    return {};
}

Result<void> FileSource::take_json(const std::string& text, std::vector<std::string>& out) {
    const sql::Datum read = HW_TRY(reader_.read(text));
    if (read.is_array()) {
        for (const sql::Datum& element : read.items())
            out.push_back(sql::to_json(element));
    } else {
        out.push_back(sql::to_json(read));
    }
    return {};
}

// Until they are kept. False: the source stops before that.
bool FileSource::hand_over(const fs::path& path, std::vector<std::string>&& payloads,
                           Receiver& receiver) {
    std::vector<Received> batch;
    for (size_t at = 0; at < payloads.size();) {
        batch.clear();
        for (; at < payloads.size() && batch.size() < form_.batch_size; ++at) {
            batch.push_back({path.filename().string(), std::move(payloads[at]), clock_.now(),
                             sql::Datum::object({})});
            batch.back().meta.put("file", sql::Datum::text(path.string()));
        }
        const auto kept = std::make_shared<std::atomic<bool>>(false);
        while (!receiver.offer(batch, [kept] { *kept = true; }))
            if (!stop_.wait(milliseconds(50))) return false;
        while (!*kept)
            if (!stop_.wait(milliseconds(10))) return *kept;
    }
    return true;
}

void FileSource::put_away(const fs::path& path) {
    std::error_code error;
    if (!fs::is_directory(form_.path, error) || form_.after == After::keep) return;
    if (form_.after == After::remove) {
        fs::remove(path, error);
    } else {
        fs::create_directories(form_.move_to, error);
        fs::rename(path, fs::path(form_.move_to) / path.filename(), error);
    }
    if (error)
        log_warning("file", fmt::format("{} was read and cannot be put away: {}", path.string(),
                                        error.message()));
}

}  // namespace

Result<std::unique_ptr<SourceLink>> make_source(const Config::Table& settings, const Rooms& rooms) {
    Form form;
    form.path = HW_TRY(place_of(settings, "path", rooms));
    form.move_to = HW_TRY(place_of(settings, "move_to", rooms));
    const std::string& format = setting(settings, "format").as_text();
    if (format == "csv") form.format = Format::csv;
    if (format == "json") form.format = Format::json;
    const std::string& after = setting(settings, "after").as_text();
    if (after == "delete") form.after = After::remove;
    if (after == "move") form.after = After::move;
    form.delimiter = HW_TRY(delimiter_of(settings));
    form.columns = setting(settings, "columns").as_text_list();
    form.follow = setting(settings, "follow").as_boolean();
    if (form.follow && form.format == Format::json)
        return fail(ErrorCode::invalid_argument,
                    "a JSON text cannot be followed; use format lines with one text a line");
    form.interval = setting(settings, "interval").as_duration();
    form.batch_size = static_cast<size_t>(setting(settings, "batch_size").as_integer());
    // One for each way of reading a path.
    std::string key;
    append_percent_encoded(key, format + " " + form.path);
    form.mark_file = rooms.data_folder + "/file_marks/" + key.substr(0, 200);
    return std::make_unique<FileSource>(std::move(form), rooms.clock);
}

}  // namespace hw::connector::file
