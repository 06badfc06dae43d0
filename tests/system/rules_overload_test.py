"""More events than 10,000 rules can take: the server answers, its memory is bounded, what is
dropped is counted, and what a rule with a guarantee is owed comes by way of the input log.

Prints what a rule takes and how long the server needs to start with all of them.
"""

import json
import re
import socket
import struct
import threading
import time
import unittest

from harness import Server, main, until

RULES = 10_000
SECONDS = 5
# The rules, a queue of 8 MiB and what the sockets hold take 140 to 200 MiB; two million events that
# nobody drops would be more than a gigabyte.
LIMIT = 400 << 20


def packet(first, body):
    size, length = len(body), b""
    while True:
        size, low = divmod(size, 128)
        length += bytes([low | (128 if size else 0)])
        if not size:
            return bytes([first]) + length + body


def publish_packet(topic, payload, packet_id=None):
    body = struct.pack(">H", len(topic)) + topic
    if packet_id is None:
        return packet(0x30, body + payload)
    return packet(0x32, body + struct.pack(">H", packet_id) + payload)


def connect(port, name):
    client = socket.create_connection(("127.0.0.1", port), timeout=60)
    client.sendall(packet(0x10, b"\x00\x04MQTT\x04\x02\x00\x00" + struct.pack(">H", len(name)) +
                          name))
    assert client.recv(4)[0] == 0x20
    return client


class Flood(threading.Thread):
    """QoS 0 as fast as the socket takes it, for some seconds."""

    def __init__(self, port, name):
        super().__init__(daemon=True)
        self.port, self.client_id, self.sent = port, name, 0

    def run(self):
        payload = b'{"k":200,"fill":"%s"}' % (b"x" * 100)
        some = publish_packet(b"over/stream", payload) * 200
        with connect(self.port, self.client_id) as client:
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
                client.sendall(some)
                self.sent += 200


class Sure(threading.Thread):
    """QoS 1: one number a message, 500 on their way; notes what was acknowledged."""

    def __init__(self, port, first, count):
        super().__init__(daemon=True)
        self.port, self.numbers, self.acknowledged = port, range(first, first + count), 0

    def run(self):
        with connect(self.port, b"sure%d" % self.numbers.start) as client:
            for at in range(0, len(self.numbers), 500):
                part = self.numbers[at:at + 500]
                client.sendall(b"".join(
                    publish_packet(b"over/stream", b'{"k":200,"n":%d}' % n, i + 1)
                    for i, n in enumerate(part)))
                left = 4 * len(part)
                while left:
                    left -= len(client.recv(left))
                self.acknowledged += len(part)


class RulesOverload(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("rules.queue_bytes=8MiB", "rules.checkpoint_interval=1s")

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def memory(self, name="VmRSS"):
        with open(f"/proc/{self.server.process.pid}/status", encoding="utf-8") as file:
            return int(re.search(rf"{name}:\s+(\d+) kB", file.read()).group(1)) << 10

    def figure(self, name):
        return sum(float(line.rsplit(" ", 1)[1]) for line in
                   self.server.get("/metrics").text().splitlines() if line.startswith(name))

    def lane(self, what):
        return self.figure(f'headworks_rules_{what}_total{{lane="mqtt"}}')

    def import_rules(self):
        rules = [{"id": f"rule{i}",
                  "sql": f'SELECT payload.k + {i} AS more, topic FROM "over/stream" '
                         f'WHERE payload.k > {i}'} for i in range(RULES)]
        # In parts: on a busy disk each rule's commit takes some ms.
        for at in range(0, RULES, 1_000):
            answer = self.server.request("POST", "/api/v1/rules/import",
                                         json.dumps({"rules": rules[at:at + 1_000]}))
            self.assertEqual(answer.status, 200, answer.text())
            self.assertEqual(answer.json()["errors"], [])

    def test_it_stays_alive_and_counts_what_it_drops(self):
        before = self.memory()
        begin = time.monotonic()
        self.import_rules()
        took = time.monotonic() - begin
        grown = self.memory() - before
        until(lambda: self.figure("headworks_rules_running") == RULES, "all rules")
        self.server.sets[0] = f"mqtt.port={self.server.mqtt}"
        self.assertEqual(self.server.stop(), 0)
        begin = time.monotonic()
        self.server.start()
        start = time.monotonic() - begin
        print(f"{RULES} rules: {grown / RULES:.0f} bytes a rule, imported in {took:.1f} s; "
              f"after a restart of {start:.2f} s {self.memory() >> 20} MiB")
        self.flood()
        self.sure()
        self.assertLess(self.memory("VmHWM"), LIMIT)
        print(f"peak {self.memory('VmHWM') >> 20} MiB")

    def flood(self):
        floods = [Flood(self.server.mqtt, b"flood%d" % i) for i in range(2)]
        for flood in floods:
            flood.start()
        slowest = 0
        while any(flood.is_alive() for flood in floods):
            begin = time.monotonic()
            self.assertEqual(self.server.get("/api/v1/rules/rule1").status, 200)
            slowest = max(slowest, time.monotonic() - begin)
            floods[0].join(0.05)
        sent = sum(flood.sent for flood in floods)
        until(lambda: self.lane("offered") == sent and
              self.figure("headworks_rules_queue_bytes") == 0, "an empty queue", 60)
        dropped = self.lane("dropped")
        self.assertGreater(dropped, 0)
        # Each was either given to the rules or counted as dropped.
        taken = until(lambda: (f := self.server.get("/api/v1/rules/rule1/metrics").json())["in"] +
                      dropped == sent and f, "the last event")
        self.assertEqual(taken["out"], taken["in"])
        self.assertEqual(taken["dropped"], dropped)
        self.assertEqual(self.figure('headworks_rule_dropped_total{rule="rule1"}'), dropped)
        print(f"{sent} sent in {SECONDS} s, {taken['in']:.0f} taken, {dropped:.0f} dropped; "
              f"slowest answer of the API {slowest * 1000:.0f} ms")

    def sure(self):
        """The same rules, and one with a guarantee: more comes than the queue holds."""
        answer = self.server.request("POST", "/api/v1/rules", json.dumps({
            "id": "sure", "options": {"qos": "at_least_once"},
            "sql": 'SELECT payload.n AS n FROM "over/stream"',
            "actions": [{"type": "keep", "point": "sure", "value": "${n}", "time": "${n}"}]}))
        self.assertEqual(answer.status, 201, answer.text())
        base = 1_700_000_000_000
        senders = [Sure(self.server.mqtt, base + i * 10_000_000, 15_000) for i in range(3)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        wanted = {n for sender in senders for n in sender.numbers}
        self.assertEqual(sum(sender.acknowledged for sender in senders), len(wanted))

        def all_rows():
            figures = self.server.get("/api/v1/rules/sure/metrics").json()
            return figures["actions"][0]["sent"] >= len(wanted)
        until(all_rows, "all rows of the sure rule", 240)
        kept = {row["value"] for row in self.server.samples(
            point="sure", limit=100000, **{"from": 1_700_000_000, "to": "now"})}
        self.assertEqual(wanted - kept, set())
        self.assertGreater(self.lane("read_back"), 0)
        print(f"{len(wanted)} acknowledged, {self.lane('read_back'):.0f} of them read back from "
              "the log, none lost")


if __name__ == "__main__":
    main()
