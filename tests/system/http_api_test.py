"""The HTTP interface, asked as any program would."""

import gzip
import json

from harness import ServerCase, main

T0 = 1_700_000_000


class Writing(ServerCase):
    def write(self, path, body, **headers):
        return self.server.request("POST", path, body, headers)

    def test_v1_line_protocol(self):
        answer = self.write("/write?precision=s", f"pump,asset=p1 flow=12.5,on=true {T0}\n")
        self.assertEqual((answer.status, answer.body), (204, b""))
        rows = self.server.samples(filter="pump/#", **{"from": T0, "to": T0 + 1})
        self.assertEqual({r["point"]: r["value"] for r in rows},
                         {"pump/p1/flow": 12.5, "pump/p1/on": True})

    def test_v2_line_protocol_gzip(self):
        body = gzip.compress(f"tank,asset=t1 level=3i {T0}000\n".encode())
        answer = self.write("/api/v2/write?org=o&bucket=b&precision=ms", body,
                            **{"Content-Encoding": "gzip"})
        self.assertEqual(answer.status, 204)
        rows = self.server.samples(point="tank/t1/level", **{"from": T0, "to": T0 + 1})
        self.assertEqual(rows[0]["value"], 3)

    def test_bad_lines_are_named_and_good_ones_kept(self):
        lines = f"a,x=1 v=1 {T0}\nnonsense\nb,x=1 v=2 {T0}\n"
        answer = self.write("/api/v2/write?precision=s", lines)
        self.assertEqual(answer.status, 400)
        body = answer.json()
        self.assertEqual(body["code"], "invalid")
        self.assertIn("nonsense", body["message"])
        self.assertEqual(body["line"], 2)
        rows = self.server.samples(filter="b/#", **{"from": T0, "to": T0 + 1})
        self.assertEqual(rows[0]["value"], 2)

    def test_ping_and_health_as_influxdb(self):
        self.assertEqual(self.server.get("/ping").status, 204)
        self.assertEqual(self.server.get("/health").json()["status"], "pass")

    def test_publish(self):
        body = json.dumps({"topic": "api/one", "payload": 7, "qos": 1})
        answer = self.write("/api/v1/publish", body)
        self.assertEqual(answer.status, 200, answer.text())
        self.assertEqual(self.server.points("api/one")["api/one"]["value"], 7)
        bad = self.write("/api/v1/publish", '{"topic":"a/#","payload":1}')
        self.assertEqual(bad.status, 400)
        self.assertEqual(bad.headers["content-type"], "application/problem+json")

    def test_foreign_origin_may_not_write(self):
        answer = self.write("/write", "a v=1", Origin="http://elsewhere.example")
        self.assertEqual(answer.status, 403)

    def test_first_and_last_of_texts(self):
        self.server.request("POST", "/write?precision=s", "".join(
            f'words mode="{mode}" {T0 + at}\n'
            for at, mode in ((1, "off"), (2, "on"), (12, "slow"))))
        point, = (one for one in self.server.points("words/#"))
        rows = self.server.get("/api/v1/history", point=point, every="10s", fill="previous",
                               aggregate="first,last,count",
                               **{"from": T0, "to": T0 + 30}).json()["items"]
        self.assertEqual([(row["first"], row["last"]) for row in rows][:2],
                         [("off", "on"), ("slow", "slow")])
        self.assertEqual([row["count"] for row in rows][:2], [2, 1])


class Reading(ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        lines = "".join(f"s,p=a value={i} {T0 + i}\ns,p=b value={i * 2} {T0 + i}\n"
                        for i in range(1000))
        assert cls.server.request("POST", "/write?precision=s", lines).status == 204
        cls.range = {"from": T0, "to": T0 + 1000}

    def test_points(self):
        points = self.server.points("s/#")
        self.assertEqual(sorted(points), ["s/a", "s/b"])
        a = points["s/a"]
        self.assertEqual(a["count"], 1000)
        self.assertEqual(a["type"], "double")
        self.assertEqual(a["value"], 999)
        self.assertEqual(a["quality"], "good")
        self.assertEqual(a["first_time"], "2023-11-14T22:13:20Z")
        self.assertEqual(a["last_time"], "2023-11-14T22:29:59Z")

    def test_search(self):
        found = self.server.get("/api/v1/points", search="S A", fields="point").json()
        self.assertEqual(found["items"], [{"point": "s/a"}])
        page = self.server.get("/api/v1/points", search="s/", filter="s/#", limit=1).json()
        self.assertEqual(page["items"][0]["point"], "s/a")
        rest = self.server.get("/api/v1/points", search="s/", limit=1, cursor=page["next"]).json()
        self.assertEqual((rest["items"][0]["point"], rest["next"]), ("s/b", None))
        self.assertEqual(self.server.get("/api/v1/points", search="x" * 300).status, 400)

    def test_search_of_all_kinds(self):
        rule = json.dumps({"id": "tank_rule", "sql": "SELECT * FROM \"s/a\"",
                           "description": "Watches the Tank", "actions": [{"type": "console"}]})
        self.assertEqual(self.server.request("POST", "/api/v1/rules", rule).status, 201)
        device = json.dumps({"name": "tank_plc", "driver": "modbus-tcp", "enabled": False,
                             "settings": {"host": "127.0.0.1"}})
        self.assertEqual(self.server.request("POST", "/api/v1/devices", device).status, 201)
        self.server.request("POST", "/write?precision=s", f"tank,p=level value=1 {T0}\n")
        self.server.request("POST", "/api/v1/twin/library/install")
        twin = json.dumps({"id": "works/tank7", "model": "dtmi:headworks:water:Tank;1",
                           "name": "High tank"})
        made = self.server.request("PUT", "/api/v1/twins/works/tank7", twin)
        self.assertEqual(made.status, 201, made.text())
        items = self.server.get("/api/v1/search", q="TANK").json()["items"]
        found = {(one["kind"], one["id"]): one["title"] for one in items}
        self.assertEqual(found[("point", "tank/level")], "tank/level")
        self.assertEqual(found[("rule", "tank_rule")], "Watches the Tank")
        self.assertIn(("device", "tank_plc"), found)
        self.assertEqual(found[("twin", "works/tank7")], "High tank")
        self.assertEqual(self.server.get("/api/v1/search", q="no such thing").json()["items"], [])
        self.assertEqual(self.server.get("/api/v1/search", q="").json()["items"], [])

    def test_paging(self):
        first = self.server.get("/api/v1/points", limit=1).json()
        self.assertEqual([p["point"] for p in first["items"]], ["s/a"])
        second = self.server.get("/api/v1/points", limit=1, cursor=first["next"]).json()
        self.assertEqual([p["point"] for p in second["items"]], ["s/b"])
        self.assertIsNone(second["next"])
        rows = self.server.samples(filter="s/+", limit=300, **self.range)
        self.assertEqual(len(rows), 2000)
        self.assertEqual([r["value"] for r in rows if r["point"] == "s/b"],
                         [i * 2 for i in range(1000)])

    def test_buckets(self):
        answer = self.server.get("/api/v1/history", point="s/a", every="100s", aggregate=(
            "mean,min,max,count,first,last,sum,stddev,p95,twa"), **self.range).json()
        row = answer["items"][1]
        self.assertEqual(row["time"], "2023-11-14T22:15:00Z")
        self.assertEqual((row["min"], row["max"], row["count"]), (100, 199, 100))
        self.assertEqual((row["first"], row["last"], row["sum"]), (100, 199, 14950))
        self.assertAlmostEqual(row["mean"], 149.5)
        self.assertAlmostEqual(row["twa"], 149.5)
        self.assertAlmostEqual(row["stddev"], 28.866, 3)  # of the whole, not of a sample of it

    def test_fill(self):
        def values(fill):
            rows = self.server.get("/api/v1/history", point="s/a", every="500s", fill=fill,
                                   **{"from": T0, "to": T0 + 2000}).json()["items"]
            return [row["mean"] for row in rows]
        self.assertEqual(len(values("none")), 2)
        self.assertEqual(values("null")[2:], [None, None])
        self.assertEqual(values("previous")[2:], [values("none")[1]] * 2)

    def test_pages_of_buckets(self):
        query = {"filter": "s/#", "every": "100s", "aggregate": "count", "limit": 3, **self.range}
        rows = self.server.samples(**query)
        page = self.server.get("/api/v1/history", **query).json()
        self.assertEqual(len(page["items"]), 3)
        del query["limit"]
        self.assertEqual(rows, self.server.get("/api/v1/history", **query).json()["items"])

    def test_formats(self):
        csv = self.server.get("/api/v1/history", headers={"Accept": "text/csv"}, point="s/a",
                              **{"from": T0, "to": T0 + 2})
        self.assertEqual(csv.text(), "point,time,value,quality\n"
                         "s/a,2023-11-14T22:13:20Z,0.0,good\ns/a,2023-11-14T22:13:21Z,1.0,good\n")
        lines = self.server.get("/api/v1/history", headers={"Accept": "application/x-ndjson"},
                                point="s/a", **self.range).text().splitlines()
        self.assertEqual(len(lines), 1000)
        self.assertEqual(json.loads(lines[5]), {"point": "s/a", "time": "2023-11-14T22:13:25Z",
                                                "value": 5, "quality": "good"})

    def test_decimation(self):
        for how in ("min_max", "lttb"):
            rows = self.server.get("/api/v1/history", point="s/a", max_points=100, decimate=how,
                                   **self.range).json()["items"]
            self.assertLessEqual(len(rows), 100)
            self.assertGreater(len(rows), 40)
            self.assertEqual(max(r["value"] for r in rows), 999)
            self.assertEqual(min(r["value"] for r in rows), 0)

    def test_errors_are_problems(self):
        for query, status, word in (
                ({"point": "no/such"}, 404, "no/such"),
                ({"point": "s/a", "from": "yesterdy"}, 400, "yesterdy"),
                ({"point": "s/a", "form": "now"}, 400, "did you mean"),
                ({"point": "s/a", "every": "1m", "aggregate": "meen"}, 400, "meen"),
                ({}, 400, "point")):
            answer = self.server.get("/api/v1/history", **query)
            self.assertEqual(answer.status, status, query)
            self.assertEqual(answer.headers["content-type"], "application/problem+json")
            self.assertIn(word, answer.json()["detail"])
        for path in ("/api/v1/points", "/api/v1/history"):
            answer = self.server.get(path, headers={"Accept": "image/png"}, filter="s/#")
            self.assertEqual(answer.status, 406)
        self.assertEqual(self.server.get("/api/v1/nothing").status, 404)
        wrong = self.server.request("DELETE", "/api/v1/points")
        self.assertEqual((wrong.status, wrong.headers["allow"]), (405, "GET"))

    def test_health_metrics_openapi(self):
        self.assertEqual(self.server.get("/livez").status, 200)
        self.assertEqual(self.server.get("/readyz").status, 200)
        self.assertIn("headworks_history_samples_committed_total",
                      self.server.get("/metrics").text())
        description = self.server.get("/openapi.json").json()
        self.assertTrue(description["openapi"].startswith("3.1"))
        self.assertIn("/api/v1/history", description["paths"])


if __name__ == "__main__":
    main()
