"""Subscriptions to twins as strangers follow them: plain HTTP, ws, mosquitto_sub."""

import json
import os
import subprocess
import unittest

from harness import HEADWORKS, Server, main, need, until
from javascript import HERE, reason_to_skip
from live_test import Follower
from rules_test import Listener
from twin_case import CONTEXT, TwinCase

PUMP = {
    "@context": CONTEXT, "@id": "dtmi:test:Pump;1", "@type": "Interface", "contents": [
        {"@type": "Telemetry", "name": "flow", "schema": "double"},
        {"@type": "Telemetry", "name": "power", "schema": "double"},
        {"@type": "Relationship", "name": "feeds"}]}
BOOSTER = {
    "@context": CONTEXT, "@id": "dtmi:test:Booster;1", "@type": "Interface",
    "extends": "dtmi:test:Pump;1", "contents": [
        {"@type": "Telemetry", "name": "pressure", "schema": "double"}]}


class Socket:
    """A WebSocket client of the library ws."""

    def __init__(self, server, *origin):
        url = f"ws://127.0.0.1:{server.http}/api/v1/twin/ws"
        self.process = subprocess.Popen(
            ["node", os.path.join(HERE, "twin_socket_print.mjs"), url, *origin],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def line(self):
        return self.process.stdout.readline().rstrip("\n")

    def next(self):
        while True:
            message = json.loads(self.line())
            if "heartbeat" not in message:
                return message

    def say(self, message):
        text = message if isinstance(message, str) else json.dumps(message)
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class WatchCase(TwinCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        case = cls()
        case.put_models(PUMP, BOOSTER)
        case.put_twin("works/p1", "dtmi:test:Pump;1", name="Pump 1")
        case.put_twin("works/p2", "dtmi:test:Pump;1")
        case.put_twin("works/b1", "dtmi:test:Booster;1")

    def follow(self, query="", headers=None, path="/api/v1/twin/events"):
        follower = Follower(self.server, path + query, headers)
        self.addCleanup(follower.close)
        self.assertEqual(follower.status, 200)
        # The comment that says: what happens from here on is told.
        while not follower.answer.readline().startswith(b": heard"):
            pass
        return follower

    def subscribe(self, name, status=201, **spec):
        made = self.ask("PUT", "/api/v1/twin/subscriptions/" + name, spec, status)
        if status == 201:
            self.addCleanup(self.server.request, "DELETE", "/api/v1/twin/subscriptions/" + name)
        return made

    def figures(self, name):
        return self.ask("GET", f"/api/v1/twin/subscriptions/{name}/figures")

    def listen(self, pattern):
        listener = Listener(self.server, pattern)
        self.addCleanup(listener.close)
        return listener


class Events(WatchCase):
    def test_a_filter_is_followed(self):
        follower = self.follow("?twins=works/%2B&properties=flow&enrich=name,power"
                               "&where=power%20%3E%2010")
        self.write("works/p1 power=5,flow=1 1700000000000000000")
        self.write("works/p1 power=20 1700000001000000000")
        self.write("works/p1 flow=2.5 1700000002000000000")
        (place, name, data), = follower.take(1)
        self.assertGreater(int(place), 0)
        self.assertEqual(name, "property")
        self.assertEqual(data, {"event": "property", "twin": "works/p1", "path": "flow",
                                "value": 2.5, "time": "2023-11-14T22:13:22Z", "quality": "good",
                                "stale": False, "enrich": {"name": "Pump 1", "power": 20.0}})

    def test_a_model_is_followed_with_what_extends_it(self):
        boosters = self.follow("?model=dtmi:test:Booster%3B1")
        pumps = self.follow("?model=dtmi:test:Pump%3B1&properties=flow")
        self.write("works/p2 flow=7\nworks/b1 flow=8")
        self.assertEqual(boosters.take(1)[0][2]["value"], 8.0)
        self.assertEqual(sorted(event[2]["twin"] for event in pumps.take(2)),
                         ["works/b1", "works/p2"])

    def test_only_changes_unless_every_update_is_asked_for(self):
        changes = self.follow("?twins=works/p2&properties=power")
        updates = self.follow("?twins=works/p2&properties=power&when=every_update")
        for value, second in ((1, 1), (1, 2), (2, 3)):
            self.write(f"works/p2 power={value} {1700000100 + second}000000000")
        self.assertEqual([event[2]["value"] for event in changes.take(2)], [1.0, 2.0])
        self.assertEqual([event[2]["value"] for event in updates.take(3)], [1.0, 1.0, 2.0])

    def test_a_stream_resumes_where_it_was(self):
        query = "?twins=works/b1&properties=pressure"
        first = self.follow(query)
        self.write("works/b1 pressure=1 1700000201000000000")
        (place, _, _), = first.take(1)
        first.close()
        self.write("works/b1 pressure=2 1700000202000000000")
        self.write("works/b1 pressure=3 1700000203000000000")
        again = self.follow(query, {"last-event-id": place})
        self.assertEqual([event[2]["value"] for event in again.take(2)], [2.0, 3.0])

    def test_the_present_state_comes_first_where_it_is_wanted(self):
        self.write("works/p2 flow=41")
        follower = self.follow("?twins=works/p2&properties=flow&initial=true")
        (place, _, data), = follower.take(1)
        self.assertEqual((place, data["value"], data["initial"]), (None, 41.0, True))
        self.write("works/p2 flow=42")
        self.assertEqual(follower.take(1)[0][2]["value"], 42.0)

    def test_a_sub_graph_and_its_events(self):
        self.put_twin("graph/a", "dtmi:test:Pump;1")
        self.put_twin("graph/b", "dtmi:test:Pump;1")
        self.subscribe("graph", filter={"root": "graph/a", "properties": ["flow"]})
        values = self.follow(path="/api/v1/twin/subscriptions/graph/events")
        happenings = self.follow("?twins=graph/%23&events=relationship,twin")
        self.relate("graph/a", "feeds", "graph/b")
        self.put_twin("graph/c", "dtmi:test:Pump;1")
        got = [event[2] for event in happenings.take(2)]
        self.assertEqual([(one["event"], one["twin"], one.get("target")) for one in got],
                         [("relationship_added", "graph/a", "graph/b"),
                          ("twin_created", "graph/c", None)])
        # The sub-graph follows within a second.
        until(lambda: self.figures("graph")["slots"] == 2, "the new member")
        self.write("graph/b flow=1")
        self.assertEqual(values.take(1)[0][2]["twin"], "graph/b")

    def test_what_is_wrong_is_told(self):
        for query, word in (("?wher=1", "where"), ("?where=flow%20%3E", "where"),
                            ("?model=dtmi:test:Pmp%3B1", "dtmi:test:Pump;1"),
                            ("?twins=a/%23/b", "filter.twins"), ("?events=propertys", "property"),
                            ("?deadband=x", "deadband"), ("?initial=perhaps", "initial")):
            answer = self.server.get("/api/v1/twin/events" + query)
            self.assertEqual(answer.status, 400, query)
            self.assertIn(word, answer.text())


class Subscriptions(WatchCase):
    def test_they_are_kept_changed_and_audited(self):
        made = self.subscribe("kept", filter={"twins": "works/#"}, description="all")
        self.assertEqual((made["revision"], made["status"]), (1, "working"))
        changed = self.subscribe("kept", 200, filter={"twins": "works/p1"}, min_interval="1s")
        self.assertEqual((changed["revision"], changed["min_interval"]), (2, "1s"))
        self.ask("PUT", "/api/v1/twin/subscriptions/kept", {}, 412, {"if-match": '"1"'})
        self.ask("POST", "/api/v1/twin/subscriptions", {"id": "kept"}, 409)
        listed = self.ask("GET", "/api/v1/twin/subscriptions")["items"]
        self.assertIn("kept", [one["id"] for one in listed])
        self.ask("DELETE", "/api/v1/twin/subscriptions/kept", status=204)
        self.ask("GET", "/api/v1/twin/subscriptions/kept", status=404)
        wanted = ["remove", "update", "update", "update", "create"]
        def recorded():
            records = self.ask("GET", "/api/v1/audit?filter=kept")["items"]
            actions = [one["action"].removeprefix("twin_subscription.") for one in records]
            return actions[:len(wanted)] == wanted
        until(recorded, "the records", 10)

    def test_figures_count_and_streams_share_it(self):
        self.subscribe("counted", filter={"twins": "works/p1", "properties": ["flow"]})
        self.write("works/p1 flow=1")
        self.write("works/p1 power=1")
        figures = self.figures("counted")
        self.assertEqual((figures["matched"], figures["delivered"], figures["slots"]), (1, 0, 1))
        path = "/api/v1/twin/subscriptions/counted/events"
        one, two = self.follow(path=path), self.follow(path=path)
        self.write("works/p1 flow=2")
        self.assertEqual(one.take(1), two.take(1))
        figures = self.figures("counted")
        self.assertEqual((figures["matched"], figures["delivered"], figures["readers"]),
                         (2, 2, 2))

    def test_a_subscription_outlives_a_kill(self):
        server = Server()
        self.addCleanup(server.close)
        body = json.dumps({"filter": {"twins": "a/#"}, "enrich": ["name"]})
        answer = server.request("PUT", "/api/v1/twin/subscriptions/s", body)
        self.assertEqual(answer.status, 201, answer.text())
        server.kill()
        server.start()
        again = server.get("/api/v1/twin/subscriptions/s").json()
        self.assertEqual((again["filter"]["twins"], again["revision"]), ("a/#", 1))

    def test_the_self_test_says_why_nothing_came(self):
        self.put_twin("silent/p", "dtmi:test:Pump;1")
        self.subscribe("silent", filter={"twins": "silent/#"})
        found = self.ask("POST", "/api/v1/twin/subscriptions/silent/test")
        self.assertEqual((found["twins"], found["points"]["bound"], found["points"]["heard"]),
                         (1, 2, 0))
        self.assertIn("none of their 2 points has ever had a sample", found["findings"][0])
        self.assertIn("nobody reads it", found["findings"][1])


class ByMqtt(WatchCase):
    def test_every_property_has_a_topic(self):
        listener = self.listen("$hw/twin/works/p1/#")
        def heard():
            self.write("works/p1 flow=3.5 1700000400000000000")
            return self.server.get("/metrics").text().find(
                "headworks_twin_mqtt_published_total 0\n") < 0
        until(heard, "the filter to be known")
        topic, payload = listener.next()
        self.assertEqual(topic, "$hw/twin/works/p1/property/flow")
        self.assertEqual(json.loads(payload), {"value": 3.5, "time": "2023-11-14T22:20:00Z",
                                               "quality": "good", "stale": False})

    def test_events_are_delivered_and_tested(self):
        self.subscribe("alarms", filter={"twins": "works/+", "properties": ["power"],
                                         "where": "power > 90"},
                       deliver={"mqtt": {"topic": "alerts/${twin}/${path}", "qos": 1}})
        found = self.ask("POST", "/api/v1/twin/subscriptions/alarms/test")
        self.assertTrue(found["test_event"]["mqtt"]["taken"])
        self.assertEqual(found["test_event"]["mqtt"]["subscribers"], 0)
        self.assertIn("no MQTT client subscribes to 'alerts/works/b1/power'", found["findings"])
        listener = self.listen("alerts/#")
        self.write("works/p2 power=50")
        self.write("works/p2 power=95")
        topic, payload = listener.next()
        event = json.loads(payload)
        self.assertEqual(topic, "alerts/works/p2/power")
        self.assertEqual((event["subscription"], event["value"]), ("alarms", 95.0))
        found = self.ask("POST", "/api/v1/twin/subscriptions/alarms/test")
        self.assertEqual(found["test_event"]["mqtt"]["subscribers"], 1)
        self.assertEqual(json.loads(listener.next()[1])["event"], "test")


@unittest.skipIf(reason_to_skip(["ws"]), str(reason_to_skip(["ws"])))
class BySocket(WatchCase):
    def open(self):
        socket = Socket(self.server)
        self.addCleanup(socket.close)
        self.assertEqual(socket.line(), "open")
        return socket

    def test_many_subscriptions_on_one_connection(self):
        socket = self.open()
        socket.say({"subscribe": {"twins": "works/p1", "properties": ["flow"]}, "ref": 1})
        self.assertEqual(socket.next(), {"subscribed": 1})
        socket.say({"subscribe": {"filter": {"model": "dtmi:test:Booster;1"},
                                  "enrich": ["model"]}, "ref": "b"})
        self.assertEqual(socket.next(), {"subscribed": "b"})
        self.write("works/p1 flow=1")
        first = socket.next()
        self.assertEqual((first["ref"], first["data"]["value"]), (1, 1.0))
        self.write("works/b1 pressure=2")
        second = socket.next()
        self.assertEqual((second["ref"], second["data"]["enrich"]),
                         ("b", {"model": "dtmi:test:Booster;1"}))
        socket.say({"unsubscribe": 1})
        self.assertEqual(socket.next(), {"unsubscribed": 1})
        self.write("works/p1 flow=3")
        self.write("works/b1 pressure=4")
        self.assertEqual(socket.next()["data"]["twin"], "works/b1")
        socket.say({"subscribe": {"twins": "works/p1", "properties": ["flow"]}, "ref": 2,
                    "last_event_id": first["id"]})
        self.assertEqual(socket.next(), {"subscribed": 2})
        self.assertEqual(socket.next()["data"]["value"], 3.0)

    def test_slips_are_answered(self):
        socket = self.open()
        for message, code in (("{", "invalid_argument"), ("{}", "invalid_argument"),
                              ({"subscribe": {}}, "invalid_argument"),
                              ({"subscribe": "nobody", "ref": 1}, "not_found"),
                              ({"subscribe": {"wher": "1"}, "ref": 1}, "invalid_argument"),
                              ({"unsubscribe": 9}, "not_found")):
            socket.say(message)
            self.assertEqual(socket.next()["error"]["code"], code, message)

    def test_pages_from_elsewhere_are_refused(self):
        socket = Socket(self.server, "http://elsewhere.example")
        self.addCleanup(socket.close)
        self.assertIn("403", socket.line())


class Commands(WatchCase):
    def run_cli(self, *arguments, code=0, text=None):
        done = subprocess.run(
            [HEADWORKS, "twin", *arguments, "--url", f"http://127.0.0.1:{self.server.http}"],
            capture_output=True, text=True, timeout=60, check=False, input=text)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def test_subscriptions(self):
        self.assertEqual(self.run_cli("subscription", "put", "-", text=json.dumps(
            {"id": "cli", "filter": {"twins": "works/#"}})), "put cli\n")
        self.assertIn("works/#", self.run_cli("subscription", "list"))
        self.assertEqual(json.loads(self.run_cli("subscription", "show", "cli"))["id"], "cli")
        self.assertIn("! nobody reads it", self.run_cli("subscription", "test", "cli", code=7))
        self.assertEqual(self.run_cli("subscription", "remove", "cli"), "removed cli\n")
        self.run_cli("subscription", "show", "cli", code=3)

    def test_watch(self):
        process = subprocess.Popen(
            [HEADWORKS, "twin", "watch", "--twins", "works/p1", "--property", "flow", "--enrich",
             "name", "--count", "1", "--url", f"http://127.0.0.1:{self.server.http}"],
            stdout=subprocess.PIPE, text=True)
        value = 0
        def ended():
            nonlocal value
            value += 1
            self.write(f"works/p1 flow={value}")
            return process.poll() is not None
        until(ended, "the one event")
        self.assertRegex(process.stdout.read(), r"works/p1 flow = \d+\.0  name=Pump 1\n$")
        process.stdout.close()


if __name__ == "__main__":
    main()
