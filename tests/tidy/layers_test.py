#!/usr/bin/env python3
"""The layers test sees a breach when there is one."""

import unittest

import layers
from source import Source

LAYERS = Source("src/layers.txt", "# bottom to top\nbase\nwire/mqtt\nbroker\n")


def tree(cmake, **files):
    return [LAYERS, Source("src/CMakeLists.txt", cmake),
            *(Source("src/" + path.replace("__", "/") + ".cpp", text)
              for path, text in files.items())]


class Upward(unittest.TestCase):
    def test_finds_an_include_that_points_up(self):
        sources = tree("", wire__mqtt__a='#include "base/b.h"\n#include "broker/c.h"\n',
                       broker__c='#include "wire/mqtt/a.h"\n#include "base/b.h"\n')
        found = list(layers.upward(sources))
        self.assertEqual([(f.path, f.line) for f in found], [("src/wire/mqtt/a.cpp", 2)])

    def test_finds_an_include_of_no_room(self):
        sources = tree("", base__a='#include "util/b.h"\n#include <vector>\n')
        self.assertEqual([f.line for f in layers.upward(sources)], [1])


class Links(unittest.TestCase):
    def texts(self, cmake, **files):
        return [f.text for f in layers.links(tree(cmake, **files))]

    def test_wants_just_what_is_included(self):
        files = {"base__a": "", "wire__mqtt__b": '#include "base/a.h"\n'}
        self.assertEqual(self.texts("headworks_room(base)\nheadworks_room(wire/mqtt DEPENDS base)",
                                    **files), [])
        self.assertEqual(self.texts("headworks_room(base)\nheadworks_room(wire/mqtt)", **files),
                         ["wire/mqtt includes base; add it to DEPENDS"])
        self.assertEqual(self.texts("headworks_room(base) # x\nheadworks_room(broker\n  DEPENDS "
                                    "base LIBRARIES z::z)", base__a="", broker__b=""),
                         ["broker does not include base; take it out of DEPENDS"])

    def test_lets_tests_have_more(self):
        cmake = "headworks_room(base)\nheadworks_room(broker TEST_DEPENDS base)"
        files = {"base__a": "", "broker__b_test": '#include "base/a.h"\n'}
        self.assertEqual(self.texts(cmake, **files), [])
        self.assertEqual(self.texts("headworks_room(base)\nheadworks_room(broker)", **files),
                         ["tests of broker include base; add it to TEST_DEPENDS"])

    def test_wants_every_room_declared_and_listed(self):
        self.assertEqual(self.texts("headworks_room(attic)", base__a=""),
                         ["room base is not declared", "room attic is not in src/layers.txt"])


if __name__ == "__main__":
    unittest.main()
