"""The server as those who run it see it: facts, settings, log, figures, the support bundle."""

import io
import json
import os
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


if __name__ == "__main__":
    main()
