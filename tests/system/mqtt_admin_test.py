"""The broker as those who run it see it: clients, topics, bans and traces, with foreign clients."""

import json
import subprocess
import unittest
import urllib.parse

from harness import ServerCase, main, need, until

MQTT = "/api/v1/mqtt"


class Admin(ServerCase):
    def setUp(self):
        need("mosquitto_sub")
        need("mosquitto_pub")
        self.processes = []

    def tearDown(self):
        for process in self.processes:
            process.kill()
            process.wait()

    def subscriber(self, client, topic, *options):
        process = subprocess.Popen(
            ["mosquitto_sub", "-p", str(self.server.mqtt), "-i", client, "-t", topic, *options],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.processes.append(process)
        until(lambda: self.detail(client).get("subscriptions"), f"{client} subscribes")
        return process

    def publish(self, topic, payload, *options):
        return subprocess.run(["mosquitto_pub", "-p", str(self.server.mqtt), "-t", topic, "-m",
                               payload, *options], capture_output=True, text=True, timeout=30,
                              check=False)

    def ask(self, method, path, body=None, **query):
        if query:
            path += "?" + urllib.parse.urlencode(query)
        return self.server.request(method, MQTT + path, None if body is None else json.dumps(body))

    def items(self, path, **query):
        answer = self.ask("GET", path, **query)
        self.assertEqual(answer.status, 200, answer.text())
        return answer.json()["items"]

    def detail(self, client):
        answer = self.ask("GET", "/clients/" + urllib.parse.quote(client, safe=""))
        return answer.json() if answer.status == 200 else {}

    def audit(self, action):
        return [one["target"] for one in
                self.server.get("/api/v1/audit", action=action).json()["items"]]

    def test_overview(self):
        self.subscriber("view/1", "over/#")
        self.publish("over/a", "1")
        body = until(lambda: (b := self.ask("GET", "").json())["counts"]["messages_out"] and b,
                     "a message goes out")
        self.assertEqual([one["name"] for one in body["listeners"]], ["tcp", "websocket"])
        self.assertIn(str(self.server.mqtt), body["listeners"][0]["address"])
        self.assertGreaterEqual(body["totals"]["connected"], 1)
        self.assertLess(body["since"], body["time"])
        until(lambda: self.ask("GET", "").json()["rates"]["seconds"] > 0, "rates")

    def test_clients_are_found_and_kicked(self):
        self.subscriber("kick/me", "k/#", "-q", "1", "-u", "anna", "--will-topic", "k/gone",
                        "--will-payload", "x", "-c", "-x", "100", "-V", "5")
        self.publish("k/1", "v", "-q", "1")
        body = until(lambda: (b := self.detail("kick/me"))["client"]["messages_out"] and b,
                     "it gets the message")
        client = body["client"]
        self.assertEqual((client["user_name"], client["protocol"], client["will_topic"]),
                         ("anna", "5.0", "k/gone"))
        self.assertFalse(client["clean_start"])
        self.assertEqual(client["session_expiry_s"], 100)
        self.assertEqual(body["subscriptions"][0]["filter"], "k/#")
        for search in ("K/ME", "Anna"):
            self.assertEqual([one["client_id"] for one in self.items("/clients", search=search)],
                             ["kick/me"])
        self.assertEqual(self.items("/clients", search="nobody"), [])
        self.assertEqual(self.ask("DELETE", "/clients/kick/me", session="true",
                                  reason="test").status, 204)
        self.assertIn("kick/me", self.audit("mqtt.client.forget"))
        self.assertEqual(self.ask("DELETE", "/clients/none").status, 404)
        self.assertEqual(self.ask("GET", "/clients/none").status, 404)
        self.assertEqual(self.ask("GET", "/clients", serach="x").status, 400)

    def test_pages_of_subscriptions(self):
        self.subscriber("page/a", "pp/1", "-t", "pp/2")
        self.subscriber("page/b", "pp/1", "-t", "$share/g/pp/2")
        found, cursor = [], {}
        while True:
            page = self.ask("GET", "/subscriptions", filter="PP/", limit=1, **cursor).json()
            found += [(one["client_id"], one["filter"]) for one in page["items"]]
            if not page["next"]:
                break
            cursor = {"cursor": page["next"]}
        self.assertEqual(found, [("page/a", "pp/1"), ("page/a", "pp/2"),
                                 ("page/b", "$share/g/pp/2"), ("page/b", "pp/1")])
        shared = self.items("/subscriptions", shared="true", client="page/b")
        self.assertEqual([(one["filter"], one["members"]) for one in shared],
                         [("$share/g/pp/2", 1)])

    def test_retained_messages(self):
        for i in range(5):
            self.publish(f"ret/{i}", f"value {i}", "-r")
        subprocess.run(["mosquitto_pub", "-p", str(self.server.mqtt), "-t", "ret/raw", "-r", "-s"],
                       input=b"\x00\xff", timeout=30, check=True)
        page = self.ask("GET", "/retained", filter="ret/#", limit=2).json()
        self.assertEqual([one["topic"] for one in page["items"]], ["ret/0", "ret/1"])
        self.assertEqual(page["items"][1]["payload"], "value 1")
        rest = self.items("/retained", filter="ret/#", cursor=page["next"])
        self.assertEqual([one["topic"] for one in rest], ["ret/2", "ret/3", "ret/4", "ret/raw"])
        self.assertEqual(rest[3]["payload_base64"], "AP8=")
        short = self.items("/retained", filter="ret/0", payload=3)
        self.assertEqual((short[0]["payload"], short[0]["payload_bytes"]), ("val", 7))
        self.assertEqual(self.ask("DELETE", "/retained", topic="ret/0").status, 204)
        self.assertEqual(self.ask("DELETE", "/retained", topic="ret/0").status, 404)
        self.assertEqual(self.ask("DELETE", "/retained", topic="ret/#").status, 404)
        self.assertIn("ret/0", self.audit("mqtt.retained.clear"))
        self.assertEqual(self.ask("GET", "/retained", filter="a/#/b").status, 400)

    def test_topic_levels(self):
        self.publish("tree/pump/flow", "1", "-q", "1")
        self.publish("tree/pump/state", "on", "-q", "1", "-r")
        self.publish("tree/tank", "7", "-q", "1")
        until(lambda: self.server.points("tree/#"), "points")
        levels = {one["name"]: one for one in self.items("/topics", prefix="tree")}
        self.assertEqual(sorted(levels), ["pump", "tank"])
        self.assertEqual((levels["pump"]["points"], levels["pump"]["retained"],
                          levels["pump"]["recent"]), (2, 1, 2))
        self.assertTrue(levels["pump"]["has_below"])
        self.assertFalse(levels["tank"]["has_below"])
        self.assertTrue(levels["tank"]["is_point"])
        self.assertIn("tree", [one["name"] for one in self.items("/topics")])
        page = self.ask("GET", "/topics", prefix="tree", limit=1).json()
        self.assertEqual(page["next"], "pump")
        rest = self.ask("GET", "/topics", prefix="tree", limit=1, after="pump").json()
        self.assertEqual([one["name"] for one in rest["items"]], ["tank"])
        self.assertIsNone(rest["next"])

    def test_bans(self):
        self.subscriber("ban/1", "b/#", "-u", "bob")
        answer = self.ask("POST", "/bans", {"kind": "user", "value": "bob", "for": "1h",
                                            "reason": "noise"})
        self.assertEqual(answer.status, 201, answer.text())
        self.assertEqual(answer.json()["kicked"], 1)
        self.assertEqual(self.publish("b/1", "v", "-u", "bob").returncode, 5)
        self.assertEqual(self.publish("b/1", "v", "-u", "eve").returncode, 0)
        self.assertEqual(self.publish("b/1", "v", "-u", "bob", "-V", "5").returncode, 138)
        ban = self.items("/bans")[0]
        self.assertEqual((ban["kind"], ban["value"], ban["reason"]), ("user", "bob", "noise"))
        self.assertIn("bob", self.audit("mqtt.ban.create"))
        self.assertEqual(self.ask("DELETE", "/bans", kind="user", value="bob").status, 204)
        self.assertEqual(self.ask("DELETE", "/bans", kind="user", value="bob").status, 404)
        self.assertEqual(self.publish("b/1", "v", "-u", "bob").returncode, 0)
        self.assertEqual(self.ask("POST", "/bans", {"kind": "address", "value": "127.0.0.0/8"})
                         .status, 201)
        self.assertNotEqual(self.publish("b/1", "v").returncode, 0)
        self.assertEqual(self.ask("DELETE", "/bans", kind="address", value="127.0.0.0/8").status,
                         204)
        for wrong in ({"kind": "host", "value": "a"}, {"kind": "user"}, {"kind": "address",
                      "value": "here"}, {"kind": "user", "value": "a", "until": "2001-01-01"},
                      {"kind": "user", "value": "a", "reson": "x"}, [],
                      {"kind": "user", "value": "a\0"}, {"kind": "user", "value": ["a"]},
                      {"kind": "user", "value": "a" * 2000}, {"kind": "user", "value": {"a": {}}},
                      {"kind": "address", "value": "999.1.1.1/8"},
                      {"kind": "address", "value": "10.0.0.0/33"},
                      {"kind": "user", "value": "a", "for": "1000000000h"},
                      {"kind": "user", "value": "a", "for": "-1s"}):
            self.assertEqual(self.ask("POST", "/bans", wrong).status, 400, wrong)

    def test_a_trace_of_a_client(self):
        self.assertEqual(self.ask("POST", "/traces", {"name": "t1", "kind": "client",
                                                      "value": "traced"}).status, 201)
        self.assertEqual(self.ask("POST", "/traces", {"name": "t1", "kind": "client",
                                                      "value": "traced"}).status, 409)
        self.publish("tr/other", "x", "-i", "other")
        self.subscriber("traced", "tr/#")
        self.publish("tr/1", "for it", "-i", "other")
        self.publish("tr/2", "x" * 3000, "-i", "traced2")
        records = until(lambda: len(r := self.items("/traces/t1/records")) >= 4 and r,
                        "four records")
        self.assertEqual([one["event"] for one in records],
                         ["connected", "subscribed", "delivered", "delivered"])
        self.assertEqual((records[2]["topic"], records[2]["payload"], records[2]["from_client_id"]),
                         ("tr/1", "for it", "other"))
        self.assertEqual((len(records[3]["payload"]), records[3]["payload_bytes"]), (1024, 3000))
        after = self.items("/traces/t1/records", after=records[1]["number"], limit=1)
        self.assertEqual([one["event"] for one in after], ["delivered"])
        self.assertEqual(self.ask("POST", "/traces/t1/stop").json()["running"], False)
        self.publish("tr/3", "unseen")
        self.assertEqual(self.ask("GET", "/traces/t1").json()["records"], 4)
        lines = self.ask("GET", "/traces/t1/records", format="ndjson").text().splitlines()
        self.assertEqual(json.loads(lines[0])["event"], "connected")
        self.assertEqual(self.ask("DELETE", "/traces/t1").status, 204)
        self.assertEqual(self.ask("GET", "/traces/t1/records").status, 404)

    def test_traces_of_topics_and_addresses(self):
        for body in ({"name": "topics", "kind": "topic", "value": "tt/+"},
                     {"name": "address", "kind": "address", "value": "127.0.0.1"}):
            self.assertEqual(self.ask("POST", "/traces", body).status, 201)
        self.publish("tt/1", "yes")
        self.publish("tu/1", "no")
        topics = until(lambda: self.items("/traces/topics/records"), "a record")
        self.assertEqual([(one["event"], one["topic"]) for one in topics
                          if one["event"] == "published"], [("published", "tt/1")])
        events = until(lambda: "tu/1" in (t := [one.get("topic") for one in
                       self.items("/traces/address/records")]) and t, "the other topic")
        self.assertIn("tt/1", events)
        self.assertEqual(sorted(one["name"] for one in self.items("/traces")),
                         ["address", "topics"])
        for name in ("topics", "address"):
            self.assertEqual(self.ask("DELETE", "/traces/" + name).status, 204)
        self.assertEqual(self.ask("POST", "/traces", {"name": "x", "kind": "topic",
                                                      "value": "a/#/b"}).status, 400)
        for wrong in ({"name": "", "kind": "client", "value": "a"}, {"kind": "client"}, None, 7,
                      {"name": "n" * 5000, "kind": "client", "value": "a"},
                      {"name": "a\n", "kind": "client", "value": "a"}):
            self.assertEqual(self.ask("POST", "/traces", wrong).status, 400, wrong)
        # A name is a name, and no file.
        path = "..%2F..%2Fetc%2Fpasswd"
        self.assertEqual(self.ask("GET", "/traces/" + path).status, 404)
        self.assertEqual(self.ask("DELETE", "/traces/" + path).status, 404)

    def test_slow_clients(self):
        self.subscriber("slow/1", "s/#", "-q", "1", "-c", "-V", "5", "-x", "100").kill()
        until(lambda: not self.detail("slow/1")["client"]["connected"], "it goes")
        for i in range(3):
            self.publish(f"s/{i}", "v", "-q", "1")
        slow = until(lambda: self.items("/slow"), "something waits")
        self.assertEqual((slow[0]["client_id"], slow[0]["queued"]), ("slow/1", 3))


class Restart(unittest.TestCase):
    def test_bans_outlive_the_server(self):
        from harness import Server
        server = Server()
        try:
            body = json.dumps({"kind": "client", "value": "bad"})
            self.assertEqual(server.request("POST", MQTT + "/bans", body).status, 201)
            server.stop()
            server.start()
            self.assertEqual([one["value"] for one in
                              server.get(MQTT + "/bans").json()["items"]], ["bad"])
        finally:
            server.close()


if __name__ == "__main__":
    main()
