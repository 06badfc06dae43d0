#pragma once

#include <span>
#include <string>

#include "twin/bulk/bulk_format.h"
#include "twin/model/state.h"

namespace hw::twin {

// What a twin was described as, made out again from its state: the values that are fixed, and the
// points that are others than the model says.
TwinSpec spec_of(const TwinState& twin);

struct BulkWriteOptions {
    // Values of points and expressions too, as if they were fixed: for a look at a graph elsewhere.
    // What is read back then is other than what was written.
    bool values = false;
    std::span<const InterfacePtr> models = {};  // written along where the format has room for them
};

// Appends the twins of a snapshot, with their relationships, so that read_bulk() reads the same
// descriptions. The two formats of Azure Digital Twins have no place for names and bindings.
void write_bulk(std::string& out, const Snapshot& snapshot, BulkFormat format,
                const BulkWriteOptions& options = {});

}  // namespace hw::twin
