#include "api/live_frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "api/api_test_support.h"

namespace hw::api {
namespace {

using testing::HasSubstr;
using testing::Not;

// What one client of a live stream has got, and how much waits for it.
struct Reader {
    std::vector<std::string> pieces;
    size_t queued = 0;

    std::string all() const {
        std::string text;
        for (const auto& piece : pieces)
            text += piece;
        return text;
    }
    size_t whole_pictures() const {
        size_t count = 0;
        for (const auto& piece : pieces)
            if (piece.contains("\"v\":") && !piece.contains("\"more\":true")) ++count;
        return count;
    }
};

class ReaderStream final : public io::HttpStream {
  public:
    explicit ReaderStream(Reader& reader) : reader_(reader) {}
    bool write(std::string bytes) override {
        reader_.queued += bytes.size();
        reader_.pieces.push_back(std::move(bytes));
        return true;
    }
    size_t queued_bytes() const override { return reader_.queued; }
    void finish() override {}
    void on_gone(std::move_only_function<void()>) override {}

  private:
    Reader& reader_;
};

class ReaderResponder final : public io::HttpResponder {
  public:
    explicit ReaderResponder(Reader& reader) : reader_(reader) {}
    void respond(io::HttpResponse response) override { ADD_FAILURE() << response.body; }
    std::unique_ptr<io::HttpStream> stream(io::HttpResponse) override {
        return std::make_unique<ReaderStream>(reader_);
    }

  private:
    Reader& reader_;
};

class LiveFramesTest : public testing::Test {
  protected:
    static constexpr size_t points = 2 * LiveGroup::rows_of_part + 7;

    LiveFramesTest() {
        settings_.live_queue_bytes = 64 << 10;
        for (size_t i = 0; i < points; ++i)
            points_.intern(fmt::format("a/{}", i)).value();
    }
    using Query = std::vector<std::pair<std::string, std::string>>;
    void open(Reader& reader, const Query& query = {{"frames", "100ms"}}) {
        Exchange exchange;
        exchange.request.query = query;
        exchange.responder = std::make_unique<ReaderResponder>(reader);
        frames_.open(std::move(exchange));
    }
    void change(double value) {
        model::SampleBatch batch;
        now_ = now_ + seconds(1);
        for (uint32_t i = 0; i < points; ++i)
            batch.add_double(model::PointId(i), now_, value);
        rhythms_.add(batch);
        ring_.add(batch);
        history_.submit(batch, nullptr);
    }
    void run_until(const std::function<bool()>& done) { reactor_.run_until(done); }

    Settings settings_;
    model::PointDirectory points_{1'000'000};
    FakeHistory history_;
    io::Reactor reactor_{"test"};
    LiveRhythms rhythms_;
    LiveRing ring_{64 << 20, Time{1000}};
    Metrics metrics_;
    Counter& events_ = metrics_.counter("events", "");
    Counter& missed_ = metrics_.counter("missed", "");
    Time now_{1'700'000'000'000'000'000};
    // Last: its streams write to readers of the test.
    LiveFrames frames_{settings_, points_, history_, reactor_, {ring_, rhythms_}, events_, missed_};
};

TEST_F(LiveFramesTest, TheFirstPictureRespectsTheQueue) {
    change(1);
    change(2);
    Reader reader;
    open(reader);
    run_until([&] { return reader.pieces.size() > 1; });
    // Over the limit by no more than one part, however large the picture is.
    EXPECT_EQ(reader.pieces.size(), 2u);
    EXPECT_THAT(reader.pieces[1], HasSubstr("\"reset\":true"));
    EXPECT_THAT(reader.pieces[1], HasSubstr("\"more\":true"));
    const size_t before = reader.pieces.size();
    reader.queued = 0;
    run_until([&] { return reader.pieces.size() > before; });
    EXPECT_EQ(reader.pieces.size(), before + 1);
    while (reader.whole_pictures() == 0) {
        reader.queued = 0;
        run_until([&] { return reader.queued > 0; });
    }
    // Two samples of history tell no rhythm.
    EXPECT_THAT(reader.all(), HasSubstr("\"u\":[0,0"));
    EXPECT_EQ(events_.value(), points);
    EXPECT_EQ(missed_.value(), 0u);
}

TEST_F(LiveFramesTest, OneThatReadsSlowlyGetsTheNewestAndIsTold) {
    change(1);
    Reader slow;
    Reader quick;
    open(slow);
    open(quick);
    const auto read_all = [&](Reader& reader) {
        while (reader.whole_pictures() == 0) {
            reader.queued = 0;
            run_until([&] { return reader.queued > 0; });
        }
        reader.pieces.clear();
        reader.queued = 0;
    };
    read_all(quick);
    read_all(slow);
    // One reads no more; the other gets all.
    slow.queued = settings_.live_queue_bytes + 1;
    for (int value = 2; value <= 4; ++value) {
        change(value);
        read_all(quick);
    }
    EXPECT_TRUE(slow.pieces.empty());
    const Time begin = reactor_.clock().monotonic();
    run_until([&] { return reactor_.clock().monotonic() - begin > milliseconds(1'200); });
    EXPECT_TRUE(slow.pieces.empty());
    EXPECT_FALSE(quick.pieces.empty() && quick.queued > 0);
    slow.queued = 0;
    while (slow.whole_pictures() == 0) {
        run_until([&] { return slow.queued > 0; });
        slow.queued = 0;
    }
    const std::string got = slow.all();
    EXPECT_THAT(got, HasSubstr("\"v\":[4.0,"));
    EXPECT_THAT(got, Not(HasSubstr("2.0")));
    EXPECT_THAT(got, HasSubstr("\"late\":1"));
    EXPECT_THAT(got, HasSubstr(fmt::format("\"passed\":{}", 2 * points)));
    EXPECT_EQ(missed_.value(), 2 * points);
    // And then it is as all others.
    slow.pieces.clear();
    change(5);
    while (slow.whole_pictures() == 0) {
        run_until([&] { return slow.queued > 0; });
        slow.queued = 0;
    }
    EXPECT_THAT(slow.all(), Not(HasSubstr("late")));
    EXPECT_THAT(slow.all(), Not(HasSubstr("passed")));
}

TEST_F(LiveFramesTest, EachHearsThatTheServerIsThere) {
    Reader reader;
    open(reader);
    reader.pieces.clear();
    run_until([&] { return !reader.pieces.empty(); });
    EXPECT_THAT(reader.pieces[0], Not(HasSubstr("\"i\"")));
}

TEST_F(LiveFramesTest, LastValuesAreAskedInSlices) {
    change(1);
    Reader big;
    open(big);
    // Not in the call, and a small selection does not wait for it.
    EXPECT_EQ(big.pieces.size(), 1u);
    Reader small;
    open(small, {{"frames", "100ms"}, {"points", "a/1,a/2"}});
    EXPECT_THAT(small.all(), HasSubstr("\"p\":[\"a/1\",\"a/2\"]"));
    // What comes meanwhile is in the first picture.
    change(2);
    while (big.whole_pictures() == 0) {
        big.queued = 0;
        run_until([&] { return big.queued > 0; });
    }
    EXPECT_THAT(big.all(), HasSubstr("\"v\":[2.0,"));
    EXPECT_EQ(big.all().find("\"reset\":true"), big.all().rfind("\"reset\":true"));
}

TEST_F(LiveFramesTest, ManySelectionsAreRestoredInTurn) {
    change(1);
    std::vector<Reader> readers(5);
    for (size_t i = 0; i < readers.size(); ++i)
        open(readers[i],
             {{"frames", "100ms"}, {"filter", "a/#"}, {"point", fmt::format("x/{}", i)}});
    run_until([&] {
        bool all = true;
        for (auto& reader : readers) {
            reader.queued = 0;
            all &= reader.whole_pictures() == 1;
        }
        return all;
    });
}

TEST_F(LiveFramesTest, WhatIsReportedByExceptionHasNoRhythm) {
    change(1);
    points_.set_by_exception(model::PointId(2), true);
    Reader reader;
    open(reader, {{"frames", "100ms"}, {"points", "a/1,a/2,a/new"}});
    EXPECT_THAT(reader.all(), HasSubstr("\"u\":[0,-1]"));
    reader.pieces.clear();
    // It turns, without a sample.
    points_.set_by_exception(model::PointId(1), true);
    run_until([&] { return reader.all().contains("\"u\""); });
    EXPECT_THAT(reader.all(), HasSubstr("\"i\":[0],\"v\":[1.0]"));
    EXPECT_THAT(reader.all(), HasSubstr("\"u\":{\"0\":-1}"));
    reader.pieces.clear();
    // One that is new in the stream says so too.
    const auto id = points_.intern("a/new").value();
    points_.set_by_exception(id, true);
    model::SampleBatch batch;
    batch.add_double(id, now_, 7);
    ring_.add(batch);
    run_until([&] { return reader.all().contains("a/new"); });
    EXPECT_THAT(reader.all(), HasSubstr("\"v\":[7.0],"));
    EXPECT_THAT(reader.all(), HasSubstr("\"u\":{\"0\":-1}"));
    EXPECT_EQ(missed_.value(), 0u);
}

}  // namespace
}  // namespace hw::api
