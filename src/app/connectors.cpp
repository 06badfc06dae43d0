#include "app/connectors.h"

#include "base/assert.h"
#include "connector/clickhouse/clickhouse_kind.h"
#include "connector/file/file_kind.h"
#include "connector/generator/generator_kind.h"
#include "connector/http/http_kind.h"
#include "connector/influxdb/influxdb_kind.h"
#include "connector/kafka/kafka.h"
#include "connector/mqtt/mqtt_kind.h"
#include "connector/nats/nats_kind.h"
#include "connector/postgresql/postgresql.h"
#include "connector/smtp/smtp_kind.h"

namespace hw::app {

const connector::Registry& connectors() {
    static const connector::Registry registry = [] {
        connector::Registry made;
        for (const connector::Kind* kind : {
                 &connector::clickhouse::kind(),
                 &connector::file::kind(),
                 &connector::generator::kind(),
                 &connector::http::kind(),
                 &connector::http::push_kind(),
                 &connector::influxdb::kind(),
                 &connector::kafka::kind(),
                 &connector::mqtt::kind(),
                 &connector::nats::kind(),
                 &connector::postgresql::kind(),
                 &connector::smtp::kind(),
             }) {
            const auto added = made.add(*kind);
            HW_ASSERT(added.has_value());
        }
        return made;
    }();
    return registry;
}

}  // namespace hw::app
