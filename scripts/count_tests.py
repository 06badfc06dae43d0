#!/usr/bin/env python3
"""Prints `N passed, N failed, N skipped` from ctest's JUnit file.

A GoogleTest program or a Python test script counts as many as it has cases; any other test as one.

usage: count_tests.py FILE
"""

import re
import sys
import xml.etree.ElementTree as ET


def number(pattern, text):
    found = re.findall(pattern, text, re.MULTILINE)
    return int(found[-1]) if found else 0


def cases_in(output):
    """(passed, failed, skipped) as the test program itself told at its end, or None."""
    if re.search(r"^\[==========\] \d+ tests? from", output, re.MULTILINE):
        return (number(r"^\[  PASSED  \] (\d+) test", output),
                number(r"^\[  FAILED  \] (\d+) tests?, listed below", output),
                number(r"^\[  SKIPPED \] (\d+) tests?, listed below", output))
    ran = number(r"^Ran (\d+) tests? in ", output)
    if ran:
        failed = number(r"\bfailures=(\d+)", output) + number(r"\berrors=(\d+)", output)
        skipped = number(r"\bskipped=(\d+)", output)
        return ran - failed - skipped, failed, skipped
    return None


def count(suite):
    passed = failed = skipped = 0
    for case in suite.iter("testcase"):
        status = case.get("status")
        inner = cases_in(case.findtext("system-out") or "")
        if status == "run" and inner:
            passed, skipped = passed + inner[0], skipped + inner[2]
            failed += inner[1]
        elif status == "run":
            passed += 1
        elif status == "fail":
            # A crash may leave no count behind; it is one failure at least.
            passed += inner[0] if inner else 0
            failed += max(1, inner[1] if inner else 1)
            skipped += inner[2] if inner else 0
        else:
            skipped += 1
    return passed, failed, skipped


def main():
    passed, failed, skipped = count(ET.parse(sys.argv[1]).getroot())
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
