#include "io/sim_disk.h"

#include <algorithm>

#include "base/assert.h"

namespace hw::io {

namespace {

std::string parent(const std::string& path) {
    const size_t slash = path.rfind('/');
    return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

}  // namespace

class SimDisk::File final : public AppendFile {
  public:
    File(SimDisk& disk, std::shared_ptr<Node> node) : disk_(disk), node_(std::move(node)) {}

    Result<void> append(BytesView bytes) override {
        HW_ASSERT(!sync_failed_);
        const uint64_t used = disk_.used_bytes();
        const uint64_t room = disk_.capacity_bytes_ > used ? disk_.capacity_bytes_ - used : 0;
        if (bytes.size() > room) {
            node_->content.append(as_text(bytes.subspan(0, room)));
            return fail(ErrorCode::no_space, "the simulated disk is full");
        }
        if (disk_.random_.chance(disk_.faults_.append_fails)) {
            const size_t part = disk_.random_.below(bytes.size() + 1);
            node_->content.append(as_text(bytes.subspan(0, part)));
            return fail(ErrorCode::io_failed, "the simulated disk failed to append");
        }
        node_->content.append(as_text(bytes));
        return {};
    }

    Result<void> sync() override {
        HW_ASSERT(!sync_failed_);
        ++disk_.syncs_;
        if (disk_.random_.chance(disk_.faults_.sync_fails)) {
            sync_failed_ = true;
            return fail(ErrorCode::io_failed, "the simulated disk failed to sync");
        }
        node_->synced = node_->content.size();
        return {};
    }

    uint64_t size() const override { return node_->content.size(); }

  private:
    SimDisk& disk_;
    std::shared_ptr<Node> node_;
    bool sync_failed_ = false;
};

void SimDisk::crash() {
    for (auto entry = files_.begin(); entry != files_.end();) {
        Node& node = *entry->second;
        if (!node.named && random_.chance(0.5)) {
            entry = files_.erase(entry);
            continue;
        }
        const size_t unsynced = node.content.size() - node.synced;
        const size_t kept = random_.below(unsynced + 1);
        node.content.resize(node.synced + kept);
        if (kept > 0 && random_.chance(0.5)) {
            const size_t torn = 1 + random_.below(std::min<size_t>(kept, 512));
            for (size_t i = node.content.size() - torn; i < node.content.size(); ++i)
                node.content[i] = random_.chance(0.5) ? '\0' : static_cast<char>(random_.next());
        }
        node.synced = node.content.size();
        node.named = true;
        ++entry;
    }
}

void SimDisk::damage(const std::string& path, uint64_t offset) {
    Node& node = *files_.at(path);
    HW_ASSERT(offset < node.content.size());
    node.content[offset] = static_cast<char>(node.content[offset] ^ 0x10);
}

uint64_t SimDisk::used_bytes() const {
    uint64_t bytes = 0;
    for (const auto& [path, node] : files_)
        bytes += node->content.size();
    return bytes;
}

Result<std::unique_ptr<AppendFile>> SimDisk::create(const std::string& path) {
    if (files_.contains(path)) return fail(ErrorCode::conflict, path + " exists already");
    if (!parent(path).empty() && !folders_.contains(parent(path)))
        return fail(ErrorCode::not_found, "there is no folder " + parent(path));
    if (used_bytes() >= capacity_bytes_)
        return fail(ErrorCode::no_space, "the simulated disk is full");
    auto node = std::make_shared<Node>();
    files_[path] = node;
    return std::make_unique<File>(*this, node);
}

Result<std::string> SimDisk::read(const std::string& path) {
    const auto entry = files_.find(path);
    if (entry == files_.end()) return fail(ErrorCode::not_found, "there is no file " + path);
    return entry->second->content;
}

Result<std::string> SimDisk::read_part(const std::string& path, uint64_t offset, size_t size) {
    const auto entry = files_.find(path);
    if (entry == files_.end()) return fail(ErrorCode::not_found, "there is no file " + path);
    const std::string& content = entry->second->content;
    return offset < content.size() ? content.substr(offset, size) : std::string();
}

Result<std::vector<std::string>> SimDisk::list(const std::string& folder) {
    if (!folder.empty() && !folders_.contains(folder))
        return fail(ErrorCode::not_found, "there is no folder " + folder);
    std::vector<std::string> names;
    for (const auto& [path, node] : files_)
        if (parent(path) == folder)
            names.push_back(folder.empty() ? path : path.substr(folder.size() + 1));
    return names;
}

Result<void> SimDisk::make_folder(const std::string& path) {
    folders_[path] = true;
    return {};
}

Result<void> SimDisk::remove(const std::string& path) {
    if (files_.erase(path) == 0) return fail(ErrorCode::not_found, "there is no file " + path);
    return {};
}

Result<void> SimDisk::rename(const std::string& from, const std::string& to) {
    const auto entry = files_.find(from);
    if (entry == files_.end()) return fail(ErrorCode::not_found, "there is no file " + from);
    auto node = entry->second;
    files_.erase(entry);
    node->named = true;
    files_[to] = std::move(node);
    return {};
}

Result<void> SimDisk::sync_folder(const std::string& path) {
    for (auto& [name, node] : files_)
        if (parent(name) == path) node->named = true;
    return {};
}

Result<uint64_t> SimDisk::free_bytes() {
    const uint64_t used = used_bytes();
    return capacity_bytes_ > used ? capacity_bytes_ - used : 0;
}

}  // namespace hw::io
