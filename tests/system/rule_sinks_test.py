"""Rules to and from foreign servers, through the whole program: what waits, what comes back."""

import json
import os
import subprocess
import unittest

import paho.mqtt.client as paho

from connector_servers import HttpPeer, Mosquitto, Nats, NatsClient, Postgres
from harness import Server, main, need, until


class SinkCase(unittest.TestCase):
    def setUp(self):
        self.server = Server("rules.checkpoint_interval=1s")
        self.addCleanup(self.server.close)
        self.secret("secret\n")

    def secret(self, text):
        folder = os.path.join(self.server.folder, "data", "secrets")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "password"), "w", encoding="utf-8") as file:
            file.write(text)

    def call(self, method, path, body=None, status=None):
        answer = self.server.request(method, path, json.dumps(body) if body else None,
                                     {"content-type": "application/json"})
        if status:
            self.assertEqual(answer.status, status, f"{path}: {answer.text()}")
        return json.loads(answer.body) if answer.body else None

    def connector(self, name, kind, **settings):
        body = {"name": name, "kind": kind, "settings": settings}
        self.call("PUT", "/api/v1/connectors/" + name, body, 201)
        return body

    def stream(self, sql):
        self.call("POST", "/api/v1/streams", {"sql": sql}, 201)

    def rule(self, rule_id, sql, *actions, **more):
        self.call("POST", "/api/v1/rules",
                  {"id": rule_id, "sql": sql, "actions": list(actions), **more}, 201)

    def metrics(self, rule_id):
        return self.call("GET", f"/api/v1/rules/{rule_id}/metrics", status=200)

    def publish(self, topic, rows):
        text = "".join(json.dumps(row) + "\n" for row in rows)
        subprocess.run([need("mosquitto_pub"), "-p", str(self.server.mqtt), "-t", topic, "-l",
                        "-q", "1"], input=text, text=True, check=True, timeout=60)

    def action(self, rule_id, index=0):
        return self.metrics(rule_id)["actions"][index]


class Outages(SinkCase):
    count = 200

    def outage(self, connector, action, peer, arrived):
        """Rows for a peer that is down outlive a kill -9 and arrive once it is there."""
        tested = self.call("POST", "/api/v1/connectors/test", connector, 204)
        self.assertIsNone(tested)
        peer.kill()
        self.assertNotEqual(
            self.server.request("POST", "/api/v1/connectors/test", json.dumps(connector)).status,
            204)
        self.rule("out", 'SELECT payload.n AS n FROM "in/out"',
                  {"type": connector["kind"], "connector": connector["name"],
                   "retry_interval": "100ms", "retry_interval_max": "500ms", **action},
                  options={"qos": 1})
        self.publish("in/out", [{"n": i} for i in range(self.count)])
        until(lambda: self.action("out")["queued"] == self.count, "the rows wait")
        self.assertEqual(self.action("out")["sent"], 0)
        self.server.kill()
        self.server.start()
        peer.start()
        expected = set(range(self.count))
        until(lambda: set(arrived()) == expected, "all rows")
        until(lambda: self.action("out")["queued"] == 0, "an empty buffer")

    def test_postgresql(self):
        peer = Postgres()
        self.addCleanup(peer.close)
        peer.query("CREATE TABLE flow (n int)")
        connector = self.connector("db", "postgresql", host="127.0.0.1", port=peer.port,
                                   username="plant", password_file="password")
        self.outage(connector, {"table": "flow", "columns": "n"}, peer,
                    lambda: [n for n, in peer.query("SELECT n FROM flow")])

    def test_nats_with_jetstream(self):
        peer = Nats(jetstream=True)
        self.addCleanup(peer.close)
        client = NatsClient(peer)
        client.request("$JS.API.STREAM.CREATE.flow",
                       json.dumps({"name": "flow", "subjects": ["flow.>"], "storage": "file"}))
        client.close()

        def arrived():
            looking = NatsClient(peer)
            self.addCleanup(looking.close)
            state = looking.request("$JS.API.STREAM.INFO.flow", "")["state"]
            if state["messages"] < self.count:
                return []
            looking.subscribe("deliver.flow")
            looking.write(b"")
            looking.publish("$JS.API.CONSUMER.CREATE.flow", json.dumps(
                {"stream_name": "flow", "config": {"deliver_subject": "deliver.flow",
                                                   "deliver_policy": "all", "ack_policy": "none",
                                                   "replay_policy": "instant"}}))
            return [json.loads(looking.next()[2])["n"] for _ in range(state["messages"])]

        connector = self.connector("bus", "nats", servers=peer.url, jetstream=True)
        self.outage(connector, {"subject": "flow.n"}, peer, arrived)

    def test_mqtt(self):
        peer = Mosquitto(more="persistence true\n")
        self.addCleanup(peer.close)
        got = []
        client = paho.Client(client_id="looking", clean_session=False)
        client.username_pw_set("plant", "secret")
        client.on_message = lambda *args: got.append(json.loads(args[2].payload)["n"])
        client.on_connect = lambda *_: client.subscribe("flow/#", 1)
        client.reconnect_delay_set(1, 1)
        client.connect("127.0.0.1", peer.port)
        client.loop_start()
        self.addCleanup(client.loop_stop)
        subscribed = []
        client.on_subscribe = lambda *_: subscribed.append(1)
        connector = self.connector("other", "mqtt", server=peer.url, username="plant",
                                   password_file="password", connect_timeout="2s")
        original = peer.start

        def start():
            subscribed.clear()
            original()
            until(lambda: subscribed, "the listener is back")
        peer.start = start
        self.outage(connector, {"topic": "flow/${n}", "retain": True}, peer, lambda: got)


class Actions(SinkCase):
    def test_refused_rows_go_to_the_fallback(self):
        peer = HttpPeer()
        self.addCleanup(peer.close)
        peer.decide = lambda body: 400 if body and json.loads(body)["n"] % 3 == 0 else 200
        self.connector("web", "http", url=peer.url)
        self.call("POST", "/api/v1/connectors/test",
                  {"name": "web", "kind": "http", "settings": {"url": peer.url}}, 204)
        self.rule("split", 'SELECT payload.n AS n FROM "in/split"',
                  {"type": "http", "connector": "web", "batch_size": 5,
                   "fallback": {"type": "file", "path": "refused.json"}})
        self.publish("in/split", [{"n": i} for i in range(30)])
        figures = until(lambda: (a := self.action("split"))["queued"] == 0 and
                        a["sent"] + a["dropped"] == 30 and a, "all rows are done with")
        self.assertEqual((figures["sent"], figures["dropped"]), (20, 10), figures)
        self.assertIn("400", figures["last_error"])

        def refused():
            try:
                with open(f"{self.server.folder}/data/files/refused.json",
                          encoding="utf-8") as file:
                    return [json.loads(line)["n"] for line in file]
            except FileNotFoundError:
                return []
        until(lambda: len(refused()) == 10, "the refused rows in the file")
        self.assertEqual(refused(), list(range(0, 30, 3)))
        self.assertEqual(self.action("split")["fallback"]["sent"], 10)

    def test_a_fallback_may_be_within_the_server(self):
        peer = HttpPeer()
        self.addCleanup(peer.close)
        peer.decide = lambda body: 400 if body else 200
        self.rule("split", 'SELECT payload.n AS n, payload.v AS v FROM "in/split"',
                  {"type": "http", "url": peer.url,
                   "fallback": {"type": "keep", "point": "refused/${n}", "value": "${v}"}},
                  options={"qos": 1})
        self.publish("in/split", [{"n": i, "v": i / 2} for i in range(8)])
        points = until(lambda: (p := self.server.points("refused/#")) and len(p) == 8 and p,
                       "the refused rows as points")
        self.assertEqual(points["refused/7"]["value"], 3.5)
        figures = until(lambda: (a := self.action("split"))["fallback"]["sent"] == 8 and a,
                        "the fallback's figures")
        self.assertEqual(figures["dropped"], 8)
        self.assertEqual(figures["fallback"]["type"], "keep")

    def test_unknown_settings_and_connections_are_refused(self):
        told = self.call("POST", "/api/v1/rules", {
            "id": "bad", "sql": 'SELECT * FROM "x"',
            "actions": [{"type": "nats", "connector": "none", "subject": "a"}]})
        self.assertIn("there is no connection 'none'", told["detail"])
        told = self.call("POST", "/api/v1/rules", {
            "id": "bad", "sql": 'SELECT * FROM "x"',
            "actions": [{"type": "nats", "subjekt": "a"}]})
        self.assertIn("subjekt", told["detail"])
        told = self.call("POST", "/api/v1/rules", {
            "id": "bad", "sql": 'SELECT * FROM "x"',
            "actions": [{"type": "http", "url": "http://127.0.0.1:9",
                         "fallback": {"type": "fil", "path": "x"}}]})
        self.assertIn("actions[0]: fallback: 'fil' is no type of action; did you mean 'file'?",
                      told["detail"])
        self.assertEqual(self.server.get("/api/v1/rules/bad").status, 404)


class Streams(SinkCase):
    # NATS may have given a message to the connection of the killed server; it gives it again after
    # 30 s, its ack_wait.
    def listen_points(self, count):
        return until(lambda: (p := self.server.points("out/#")) and len(p) >= count and p,
                     f"{count} points", 90)

    def test_nats_feeds_a_rule_over_restarts(self):
        peer = Nats(jetstream=True)
        self.addCleanup(peer.close)
        client = NatsClient(peer)
        self.addCleanup(client.close)
        client.request("$JS.API.STREAM.CREATE.raw",
                       json.dumps({"name": "raw", "subjects": ["raw.>"], "storage": "file"}))
        self.connector("bus", "nats", servers=peer.url, jetstream=True)
        self.stream('CREATE STREAM raw () WITH (TYPE="nats", CONF_KEY="bus", SUBJECT="raw.*", '
                    'FORMAT="json")')
        self.rule("keep", "SELECT id, v FROM raw", {"type": "keep", "point": "out/${id}",
                                                    "value": "${v}"}, options={"qos": 1})
        client.publish("raw.a", '{"id":"a","v":1.5}')
        self.listen_points(1)
        self.server.kill()
        client.publish("raw.b", '{"id":"b","v":2}')
        client.ping()
        self.server.start()
        points = self.listen_points(2)
        self.assertEqual(points["out/b"]["value"], 2)

    def test_another_broker_feeds_a_rule(self):
        peer = Mosquitto()
        self.addCleanup(peer.close)
        self.connector("elsewhere", "mqtt", server=peer.url, username="plant",
                       password_file="password")
        self.stream('CREATE STREAM far () WITH (TYPE="mqtt", CONF_KEY="elsewhere", '
                    'DATASOURCE="far/#", FORMAT="json")')
        self.rule("keep", "SELECT id, v, meta(topic) AS topic FROM far",
                  {"type": "keep", "point": "out/${id}", "value": "${v}"})

        def send():  # until the source has subscribed
            subprocess.run([need("mosquitto_pub"), "-p", str(peer.port), "-u", "plant", "-P",
                            "secret", "-t", "far/1", "-m", '{"id":"f","v":4}'], check=True)
            return self.server.points("out/#")

        self.assertEqual(until(send, "the other broker's message")["out/f"]["value"], 4)

    def test_pushed_messages(self):
        self.stream('CREATE STREAM pushed () WITH (TYPE="http_push", PATH="/meters", '
                    'FORMAT="json")')
        self.rule("keep", "SELECT id, v FROM pushed",
                  {"type": "keep", "point": "out/${id}", "value": "${v}"}, options={"qos": 1})
        self.assertEqual(self.server.request("POST", "/api/v1/push/meters",
                                             '{"id":"a","v":1}').status // 100, 2)
        self.assertEqual(self.server.request("POST", "/api/v1/push/none", "{}").status, 404)
        self.listen_points(1)

    def test_a_table_of_postgresql_is_joined(self):
        peer = Postgres()
        self.addCleanup(peer.close)
        peer.query("CREATE TABLE pumps (id int PRIMARY KEY, maker text)")
        peer.query("INSERT INTO pumps VALUES (7, 'Acme')")
        self.connector("db", "postgresql", host="127.0.0.1", port=peer.port, username="plant",
                       password_file="password")
        self.stream('CREATE STREAM readings (id bigint, v float) WITH (DATASOURCE="in/pumps", '
                    'FORMAT="json")')
        self.stream(
            'CREATE TABLE pumps () WITH (TYPE="postgresql", CONF_KEY="db", '
                  'DATASOURCE="pumps", KIND="lookup", CACHE_TTL="0s", CACHE_MISSING_TTL="0s")')
        self.rule("joined", "SELECT readings.id, v, pumps.maker AS maker FROM readings "
                            "LEFT JOIN pumps ON readings.id = pumps.id",
                  {"type": "file", "path": "joined.json"})

        def rows():
            try:
                with open(f"{self.server.folder}/data/files/joined.json",
                          encoding="utf-8") as file:
                    return [json.loads(line) for line in file]
            except FileNotFoundError:
                return []
        self.publish("in/pumps", [{"id": 7, "v": 1}, {"id": 8, "v": 2}])
        until(lambda: len(rows()) == 2, "the joined rows")
        self.assertEqual([row.get("maker") for row in rows()], ["Acme", None])
        # A server that was started again since the last look-up costs no row.
        peer.kill()
        peer.start()
        self.publish("in/pumps", [{"id": 7, "v": 3}])
        until(lambda: len(rows()) == 3, "the row after the restart")
        self.assertEqual(rows()[2]["maker"], "Acme")


if __name__ == "__main__":
    main()
