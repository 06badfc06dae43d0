#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "twin/model/models.h"

namespace hw::twin {

// The snapshot with the documents; every flaw fails the test.
inline std::shared_ptr<const Models> add(const Models& models,
                                         std::initializer_list<std::string_view> documents) {
    const std::vector<std::string_view> all(documents);
    std::vector<ModelFlaw> flaws;
    auto made = models.with(all, flaws);
    for (const auto& flaw : flaws)
        ADD_FAILURE() << flaw.full_text();
    return made;
}

// The flaws in full; none at all fails the test.
inline std::vector<std::string> flaws_of(const Models& models,
                                         std::initializer_list<std::string_view> documents) {
    const std::vector<std::string_view> all(documents);
    std::vector<ModelFlaw> flaws;
    const auto made = models.with(all, flaws);
    EXPECT_EQ(made == nullptr, !flaws.empty());
    std::vector<std::string> texts;
    texts.reserve(flaws.size());
    for (const auto& flaw : flaws)
        texts.push_back(flaw.full_text());
    return texts;
}

// An interface of these contents (without brackets), in one line, with all contexts.
inline std::string interface_of(std::string_view contents, std::string_view id = "dtmi:x:A;1",
                                std::string_view more = "") {
    std::string text =
        R"({"@context": ["dtmi:dtdl:context;3", "dtmi:headworks:twin;1", )"
        R"("dtmi:dtdl:extension:quantitativeTypes;1", "dtmi:dtdl:extension:annotation;1", )"
        R"("dtmi:dtdl:extension:historization;1"], "@id": ")";
    text += id;
    text += R"(", "@type": "Interface", )";
    text += more;
    text += R"("contents": [)";
    text += contents;
    return text + "]}";
}

// The texts of the flaws of one interface with these contents, without place.
inline std::vector<std::string> texts_of(std::string_view contents, std::string_view more = "") {
    const std::string document = interface_of(contents, "dtmi:x:A;1", more);
    const std::string_view view = document;
    std::vector<ModelFlaw> flaws;
    (void)Models::none()->with(std::span(&view, 1), flaws);
    std::vector<std::string> texts;
    texts.reserve(flaws.size());
    for (const auto& flaw : flaws)
        texts.push_back(flaw.path + ": " + flaw.text);
    return texts;
}

using Texts = std::vector<std::string>;

}  // namespace hw::twin
