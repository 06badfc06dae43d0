#include "base/mutex.h"
#include "connector/http/client.h"
#include "connector/http/parts.h"
#include "connector/lookup_cache.h"
#include "sql/json.h"

namespace hw::connector::http {

namespace {

// Keys and values fill the address in; the answer is a JSON object or an array of them. May be
// asked by several threads: one request at a time.
class HttpLookup final : public Lookup {
  public:
    HttpLookup(Template url, NamedTemplates headers, ClientSettings client,
               const LookupCache::Settings& cache, const Clock& clock)
        : url_(std::move(url)),
          headers_(std::move(headers)),
          client_(std::move(client)),
          cache_(cache, clock) {}

    Result<void> test() override {
        const MutexLock lock(mutex_);
        const Request request = HW_TRY(request_of(Item()));
        HW_TRY(client_.perform(request));
        return {};
    }
    Result<std::vector<sql::Datum>> find(std::span<const std::string> keys,
                                         std::span<const sql::Datum> values) override;

  private:
    Result<Request> request_of(const Item& item) HW_LOCKING(requires_capability(mutex_));
    Result<std::vector<sql::Datum>> ask(const Item& item) HW_LOCKING(requires_capability(mutex_));

    const Template url_;
    const NamedTemplates headers_;
    Mutex mutex_;
    Client client_ HW_LOCKING(guarded_by(mutex_));
    LookupCache cache_ HW_LOCKING(guarded_by(mutex_));
    Renderer renderer_ HW_LOCKING(guarded_by(mutex_)){Missing::empty};
    sql::JsonReader reader_ HW_LOCKING(guarded_by(mutex_));
};

Result<Request> HttpLookup::request_of(const Item& item) {
    Request request;
    request.url = HW_TRY(renderer_.render(url_, item));
    for (const auto& [name, value] : headers_)
        request.headers.emplace_back(name, header_value(HW_TRY(renderer_.render(value, item))));
    return request;
}

Result<std::vector<sql::Datum>> HttpLookup::ask(const Item& item) {
    const Request request = HW_TRY(request_of(item));
    const auto response = HW_TRY(client_.perform(request));
    std::vector<sql::Datum> rows;
    if (response.status == 404 || response.status == 204) return rows;
    if (response.status < 200 || response.status >= 300)
        return fail(ErrorCode::unavailable, response_text(response));
    sql::Datum read = HW_TRY(reader_.read(response.body));
    if (read.is_object()) {
        rows.push_back(std::move(read));
    } else if (read.is_array()) {
        for (const sql::Datum& element : read.items())
            if (element.is_object()) rows.push_back(element);
    } else if (!read.is_null()) {
        return fail(ErrorCode::corrupt, "the answer is neither a JSON object nor an array of them");
    }
    return rows;
}

Result<std::vector<sql::Datum>> HttpLookup::find(std::span<const std::string> keys,
                                                 std::span<const sql::Datum> values) {
    const MutexLock lock(mutex_);
    if (const auto* known = cache_.find(values)) return *known;
    Item item;
    item.row = sql::Datum::object({});
    for (size_t i = 0; i < std::min(keys.size(), values.size()); ++i)
        item.row.put(keys[i], values[i]);
    auto rows = HW_TRY(ask(item));
    cache_.put(values, rows);
    return rows;
}

}  // namespace

Result<std::unique_ptr<Lookup>> make_lookup(const Config::Table& settings, const Rooms& rooms) {
    ClientSettings client = HW_TRY(client_settings(settings, rooms));
    client.follow_redirects = setting(settings, "follow_redirects").as_boolean();
    const LookupCache::Settings cache = {
        setting(settings, "cache_ttl").as_duration(),
        setting(settings, "cache_missing_ttl").as_duration(),
        static_cast<size_t>(setting(settings, "cache_size").as_integer())};
    return std::make_unique<HttpLookup>(HW_TRY(url_template(settings, "")),
                                        HW_TRY(named_templates(settings, "headers")),
                                        std::move(client), cache, rooms.clock);
}

}  // namespace hw::connector::http
