"""docs/configuration.md lists what the program has: every property with its default and help."""

import json
import os
import re
import unittest
from tempfile import TemporaryDirectory

from harness import ROOT, cli, main

PAGE = os.path.join(ROOT, "docs", "configuration.md")


def row_of(key, default, text):
    value = f"`{default}`" if default else "empty"
    text = text.replace("|", "\\|")
    return f"| `{key}` | {value} | {text} |"


class ConfigurationPage(unittest.TestCase):
    def setUp(self):
        with open(PAGE, encoding="utf-8") as file:
            self.lines = file.read().splitlines()

    def test_every_property_has_its_row(self):
        shown = cli("config", "show", "--json")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        properties = json.loads(shown.stdout)
        rows = [row_of(key, one["default"], one["help"]) for key, one in properties.items()]
        missing = [row for row in rows if row not in self.lines]
        self.assertEqual(missing, [], "not in docs/configuration.md:\n" + "\n".join(missing))
        keys = [found.group(1) for line in self.lines
                if (found := re.match(r"\| `(\w+\.\w+)` \|", line))]
        self.assertEqual([key for key in keys if key not in properties], [], "no longer there")

    def test_the_example_is_good(self):
        text = "\n".join(self.lines)
        example = re.search(r"```toml\n(.*?)```", text, re.DOTALL).group(1)
        path = os.path.join(self.enterContext(TemporaryDirectory()), "headworks.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(example)
        checked = cli("config", "check", "--config", path)
        self.assertEqual(checked.returncode, 0, checked.stderr)


if __name__ == "__main__":
    main()
