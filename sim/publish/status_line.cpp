#include "sim/publish/status_line.h"

#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "sim/plant/units.h"

namespace hw::sim {

StatusLine::StatusLine(const Telemetry& telemetry, const MqttClient* client, Time now)
    : telemetry_(telemetry), client_(client), next_(now + seconds(1)), shown_at_(now) {}

void StatusLine::show(Time now) {
    if (now < next_) return;
    const auto& works = telemetry_.works();
    std::string mqtt;
    if (client_) {
        const double took = static_cast<double>((now - shown_at_).ns) / 1e9;
        const double rate =
            took > 0 ? static_cast<double>(client_->done() - shown_done_) / took : 0.0;
        mqtt = fmt::format("{}  {:.0f} msg/s  {} sent  {} open  ",
                           client_->connected() ? "connected" : "broker away", rate,
                           client_->sent(), client_->sent() - client_->done());
        shown_done_ = client_->done();
    }
    const auto faults = works.faults().active().size();
    fmt::print(stderr,
               "\r{}  {}raw {:.0f} l/s {:.1f} NTU  clear well {:.2f} m  tower {:.2f} m  "
               "zone {:.0f} l/s{}\x1b[K",
               format_rfc3339(works.now()), mqtt, works.raw_flow() * litres_per_m3,
               works.river().turbidity(), works.clear_well().tank().level(),
               works.zone().tower().level(), works.zone().demand() * litres_per_m3,
               faults > 0 ? fmt::format("  {} faults", faults) : std::string());
    std::fflush(stderr);
    shown_at_ = now;
    next_ = now + seconds(1);
}

void StatusLine::end() const {
    std::fputs("\n", stderr);
}

}  // namespace hw::sim
