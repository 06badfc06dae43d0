"""The server as those who run it see it: facts, settings, log, figures, the support bundle."""

import io
import json
import os
import re
import tarfile
import time

from harness import ServerCase, main, until

SYSTEM = "/api/v1/system"


class System(ServerCase):
    sets = ("mqtt.sessions_limit=1234", "log.level=debug")

    def test_facts(self):
        self.server.request("POST", "/write?precision=s", "sys,a=b v=1 1700000000\n")
        facts = self.server.get(SYSTEM).json()
        self.assertEqual(facts["process"]["pid"], self.server.process.pid)
        self.assertGreater(facts["process"]["memory_bytes"], 10_000_000)
        self.assertGreater(facts["process"]["threads"], 5)
        self.assertLess(facts["process"]["open_files"], facts["process"]["open_files_limit"])
        self.assertGreater(facts["storage"]["disk_total_bytes"],
                           facts["storage"]["disk_free_bytes"])
        self.assertGreater(facts["storage"]["data_bytes"], 0)
        self.assertTrue(os.path.isdir(facts["storage"]["folder"]))
        self.assertEqual(facts["history"]["health"], "ok")
        self.assertEqual(facts["history"]["points"], 1)
        self.assertEqual(facts["history"]["oldest_sample"], "2023-11-14T22:13:20Z")
        self.assertIsInstance(facts["clock"]["synchronised"], bool)
        queues = {one["name"]: one for one in facts["queues"]}
        self.assertEqual(queues["sessions"]["limit"], 1234)
        self.assertEqual(queues["history"]["limit"], 64 << 20)
        self.assertTrue(all(one["count"] == 0 for one in facts["dropped"]), facts["dropped"])
        self.assertGreaterEqual(facts["time"], facts["started"])
        until(lambda: all(one["lag_ms_worst"] > 0 for one in
                          self.server.get(SYSTEM).json()["reactors"]), "lags")

    def test_settings(self):
        rows = {one["key"]: one for one in self.server.get("/api/v1/settings").json()["items"]}
        row = rows["mqtt.sessions_limit"]
        self.assertEqual((row["value"], row["default"], row["origin"]),
                         ("1234", "200000", "flag"))
        self.assertLess(row["least"], row["most"])
        self.assertEqual(rows["log.format"]["choices"], ["text", "json"])
        self.assertEqual(rows["http.workers"]["origin"], "default")

    def test_log(self):
        body = self.server.get(SYSTEM + "/log").json()
        for line in body["items"]:
            self.assertIn(line["level"], ("debug", "info", "warning", "error"))
        self.assertEqual(self.server.get(SYSTEM + "/log", after=body["last"] + 1000)
                         .json()["items"], [])
        self.assertEqual(self.server.get(SYSTEM + "/log", level="loud").status, 400)

    def test_figures(self):
        body = until(lambda: (b := self.server.get(SYSTEM + "/figures").json())["times"] and b,
                     "the first row")
        self.assertLess(abs(body["times"][-1] / 1000 - time.time()), 60)
        for name in ("cpu_cores", "memory_bytes", "messages_in_rate", "samples_rate"):
            self.assertEqual(len(body["figures"][name]), len(body["times"]), name)
        self.assertGreater(body["figures"]["memory_bytes"][0], 10_000_000)
        self.assertEqual(self.server.get(SYSTEM + "/figures", last="soon").status, 400)

    def test_bundle(self):
        answer = self.server.get(SYSTEM + "/bundle")
        self.assertEqual(answer.headers["content-type"], "application/gzip")
        with tarfile.open(fileobj=io.BytesIO(answer.body), mode="r:gz") as bundle:
            files = {name.split("/")[1]: bundle.extractfile(name).read()
                     for name in bundle.getnames()}
        self.assertEqual(sorted(files), ["figures.json", "log.txt", "metrics.txt",
                                         "settings.json", "system.json"])
        self.assertEqual(json.loads(files["system.json"])["process"]["pid"],
                         self.server.process.pid)
        self.assertIn(b"headworks_history_samples_committed_total", files["metrics.txt"])


# What a careless or hostile client may send. Every one of them is to be refused.
NAMES = ("..%2F..%2Fetc%2Fpasswd", "%00", "%ff%fe", "%2e%2e", "a%0d%0ab", "x" * 5000, "%zz",
         "%C0%AF")
VALUES = ("-1", "1e9", "9" * 20, "%00", "%ff", "x" * 3000, "nan", "a%0d%0aB:c", "now-99999999999h")
DEEP = b"[" * 100_000 + b"]" * 100_000
BODIES = (b"", b"null", b"[]", b"1", b"{", b'{"a":' * 50_000, DEEP, b"\xff\xfe",
          b'{"topic":"\xff\xc0"}', b'{"kind":1,"value":[]}', b'{"name":{"name":{}}}',
          b" " * (1 << 20) + b"[]")


class Malformed(ServerCase):
    """Every operation of these rooms, as /openapi.json has it, with what is no request to it."""

    rooms = (SYSTEM, "/api/v1/settings", "/api/v1/search", "/api/v1/live", "/api/v1/mqtt",
             "/api/v1/publish", "/api/v1/points", "/api/v1/history")

    @classmethod
    def operations(cls):
        for path, methods in cls.server.get("/openapi.json").json()["paths"].items():
            if path.startswith(cls.rooms):
                for method, one in methods.items():
                    yield method.upper(), path, one.get("parameters", [])

    def refused(self, method, path, body=None):
        answer = self.server.request(method, path, body)
        self.assertIn(answer.status // 100, (4,), (method, path[:200], body and body[:40]))
        if method != "HEAD":
            self.assertEqual(answer.headers["content-type"], "application/problem+json", path[:200])
            self.assertEqual(answer.json()["status"], answer.status)
            self.assertGreater(len(answer.json()["detail"]), 10)

    def tearDown(self):
        self.assertEqual(self.server.get("/livez").text(), "ok\n")

    def test_parameters_nobody_knows(self):
        for method, path, parameters in self.operations():
            if any(one["in"] == "path" for one in parameters) or method != "GET":
                continue
            if any(one["in"] == "query" for one in parameters):
                self.refused(method, path + "?no_such=1")

    def test_numbers_that_are_none(self):
        for method, path, parameters in self.operations():
            for one in parameters:
                if method == "GET" and one["in"] == "query" and \
                        one["schema"]["type"] in ("integer", "boolean") and "{" not in path:
                    for value in VALUES:
                        if (one["schema"]["type"], value) == ("integer", "1e9"):
                            continue
                        self.refused(method, f"{path}?{one['name']}={value}&q=a&point=a")

    def test_names_that_lead_elsewhere(self):
        for method, path, parameters in self.operations():
            places = [one["name"] for one in parameters if one["in"] == "path"]
            for name in NAMES if places else ():
                asked = path
                for place in places:
                    asked = asked.replace("{" + place + "}", name)
                self.refused(method, asked, b"{" if method in ("POST", "PUT") else None)

    def test_bodies_that_are_none(self):
        for method, path, parameters in self.operations():
            if method in ("POST", "PUT", "PATCH") and not parameters:
                for body in BODIES:
                    self.refused(method, path, body)

    def test_a_request_that_is_too_large(self):
        answer = self.server.get("/api/v1/points?search=" + "a" * (70 << 10))
        self.assertIn(answer.status, (414, 431))
        self.refused("GET", "/api/v1/search?q=" + "%20".join("abcdefghijklmnopqrstuvwxyz"))
        self.refused("GET", "/api/v1/live?frames=1s&points=" +
                     ",".join(f"{i:x}" for i in range(10_001)))


class Conditions(ServerCase):
    """If-Match and If-None-Match are taken, as the description says, or refused; never ignored."""

    def test_each_change_takes_or_refuses_them(self):
        taken = 0
        for path, methods in self.server.get("/openapi.json").json()["paths"].items():
            for method, one in methods.items():
                if method not in ("put", "patch", "delete"):
                    continue
                names = {p["name"] for p in one.get("parameters", []) if p["in"] == "header"}
                asked = re.sub(r"\{\w+\}", "x", path)
                for header, value in (("If-Match", '"nonsense"'), ("If-None-Match", '"1"')):
                    answer = self.server.request(method.upper(), asked, b"{}", {header: value})
                    self.assertEqual(answer.status, 400, (method, path, header, answer.text()))
                    detail = answer.json()["detail"]
                    if header in names:
                        self.assertNotIn("nothing would guard", detail)
                        self.assertIn(header, detail)
                        taken += 1
                    else:
                        self.assertIn("nothing would guard", detail, (method, path))
        self.assertGreater(taken, 25)

    def test_creating_and_never_replacing(self):
        only_new = {"If-None-Match": "*"}
        ask = self.server.request
        model = {"@context": "dtmi:dtdl:context;3", "@id": "dtmi:test:Thing;1",
                 "@type": "Interface"}
        self.assertLess(ask("PUT", "/api/v1/twin/models", json.dumps([model])).status, 300)
        for path, body in (("/api/v1/twins/c1", {"model": "dtmi:test:Thing;1"}),
                           ("/api/v1/rules/c1", {"sql": 'SELECT * FROM "a/#"', "actions": []})):
            first = ask("PUT", path, json.dumps(body), only_new)
            self.assertEqual(first.status, 201, first.text())
            again = ask("PUT", path, json.dumps(body), only_new)
            self.assertEqual(again.status, 412, again.text())
            self.assertIn("already", again.json()["detail"])
            etag = ask("GET", path).headers["etag"]
            self.assertEqual(ask("PUT", path, json.dumps(body), {"If-Match": etag}).status, 200)
            gone = ask("PUT", path + "0", json.dumps(body), {"If-Match": etag})
            self.assertEqual(gone.status, 412, gone.text())

    def test_a_connection_has_its_name_from_the_address(self):
        path = "/api/v1/connectors/hook"
        body = {"kind": "http", "settings": {"url": "http://127.0.0.1:9/"}}
        answer = self.server.request("PUT", path, json.dumps(body))
        self.assertEqual(answer.status, 201, answer.text())
        self.assertEqual(self.server.get(path).json()["name"], "hook")
        other = self.server.request("PUT", path, json.dumps({**body, "name": "other"}))
        self.assertEqual(other.status, 400)


if __name__ == "__main__":
    main()
