"""kill -9 under load: twins, relationships, desired values, commands and scenarios are whole and in
agreement with history; a command that was accepted ends.

HEADWORKS_KILL_ROUNDS sets the number of rounds (default 3), HEADWORKS_SEED the moments.
"""

import http.client
import json
import os
import random
import threading
import time
import unittest

from harness import Server, main, until
from twin_case import SITE, TANK, quoted

ROUNDS = int(os.environ.get("HEADWORKS_KILL_ROUNDS", "3"))
SEED = int(os.environ.get("HEADWORKS_SEED", "1"))
ENDED = {"done", "failed", "refused", "timed_out", "cancelled"}
DESIRED = {"pending", "sent", "applied", "refused", "timed_out", "superseded", "cancelled",
           "drifted"}


class Client(threading.Thread):
    """Asks one thing after the other until the server dies; notes what was answered."""

    def __init__(self, server, step):
        super().__init__(daemon=True)
        self.server, self.step = server, step
        self.done = []

    def run(self):
        number = 0
        while True:
            try:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.server.http,
                                                             timeout=20)
                while True:
                    number += 1
                    self.step(self, number)
            except (OSError, http.client.HTTPException):
                return  # the kill

    def ask(self, method, path, body=None):
        text = body if isinstance(body, str) or body is None else json.dumps(body)
        self.connection.request(method, path, text, {"content-type": "application/json"})
        answer = self.connection.getresponse()
        return answer.status, answer.read()


class Kill(unittest.TestCase):
    def setUp(self):
        self.server = Server("twin.command_timeout=3s")
        self.addCleanup(self.server.close)
        self.random = random.Random(SEED)
        status = self.server.request("PUT", "/api/v1/twin/models", json.dumps([SITE, TANK]),
                                     {"content-type": "application/json"})
        self.assertEqual(status.status, 200, status.text())

    def clients(self, round_number):
        def twins(client, number):
            name = f"k{round_number}/t{number}"
            body = {"model": "dtmi:test:Tank;1", "properties": {"area": number + 0.5}}
            status, text = client.ask("PUT", "/api/v1/twins/" + quoted(name), body)
            assert status == 201, text
            client.done.append((name, number + 0.5))
            path = f"/api/v1/twins/root/relationships/tanks/{quoted(name)}"
            status, text = client.ask("PUT", path)
            assert status == 201, text
            client.done[-1] += (True,)

        def values(client, number):
            lines = "".join(f"live/{i} level={number}\n" for i in range(20))
            status, text = client.ask("POST", "/write", lines)
            assert status == 204, text
            client.done.append(number)

        def desired(client, number):
            value = number % 5
            status, text = client.ask("PUT", "/api/v1/twins/live%2F0/desired/setpoint",
                                      {"value": value})
            assert status < 300, text
            client.done.append(value)

        def commands(client, number):
            status, text = client.ask("POST", "/api/v1/twins/live%2F1/commands/flush", "5")
            if status in (422, 429, 503):  # so many wait already
                time.sleep(0.02)
                return
            assert status in (200, 202), text
            client.done.append(json.loads(text)["id"])

        return [Client(self.server, step) for step in (twins, values, desired, commands)]

    def get(self, path):
        answer = self.server.get(path)
        self.assertEqual(answer.status, 200, path + " " + answer.text())
        return answer.json()

    def check_twins(self, made):
        related = set()
        query = "/api/v1/twins/root/relationships?limit=1000"
        cursor = ""
        while cursor is not None:
            page = self.get(query + (f"&cursor={cursor}" if cursor else ""))
            related.update(one["target"] for one in page["items"])
            cursor = page["next"]
        for name, area, *joined in made:
            twin = self.get("/api/v1/twins/" + quoted(name))
            self.assertEqual(twin["properties"]["area"]["value"], area)
            if joined:
                self.assertIn(name, related)

    def check_values(self, acknowledged):
        for i in range(20):
            level = self.get(f"/api/v1/twins/live%2F{i}")["properties"]["level"]
            point = self.server.points(f"live/{i}/level")[f"live/{i}/level"]
            self.assertEqual(level["value"], point["value"])
            if acknowledged:
                self.assertGreaterEqual(level["value"], acknowledged[-1])
        total = sum(self.get(f"/api/v1/twins/live%2F{i}")["properties"]["level"]["value"]
                    for i in range(20))
        self.assertEqual(self.get("/api/v1/twins/all")["properties"]["stored"]["value"], total)

    def test_nothing_accepted_is_lost(self):
        one = {"model": "dtmi:test:Tank;1", "properties": {"area": 1.0}}
        site = {"model": "dtmi:test:Site;1"}
        header = {"content-type": "application/json"}
        for i in range(20):
            self.server.request("PUT", f"/api/v1/twins/live%2F{i}", json.dumps(one), header)
        for name in ("root", "all"):
            self.server.request("PUT", "/api/v1/twins/" + name, json.dumps(site), header)
        for i in range(20):
            self.server.request("PUT", f"/api/v1/twins/all/relationships/tanks/live%2F{i}")
        for round_number in range(ROUNDS):
            clients = self.clients(round_number)
            for client in clients:
                client.start()
            time.sleep(self.random.uniform(0.3, 1.2))
            self.server.kill()
            for client in clients:
                client.join()
            self.server.start()
            twins, values, desired, commands = clients
            self.assertTrue(twins.done and values.done and desired.done and commands.done)
            self.check_twins(twins.done)
            self.check_values(values.done)
            state = self.get("/api/v1/twins/live%2F0/desired/setpoint")
            self.assertIn(state["state"], DESIRED)
            for command in commands.done:
                until(lambda: self.get("/api/v1/twin/commands/" + command)["state"] in ENDED,
                      "the end of command " + command)


if __name__ == "__main__":
    main()
