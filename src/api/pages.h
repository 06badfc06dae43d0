#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "api/exchange.h"
#include "base/embedded.h"

namespace hw::api {

// The console's files, as the program holds them: packed by Brotli for those who take it, with
// names that change with their content kept for ever by browsers, and a policy that lets the page
// ask this server only. Every address of the console itself (/trends, /twin/...) is its first page,
// since the page finds its way by the address. Immutable; any thread.
class ConsolePages {
  public:
    // `nonce` makes a new unguessable text each time; it names the styles that belong to the page.
    ConsolePages(std::span<const EmbeddedFile> files, std::function<std::string()> nonce);

    // Answers a GET or HEAD of a file, or of an address of the console. False: it is neither.
    bool answer(Exchange& exchange) const;

  private:
    struct File {
        std::string_view plain;
        std::string_view packed;  // empty: no smaller than plain
    };

    void answer_index(Exchange& exchange) const;

    std::map<std::string, File, std::less<>> files_;
    std::function<std::string()> nonce_;
};

// 128 random bits of the system, as hex.
std::string page_nonce();

}  // namespace hw::api
