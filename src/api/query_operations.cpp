#include "api/query_operations.h"

#include <fmt/format.h>

#include <atomic>

#include "api/query_request.h"
#include "api/sample_import.h"
#include "base/json_writer.h"

namespace hw::api {

using sql::batch::Request;

namespace {

// A short answer goes whole, with its length; a longer one streams from its second piece on.
class HttpSink final : public sql::batch::Sink {
  public:
    HttpSink(Exchange& exchange, sql::batch::Format format)
        : exchange_(exchange), type_(sql::batch::content_type(format)) {}

    bool write(std::string bytes) override {
        if (first_.empty() && !stream_) {
            first_ = std::move(bytes);
            return true;
        }
        if (!stream_) {
            stream_ = exchange_.responder->stream(head());
            if (!stream_->write(std::exchange(first_, {}))) return false;
        }
        return stream_->write(std::move(bytes));
    }
    void finish() {
        if (stream_) return stream_->finish();
        auto response = head();
        response.body = std::move(first_);
        exchange_.respond(std::move(response));
    }
    // Before the answer has begun: a clean problem. After it the connection is cut, so that half an
    // answer cannot be taken for a whole one.
    void fail(const Error& error) {
        if (stream_) return stream_.reset();
        exchange_.fail(error);
    }

  private:
    io::HttpResponse head() const { return {200, {{"content-type", std::string(type_)}}, ""}; }

    Exchange& exchange_;
    const std::string_view type_;
    std::string first_;
    std::unique_ptr<io::HttpStream> stream_;
};

}  // namespace

QueryOperations::QueryOperations(const sql::batch::Settings& settings, Rooms rooms)
    : settings_(settings),
      rooms_(rooms),
      workers_(rooms.engine ? settings.queries_limit : 0, settings.queue_limit) {}

void QueryOperations::stop() {
    if (rooms_.engine) rooms_.engine->stop();
    workers_.stop();
}

void QueryOperations::run(Exchange exchange) {
    auto request = read_query_request(exchange.request);
    if (!request) return exchange.fail(request.error());
    // Names no other query, and lets us cancel it ourselves.
    if (request->id.empty()) {
        static std::atomic<uint64_t> made{0};
        request->id = fmt::format("http-{}", ++made);
    }
    const auto gone = std::make_shared<std::atomic<bool>>(false);
    exchange.responder->on_gone([engine = rooms_.engine, id = request->id, gone] {
        gone->store(true);
        engine->cancel(id);
    });
    auto shared = std::make_shared<Exchange>(std::move(exchange));
    Workers::Task task = [this, shared, gone, asked = std::move(*request)] {
        if (gone->load()) return;
        answer(*shared, asked);
    };
    if (workers_.run(task)) return;
    auto response =
        problem(503, "unavailable",
                fmt::format("{} queries wait already, the limit sql.queue_limit; try again",
                            settings_.queue_limit));
    response.headers.emplace_back("retry-after", "1");
    shared->respond(std::move(response));
}

void QueryOperations::answer(Exchange& exchange, const Request& request) {
    HttpSink sink(exchange, request.format);
    const auto done = rooms_.engine->run(request, sink);
    if (!done) return sink.fail(done.error());
    sink.finish();
}

void QueryOperations::list(Exchange& exchange) const {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.key("items");
    json.begin_array();
    for (const auto& query : rooms_.engine->running()) {
        json.begin_object();
        json.member("id", query.id);
        json.member("sql", query.sql);
        json.member("since", query.since);
        json.member("rows", query.rows);
        json.end_object();
    }
    json.end_array();
    json.end_object();
    exchange.respond(json_response(std::move(body)));
}

void QueryOperations::cancel(Exchange& exchange) {
    const std::string& id = exchange.place("id");
    if (!rooms_.engine->cancel(id))
        return exchange.fail(
            Error(ErrorCode::not_found, fmt::format("no query with the id '{}' runs", id)));
    exchange.respond({204, {}, ""});
}

void QueryOperations::import(Exchange exchange) {
    if (rooms_.history.overloaded())
        return exchange.fail(Error(ErrorCode::unavailable,
                                   "the disk is behind (history.queue_bytes_limit); send again "
                                   "later"));
    ImportReport report;
    auto batch = read_samples(exchange.request.body, rooms_.points, report);
    if (!batch) return exchange.fail(batch.error());
    rooms_.history.submit(std::move(*batch),
                          [report = std::move(report), responder = std::move(exchange.responder)](
                              const Result<void>& kept) mutable {
                              if (!kept) return responder->respond(problem(kept.error()));
                              responder->respond(json_response(import_report_json(report)));
                          });
}

void QueryOperations::add_to(std::vector<Operation>& operations) {
    operations.push_back(
        {"POST",
         "/api/v1/import",
         "importSamples",
         "Take samples in as rows; answered when they are on disk; the same again changes nothing",
         {},
         "text/csv",
         "A header with point, time and value or text; also quality and type",
         "200 application/json#SampleImport What was taken and refused; "
         "400 application/problem+json The header is wrong; "
         "503 application/problem+json Nothing was kept, send again",
         true,
         [this](Exchange exchange) { import(std::move(exchange)); }});
    if (!rooms_.engine) return;
    const auto add = [&](std::string path, std::string_view id, std::string_view summary) {
        operations.push_back(
            {"POST",
             std::move(path),
             id,
             summary,
             {{"format", "string", "json, ndjson, csv, arrow or parquet; else by Accept"},
              {"id", "string", "To cancel it by"},
              {"limit", "integer", "Rows at most"},
              {"timeout", "string", "Time at most, e.g. 10s; not more than sql.timeout"}},
             "application/json#Query,application/sql",
             "The statement, with its parameters where it has some",
             "200 application/json#QueryResult,application/x-ndjson,text/csv,"
             "application/vnd.apache.arrow.stream,application/vnd.apache.parquet Rows; "
             "400 application/problem+json The statement or a parameter is wrong; "
             "403 application/problem+json The statement would change something; "
             "422 application/problem+json A limit is exceeded; "
             "501 application/problem+json DuckDB's library is not installed; "
             "503 application/problem+json Too many wait, or it was cancelled; "
             "504 application/problem+json It took too long",
             false,
             [this](Exchange exchange) { run(std::move(exchange)); }});
    };
    add("/api/v1/query", "query",
        "Ask in SQL over history(), history_agg(), points, devices and more (DuckDB's dialect)");
    add("/api/v1/twins/query", "queryTwins",
        "The same, meant for twins, relationships, twin_values and their past: twins_at(time) ...");
    operations.push_back({"GET",
                          "/api/v1/query",
                          "listQueries",
                          "Queries that run now",
                          {},
                          "",
                          "",
                          "200 application/json#QueryList Them",
                          false,
                          [this](Exchange exchange) { list(exchange); }});
    operations.push_back({"DELETE",
                          "/api/v1/query/{id}",
                          "cancelQuery",
                          "End a query that runs",
                          {},
                          "",
                          "",
                          "204 - It ends; 404 application/problem+json No such query runs",
                          false,
                          [this](Exchange exchange) { cancel(exchange); }});
}

}  // namespace hw::api
