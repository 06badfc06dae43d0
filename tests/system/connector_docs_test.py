"""docs/connectors.md lists what the connectors have: every property with its default and help."""

import json
import os
import re
import subprocess
import unittest

from harness import BUILD, ROOT, main

PAGE = os.path.join(ROOT, "docs", "connectors.md")


def row_of(one):
    default = "`" + one["default"].replace("|", "\\|") + "`" if one["default"] else "empty"
    text = one["help"].replace("|", "\\|")
    if one["choices"]:
        text += ": " + ", ".join(f"`{choice}`" for choice in one["choices"].split("|"))
    return f"| `{one['name']}` | {default} | {text} |"


class ConnectorPage(unittest.TestCase):
    def test_every_property_has_its_row(self):
        shown = subprocess.run([os.path.join(BUILD, "connector_probe"), "kinds"],
                               capture_output=True, text=True, check=True)
        tables = json.loads(shown.stdout)
        with open(PAGE, encoding="utf-8") as file:
            page = file.read()
        sections = {found.group(1): found.group(0)
                    for found in re.finditer(r"^## (\w+)\n.*?(?=^## |\Z)", page, re.M | re.S)}
        wanted = {"runner": tables["runner"]}
        for name, kind in tables["kinds"].items():
            wanted[name] = [one for part in ("connection", "sink", "source", "lookup")
                            for one in kind[part]]
        for name, properties in wanted.items():
            text = page if name == "runner" else sections.get(name, "")
            lines = text.splitlines()
            rows = [row_of(one) for one in properties]
            missing = [row for row in rows if row not in lines]
            self.assertEqual(missing, [], f"not under {name} of docs/connectors.md:\n" +
                             "\n".join(missing))
            if name != "runner":
                shown = [line for line in lines
                         if re.match(r"\| `\w+` \| (`.*`|empty) \|", line)]
                self.assertEqual([row for row in shown if row not in rows], [],
                                 f"no longer properties of {name}")


if __name__ == "__main__":
    main()
