#include "connector/stored_item.h"

#include "base/bytes.h"
#include "sql/datum_codec.h"

namespace hw::connector {

namespace {

constexpr uint8_t version = 2;
constexpr uint8_t without_hops = 1;

}  // namespace

void save_item(std::string& out, const Item& item, Time queued) {
    ByteWriter writer(out);
    writer.u8(version);
    writer.varint(item.sequence);
    writer.signed_varint(item.time.ns);
    writer.signed_varint(queued.ns);
    writer.varint(item.rule_id.size());
    writer.text(item.rule_id);
    writer.u8(item.hops);
    sql::save(writer, item.row);
}

Result<StoredItem> load_item(std::string_view bytes) {
    ByteReader in(as_bytes(bytes));
    StoredItem stored;
    const uint8_t written = in.u8();
    const bool known = written == version || written == without_hops;
    stored.item.sequence = in.varint();
    stored.item.time.ns = in.signed_varint();
    stored.queued.ns = in.signed_varint();
    stored.item.rule_id = std::string(in.text(in.varint()));
    if (written != without_hops) stored.item.hops = in.u8();
    stored.item.row = sql::load_datum(in);
    if (!known || in.failed() || !in.at_end())
        return fail(ErrorCode::corrupt, "a row in an action's buffer cannot be read");
    return stored;
}

}  // namespace hw::connector
