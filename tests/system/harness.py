"""What the system tests share: a server of their own, HTTP calls, foreign clients."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("HEADWORKS_BUILD", os.path.join(ROOT, "build", "release"))
HEADWORKS = os.path.join(BUILD, "headworks")
DATA = os.environ.get("HEADWORKS_SHARED_DATA", os.path.join(ROOT, "..", "shared", "data"))


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body)

    def text(self):
        return self.body.decode("utf-8")


class Server:
    """A headworks process on free ports; its folder lives until close()."""

    def __init__(self, *sets, folder=None):
        self.folder = folder or tempfile.mkdtemp(prefix="headworks-test-")
        self.sets = ["mqtt.port=0", "http.port=0", *sets]
        self.process = None
        self.log = open(os.path.join(self.folder, "server.log"), "ab")
        self.start()

    def start(self):
        command = [HEADWORKS, "serve", "--data", os.path.join(self.folder, "data")]
        for one in self.sets:
            command += ["--set", one]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log)
        line = self.process.stdout.readline().decode()
        if not line.startswith("ready "):
            self.process.wait()
            raise RuntimeError("the server did not start: " + self.log_text()[-2000:])
        ports = dict(part.split("=") for part in line.split()[1:])
        self.mqtt, self.http = int(ports["mqtt"]), int(ports["http"])

    def log_text(self):
        with open(os.path.join(self.folder, "server.log"), encoding="utf-8") as file:
            return file.read()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        """SIGTERM; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=60)
        self.process.stdout.close()
        return code

    def close(self):
        if self.process.poll() is None:
            self.kill()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=60)
        if isinstance(body, str):
            body = body.encode()  # http.client takes Latin-1 alone
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        result = Answer(answer.status, dict((k.lower(), v) for k, v in answer.getheaders()),
                        answer.read())
        connection.close()
        return result

    def get(self, path, headers=None, **query):
        if query:
            path += "?" + urllib.parse.urlencode(query, doseq=True)
        return self.request("GET", path, headers=headers)

    def samples(self, **query):
        """All rows of /api/v1/history over all pages."""
        rows = []
        while True:
            page = self.get("/api/v1/history", **query)
            if page.status != 200:
                raise AssertionError(page.text())
            body = page.json()
            rows += body["items"]
            if not body["next"]:
                return rows
            query["cursor"] = body["next"]

    def points(self, pattern="#"):
        found = {}
        query = {"filter": pattern, "limit": 1000}
        while True:
            page = self.get("/api/v1/points", **query).json()
            for item in page["items"]:
                found[item["point"]] = item
            if not page["next"]:
                return found
            query["cursor"] = page["next"]


def cli(*arguments, **options):
    """Runs a headworks command; returns the finished process with its texts."""
    return subprocess.run([HEADWORKS, *arguments], capture_output=True, text=True, timeout=300,
                          check=False, **options)


def until(condition, what, seconds=30):
    """Waits for a condition that another process brings about."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError("never came: " + what)


def need(program):
    """Skips the test, with the reason, where a foreign program is not installed."""
    if shutil.which(program) is None:
        raise unittest.SkipTest(f"{program} is not installed")
    return program


class ServerCase(unittest.TestCase):
    """A test class with one server for all its tests."""

    sets = ()

    @classmethod
    def setUpClass(cls):
        cls.server = Server(*cls.sets)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()


def main():
    unittest.main(verbosity=2, argv=sys.argv)
