"""Edge to centre: the link cut, either side killed, the queue full; and a foreign broker as centre.

HEADWORKS_UPSTREAM_ROUNDS sets the rounds of kills and cuts (default 2; the slow part runs 25),
HEADWORKS_SEED their moments.
"""

import json
import os
import random
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from harness import Server, cli, main, need, until
from kill_test import Publisher
from plc import HAVE_PYMODBUS, Plc

ROUNDS = int(os.environ.get("HEADWORKS_UPSTREAM_ROUNDS", "2"))
SEED = int(os.environ.get("HEADWORKS_SEED", "1"))
ALWAYS = {"from": 1_600_000_000, "to": "now"}


class Proxy:
    """A TCP relay that can be cut: connections die and new ones are refused."""

    def __init__(self, target):
        self.target = target
        self.listener = None
        self.pairs = []
        self.lock = threading.Lock()
        self.port = 0
        self.bytes_up = 0
        self.mend()

    def mend(self):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", self.port))
        self.listener.listen()
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def accept(self, listener):
        while True:
            try:
                near = listener.accept()[0]
                far = socket.create_connection(("127.0.0.1", self.target), timeout=5)
                far.settimeout(None)
            except OSError:
                if listener is not self.listener:
                    listener.close()
                    return
                near.close()
                continue
            with self.lock:
                self.pairs += [near, far]
            for pair in ((near, far, True), (far, near, False)):
                threading.Thread(target=self.relay, args=pair, daemon=True).start()

    def relay(self, source, sink, up):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
                if up:
                    self.bytes_up += len(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        source.close()

    def cut(self):
        listener, self.listener = self.listener, None
        listener.shutdown(socket.SHUT_RDWR)  # its thread closes it
        with self.lock:
            for end in self.pairs:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
            self.pairs = []

    def close(self):
        if self.listener:
            self.cut()


class Site:
    """An edge, its centre and the line between them."""

    def __init__(self, *sets, centre=()):
        self.centre = Server(*centre)
        self.proxy = Proxy(self.centre.mqtt)
        self.edge = Server(f"upstream.broker=mqtt://127.0.0.1:{self.proxy.port}",
                           "upstream.client_id=pump7", *sets)

    def close(self):
        self.edge.close()
        self.proxy.close()
        self.centre.close()

    def status(self):
        return self.edge.get("/api/v1/upstream").json()

    def drained(self):
        status = self.status()
        return status["connected"] and status["queue"]["samples_waiting"] == 0

    def gaps(self, reason):
        return [gap for gap in self.status()["gaps"] if gap["reason"] == reason]


def values(server, point):
    """Value by time; the same time twice would be a duplicate."""
    rows = server.samples(point=point, limit=1_000_000, **ALWAYS)
    found = {row["time"]: row["value"] for row in rows}
    assert len(found) == len(rows), f"{point} has {len(rows) - len(found)} samples twice"
    return found


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Load:
    """Publishers on the edge that note what was acknowledged."""

    def __init__(self, topics):
        self.kept = {topic: [] for topic in topics}
        self.running = []
        self.round = 0

    def start(self, server):
        self.round += 1
        self.running = [Publisher(server.mqtt, topic, self.round * 1_000_000)
                        for topic in self.kept]
        for publisher in self.running:
            publisher.start()

    def stop(self):
        """After the server was killed, or by closing the sockets."""
        for publisher in self.running:
            try:
                publisher.socket.shutdown(socket.SHUT_RDWR)
            except (OSError, AttributeError):
                pass
        for publisher in self.running:
            publisher.join()
            self.kept[publisher.topic.decode()] += publisher.acknowledged


class Outages(unittest.TestCase):
    def check(self, site, load):
        until(site.drained, "the queue empty", 120)
        total = 0
        for topic, numbers in load.kept.items():
            point = topic + "/v"
            edge, centre = values(site.edge, point), values(site.centre, "north/" + point)
            lost = set(numbers) - set(centre.values())
            self.assertFalse(lost, f"seed {SEED}: {topic} lacks {len(lost)} of {len(numbers)} "
                                   f"acknowledged at the centre, e.g. {sorted(lost)[:5]}")
            only_centre = set(centre.items()) - set(edge.items())
            self.assertFalse(only_centre, f"{topic}: the centre has what the edge has not")
            total += len(numbers)
        self.assertGreater(total, 0)
        return total

    def test_kills_and_cuts_lose_nothing_and_double_nothing(self):
        moments = random.Random(SEED)
        site = Site("upstream.prefix=north/", "history.journal_bytes_limit=1MiB")
        self.addCleanup(site.close)
        load = Load([f"kill/p{i}" for i in range(4)])
        until(lambda: site.status()["connected"], "the link")
        for number in range(ROUNDS):
            load.start(site.edge)
            time.sleep(moments.uniform(0.3, 1.0))
            site.proxy.cut()
            time.sleep(moments.uniform(0.2, 1.0))
            if number % 2:
                site.centre.kill()
                site.centre.start()
                site.proxy.target = site.centre.mqtt
            else:
                site.edge.kill()
                load.stop()
                site.edge.start()
                load.start(site.edge)
                time.sleep(moments.uniform(0.2, 0.5))
            site.proxy.mend()
            time.sleep(moments.uniform(0.3, 1.5))
            load.stop()
        total = self.check(site, load)
        outages = site.gaps("link down")
        self.assertGreaterEqual(len(outages), ROUNDS)
        until(lambda: all(gap["state"] == "filled" for gap in site.gaps("link down")),
              "all delays filled")
        self.assertTrue(any(gap["samples"] > 0 for gap in site.gaps("link down")))
        self.assertGreaterEqual(len(site.gaps("edge killed")), (ROUNDS + 1) // 2)
        self.at_the_centre(site)
        print(f"{ROUNDS} rounds, {total} acknowledged, all at the centre once")

    def at_the_centre(self, site):
        """Each gap is there as points, with its last state."""
        def told():
            points = site.centre.points("north/pump7/upstream/gap/+")
            if len(points) != 5:
                return False
            rows = {}
            for name in ("from", "reason", "count", "state"):
                for row in site.centre.samples(point=f"north/pump7/upstream/gap/{name}",
                                               limit=10000, **ALWAYS):
                    rows.setdefault(row["time"], {})[name] = row["value"]
            known = {(row.get("reason"), row.get("state"), row.get("count"))
                     for row in rows.values()}
            return all((gap["reason"], gap["state"], gap["samples"]) in known
                       for gap in site.status()["gaps"])
        until(told, "the gaps at the centre")

    def test_a_killed_centre_gets_what_it_had_not_acknowledged(self):
        site = Site("upstream.prefix=north/")
        self.addCleanup(site.close)
        load = Load(["kill/a", "kill/b"])
        until(lambda: site.status()["connected"], "the link")
        load.start(site.edge)
        time.sleep(0.7)
        site.centre.kill()
        time.sleep(0.3)
        site.centre.start()
        site.proxy.target = site.centre.mqtt
        time.sleep(0.3)
        load.stop()
        self.check(site, load)


class Limits(unittest.TestCase):
    def test_a_full_queue_drops_the_oldest_and_says_so(self):
        site = Site("upstream.queue_bytes_limit=1MiB")
        self.addCleanup(site.close)
        until(lambda: site.status()["connected"], "the link")
        site.proxy.cut()
        lines = []
        count = 300_000
        values_of = random.Random(SEED)
        for i in range(count):
            lines.append(f"flow,pump=p{i % 50} v={values_of.random()} {1_700_000_000 + i}000000000")
        for start in range(0, count, 20_000):
            answer = site.edge.request("POST", "/write?precision=ns",
                                       "\n".join(lines[start:start + 20_000]))
            self.assertEqual(answer.status, 204, answer.text())
        until(lambda: site.gaps("queue full"), "the gap")
        self.assertLessEqual(site.status()["queue"]["bytes"], 1.2 * 2**20)
        site.proxy.mend()
        until(site.drained, "the queue empty", 60)

        def arrived():
            return sum(point["count"] for name, point in site.centre.points("#").items()
                       if "/upstream/" not in name)

        self.assertLess(arrived(), count)
        # The last drops are told within a second. The five points of a gap are samples, too: where
        # they were queued before the last drop they are lost with the rest.
        until(lambda: sum(gap["samples"] for gap in site.gaps("queue full")) + arrived() - count
              in range(0, 51, 5), "the whole loss")
        self.assertEqual(len(site.gaps("queue full")), 1)  # pieces are joined
        newest = site.centre.samples(filter="flow/#", limit=10, **ALWAYS)
        self.assertTrue(newest)

    def test_what_the_centre_refuses_does_not_stop_the_rest(self):
        site = Site(centre=("history.text_bytes_limit=1KiB",))
        self.addCleanup(site.close)
        until(lambda: site.status()["connected"], "the link")
        site.proxy.cut()
        count = 3000
        lines = [f"a,p=p{i % 5} v={i} {1_700_000_000 + i}000000000" for i in range(count)]
        lines.insert(1234, 'a,p=p0 state="' + "x" * 3000 + '" 1700000000000000000')
        answer = site.edge.request("POST", "/write?precision=ns", "\n".join(lines))
        self.assertEqual(answer.status, 204, answer.text())
        site.proxy.mend()

        # The centre must be seen to take others, or the trouble might be its own.
        def live():
            site.edge.request("POST", "/write", f"a,p=live v={time.time()}")
            return site.gaps("refused")
        refused = until(live, "the refusal", 60)
        self.assertEqual(refused[0]["samples"], 1)
        until(site.drained, "the queue empty", 60)
        arrived = {name: point["count"] for name, point in site.centre.points("a/#").items()}
        self.assertEqual(sum(n for name, n in arrived.items() if "live" not in name), count)

    def test_only_chosen_points_are_sent(self):
        site = Site("upstream.filters=a/#,b/#", "upstream.exclude=a/secret/#")
        self.addCleanup(site.close)
        for point in ("a/x", "a/secret/y", "b/z", "c/q"):
            answer = site.edge.request("POST", "/api/v1/publish",
                                       json.dumps({"topic": point, "payload": "1.5", "qos": 1}),
                                       {"content-type": "application/json"})
            self.assertLess(answer.status, 300, answer.text())
        until(lambda: len(site.centre.points("b/#")) == 1 and site.drained(), "b/z")
        self.assertEqual(sorted(site.centre.points("#")), ["a/x", "b/z"])


class Around(unittest.TestCase):
    def test_status_on_the_command_line(self):
        site = Site()
        self.addCleanup(site.close)
        until(lambda: site.status()["connected"], "the link")
        url = f"http://127.0.0.1:{site.edge.http}"
        shown = cli("upstream", "--url", url)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn("as pump7: connected since", shown.stdout)
        self.assertTrue(json.loads(cli("upstream", "--json", "--url", url).stdout)["connected"])
        none = cli("upstream", "--url", f"http://127.0.0.1:{site.centre.http}")
        self.assertEqual(none.returncode, 3)
        self.assertIn("upstream.broker is not set", none.stderr)
        metrics = site.edge.get("/metrics").text()
        self.assertIn("headworks_upstream_connected 1", metrics)
        self.assertIn('headworks_upstream_samples_lost_total{reason="queue full"} 0', metrics)

    def test_a_command_is_answered(self):
        need("mosquitto_rr")
        site = Site()
        self.addCleanup(site.close)
        until(lambda: site.status()["connected"], "the link")
        answer = subprocess.run(
            ["mosquitto_rr", "-V", "5", "-p", str(site.centre.mqtt), "-q", "1", "-W", "10", "-t",
             "$hw/down/pump7/write/a/setpoint", "-e", "reply/1", "-m", "42"],
            capture_output=True, text=True, timeout=30, check=False)
        reply = json.loads(answer.stdout)
        self.assertEqual((reply["ok"], reply["code"]), (False, "not_found"))

    @unittest.skipIf(not HAVE_PYMODBUS, "pymodbus is not installed")
    def test_a_write_at_the_centre_reaches_the_device_at_the_edge(self):
        need("mosquitto_sub")
        site = Site("upstream.prefix=north/")
        self.addCleanup(site.close)
        plc = Plc()
        self.addCleanup(plc.close)
        made = site.edge.request("POST", "/api/v1/devices", json.dumps({
            "name": "plc", "driver": "modbus-tcp",
            "settings": {"host": "127.0.0.1", "port": plc.port},
            "groups": [{"name": "g", "interval_ms": 100, "tags": [
                {"name": "flow", "address": "1!400001", "type": "float",
                 "access": "read,write", "max": 100}]}]}), {"content-type": "application/json"})
        self.assertEqual(made.status, 201, made.text())
        until(lambda: "north/plc/flow" in site.centre.points("north/#"), "the point")

        # A subscriber at the centre gets the samples that came in batches.
        sub = subprocess.run(
            ["mosquitto_sub", "-p", str(site.centre.mqtt), "-t", "north/plc/flow", "-C", "1",
             "-W", "20"], capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(sub.stdout.strip(), "12.5")

        def write(value):
            return site.centre.request("POST", "/api/v1/points/north/plc/flow/write",
                                       json.dumps({"value": value}),
                                       {"content-type": "application/json"})

        answer = write(33.25)
        self.assertEqual(answer.status, 200, answer.text())
        self.assertEqual(plc.float_at(0), 33.25)
        refused = write(101)
        self.assertEqual(refused.status, 400, refused.text())
        self.assertIn("range", refused.json()["detail"])
        audit = site.edge.get("/api/v1/audit", filter="plc/flow").json()["items"]
        self.assertEqual([(row["actor"], row["result"]) for row in audit],
                         [("centre", "invalid_argument"), ("centre", "ok")])

    def test_a_clean_stop_keeps_what_waits(self):
        site = Site("upstream.prefix=north/")
        self.addCleanup(site.close)
        until(lambda: site.status()["connected"], "the link")
        site.proxy.cut()
        load = Load(["kill/a"])
        load.start(site.edge)
        time.sleep(0.4)
        load.stop()
        self.assertEqual(site.edge.stop(), 0)
        site.edge.start()
        self.assertGreater(site.status()["queue"]["samples_waiting"], 0)
        self.assertEqual(len(site.gaps("edge stopped")), 1)
        site.proxy.mend()
        until(site.drained, "the queue empty", 60)
        self.assertEqual(len(values(site.centre, "north/kill/a/v")),
                         len(values(site.edge, "kill/a/v")))


class ForeignCentre(unittest.TestCase):
    def test_mosquitto_sees_every_sample(self):
        for program in ("mosquitto", "mosquitto_sub"):
            need(program)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as conf:
            conf.write(f"listener {port} 127.0.0.1\nallow_anonymous true\n"
                       "max_queued_messages 0\n")
            conf.flush()
            broker = subprocess.Popen(["mosquitto", "-c", conf.name], stderr=subprocess.DEVNULL)
            self.addCleanup(lambda: (broker.terminate(), broker.wait()))
            until(lambda: listens(port), "mosquitto")
            count = 2000
            reader = subprocess.Popen(
                ["mosquitto_sub", "-V", "5", "-p", str(port), "-q", "1", "-t", "north/a/#", "-C",
                 str(count), "-F", "%t %p"], stdout=subprocess.PIPE, text=True)
            self.addCleanup(reader.kill)
            time.sleep(0.3)
            proxy = Proxy(port)
            self.addCleanup(proxy.close)
            edge = Server(f"upstream.broker=mqtt://127.0.0.1:{proxy.port}",
                          "upstream.client_id=pump7", "upstream.format=json",
                          "upstream.filters=a/#", "upstream.prefix=north/")
            self.addCleanup(edge.close)
            lines = [f"a,p=p{i % 7} v={i * 0.25} {1_700_000_000_000_000_000 + i}"
                     for i in range(count)]
            half = "\n".join(lines[:count // 2])
            self.assertEqual(edge.request("POST", "/write?precision=ns", half).status, 204)
            until(lambda: edge.get("/api/v1/upstream").json()["samples_acknowledged"] >=
                  count // 2, "the first half")
            proxy.cut()
            rest = "\n".join(lines[count // 2:])
            self.assertEqual(edge.request("POST", "/write?precision=ns", rest).status, 204)
            time.sleep(0.3)
            proxy.mend()
            out = reader.communicate(timeout=60)[0].splitlines()
            seen = set()
            for line in out:
                topic, payload = line.split(" ", 1)
                body = json.loads(payload)
                self.assertEqual(body["quality"], "good")
                seen.add((topic, body["timestamp"], body["value"]))
            self.assertEqual(len(seen), count)
            self.assertEqual({value for _, _, value in seen}, {i * 0.25 for i in range(count)})


if __name__ == "__main__":
    main()
