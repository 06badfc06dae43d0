// Assets: glTF files of one's own, by digest.

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/config_text.h"
#include "twin/scene/scenes.h"

namespace hw::twin {

namespace {

constexpr size_t name_limit = 128;

std::string sha256(std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    const int ok =
        EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
    HW_ASSERT(ok == 1);
    std::string out;
    for (unsigned i = 0; i < size; ++i)
        out += fmt::format("{:02x}", digest[i]);
    return out;
}

Result<void> check_name(std::string_view name) {
    const bool sound = !name.empty() && name.size() <= name_limit &&
                       std::all_of(name.begin(), name.end(), [](char c) {
                           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                  (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' ||
                                  c == ':' || c == '/';
                       });
    if (sound) return {};
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("an asset's name has 1 to {} letters, digits and any of -_.:/", name_limit));
}

std::string target_of(std::string_view name) {
    return fmt::format("twin/assets/{}", name);
}

std::string told(const AssetEntry& entry) {
    return fmt::format("{{\"digest\":\"{}\",\"bytes\":{}}}", entry.digest, entry.bytes);
}

}  // namespace

Result<std::vector<AssetEntry>> Scenes::assets() const {
    return rooms_.store.assets();
}

Result<AssetEntry> Scenes::asset(std::string_view name) const {
    auto found = HW_TRY(rooms_.store.asset(name));
    if (found) return std::move(*found);
    std::vector<std::string> names;
    for (auto& entry : HW_TRY(assets()))
        names.push_back(std::move(entry.name));
    return fail(ErrorCode::not_found,
                fmt::format("there is no asset '{}'{}", name, did_you_mean(name, names)));
}

Result<std::string> Scenes::asset_bytes(const AssetEntry& entry) const {
    return rooms_.store.asset_bytes(entry.digest);
}

Result<AssetEntry> Scenes::store_asset(std::string_view name, std::string_view bytes,
                                       const Change& change, std::optional<AssetEntry> before) {
    HW_TRY(check_name(name));
    // None is as revision 0: "only where there is none" is met.
    const int64_t now = before ? before->revision : 0;
    if (change.revision.value_or(now) != now)
        return fail(ErrorCode::conflict,
                    fmt::format("asset '{}' is of revision {} now, not {}; read it again", name,
                                now, *change.revision));
    AssetEntry entry;
    entry.name = name;
    entry.digest = sha256(bytes);
    entry.bytes = bytes.size();
    if (before && before->digest == entry.digest) return std::move(*before);
    const size_t total = HW_TRY(rooms_.store.asset_bytes_total());
    // What it replaces may be another's too; counted only where it is gone.
    const size_t freed = before ? before->bytes : 0;
    if (bytes.size() > asset_bytes_limit ||
        total - std::min(total, freed) + bytes.size() > asset_bytes_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("an asset of {} bytes beside {} of others; {} MiB are allowed for "
                                "all, so make it smaller or remove others",
                                bytes.size(), total, asset_bytes_limit >> 20));
    if (!before && HW_TRY(assets()).size() >= assets_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("there are {} assets already, as many as may be", assets_limit));
    HW_TRY(read_gltf(bytes));
    entry.media_type = is_glb(bytes) ? "model/gltf-binary" : "model/gltf+json";
    entry.revision = before ? before->revision + 1 : 1;
    entry.updated = rooms_.clock.now();
    entry.actor = change.actor;
    HW_TRY(rooms_.store.save_asset(entry, bytes));
    return entry;
}

Result<AssetEntry> Scenes::put_asset(std::string_view name, std::string_view bytes,
                                     const Change& change, bool& created) {
    const MutexLock lock(changes_);
    auto before = HW_TRY(rooms_.store.asset(name));
    created = !before.has_value();
    std::string old_value = before ? told(*before) : std::string();
    auto done = store_asset(name, bytes, change, std::move(before));
    note(change, "asset.put", target_of(name), std::move(old_value),
         done ? told(*done) : std::string(), done ? nullptr : &done.error());
    return done;
}

Result<void> Scenes::remove_asset(std::string_view name, const Change& change) {
    const MutexLock lock(changes_);
    std::string old_value;
    const auto run = [&]() -> Result<void> {
        const auto entry = HW_TRY(asset(name));
        old_value = told(entry);
        if (change.revision && *change.revision != entry.revision)
            return fail(ErrorCode::conflict,
                        fmt::format("asset '{}' is of revision {} now, not {}; read it again", name,
                                    entry.revision, *change.revision));
        const auto users = HW_TRY(rooms_.store.users_of(name));
        if (!users.empty())
            return fail(ErrorCode::conflict,
                        fmt::format("asset '{}' is used by {} scenes, the first of '{}'; take it "
                                    "out of them first",
                                    name, users.size(), users[0]));
        HW_TRY(rooms_.store.remove_asset(name));
        return {};
    };
    const auto done = run();
    note(change, "asset.delete", target_of(name), std::move(old_value), {},
         done ? nullptr : &done.error());
    return done;
}

Result<AssetFilePtr> Scenes::asset_file(std::string_view name) const {
    const auto entry = HW_TRY(asset(name));
    {
        MutexLock lock(mutex_);
        for (auto at = files_.begin(); at != files_.end(); ++at)
            if ((*at)->digest == entry.digest) {
                files_.splice(files_.begin(), files_, at);
                return files_.front();
            }
    }
    const auto bytes = HW_TRY(asset_bytes(entry));
    auto file = std::make_shared<AssetFile>();
    file->digest = entry.digest;
    file->file = HW_TRY(read_gltf(bytes));
    MutexLock lock(mutex_);
    files_.push_front(file);
    size_t held = 0;
    for (auto at = files_.begin(); at != files_.end();) {
        for (const auto& buffer : (*at)->file.buffers)
            held += buffer.size();
        held += (*at)->file.json.heap_bytes();
        at = held > cached_asset_bytes && at != files_.begin() ? files_.erase(at) : std::next(at);
    }
    return AssetFilePtr(file);
}

}  // namespace hw::twin
