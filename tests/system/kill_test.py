"""kill -9 at random moments under load: everything acknowledged is there after the restart.

HEADWORKS_KILL_ROUNDS sets the number of rounds (default 3; the slow part runs 50), HEADWORKS_SEED
the moments.
"""

import os
import random
import socket
import struct
import threading
import time
import unittest

from harness import Server, main

ROUNDS = int(os.environ.get("HEADWORKS_KILL_ROUNDS", "3"))
SEED = int(os.environ.get("HEADWORKS_SEED", "1"))
WINDOW = 200


class Publisher(threading.Thread):
    """QoS 1 publisher on a plain socket: publishes 1, 2, 3... on one topic and notes the acks."""

    def __init__(self, port, topic, first):
        super().__init__(daemon=True)
        self.port, self.topic, self.next = port, topic.encode(), first
        self.acknowledged = []
        self.buffer = b""

    def run(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=10) as self.socket:
                self.dialogue()
        except OSError:
            pass  # the kill

    def dialogue(self):
        body = b"\x00\x04MQTT\x04\x02\x00\x3c" + struct.pack(">H", 3) + self.topic[-3:]
        self.socket.sendall(bytes([0x10, len(body)]) + body)
        self.take(4)
        flying = {}
        while True:
            out = b""
            while len(flying) < WINDOW:
                packet_id = (self.next - 1) % 60000 + 1
                payload = b'{"ts":%d,"v":%d}' % (1_700_000_000_000 + self.next, self.next)
                rest = struct.pack(">H", len(self.topic)) + self.topic + struct.pack(
                    ">H", packet_id) + payload
                out += bytes([0x32, len(rest)]) + rest
                flying[packet_id] = self.next
                self.next += 1
            self.socket.sendall(out)
            for _ in range(WINDOW // 2):
                packet = self.take(4)
                assert packet[0] == 0x40, packet
                self.acknowledged.append(flying.pop(struct.unpack(">H", packet[2:])[0]))

    def take(self, count):
        while len(self.buffer) < count:
            more = self.socket.recv(65536)
            if not more:
                raise OSError("closed")
            self.buffer += more
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken


class Kill(unittest.TestCase):
    def test_nothing_acknowledged_is_lost(self):
        moments = random.Random(SEED)
        server = Server("history.chunk_samples=256", "history.journal_bytes_limit=1MiB")
        self.addCleanup(server.close)
        kept = {f"kill/p{i:02}": [] for i in range(8)}
        total = 0
        for number in range(ROUNDS):
            publishers = [Publisher(server.mqtt, topic, (number + 1) * 1_000_000)
                          for topic in kept]
            for publisher in publishers:
                publisher.start()
            time.sleep(moments.uniform(0.3, 1.5))
            server.kill()
            for publisher in publishers:
                publisher.join()
                kept[publisher.topic.decode()] += publisher.acknowledged
            server.start()
            for topic, numbers in kept.items():
                found = {row["value"] for row in server.samples(
                    point=topic + "/v", limit=1000000, **{"from": 1_700_000_000, "to": "now"})
                } if numbers else set()
                lost = set(numbers) - found
                self.assertFalse(lost, f"round {number}, seed {SEED}: {topic} lost {len(lost)} of "
                                       f"{len(numbers)} acknowledged, e.g. {sorted(lost)[:5]}")
            total += sum(len(p.acknowledged) for p in publishers)
        self.assertGreater(total, 0)
        print(f"{ROUNDS} kills, {total} acknowledged, none lost")


if __name__ == "__main__":
    main()
