"""The console's own code: its types against the server's description of its API, its unit tests,
the size of its shell, and how the server hands it out."""

import json
import os
import re
import subprocess
import unittest

from harness import BUILD, Server, ServerCase, main
from javascript import node_of_console

CONSOLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "console")
DIST = os.path.join(BUILD, "src", "console", "dist")
NODE = node_of_console()
SHELL_LIMIT = 150_000
ROUTE_LIMIT = 300_000


@unittest.skipUnless(NODE and os.path.isdir(os.path.join(CONSOLE, "node_modules", "vite")),
                     "the console's packages are missing: scripts/install_packages.sh build")
class Code(unittest.TestCase):
    def run_node(self, *arguments):
        done = subprocess.run([NODE, *arguments], cwd=CONSOLE, text=True, check=False, timeout=500,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout[-6000:])
        return done.stdout

    def test_types_agree_with_the_api(self):
        server = Server()
        self.addCleanup(server.close)
        self.run_node("scripts/types.mjs", f"http://127.0.0.1:{server.http}")
        self.run_node("node_modules/typescript/bin/tsc", "--noEmit")

    def test_units(self):
        out = self.run_node("node_modules/vitest/vitest.mjs", "run", "--reporter=json")
        report = json.loads(out[out.index("{"):])
        self.assertGreater(report["numPassedTests"], 0)
        self.assertEqual(report["numFailedTests"], 0)


@unittest.skipUnless(os.path.isdir(DIST), "the console was not built (HEADWORKS_CONSOLE=OFF)")
class Built(ServerCase):
    def sent(self, name):
        """Bytes that a browser gets of it."""
        packed = os.path.join(DIST, "..", "packed", name.replace("/", "_") + ".br")
        return os.path.getsize(packed if os.path.exists(packed) else os.path.join(DIST, name))

    def test_the_shell_is_small(self):
        with open(os.path.join(DIST, "index.html"), encoding="utf-8") as file:
            page = file.read()
        names = re.findall(r'(?:src|href)="/(assets/[^"]+)"', page)
        sizes = {name: self.sent(name) for name in names}
        self.assertLess(sum(sizes.values()), SHELL_LIMIT, sizes)

    def test_each_part_is_within_its_budget(self):
        for name in os.listdir(os.path.join(DIST, "assets")):
            if name.endswith(".js"):
                self.assertLess(self.sent("assets/" + name), ROUTE_LIMIT, name)

    def test_the_page_asks_nobody_else(self):
        with open(os.path.join(DIST, "index.html"), encoding="utf-8") as file:
            self.assertNotRegex(file.read(), r'(src|href)="(https?:)?//')

    def test_it_is_handed_out_packed_and_with_a_policy(self):
        page = self.server.get("/twin/any/where", {"accept": "text/html"})
        self.assertEqual(page.headers["cache-control"], "no-store")
        nonce = re.search(r"'nonce-([0-9a-f]{32})'", page.headers["content-security-policy"])
        self.assertTrue(nonce)
        self.assertNotIn("unsafe", page.headers["content-security-policy"])
        self.assertIn(f'nonce="{nonce.group(1)}"', page.text())
        script = re.search(r'src="(/assets/[^"]+)"', page.text()).group(1)
        packed = self.server.get(script, {"accept-encoding": "br"})
        self.assertEqual(packed.headers["content-encoding"], "br")
        self.assertIn("immutable", packed.headers["cache-control"])
        plain = self.server.get(script)
        self.assertNotIn("content-encoding", plain.headers)
        self.assertLess(len(packed.body), len(plain.body))


if __name__ == "__main__":
    main()
