#include "broker/outputs.h"

#include "broker/connection.h"

namespace hw::broker {

void Outputs::touch(Connection& connection) {
    if (connection.touched) return;
    connection.touched = true;
    touched_.push_back(&connection);
    if (pool_.empty()) return;
    connection.out = std::move(pool_.back());
    pool_.pop_back();
    pooled_bytes_ -= connection.out.capacity();
}

void Outputs::flush(Connection& connection) {
    if (!connection.out.empty() && connection.phase != Connection::Phase::gone) {
        figures_.bytes_out += connection.out.size();
        connection.bytes_out += connection.out.size();
        connection.stream->send(std::move(connection.out));
        connection.unsent_bytes = connection.stream->queued_bytes();
    }
    connection.out.clear();
}

void Outputs::flush_early(Connection& connection) {
    flush(connection);
}

void Outputs::flush_all() {
    // By index: should a stream fail while it is written, a will may touch more connections.
    for (size_t i = 0; i < touched_.size(); ++i) {
        Connection* connection = touched_[i];
        flush(*connection);
        connection->touched = false;
        const size_t capacity = connection->out.capacity();
        if (capacity > sizeof(std::string) && pooled_bytes_ + capacity <= pooled_bytes_limit) {
            pooled_bytes_ += capacity;
            pool_.push_back(std::move(connection->out));
        }
        connection->out = std::string();
        if (connection->phase == Connection::Phase::ending) connection->close_stream();
    }
    touched_.clear();
}

}  // namespace hw::broker
