#include "api/access_streams.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace hw::api {

namespace {

constexpr Duration look_period = seconds(2);

bool has_header(const io::HttpResponse& response, std::string_view name) {
    return std::any_of(response.headers.begin(), response.headers.end(),
                       [&](const auto& one) { return one.first == name; });
}

// A stream that can be taken away from whoever writes it. Any thread.
class Cut {
  public:
    Cut(std::unique_ptr<io::HttpStream> inner, access::GrantPtr grant)
        : grant_(std::move(grant)), inner_(std::move(inner)) {}

    // The writer keeps it alive through its call, so that nobody waits for a slow one.
    std::shared_ptr<io::HttpStream> inner() const {
        MutexLock lock(mutex_);
        return inner_;
    }
    void drop() {
        std::shared_ptr<io::HttpStream> last;
        MutexLock lock(mutex_);
        last.swap(inner_);
    }
    access::Grant& grant() const { return *grant_; }

  private:
    const access::GrantPtr grant_;
    mutable Mutex mutex_;
    std::shared_ptr<io::HttpStream> inner_ HW_LOCKING(guarded_by(mutex_));
};

}  // namespace

// What the reactor looks through, shared with responders on other threads.
struct SealedAnswers::Shared {
    Mutex mutex;
    std::vector<std::weak_ptr<Cut>> cuts HW_LOCKING(guarded_by(mutex));
};

class SealedAnswers::Outlet final : public io::HttpStream {
  public:
    explicit Outlet(std::shared_ptr<Cut> cut) : cut_(std::move(cut)) {}
    ~Outlet() override { cut_->drop(); }

    bool write(std::string bytes) override {
        const auto inner = cut_->inner();
        return inner && inner->write(std::move(bytes));
    }
    size_t queued_bytes() const override {
        const auto inner = cut_->inner();
        return inner ? inner->queued_bytes() : 0;
    }
    void finish() override {
        if (const auto inner = cut_->inner()) inner->finish();
    }
    void on_gone(std::move_only_function<void()> call) override {
        if (const auto inner = cut_->inner()) inner->on_gone(std::move(call));
    }

  private:
    const std::shared_ptr<Cut> cut_;
};

class SealedAnswers::Responder final : public io::HttpResponder {
  public:
    Responder(std::unique_ptr<io::HttpResponder> inner, access::GrantPtr grant,
              std::shared_ptr<Shared> shared)
        : inner_(std::move(inner)), grant_(std::move(grant)), shared_(std::move(shared)) {}

    void respond(io::HttpResponse response) override {
        add_headers(response);
        inner_->respond(std::move(response));
    }
    std::unique_ptr<io::HttpStream> stream(io::HttpResponse head) override {
        add_headers(head);
        auto stream = inner_->stream(std::move(head));
        if (!grant_) return stream;
        auto cut = std::make_shared<Cut>(std::move(stream), grant_);
        {
            MutexLock lock(shared_->mutex);
            shared_->cuts.push_back(cut);
        }
        return std::make_unique<Outlet>(std::move(cut));
    }
    void on_gone(std::move_only_function<void()> call) override {
        inner_->on_gone(std::move(call));
    }

  private:
    const std::unique_ptr<io::HttpResponder> inner_;
    const access::GrantPtr grant_;
    const std::shared_ptr<Shared> shared_;
};

SealedAnswers::SealedAnswers(io::Reactor& reactor, const Guard& guard)
    : reactor_(reactor), guard_(guard), shared_(std::make_shared<Shared>()) {
    timer_ = reactor_.every(look_period, [this] { look(); });
}

SealedAnswers::~SealedAnswers() {
    reactor_.cancel(timer_);
}

void SealedAnswers::add_headers(io::HttpResponse& response) {
    // Answers are data: nothing in them runs, is framed, or is read by a page of elsewhere,
    // whatever somebody has put into a file of a scene.
    constexpr std::pair<std::string_view, std::string_view> wanted[] = {
        {"cache-control", "no-store"},
        {"x-content-type-options", "nosniff"},
        {"content-security-policy", "default-src 'none'; frame-ancestors 'none'; sandbox"},
        {"cross-origin-resource-policy", "same-origin"},
        {"referrer-policy", "no-referrer"}};
    for (const auto& [name, value] : wanted)
        if (!has_header(response, name)) response.headers.emplace_back(name, value);
}

std::unique_ptr<io::HttpResponder> SealedAnswers::seal(std::unique_ptr<io::HttpResponder> responder,
                                                       access::GrantPtr grant) {
    return std::make_unique<Responder>(std::move(responder), std::move(grant), shared_);
}

void SealedAnswers::look() {
    std::vector<std::shared_ptr<Cut>> over;
    {
        MutexLock lock(shared_->mutex);
        std::erase_if(shared_->cuts, [&](const std::weak_ptr<Cut>& one) {
            auto cut = one.lock();
            if (cut && guard_.goes_on(cut->grant())) return false;
            if (cut) over.push_back(std::move(cut));
            return true;
        });
    }
    // Outside the lock: to whom it belongs is told within.
    for (const auto& cut : over)
        cut->drop();
}

}  // namespace hw::api
