#!/usr/bin/env python3
"""The commit-message hook takes the house form and refuses the rest."""

import subprocess
import tempfile
import unittest
from pathlib import Path

HOOK = Path(__file__).parents[2] / ".githooks" / "commit-msg"


def accepted(message):
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(message)
        file.flush()
        run = subprocess.run([HOOK, file.name], capture_output=True, check=False)
        return run.returncode == 0


class CommitMessage(unittest.TestCase):
    def test_takes_the_form(self):
        for message in ["base: read times\n", "wire/mqtt: decode properties\n\nThe reason.\n",
                        "tests: x\n# a comment of git\n", "Merge branch 'x'\n",
                        "Revert \"base: x\"\n", "a: " + "x" * 69 + "\n"]:
            self.assertTrue(accepted(message), message)

    def test_refuses_the_rest(self):
        for message in ["", "read times\n", "Base: read times\n", "base:read times\n",
                        "base: read times.\n", "base: \n", "base: x\nno empty line\n",
                        "a: " + "x" * 70 + "\n"]:
            self.assertFalse(accepted(message), message)


if __name__ == "__main__":
    unittest.main()
