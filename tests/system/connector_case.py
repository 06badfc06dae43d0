"""What the tests of connectors share: connector_probe, which drives one of them."""

import json
import os
import subprocess
import unittest
from tempfile import TemporaryDirectory

from harness import BUILD

PROBE = os.path.join(BUILD, "connector_probe")


def lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


class ConnectorCase(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(TemporaryDirectory())

    def command(self, *arguments, **settings):
        return [PROBE, *arguments, *[f"{key}={value}" for key, value in settings.items()],
                f"folder={self.folder}"]

    def probe(self, *arguments, stdin=None, **settings):
        return subprocess.run(self.command(*arguments, **settings), input=stdin,
                              capture_output=True, text=True, timeout=120, check=False)

    def check(self, kind, **settings):
        return self.probe("test", kind, **settings).stdout.strip()

    def send(self, kind, rows, **settings):
        settings.setdefault("retry_interval", "50ms")
        done = self.probe("send", kind, stdin=lines(rows), **settings)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def read(self, kind, count, **settings):
        done = self.probe("read", kind, str(count), **settings)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def find(self, kind, question, **settings):
        done = self.probe("find", kind, question, **settings)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def path(self, name, text=None):
        path = os.path.join(self.folder, name)
        if text is not None:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        return path

    def text(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()
