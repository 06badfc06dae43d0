"""Desired values and commands of twins: a Modbus device of pymodbus whose link goes away and
returns, devices that only speak MQTT (mosquitto's clients), and kill -9 in between."""

import json
import socket
import subprocess
import threading
import unittest
import urllib.parse

from harness import Server, cli, main, need, until
from plc import HAVE_PYMODBUS, Plc

MODEL = {
    "@context": ["dtmi:dtdl:context;3", "dtmi:headworks:twin;1"],
    "@id": "dtmi:test:Pump;1", "@type": "Interface",
    "contents": [
        {"@type": "Property", "name": "speed", "schema": "double", "writable": True,
         "minimum": 0, "maximum": 1500},
        {"@type": "Property", "name": "mode", "schema": "integer", "writable": True},
        {"@type": "Property", "name": "hours", "schema": "double"},
        {"@type": "Command", "name": "start",
         "request": {"name": "speed", "schema": "double"},
         "writes": [{"property": "mode", "value": "1"},
                    {"property": "speed", "value": "request * 10"}]},
        {"@type": "Command", "name": "flush", "request": {"name": "s", "schema": "integer"},
         "response": {"name": "litres", "schema": "double"}},
    ]}


class Link:
    """A way to a TCP server that can be cut."""

    def __init__(self, port):
        self.target = port
        self.open = []
        self.is_up = True
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                here, _ = self.listener.accept()
            except OSError:
                return
            if not self.is_up:
                here.close()
                continue
            there = socket.create_connection(("127.0.0.1", self.target))
            self.open += [here, there]
            for one, other in ((here, there), (there, here)):
                threading.Thread(target=self.carry, args=(one, other), daemon=True).start()

    @staticmethod
    def carry(one, other):
        try:
            while data := one.recv(4096):
                other.sendall(data)
        except OSError:
            pass
        try:
            other.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        one.close()

    def down(self):
        self.is_up = False
        for one in self.open:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.open = []

    def up(self):
        self.is_up = True

    def close(self):
        self.down()
        self.listener.close()


class Subscriber:
    """mosquitto_sub in the background; messages as (topic, payload)."""

    def __init__(self, server, pattern):
        need("mosquitto_sub")
        self.process = subprocess.Popen(
            ["stdbuf", "-oL", "mosquitto_sub", "-p", str(server.mqtt), "-t", pattern, "-F",
             "%t %p", "-d", "-q", "1"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1)
        for line in self.process.stdout:
            if "SUBACK" in line or line.startswith("Subscribed"):
                break

    def next(self):
        for line in self.process.stdout:
            if line.startswith(("Client ", "Subscribed")):
                continue
            topic, _, payload = line.rstrip("\n").partition(" ")
            return topic, payload
        raise AssertionError("the subscriber ended")

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def publish(server, topic, payload, *options):
    need("mosquitto_pub")
    text = payload if isinstance(payload, str) else json.dumps(payload)
    subprocess.run(["mosquitto_pub", "-p", str(server.mqtt), "-t", topic, "-m", text, "-q", "1",
                    *options], check=True, timeout=30)


def request(server, topic, payload):
    """The answer by MQTT 5 request and response."""
    need("mosquitto_rr")
    done = subprocess.run(
        ["mosquitto_rr", "-p", str(server.mqtt), "-t", topic, "-e", "answers/tester", "-m",
         payload, "-q", "1", "-W", "30"], check=True, timeout=60, capture_output=True, text=True)
    return json.loads(done.stdout)


class OrderCase(unittest.TestCase):
    """Each test has a server of its own, since it may be killed."""

    twin = "works/pump1"

    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)
        self.call("PUT", "/api/v1/twin/models", MODEL, (200, 201))
        self.call("PUT", self.target(), {"model": "dtmi:test:Pump;1"}, (200, 201))

    def target(self, rest="", twin=None):
        return "/api/v1/twins/" + urllib.parse.quote(twin or self.twin, safe="") + rest

    def call(self, method, path, body=None, status=(200,), headers=None):
        text = json.dumps(body) if body is not None else None
        answer = self.server.request(method, path, text,
                                     {"content-type": "application/json", **(headers or {})})
        self.assertIn(answer.status, status, answer.text())
        return answer.json() if answer.body else None

    def set(self, path, value, status=(200, 202), query="", **more):
        return self.call("PUT", self.target(f"/desired/{path}{query}"),
                         {"value": value, **more}, status)

    def desired(self, path):
        return self.call("GET", self.target("/desired/" + path))

    def command(self, name, body, query="", status=(200, 202), key=None):
        return self.call("POST", self.target(f"/commands/{name}{query}"), body, status,
                         {"idempotency-key": key} if key else None)

    def wait_for(self, path, state, seconds=30):
        last = {}

        def there():
            last.update(self.desired(path))
            return last["state"] == state and last
        try:
            return until(there, path, seconds)
        except AssertionError as error:
            raise AssertionError(f"{path} is not {state} but {last}") from error

    def wait_for_command(self, identity, state):
        def there():
            order = self.call("GET", "/api/v1/twin/commands/" + identity)
            return order["state"] == state and order
        return until(there, f"command {state}")

    def restart(self):
        self.server.kill()
        self.server.start()


@unittest.skipUnless(HAVE_PYMODBUS, "pymodbus is not installed: apt install python3-pymodbus")
class WithADevice(OrderCase):
    def setUp(self):
        super().setUp()
        self.plc = Plc()
        self.addCleanup(self.plc.close)
        self.link = Link(self.plc.port)
        self.addCleanup(self.link.close)
        self.call("POST", "/api/v1/devices", {
            "name": self.twin, "driver": "modbus-tcp",
            "settings": {"host": "127.0.0.1", "port": self.link.port},
            "groups": [{"name": "g", "interval_ms": 100, "tags": [
                {"name": "speed", "address": "1!400001", "type": "float",
                 "access": "read,write"},
                {"name": "mode", "address": "1!400003", "type": "uint16",
                 "access": "read,write"},
                {"name": "hours", "address": "1!400005", "type": "float"}]}]}, (201,))
        self.wait_for_link("connected")

    def wait_for_link(self, state):
        until(lambda: self.call("GET", f"/api/v1/devices/{self.twin}/state")["link"] == state,
              "the link " + state)

    def cut(self):
        self.link.down()
        until(lambda: self.call("GET", f"/api/v1/devices/{self.twin}/state")["link"] !=
              "connected", "the link's end")

    def test_it_is_written_and_confirmed(self):
        done = self.set("speed", 900, query="?wait=30s", reason="night mode")
        self.assertEqual(done["state"], "applied", done)
        self.assertEqual(self.plc.float_at(0), 900)
        self.assertEqual(done["reported"], 900)
        audit = self.call("GET", "/api/v1/audit?action=twin.desired.")["items"]
        self.assertEqual([one["action"] for one in audit],
                         ["twin.desired.applied", "twin.desired.set"])
        self.assertIn("night mode", json.dumps(audit))

    def test_the_model_is_asked_first(self):
        for path, value in (("speed", 1501), ("speed", "fast"), ("hours", 1)):
            problem = self.set(path, value, (422,))
            self.assertEqual(problem["status"], 422)
        self.set("sped", 1, (404,))
        self.assertEqual(self.plc.float_at(0), 12.5)

    def test_it_waits_for_the_link_over_a_kill(self):
        self.cut()
        first = self.set("speed", 700)
        self.assertEqual(first["state"], "pending")
        until(lambda: self.desired("speed")["attempts"] > 0, "an attempt")
        self.set("speed", 800)
        self.restart()
        self.wait_for("speed", "pending")
        self.assertEqual(self.desired("speed")["revision"], 2)
        self.assertEqual(self.plc.float_at(0), 12.5)
        self.link.up()
        self.wait_for("speed", "applied")
        self.assertEqual(self.plc.float_at(0), 800)
        states = [one["state"] for one in self.call(
            "GET", "/api/v1/twin/orders?kind=desired")["items"]]
        self.assertEqual(states, ["applied", "superseded"])

    def test_its_time_may_be_over_first(self):
        self.cut()
        self.set("speed", 700, timeout="1s")
        over = self.wait_for("speed", "timed_out")
        self.assertIn("not delivered within 1s", over["detail"])
        self.link.up()
        self.wait_for_link("connected")
        self.assertEqual(self.plc.float_at(0), 12.5)

    def test_a_drift_is_put_right_where_asked(self):
        self.set("speed", 900, query="?wait=30s")
        self.plc.set_float(0, 100.0)
        drifted = self.wait_for("speed", "drifted")
        self.assertEqual(drifted["reported"], 100)
        self.set("speed", 950, query="?wait=30s", keep=True)
        self.plc.set_float(0, 100.0)
        until(lambda: self.plc.float_at(0) == 950, "the value again")
        self.wait_for("speed", "applied")

    def test_a_command_writes(self):
        done = self.command("start", 90, "?wait=30s", key="shift-7")
        self.assertEqual(done["state"], "done", done)
        self.assertEqual(self.plc.float_at(0), 900)
        self.plc.set_float(0, 1.0)
        self.assertEqual(self.command("start", 90, key="shift-7")["id"], "shift-7")
        self.assertEqual(self.plc.float_at(0), 1.0)
        self.command("start", 1000, status=(422,))
        self.command("start", None, status=(422,))

    def test_a_command_accepted_before_a_kill_is_delivered_after_it(self):
        self.cut()
        identity = self.command("start", 50, "?timeout=5m")["id"]
        # What was under way when the server ended is not sent again: it must have come back first.
        until(lambda: self.wait_for_command(identity, "accepted")["attempts"] > 0, "an attempt")
        self.restart()
        self.link.up()
        self.wait_for_command(identity, "done")
        self.assertEqual(self.plc.float_at(0), 500)

    def test_the_command_line(self):
        url = f"http://127.0.0.1:{self.server.http}"
        done = cli("twin", "set", self.twin, "speed", "600", "--wait", "--url", url)
        self.assertEqual((done.returncode, done.stdout),
                         (0, "works/pump1 speed = 600.0: applied\n"), done.stderr)
        shown = cli("twin", "desired", self.twin, "--url", url)
        self.assertIn("applied", shown.stdout)
        done = cli("twin", "command", self.twin, "start", "7", "--wait", "20s", "--url", url)
        self.assertIn("works/pump1 start: done\nid ", done.stdout)
        shown = cli("twin", "orders", "--twin", "works/#", "--url", url)
        self.assertEqual(len(shown.stdout.strip().split("\n")), 3)
        wrong = cli("twin", "set", self.twin, "hours", "1", "--url", url)
        self.assertNotEqual(wrong.returncode, 0)
        self.assertIn("not for writing", wrong.stderr)


class ByMessage(OrderCase):
    def device(self, pattern):
        subscriber = Subscriber(self.server, pattern)
        self.addCleanup(subscriber.close)
        return subscriber

    def test_a_device_follows_and_reports(self):
        self.set("speed", 900)
        until(lambda: self.desired("speed")["state"] == "sent", "the message")
        device = self.device("$hw/twin/works/pump1/desired/#")  # it comes later
        topic, payload = device.next()
        self.assertEqual(topic, "$hw/twin/works/pump1/desired/speed")
        self.assertEqual(json.loads(payload)["value"], 900)
        publish(self.server, "works/pump1/speed", "850")
        self.assertEqual(self.desired("speed")["state"], "sent")
        publish(self.server, "works/pump1/speed", "900")
        self.wait_for("speed", "applied")
        self.assertEqual(device.next(), (topic, ""))

    def test_it_is_published_again_after_a_kill(self):
        self.set("speed", 900)
        until(lambda: self.desired("speed")["state"] == "sent", "the message")
        self.restart()
        device = self.device("$hw/twin/works/pump1/desired/#")
        self.assertEqual(json.loads(device.next()[1])["value"], 900)
        self.call("DELETE", self.target("/desired/speed"))
        self.assertEqual(device.next()[1], "")
        self.assertEqual(self.desired("speed")["state"], "cancelled")

    def test_a_value_is_set_by_mqtt(self):
        answer = request(self.server, "$hw/twin/works/pump1/desired/speed/set", "900")
        self.assertIn(answer["state"], ("pending", "sent"))
        self.assertEqual(self.desired("speed")["value"], 900)
        answer = request(self.server, "$hw/twin/works/pump1/desired/speed/set",
                         '{"value":9000,"reason":"x"}')
        self.assertEqual((answer["state"], answer["code"]), ("refused", "invalid_argument"))

    def test_a_command_waits_for_a_device_and_is_answered(self):
        identity = self.command("flush", 30)["id"]
        until(lambda: "nobody subscribes" in self.call(
            "GET", "/api/v1/twin/commands/" + identity).get("detail", ""), "the reason")
        device = self.device("$hw/twin/works/pump1/command/flush")
        topic, payload = device.next()
        asked = json.loads(payload)
        self.assertEqual((asked["request"], asked["id"]), (30, identity))
        publish(self.server, topic + "/response", {"id": identity, "response": 12.5})
        self.assertEqual(self.wait_for_command(identity, "done")["response"], 12.5)

    def test_a_command_that_was_sent_before_a_kill_is_not_sent_again(self):
        device = self.device("$hw/twin/works/pump1/command/flush")
        identity = self.command("flush", 30, "?timeout=1h")["id"]
        device.next()
        self.restart()
        over = self.wait_for_command(identity, "timed_out")
        self.assertIn("the server ended while it was under way", over["detail"])

    def test_a_command_is_asked_by_mqtt(self):
        device = self.device("$hw/twin/works/pump1/command/flush")

        def answer():
            topic, payload = device.next()
            publish(self.server, topic + "/response",
                    {"id": json.loads(payload)["id"], "error": "the valve is stuck"})
        thread = threading.Thread(target=answer)
        thread.start()
        over = request(self.server, "$hw/twin/works/pump1/command/flush/request", "30")
        thread.join(30)
        self.assertEqual((over["state"], over["detail"]), ("refused", "the valve is stuck"))

    def test_a_list_is_taken_one_by_one(self):
        answer = self.call("PUT", "/api/v1/twin/desired", [
            {"twin": self.twin, "path": "speed", "value": 1},
            {"twin": self.twin, "path": "hours", "value": 1},
            {"twin": "works/none", "path": "speed", "value": 1}], (202,))
        self.assertEqual((answer["accepted"], answer["refused"]), (1, 2))
        self.assertEqual([one.get("code") for one in answer["items"]],
                         [None, "permission_denied", "not_found"])

    def test_what_was_accepted_is_never_lost(self):
        """kill -9 again and again while values and commands come in."""
        accepted, commands = 0, []
        for lap in range(5):
            for i in range(20):
                accepted = self.set("speed", lap * 20 + i)["revision"]
                if i % 4 == 0:
                    commands.append(self.command("flush", i, "?timeout=2s")["id"])
            self.restart()
            newest = self.desired("speed")
            self.assertEqual((newest["revision"], newest["value"]), (accepted, lap * 20 + 19))
        for identity in commands:
            self.wait_for_command(identity, "timed_out")
        orders = self.call("GET", "/api/v1/twin/orders?kind=desired&limit=1000")["items"]
        self.assertEqual([one["revision"] for one in orders], list(range(100, 0, -1)))
        self.assertEqual({one["state"] for one in orders[1:]}, {"superseded"})


if __name__ == "__main__":
    main()
