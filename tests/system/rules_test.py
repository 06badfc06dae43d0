"""Rules as a stranger makes them: REST, the command line, foreign MQTT clients."""

import json
import subprocess
import unittest

from harness import ServerCase, cli, main, need, until


class Listener:
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
            if line.startswith("Client ") or line.startswith("Subscribed"):
                continue
            topic, _, payload = line.rstrip("\n").partition(" ")
            return topic, payload
        raise AssertionError("the listener ended")

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def publish(server, topic, payload, *options):
    need("mosquitto_pub")
    text = payload if isinstance(payload, str) else json.dumps(payload)
    subprocess.run(["mosquitto_pub", "-p", str(server.mqtt), "-t", topic, "-m", text, "-q", "1",
                    *options], check=True, timeout=30)


class RuleCase(ServerCase):
    def post(self, path, body, status):
        answer = self.server.request("POST", path, json.dumps(body),
                                     {"content-type": "application/json"})
        self.assertEqual(answer.status, status, answer.text())
        return json.loads(answer.body) if answer.body else None

    def make_rule(self, **rule):
        made = self.post("/api/v1/rules", rule, 201)
        self.addCleanup(self.server.request, "DELETE", "/api/v1/rules/" + rule["id"])
        return made

    def try_out(self, sql, messages, **more):
        body = {"sql": sql, "input": messages, **more}
        return self.post("/api/v1/rules/test", body, 200)

    def listen(self, pattern):
        listener = Listener(self.server, pattern)
        self.addCleanup(listener.close)
        return listener


class Republish(RuleCase):
    def test_a_rule_filters_and_publishes(self):
        made = self.make_rule(
            id="hot",
            sql='SELECT payload.t AS t, topic FROM "rooms/+/climate" WHERE payload.t > 30',
            actions=[{"type": "republish", "topic": "alerts/${topic}", "qos": 1,
                      "payload": '{"t":${t}}'}])
        self.assertEqual(made["status"], "running")
        listener = self.listen("alerts/#")
        publish(self.server, "rooms/a/climate", {"t": 20})
        publish(self.server, "rooms/a/climate", {"t": 31.5})
        self.assertEqual(listener.next(), ("alerts/rooms/a/climate", '{"t":31.5}'))
        figures = until(lambda: self.figures_with("hot", 2), "two events")
        self.assertEqual(figures["out"], 1)
        self.assertEqual(figures["failed"], 0)

    def figures_with(self, rule, count):
        figures = self.server.get(f"/api/v1/rules/{rule}/metrics").json()
        return figures if figures["in"] >= count else None

    def test_emqx_forms_of_actions_are_taken(self):
        self.make_rule(id="emqx", sql='SELECT * FROM "in/emqx"', actions=[
            {"function": "republish",
             "args": {"topic": "out/emqx", "payload": "${payload}", "qos": "${qos}"}}])
        listener = self.listen("out/emqx")
        publish(self.server, "in/emqx", "plain text")
        self.assertEqual(listener.next(), ("out/emqx", "plain text"))

    def test_a_circle_is_cut(self):
        self.make_rule(id="circle", sql='SELECT payload.n + 1 AS n FROM "circle/#"',
                       actions=[{"type": "republish", "topic": "circle/again"}])
        publish(self.server, "circle/start", {"n": 0})
        figures = until(
            lambda: (f := self.server.get("/api/v1/rules/circle/metrics").json())["looped"] and f,
            "a cut circle")
        self.assertLess(figures["in"], 20)

    def test_rows_become_points(self):
        self.make_rule(
            id="keep", sql='SELECT payload.litres / 1000 AS m3, payload.id AS id, '
                           'payload.at AS at FROM "raw/meters"',
            actions=[{"type": "keep", "point": "standard/${id}/volume", "value": "${m3}",
                      "time": "${at}", "unit": "m3"}])
        publish(self.server, "raw/meters", {"litres": 2500, "id": "m7", "at": 1767225600000})
        rows = until(lambda: self.server.samples(point="standard/m7/volume",
                                                 **{"from": "2025-12-31T00:00:00Z", "to": "now"}),
                     "the point")
        self.assertEqual([(row["time"], row["value"]) for row in rows],
                         [("2026-01-01T00:00:00Z", 2.5)])

    def test_events_of_clients_are_a_source(self):
        self.make_rule(id="who", sql='SELECT clientid FROM "$events/client/connected"',
                       actions=[{"type": "republish", "topic": "seen/${clientid}"}])
        listener = self.listen("seen/#")
        publish(self.server, "x", "1", "-i", "pump-house")
        # The listener itself may be seen first.
        seen = [listener.next()[0]]
        if seen[-1] != "seen/pump-house":
            seen.append(listener.next()[0])
        self.assertEqual(seen[-1], "seen/pump-house")


class Points(RuleCase):
    def test_samples_are_a_source(self):
        self.make_rule(id="level", sql="SELECT topic, value FROM points('tank/+/level') "
                                       "WHERE value > 3", actions=[
                           {"type": "republish", "topic": "high/${topic}", "payload": "${value}"}])
        listener = self.listen("high/#")
        publish(self.server, "tank/1/level", "2.5")
        publish(self.server, "tank/1/level", "3.5")
        self.assertEqual(listener.next(), ("high/tank/1/level", "3.5"))


class Manage(RuleCase):
    def test_versions_differ_and_roll_back(self):
        self.make_rule(id="v", sql='SELECT payload.a FROM "t"')
        changed = self.server.request("PATCH", "/api/v1/rules/v",
                                      json.dumps({"sql": 'SELECT payload.b FROM "t"'}))
        self.assertEqual((changed.status, changed.json()["version"]), (200, 2))
        versions = self.server.get("/api/v1/rules/v/versions").json()["items"]
        self.assertEqual([version["version"] for version in versions], [2, 1])
        diff = self.server.get("/api/v1/rules/v/diff").text()
        self.assertIn("payload.a", [l for l in diff.splitlines() if l.startswith("-")][0])
        self.assertIn("payload.b", [l for l in diff.splitlines() if l.startswith("+")][0])
        back = self.post("/api/v1/rules/v/versions/1/rollback", {}, 200)
        self.assertEqual((back["version"], back["sql"]), (3, 'SELECT payload.a FROM "t"'))
        stale = self.server.request("PUT", "/api/v1/rules/v", json.dumps({"sql": back["sql"]}),
                                    {"if-match": '"1"'})
        self.assertEqual(stale.status, 412, stale.text())

    def test_a_paused_rule_does_nothing(self):
        self.make_rule(id="p", sql='SELECT * FROM "paused/#"',
                       actions=[{"type": "republish", "topic": "ran", "payload": "${topic}"}])
        self.assertEqual(self.post("/api/v1/rules/p/disable", {}, 200)["status"], "disabled")
        listener = self.listen("ran")
        publish(self.server, "paused/1", "x")
        self.assertEqual(self.post("/api/v1/rules/p/enable", {}, 200)["status"], "running")
        publish(self.server, "paused/2", "x")
        self.assertEqual(listener.next(), ("ran", "paused/2"))

    def test_errors_say_where_and_what(self):
        problem = self.post("/api/v1/rules", {"id": "bad", "sql": 'SELECT a\nFORM "t"'}, 400)
        self.assertEqual((problem["line"], problem["nearest"]), (2, "FROM"))
        self.assertIn("column", problem)
        problem = self.post("/api/v1/rules", {"id": "bad", "sql": 'SELECT uper(a) FROM "t"'}, 400)
        self.assertEqual(problem["nearest"], "upper")
        self.post("/api/v1/rules", {"id": "bad", "sql": 'SELECT a FROM "t"', "actons": []}, 400)
        self.assertEqual(self.server.get("/api/v1/rules/bad").status, 404)

    def test_all_of_it_survives_a_restart_and_an_import(self):
        self.make_rule(id="stays", sql='SELECT * FROM "s"', description="stays", tags=["a"])
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        rule = self.server.get("/api/v1/rules/stays").json()
        self.assertEqual((rule["status"], rule["description"]), ("running", "stays"))
        whole = self.server.get("/api/v1/rules/export").json()
        self.server.request("DELETE", "/api/v1/rules/stays")
        report = self.post("/api/v1/rules/import", whole, 200)
        self.assertEqual(report["errors"], [])
        self.assertEqual(self.server.get("/api/v1/rules/stays").json()["tags"], ["a"])


class Trial(RuleCase):
    def test_rows_come_of_given_messages(self):
        answer = self.try_out(
            'SELECT payload.x AS x, topic FROM "a/+" WHERE payload.x > 1',
            [{"topic": "a/1", "payload": {"x": 1}, "time": 1000},
             {"topic": "a/2", "payload": '{"x": 2}', "time": 2000},
             {"topic": "b/2", "payload": {"x": 3}, "time": 3000}])
        self.assertEqual(answer["rows"], [{"x": 2, "topic": "a/2"}])
        self.assertTrue(answer["operators"])

    def test_windows_close_by_the_messages_times(self):
        messages = [{"topic": "flow", "payload": {"q": q}, "time": second * 1000}
                    for second, q in enumerate([1, 2, 3, 10, 20])]
        answer = self.try_out(
            'SELECT avg(payload.q) AS mean, count(*) AS n FROM "flow" '
            'GROUP BY TUMBLINGWINDOW(ss, 3)', messages)
        self.assertEqual(answer["rows"], [{"mean": 2.0, "n": 3}, {"mean": 15.0, "n": 2}])

    def test_history_and_the_live_tap_are_run_on(self):
        for value in ("1.5", "2.5"):
            publish(self.server, "trial/level", value)
        until(lambda: self.server.samples(point="trial/level", **{"from": "now-1h", "to": "now"}),
              "the samples")
        answer = self.post("/api/v1/rules/test", {
            "sql": "SELECT max(value) AS most FROM points('trial/#') GROUP BY TUMBLINGWINDOW(hh,1)",
            "from": "now-1h"}, 200)
        self.assertEqual(max(row["most"] for row in answer["rows"]), 2.5)

    def test_streams_of_ekuiper_run_as_they_are(self):
        answer = self.try_out(
            "SELECT temperature AS t, meta(topic) AS topic FROM demo WHERE temperature > 20",
            [{"topic": "devices/1", "payload": {"temperature": 25}, "time": 1}],
            streams=['CREATE STREAM demo (temperature float) WITH '
                     '(DATASOURCE="devices/+", FORMAT="json")'])
        self.assertEqual(answer["rows"], [{"t": 25.0, "topic": "devices/1"}])


class CommandLine(RuleCase):
    def command(self, *arguments):
        return cli(*arguments, "--url", f"http://127.0.0.1:{self.server.http}")

    def test_test_prints_rows(self):
        done = self.command("rule", "test", 'SELECT payload.a * 2 AS twice FROM "t"', "--message",
                            't {"a": 21}')
        self.assertEqual((done.returncode, done.stdout), (0, '{"twice":42}\n'), done.stderr)

    def test_a_slip_is_explained(self):
        done = self.command("rule", "test", 'SELECT a FRM "t"')
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("line 1, column 10", done.stderr)
        self.assertIn("FROM", done.stderr)

    def test_rules_are_listed_and_traced(self):
        self.make_rule(id="listed", sql='SELECT payload.a FROM "traced"', tags=["demo"])
        self.assertIn("listed", self.command("rule", "list").stdout)
        self.assertEqual(self.command("rule", "trace", "listed", "--events", "5").returncode, 0)
        publish(self.server, "traced", {"a": 1})
        shown = until(
            lambda: (out := self.command("rule", "trace", "listed", "--show").stdout) and out,
            "the trace")
        self.assertIn("source", shown)
        self.assertIn("project", self.command("rule", "plan", "listed").stdout)


if __name__ == "__main__":
    main()
