#!/usr/bin/env python3
"""The totals count what ran inside each test program."""

import sys
import unittest
import xml.etree.ElementTree as ET
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
import count_tests  # noqa: E402

GTEST = """[==========] 5 tests from 2 test suites ran. (1 ms total)
[  PASSED  ] 3 tests.
[  SKIPPED ] 1 test, listed below:
[  SKIPPED ] A.B
"""


def count(*cases):
    suite = ET.Element("testsuite")
    for status, output in cases:
        case = ET.SubElement(suite, "testcase", status=status)
        ET.SubElement(case, "system-out").text = output
    return count_tests.count(suite)


class Count(unittest.TestCase):
    def test_counts_cases_of_googletest(self):
        self.assertEqual(count(("run", GTEST)), (3, 0, 1))
        self.assertEqual(count(("fail", GTEST + "[  FAILED  ] 1 test, listed below:\n")), (3, 1, 1))

    def test_counts_cases_of_python(self):
        self.assertEqual(count(("run", "Ran 4 tests in 0.1s\n\nOK (skipped=1)\n")), (3, 0, 1))
        self.assertEqual(count(("fail", "Ran 4 tests in 1s\n\nFAILED (failures=1, errors=1)\n")),
                         (2, 2, 0))

    def test_counts_any_other_as_one(self):
        self.assertEqual(count(("run", "fine"), ("fail", "crash"), ("notrun", "")), (1, 1, 1))
        self.assertEqual(count(("fail", GTEST)), (3, 1, 1))


if __name__ == "__main__":
    unittest.main()
