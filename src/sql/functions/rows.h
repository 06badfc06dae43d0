#pragma once

#include <string_view>

#include "sql/function.h"

namespace hw::sql {

// Writes the rows of a table of scalars: what a file's rows have in common, then one call a row.
// The name is the signature up to its bracket. All of it is done by the compiler.
struct Rows {
    std::string_view group;
    std::string_view origin;
    Dialect dialect = Dialect::both;

    // How many arguments a function takes.
    struct Count {
        uint8_t least, most;
    };
    static constexpr uint8_t any = 255;

    // Null where an argument is null.
    constexpr Function operator()(std::string_view signature, Count count, Scalar scalar,
                                  std::string_view help, std::string_view example,
                                  std::string_view example_result) const {
        return {.name = signature.substr(0, signature.find('(')),
                .dialect = dialect,
                .group = group,
                .origin = origin,
                .signature = signature,
                .help = help,
                .example = example,
                .example_result = example_result,
                .least_arguments = count.least,
                .most_arguments = count.most,
                .scalar = scalar};
    }
    // Called with nulls too.
    constexpr Function sees_nulls(std::string_view signature, Count count, Scalar scalar,
                                  std::string_view help, std::string_view example,
                                  std::string_view example_result) const {
        Function row = (*this)(signature, count, scalar, help, example, example_result);
        row.nulls = Nulls::seen;
        return row;
    }
    // Another answer each time, or one that depends on more than the arguments.
    constexpr Function impure(std::string_view signature, Count count, Scalar scalar,
                              std::string_view help) const {
        Function row = (*this)(signature, count, scalar, help, "", "");
        row.pure = false;
        return row;
    }
};

}  // namespace hw::sql
