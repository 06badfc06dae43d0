"""kill -9 at random moments under load, with windows open: what rules with a guarantee made is what
a run without kills would have made.

Events carry numbers that are never used twice, and windows collect them. A connection's messages are
taken in order, so what was taken of each connection is what was acknowledged and perhaps some more
that directly follow; all results are worked out anew from that and compared.

HEADWORKS_KILL_ROUNDS sets the number of kills (default 3; the slow part does 100), HEADWORKS_SEED
the moments.
"""

import collections
import datetime
import json
import os
import random
import socket
import struct
import threading
import time
import unittest

from harness import Server, main, until

ROUNDS = int(os.environ.get("HEADWORKS_KILL_ROUNDS", "3"))
SEED = int(os.environ.get("HEADWORKS_SEED", "1"))
KILLS_OF_A_SERVER = 5
BASE = 1_700_000_000_000
FLYING = 200
OTHERS = 300  # rules that read nothing
COUNTED = 100
SESSION = 300  # events between two gaps
GAP = 5_000
TUMBLING = 200
HOPPING, HOP = 400, 200


def keep(prefix):
    return [{"type": "keep", "prefix": prefix}]


def rule(name, sql, actions, qos="exactly_once", **options):
    return {"id": name, "sql": sql, "actions": actions, "options": {"qos": qos, **options}}


EVENT_TIME = {"event_time": True, "timestamp": "payload.ts"}
RULES = [
    rule("tumbling", f'SELECT collect(payload.v) AS ids, sum(payload.v) AS s FROM "kill/et" '
                     f'GROUP BY TUMBLINGWINDOW(ms, {TUMBLING})', keep("out/tumbling"),
         **EVENT_TIME),
    rule("hopping", f'SELECT count(*) AS n, sum(payload.v) AS s FROM "kill/et" '
                    f'GROUP BY HOPPINGWINDOW(ms, {HOPPING}, {HOP})', keep("out/hopping"),
         **EVENT_TIME),
    rule("session", 'SELECT min(payload.v) AS first, max(payload.v) AS last, count(*) AS n '
                    'FROM "kill/et" GROUP BY SESSIONWINDOW(ss, 1000, 2)', keep("out/session"),
         **EVENT_TIME),
    rule("clock", 'SELECT collect(payload.v) AS ids, sum(payload.v) AS s, topic FROM "kill/in/+" '
                  'GROUP BY topic, TUMBLINGWINDOW(ms, 200)', keep("out/clock/${topic}")),
    rule("count", f'SELECT collect(payload.v) AS ids, max(payload.ts) AS ts FROM "kill/in/+" '
                  f'GROUP BY COUNTWINDOW({COUNTED})',
         [{"type": "keep", "point": "out/count", "value": "${ids}", "time": "${ts}"}]),
    rule("lag", 'SELECT lag(payload.v, 1, 0) OVER (PARTITION BY topic) AS before, payload.ts AS ts, '
                'topic FROM "kill/in/+"',
         [{"type": "keep", "point": "out/lag/${topic}", "value": "${before}", "time": "${ts}"}]),
    rule("points", "SELECT collect(value) AS ids, topic FROM points('kill/in/+/v') "
                   "GROUP BY topic, TUMBLINGWINDOW(ms, 200)", keep("out/points/${topic}")),
    rule("least", 'SELECT payload.v AS v, payload.ts AS ts, topic FROM "kill/in/+"',
         [{"type": "republish", "topic": "out/least/${topic}", "qos": 1,
           "payload": '{"ts":${ts},"v":${v}}'}], qos="at_least_once"),
    rule("least_window", 'SELECT collect(payload.v) AS ids, window_end() AS ts, topic '
                         'FROM "kill/in/+" GROUP BY topic, TUMBLINGWINDOW(ms, 200)',
         [{"type": "republish", "topic": "out/least_window/${topic}", "qos": 1,
           "payload": '{"ts":${ts},"ids":"${ids}"}'}], qos="at_least_once"),
]


class Feed:
    """One topic and its numbers, over all its connections."""

    def __init__(self, topic, first):
        self.topic, self.first, self.next = topic, first, first + 1
        self.acknowledged = set()
        self.connections = []  # the first number of each, and the one after its last

    def time_of(self, number):
        gaps = GAP * ((number - self.first) // SESSION) if self.topic == "kill/et" else 0
        return BASE + number + gaps


class Publisher(threading.Thread):
    """QoS 1 publisher on a plain socket: goes on with the feed and notes the acks."""

    def __init__(self, port, feed, most=None):
        super().__init__(daemon=True)
        self.port, self.feed, self.left = port, feed, most
        self.buffer = b""

    def run(self):
        begin = self.feed.next
        try:
            with self.connect() as self.socket:
                self.dialogue()
        except (ConnectionError, TimeoutError):
            pass  # the kill
        self.feed.connections.append((begin, self.feed.next))

    def connect(self):
        """As soon as the server can be reached: perhaps before its rules run."""
        end = time.monotonic() + 60
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port), timeout=20)
            except ConnectionRefusedError:
                if time.monotonic() > end:
                    raise

    def dialogue(self):
        name = self.feed.topic[-5:].encode()
        body = b"\x00\x04MQTT\x04\x02\x00\x3c" + struct.pack(">H", len(name)) + name
        self.socket.sendall(bytes([0x10, len(body)]) + body)
        self.take(4)
        topic, flying, packet_id = self.feed.topic.encode(), {}, 0
        while True:
            out = b""
            while len(flying) < FLYING and self.left != 0:
                packet_id = packet_id % 60000 + 1
                number = self.feed.next
                payload = b'{"ts":%d,"v":%d}' % (self.feed.time_of(number), number)
                rest = struct.pack(">H", len(topic)) + topic + struct.pack(
                    ">H", packet_id) + payload
                out += bytes([0x32, len(rest)]) + rest
                flying[packet_id] = number
                self.feed.next += 1
                if self.left is not None:
                    self.left -= 1
            if not flying:
                return
            self.socket.sendall(out)
            for _ in range((len(flying) + 1) // 2):
                packet = self.take(4)
                assert packet[0] == 0x40, packet
                self.feed.acknowledged.add(flying.pop(struct.unpack(">H", packet[2:])[0]))

    def take(self, count):
        while len(self.buffer) < count:
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionError("closed")
            self.buffer += more
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken


def millis(text):
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round(moment.timestamp() * 1000)


class Life:
    """One server, killed some times under load."""

    def __init__(self, case, seed):
        self.case, self.moments = case, random.Random(seed)
        sets = [f"rules.checkpoint_interval={self.moments.choice([100, 300, 1000])}ms",
                f"rules.queue_bytes={self.moments.choice(['64KiB', '1MiB', '64MiB'])}"]
        self.told = ' '.join(sets)
        self.server = Server("history.journal_bytes_limit=1MiB",
                             "decode.text_bytes_limit=1MiB", *sets)
        case.addCleanup(self.server.close)
        for one in RULES:
            answer = self.server.request("POST", "/api/v1/rules", json.dumps(one))
            case.assertEqual(answer.status, 201, answer.text())
        # Publishers come back while these are being read in.
        others = [{"id": f"a{i}", "sql": f'SELECT payload.v + {i} AS v FROM "others/{i}"'}
                  for i in range(OTHERS)]
        answer = self.server.request("POST", "/api/v1/rules/import", json.dumps({"rules": others}))
        case.assertEqual(answer.status, 200, answer.text())
        self.server.sets[0] = f"mqtt.port={self.server.mqtt}"
        self.publishers = []
        self.event_feed = Feed("kill/et", 1_000_000_000)
        self.feeds = [Feed(f"kill/in/p{i}", (i + 2) * 1_000_000_000) for i in range(3)]

    def publish(self, feeds, most=None):
        publishers = [Publisher(self.server.mqtt, feed, most) for feed in feeds]
        for publisher in publishers:
            publisher.start()
        return publishers

    def kill(self):
        self.server.kill()
        for publisher in self.publishers:
            publisher.join()
        self.publishers = self.publish([self.event_feed, *self.feeds])
        self.server.start()
        time.sleep(self.moments.choice([0.01, 0.3, 1.5]) * self.moments.random())

    def finish(self):
        """Closes all windows: an event far ahead, and enough events for the last count window."""
        for publisher in self.publishers:
            publisher.left = 0
            publisher.join()
        self.last = {feed.topic: feed.next for feed in self.feeds}
        self.event_feed.next += 1_000 * SESSION
        for publisher in self.publish([self.event_feed], most=1):
            publisher.join()
        for feed in self.feeds:
            for publisher in self.publish([feed], most=COUNTED):
                publisher.join()

    def kept(self, point, since=BASE):
        rows = self.server.samples(point=point, limit=100000,
                                   **{"from": since // 1000, "to": "now+1h"})
        return {millis(row["time"]): row["value"] for row in rows}

    def collected(self, point, since=BASE):
        return {at: json.loads(ids) for at, ids in self.kept(point, since).items()}


class Check(unittest.TestCase):
    """Part of a case: what came of a feed."""

    def taken_once(self, feed, numbers, most=None):
        """Each number once, all that were acknowledged, and of each connection the first ones."""
        times = collections.Counter(numbers)
        twice = [number for number, count in times.items() if count > 1]
        self.assertFalse(twice, f"{len(twice)} twice, e.g. {sorted(twice)[:5]}")
        return self.taken(feed, numbers, most)

    def taken(self, feed, numbers, most=None):
        found = set(numbers)
        wanted = {number for number in feed.acknowledged if most is None or number < most}
        lost = wanted - found
        self.assertFalse(lost, f"lost {len(lost)} of {len(wanted)}, e.g. {sorted(lost)[:5]}")
        rest = set(found)
        for begin, end in feed.connections:
            of_this = [number for number in range(begin, end) if number in found]
            self.assertEqual(len(of_this), max(of_this, default=begin - 1) - begin + 1,
                             f"holes after {begin}")
            rest.difference_update(of_this)
        self.assertFalse(rest, f"never sent: {sorted(rest)[:5]}")
        return found


class RulesKill(Check):
    def test_results_are_those_of_a_run_without_kills(self):
        kills = events = servers = 0
        while kills < ROUNDS:
            life = Life(self, SEED + servers)
            try:
                kills += self.one_life(life, ROUNDS - kills)
            except AssertionError as error:
                raise AssertionError(f"after {kills} kills of other servers, HEADWORKS_SEED="
                                     f"{SEED + servers}, {life.told}: {error}") from error
            events += sum(len(feed.acknowledged) for feed in [life.event_feed, *life.feeds])
            life.server.close()
            servers += 1
        self.assertGreater(events, 0)
        print(f"{kills} kills of {servers} servers, {events} acknowledged")

    def one_life(self, life, most):
        kills = min(KILLS_OF_A_SERVER, most)
        for _ in range(kills):
            life.kill()
        life.finish()
        self.check_event_time(life)
        self.check_count(life)
        for feed in life.feeds:
            self.check_feed(life, feed)
        return kills

    def check_event_time(self, life):
        feed = life.event_feed
        numbers = {n for n in feed.acknowledged if n < feed.next - 1}

        def all_windows():
            windows = life.collected("out/tumbling/ids")
            return numbers <= {n for ids in windows.values() for n in ids} and windows
        windows = until(all_windows, "all event time windows")
        taken = self.taken_once(feed, [n for ids in windows.values() for n in ids],
                                feed.next - 1)
        self.assertEqual(windows, groups(feed, taken, lambda at: [at - at % TUMBLING + TUMBLING]))
        self.assertEqual(life.kept("out/tumbling/s"),
                         {at: sum(ids) for at, ids in windows.items()})
        hops = groups(feed, taken, lambda at: [
            at - at % HOP + HOP + i * HOP for i in range(HOPPING // HOP)])
        until(lambda: len(life.kept("out/hopping/n")) >= len(hops), "all hops")
        self.assertEqual(life.kept("out/hopping/n"), {at: len(ids) for at, ids in hops.items()})
        self.assertEqual(life.kept("out/hopping/s"), {at: sum(ids) for at, ids in hops.items()})
        sessions = collections.defaultdict(list)
        for n in sorted(taken):
            sessions[(n - feed.first) // SESSION].append(n)
        wanted = sorted((ids[0], ids[-1], len(ids)) for ids in sessions.values())
        until(lambda: len(life.kept("out/session/n")) >= len(wanted), "all sessions")
        columns = [life.kept("out/session/" + name) for name in ("first", "last", "n")]
        self.assertEqual(
            sorted(zip(*(column.values() for column in columns))), wanted)

    def check_count(self, life):
        wanted = {n for feed in life.feeds for n in feed.acknowledged if n < life.last[feed.topic]}

        def all_windows():
            windows = life.collected("out/count", BASE + 1_000_000_000)
            return wanted <= {n for ids in windows.values() for n in ids} and windows
        windows = until(all_windows, "all count windows")
        self.assertEqual({len(ids) for ids in windows.values()}, {COUNTED})
        for feed in life.feeds:
            mine = [n for ids in windows.values() for n in ids if n // 10**9 == feed.first // 10**9]
            self.taken_once(feed, mine, life.last[feed.topic])

    def check_feed(self, life, feed):
        clock = self.windows_by_clock(life, feed, f"out/clock/{feed.topic}/ids")
        taken = self.taken_once(feed, [n for ids in clock.values() for n in ids])
        self.assertEqual(life.kept(f"out/clock/{feed.topic}/s"),
                         {at: sum(ids) for at, ids in clock.items()})
        in_order = [n for at in sorted(clock) for n in clock[at]]
        self.assertEqual(in_order, sorted(in_order))
        points = self.windows_by_clock(life, feed, f"out/points/{feed.topic}/v/ids")
        self.taken_once(feed, [n for ids in points.values() for n in ids])
        before = life.kept(f"out/lag/{feed.topic}", feed.time_of(feed.first))
        self.assertEqual(before, {feed.time_of(n): b for b, n in zip([0, *in_order], in_order)})

        def least():
            found = set(life.kept(f"out/least/{feed.topic}/v",
                                  feed.time_of(feed.first)).values())
            return feed.acknowledged <= found and found
        self.assertEqual(self.taken(feed, until(least, "the published rows")), taken)

        def least_windows():
            found = life.collected(f"out/least_window/{feed.topic}/ids")
            numbers = [n for ids in found.values() for n in ids]
            return feed.acknowledged <= set(numbers) and numbers
        self.assertEqual(self.taken(feed, until(least_windows, "the published windows")), taken)

    def windows_by_clock(self, life, feed, point):
        def all_windows():
            windows = life.collected(point)
            return feed.acknowledged <= {n for ids in windows.values() for n in ids} and windows
        return until(all_windows, "all windows of " + point)


def groups(feed, numbers, ends_of):
    """What lies in the windows that end there; the last event of the feed closes all of them."""
    windows = collections.defaultdict(list)
    for n in sorted(numbers):
        for end in ends_of(feed.time_of(n)):
            windows[end].append(n)
    return dict(windows)


if __name__ == "__main__":
    main()
