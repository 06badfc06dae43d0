#include "connector/nats/client.h"

#include <fmt/format.h>
#include <nats/nats.h>

#include "connector/settings_text.h"

namespace hw::connector::nats {

namespace {

struct DestroyOptions {
    void operator()(natsOptions* options) const { natsOptions_Destroy(options); }
};
using Options = std::unique_ptr<natsOptions, DestroyOptions>;

Result<void> check(natsStatus status, std::string_view setting) {
    if (status == NATS_OK) return {};
    return fail(ErrorCode::invalid_argument,
                fmt::format("nats setting {}: {}", setting, natsStatus_GetText(status)));
}

// The path of a file that libnats reads itself.
std::string path_of(const std::string& file, const Rooms& rooms) {
    const bool whole = file.starts_with('/') || rooms.secret_folder.empty();
    return whole ? file : rooms.secret_folder + "/" + file;
}

Result<void> set_user(natsOptions* options, const Config::Table& settings, const Rooms& rooms) {
    const auto& credentials = settings.at("credentials_file").as_text();
    if (!credentials.empty()) {
        const std::string path = path_of(credentials, rooms);
        HW_TRY(check_place(path, "credentials_file", rooms));
        return check(natsOptions_SetUserCredentialsFromFiles(options, path.c_str(), nullptr),
                     "credentials_file");
    }
    const auto token = HW_TRY(secret_setting(settings, "token_file", rooms));
    if (!token.empty()) return check(natsOptions_SetToken(options, token.c_str()), "token_file");
    const auto& user = settings.at("username").as_text();
    if (user.empty()) return {};
    const auto password = HW_TRY(secret_setting(settings, "password_file", rooms));
    return check(natsOptions_SetUserInfo(options, user.c_str(), password.c_str()), "username");
}

Result<void> set_tls(natsOptions* options, const Config::Table& settings) {
    if (!settings.at("tls").as_boolean()) return {};
    HW_TRY(check(natsOptions_SetSecure(options, true), "tls"));
    const auto& ca = settings.at("ca_file").as_text();
    if (ca.empty()) return {};
    return check(natsOptions_LoadCATrustedCertificates(options, ca.c_str()), "ca_file");
}

}  // namespace

void Destroy::operator()(__natsConnection* connection) const {
    natsConnection_Destroy(connection);
}
void Destroy::operator()(__jsCtx* context) const {
    jsCtx_Destroy(context);
}

int64_t millis(const Config::Table& settings, std::string_view key) {
    return settings.find(key)->second.as_duration().ns / milliseconds(1).ns;
}

Result<Connection> connect(const Config::Table& settings, const Rooms& rooms) {
    natsOptions* raw = nullptr;
    HW_TRY(check(natsOptions_Create(&raw), "options"));
    const Options options(raw);
    HW_TRY(check(natsOptions_SetURL(raw, settings.at("servers").text.c_str()), "servers"));
    HW_TRY(check(natsOptions_SetName(raw, "headworks"), "name"));
    HW_TRY(
        check(natsOptions_SetTimeout(raw, millis(settings, "connect_timeout")), "connect_timeout"));
    HW_TRY(check(natsOptions_SetMaxReconnect(raw, -1), "reconnect"));
    HW_TRY(set_user(raw, settings, rooms));
    HW_TRY(set_tls(raw, settings));
    natsConnection* connection = nullptr;
    const natsStatus status = natsConnection_Connect(&connection, raw);
    if (status == NATS_OK) return Connection(connection);
    const bool denied = status == NATS_CONNECTION_AUTH_FAILED || status == NATS_NOT_PERMITTED;
    return fail(
        denied ? ErrorCode::permission_denied : ErrorCode::unavailable,
        fmt::format("no NATS server takes us at {}: {}; check {}", settings.at("servers").text,
                    natsStatus_GetText(status), denied ? "username and password_file" : "servers"));
}

Result<JetStream> jet_stream(__natsConnection& connection, const Config::Table& settings) {
    jsOptions options;
    HW_TRY(check(jsOptions_Init(&options), "jetstream"));
    options.Wait = millis(settings, "request_timeout");
    jsCtx* context = nullptr;
    const natsStatus status = natsConnection_JetStream(&context, &connection, &options);
    if (status == NATS_OK) return JetStream(context);
    return fail(ErrorCode::unavailable, fmt::format("JetStream: {}", natsStatus_GetText(status)));
}

}  // namespace hw::connector::nats
