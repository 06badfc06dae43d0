"""SQL over history, asked over HTTP and by the command line; answers compared with Python's own."""

import csv
import http.client
import io
import json
import math
import os
import statistics
import subprocess
import tempfile
import threading
import unittest

from harness import Server, ServerCase, cli, main, until

T0 = 1_767_225_600  # 2026-01-01
ENDLESS = "SELECT count(*) FROM range(100000000000) WHERE range % 7 = 3"


def readings():
    """Three points of 20,000 samples; every 500th of one is bad."""
    rows = []
    for second in range(20_000):
        rows.append(("works/a/flow", T0 + second, 10 + math.sin(second / 700) * 3, "good"))
        rows.append(("works/b/flow", T0 + second, second % 97,
                     "bad.communication" if second % 500 == 0 else "good"))
        if second % 10 == 0:
            rows.append(("works/c/level", T0 + second, second / 8, "good"))
    return rows


def as_csv(rows):
    return "point,time,value,quality\n" + "".join(
        f"{point},{time},{value!r},{quality}\n" for point, time, value, quality in rows)


class SqlCase(ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        probe = cls.server.request("POST", "/api/v1/query", "SELECT 1")
        if probe.status == 501:
            cls.server.close()
            raise unittest.SkipTest(probe.json()["detail"])

    def ask(self, sql, **members):
        answer = self.server.request("POST", "/api/v1/query", json.dumps({"sql": sql, **members}),
                                     {"Content-Type": "application/json"})
        self.assertEqual(answer.status, 200, answer.body[:500])
        return answer

    def rows(self, sql, **members):
        return self.ask(sql, **members).json()["rows"]

    def refused(self, sql, **members):
        answer = self.server.request("POST", "/api/v1/query", json.dumps({"sql": sql, **members}),
                                     {"Content-Type": "application/json"})
        self.assertNotEqual(answer.status, 200, answer.text())
        return answer.status, answer.json()["detail"]


class Queries(SqlCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.readings = readings()
        body = as_csv(cls.readings)
        answer = cls.server.request("POST", "/api/v1/import", body, {"Content-Type": "text/csv"})
        assert answer.json()["taken"] == len(cls.readings), answer.text()
        assert answer.json()["refused"] == 0, answer.text()

    def values(self, point, quality=None):
        return [value for name, _, value, how in self.readings
                if name == point and (quality is None or how == quality)]

    def test_figures_are_those_that_python_has(self):
        rows = self.rows("SELECT point, count(*), sum(value), min(value), max(value), "
                         "stddev_samp(value), median(value) FROM history('works/#') "
                         "GROUP BY point ORDER BY point")
        self.assertEqual([row[0] for row in rows],
                         ["works/a/flow", "works/b/flow", "works/c/level"])
        for row in rows:
            values = self.values(row[0])
            expected = [len(values), math.fsum(values), min(values), max(values),
                        statistics.stdev(values), statistics.median(values)]
            for have, want in zip(row[1:], expected):
                self.assertAlmostEqual(have, want, delta=1e-9 * max(1, abs(want)))

    def test_buckets_are_those_of_the_history_api(self):
        by_sql = self.rows("SELECT point, time, count, avg, min, max, first, last, twa FROM "
                           "history_agg('works/+/flow', '2026-01-01', '2026-01-01 05:00', '15m') "
                           "ORDER BY point, time")
        by_api = self.server.samples(
            filter="works/+/flow", every="15m", aggregate="count,mean,min,max,first,last,twa",
            **{"from": "2026-01-01", "to": "2026-01-01T05:00:00Z"})
        names = ["point", "time", "count", "mean", "min", "max", "first", "last", "twa"]
        self.assertEqual(by_sql, [[row[name] for name in names] for row in by_api])
        self.assertEqual(len(by_sql), 40)

    def test_bad_samples_are_there_and_can_be_left_out(self):
        good = self.values("works/b/flow", "good")
        self.assertEqual(
            self.rows("SELECT count(*), sum(value) FROM history('works/b/flow') "
                      "WHERE quality = 'good'"), [[len(good), sum(good)]])
        self.assertEqual(self.rows("SELECT sum(count)::BIGINT FROM history_agg('works/b/flow')"),
                         [[len(good)]])

    def test_joins_windows_and_parameters(self):
        self.assertEqual(
            self.rows("SELECT count(*) FROM history($f, $from, $to) a ASOF JOIN "
                      "history('works/c/level') b ON a.time >= b.time",
                      params={"f": "works/a/flow", "from": T0, "to": "2026-01-01T00:10:00Z"}),
            [[600]])
        self.assertEqual(
            self.rows("SELECT value - lag(value) OVER (ORDER BY time) d FROM history(?, ?, ?) "
                      "ORDER BY time LIMIT 2", params=["works/c/level", T0, T0 + 30]),
            [[None], [1.25]])
        self.assertEqual(self.rows("SELECT unit, count FROM points WHERE point = $1",
                                   params=["works/c/level"]), [[None, 2000]])

    def test_every_format(self):
        sql = "SELECT point, time, value FROM history('works/c/level', '2026-01-01', 1767225620) " \
              "ORDER BY time"
        plain = self.ask(sql).json()
        self.assertEqual(plain["columns"], [{"name": "point", "type": "VARCHAR"},
                                            {"name": "time", "type": "TIMESTAMP_NS"},
                                            {"name": "value", "type": "DOUBLE"}])
        expected = [["works/c/level", "2026-01-01T00:00:00Z", 0.0],
                    ["works/c/level", "2026-01-01T00:00:10Z", 1.25]]
        self.assertEqual((plain["rows"], plain["count"], plain["cut"]), (expected, 2, False))
        lines = self.ask(sql, format="ndjson").text().splitlines()
        self.assertEqual([list(json.loads(line).values()) for line in lines], expected)
        table = list(csv.reader(io.StringIO(self.ask(sql, format="csv").text())))
        self.assertEqual(table[1:], [["works/c/level", "2026-01-01T00:00:00Z", "0.0"],
                                     ["works/c/level", "2026-01-01T00:00:10Z", "1.25"]])
        by_accept = self.server.request("POST", "/api/v1/query", sql, {"Accept": "text/csv"})
        self.assertEqual(by_accept.text(), self.ask(sql, format="csv").text())
        self.assertTrue(by_accept.headers["content-type"].startswith("text/csv"))
        parquet = self.ask(sql, format="parquet").body
        self.assertEqual((parquet[:4], parquet[-4:]), (b"PAR1", b"PAR1"))

    def test_arrow_is_read_by_a_foreign_reader(self):
        sql = "SELECT range AS n, 'text ' || range AS t, range % 3 = 0 AS b, " \
              "CASE WHEN range % 2 = 0 THEN range / 4 END AS d, [range, NULL] AS l, " \
              "{'x': range::SMALLINT} AS s, DATE '2026-01-01' AS day, 1.25::DECIMAL(25,2) AS c, " \
              "make_timestamp_ns(1767225600000000001 + range) AS at FROM range(5000) ORDER BY n"
        body = self.ask(sql, format="arrow").body
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "arrow_print.mjs")
        if not os.path.isdir(os.path.join(os.path.dirname(script), "node_modules", "apache-arrow")):
            self.skipTest("apache-arrow is not installed")
        read = subprocess.run(["node", script], input=body, capture_output=True, check=False)
        self.assertEqual(read.returncode, 0, read.stderr.decode())
        printed = json.loads(read.stdout)
        self.assertEqual([name for name, _ in printed["schema"]],
                         ["n", "t", "b", "d", "l", "s", "day", "c", "at"])
        self.assertEqual([kind for _, kind in printed["schema"]][:4],
                         ["Int64", "Utf8", "Bool", "Float64"])
        rows = printed["rows"]
        self.assertEqual(len(rows), 5000)
        for number in (0, 1, 2, 2047, 2048, 4999):
            row = rows[number]
            self.assertEqual((row["n"], row["t"], row["b"]),
                             (str(number), f"text {number}", number % 3 == 0))
            self.assertEqual(row["d"], number / 4 if number % 2 == 0 else None)
            self.assertEqual((row["l"], row["s"]), ([str(number), None], {"x": number}))

    def test_mistakes_are_told_with_their_place(self):
        status, text = self.refused("SELECT value,\n       valeu FROM history('#')")
        self.assertEqual(status, 400)
        self.assertIn("line 2, column 8", text)
        self.assertEqual(self.refused("SELECT 1", parms=[])[1],
                         "member 'parms' is not known here; did you mean 'params'?")
        self.assertEqual(self.refused("DROP VIEW points")[0], 403)
        self.assertEqual(self.refused("FROM read_text('/etc/hostname')")[0], 403)

    def test_a_stream_is_not_gathered(self):
        answer = self.ask("SELECT range FROM range(3000000)", format="csv")
        self.assertNotIn("content-length", answer.headers)
        self.assertEqual(answer.body.count(b"\n"), 3_000_001)


class Endings(SqlCase):
    sets = ("sql.json_rows_limit=100", "sql.result_bytes_limit=4MB", "sql.queries_limit=1",
            "sql.queue_limit=1")

    def running(self):
        return {item["id"]: item for item in self.server.get("/api/v1/query").json()["items"]}

    def test_limits(self):
        cut = self.ask("SELECT * FROM range(1000)").json()
        self.assertEqual((cut["count"], cut["cut"], len(cut["rows"])), (100, True, 100))
        status, text = self.refused(ENDLESS, timeout="200ms")
        self.assertEqual(status, 504)
        self.assertIn("200ms", text)
        # The answer has begun when it grows too large: it is cut off, not ended.
        with self.assertRaises((http.client.IncompleteRead, ConnectionError)):
            self.ask("SELECT * FROM range(10000000)", format="csv")
        self.assertEqual(self.rows("SELECT 1"), [[1]])

    def test_cancel_by_id_and_a_full_queue(self):
        answers = []

        def ask(name):
            answers.append(self.server.request(
                "POST", f"/api/v1/query?id={name}", ENDLESS, {"Content-Type": "text/plain"}))

        # One runs, one waits, and for the third there is no room.
        names = ("one", "two", "three")
        threads = [threading.Thread(target=ask, args=(name,)) for name in names]
        threads[0].start()
        until(lambda: "one" in self.running(), "the first runs")
        for thread in threads[1:]:
            thread.start()
        until(lambda: answers, "one is refused")
        self.assertEqual(answers[0].status, 503)
        self.assertIn("sql.queue_limit", answers[0].json()["detail"])
        for _ in range(2):
            name = next(iter(until(self.running, "a query runs")))
            self.assertEqual(self.running()[name]["sql"], ENDLESS)
            self.assertEqual(self.server.request("DELETE", f"/api/v1/query/{name}").status, 204)
            until(lambda name=name: name not in self.running(), "it ends")
        for thread in threads:
            thread.join()
        self.assertEqual([answer.status for answer in answers], [503, 503, 503])
        for answer in answers[1:]:
            self.assertIn("cancelled", answer.json()["detail"])
        self.assertEqual(self.server.request("DELETE", "/api/v1/query/one").status, 404)

    def test_a_client_that_goes_ends_its_query(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.http, timeout=60)
        connection.request("POST", "/api/v1/query?id=left", ENDLESS)
        until(lambda: "left" in self.running(), "the query runs")
        connection.close()
        until(lambda: not self.running(), "it ends")

    def test_a_stop_does_not_wait_for_queries(self):
        server = Server()
        try:
            thread = threading.Thread(target=lambda: self.gone(server))
            thread.start()
            until(lambda: server.get("/api/v1/query").json()["items"], "the query runs")
            self.assertEqual(server.stop(), 0)
            thread.join()
        finally:
            server.close()

    @staticmethod
    def gone(server):
        try:
            server.request("POST", "/api/v1/query", ENDLESS)
        except (http.client.HTTPException, ConnectionError):
            pass


class NoLibrary(ServerCase):
    sets = ("sql.duckdb_library=/nowhere/libduckdb.so",)

    def test_it_says_what_to_install_and_serves_on(self):
        answer = self.server.request("POST", "/api/v1/query", "SELECT 1")
        self.assertEqual(answer.status, 501)
        detail = answer.json()["detail"]
        self.assertIn("/nowhere/libduckdb.so", detail)
        self.assertIn("sql.duckdb_library", detail)
        self.assertEqual(self.server.get("/readyz").status, 200)
        taken = self.server.request("POST", "/api/v1/import", "point,time,value\nx,1767225600,1\n")
        self.assertEqual(taken.json()["taken"], 1)
        self.assertEqual(self.server.points("x")["x"]["value"], 1.0)
        asked = cli("sql", "SELECT 1", "--url", f"http://127.0.0.1:{self.server.http}")
        self.assertEqual(asked.returncode, 1)
        self.assertIn("needs DuckDB's library", asked.stderr)


class Imports(SqlCase):
    def take(self, body):
        return self.server.request("POST", "/api/v1/import", body, {"Content-Type": "text/csv"})

    def test_rows_are_taken_or_told(self):
        answer = self.take("time,point,text,value,quality,type\n"
                           "2026-01-01T00:00:00.000000001Z,t/a,,1.5,,\n"
                           "2026-01-01,t/b,,7,uncertain,int64\n"
                           "2026-01-01,t/c,on,,good,\n"
                           "2026-01-01,t/d,,true,good,\n"
                           "2026-01-01,t/e,AAE=,,good,bytes\n"
                           "2026-01-01,t/f,9007199254740993,9007199254740992.0,,int64\n"
                           "soon,t/a,,1,,\n"
                           "2026-01-01,t/#,,1,,\n"
                           "2026-01-01,t/a,,,,\n"
                           "2026-01-01,t/a,,1,fine,\n"
                           "2026-01-01,t/a,,x,,double\n"
                           "2026-01-01,t/a,,1\n").json()
        self.assertEqual((answer["taken"], answer["refused"]), (6, 6), answer)
        self.assertEqual([error["line"] for error in answer["errors"]], [8, 9, 10, 11, 12, 13])
        points = self.server.points("t/#")
        self.assertEqual({name: points[name]["value"] for name in points},
                         {"t/a": 1.5, "t/b": 7, "t/c": "on", "t/d": True, "t/e": "AAE=",
                          "t/f": 9007199254740993})
        self.assertEqual(points["t/b"]["quality"], "uncertain")
        self.assertEqual(points["t/a"]["time"], "2026-01-01T00:00:00.000000001Z")
        self.assertEqual(self.take("point,value\nx,1\n").status, 400)
        self.assertEqual(self.take("").status, 400)

    def test_what_is_exported_can_be_imported(self):
        body = "point,time,value,text,quality,type\n" + "".join(
            f"r/{number % 7},{T0 + number},{number / 3!r},,good,double\n"
            for number in range(60_000)) + \
            f"r/texts,{T0},,\"a, \"\"b\"\"\nc\",uncertain,string\n" + \
            f"r/whole,{T0},,{2**60 + 1},good,int64\nr/flag,{T0},true,,bad.timeout,bool\n"
        self.assertEqual(self.take(body).json()["refused"], 0)
        folder = self.enterContext(tempfile.TemporaryDirectory())
        here = ("--url", f"http://127.0.0.1:{self.server.http}")
        other = Server()
        self.addCleanup(other.close)
        there = ("--url", f"http://127.0.0.1:{other.http}")
        compare = "SELECT point, count(*), sum(value), min(time), max(time), max(text), " \
                  "max(quality), max(type) FROM history('r/#') GROUP BY point ORDER BY point"
        for name in ("all.parquet", "all.csv"):
            path = os.path.join(folder, name)
            done = cli("export", "r/#", path, *here)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("60,003 rows", done.stdout)
            self.assertEqual(os.listdir(folder), [name])
            for _ in range(2):  # the second time changes nothing
                done = cli("import", path, *there)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertEqual(done.stdout, "60,003 samples taken, 0 rows refused\n")
            ours = self.server.request("POST", "/api/v1/query?format=csv", compare).text()
            theirs = other.request("POST", "/api/v1/query?format=csv", compare).text()
            self.assertEqual(ours, theirs)
            os.remove(path)

    def test_a_file_with_bad_rows_ends_with_7(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        path = os.path.join(folder, "lab.csv")
        with open(path, "w", encoding="utf-8") as file:
            file.write("point;time;value\nlab/ph;2026-01-01 08:00;7.2\nlab/ph;later;7.3\n"
                       "lab/ph;2026-01-01 09:00\nlab/ph;2026-01-01 10:00;7.1\n")
        done = cli("import", path, "--url", f"http://127.0.0.1:{self.server.http}")
        self.assertEqual(done.returncode, 7, done.stderr)
        self.assertEqual(done.stdout, "2 samples taken, 2 rows refused\n")
        self.assertIn("line 3: time 'later'", done.stderr)
        self.assertIn("line 4 has 2 cells", done.stderr)


class CommandLine(SqlCase):
    def sql(self, *arguments, **options):
        return cli("sql", "--url", f"http://127.0.0.1:{self.server.http}", *arguments, **options)

    def test_statements(self):
        done = self.sql("SELECT 1 AS a, NULL AS b, 'x' AS c", "--format", "table")
        self.assertEqual(done.stdout.splitlines(), ["a     b  c", "1  NULL  x"])
        self.assertEqual(self.sql("SELECT 42 AS n").stdout, "n\n42\n")
        done = self.sql("-p", "n=5", "-p", "t=2026-01-01", "SELECT $n + 1 AS a, $t AS b")
        self.assertEqual(done.stdout, "a,b\n6,2026-01-01\n")
        done = self.sql("-p", "2", "-p", "x", "SELECT $2 AS a, $1 AS b", "--format", "ndjson")
        self.assertEqual(json.loads(done.stdout), {"a": "x", "b": 2})
        done = self.sql("SELECT nope")
        self.assertEqual(done.returncode, 2)
        self.assertIn("nope", done.stderr)

    def test_the_shell(self):
        script = ".help\n.tables\n.schema history\n" \
                 "SELECT ';' AS a, -- one;\n 2 AS b;SELECT 3 c;\n" \
                 ".tabels\n.format csv\nSELECT nope;\nSELECT 4 AS d;\n.quit\nSELECT 5 AS e;\n"
        done = self.sql("--format", "table", input=script)
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.splitlines()
        for wanted in ("history_agg()  function", ";  2", "3", "d", "4"):
            self.assertIn(wanted, lines)
        self.assertIn("time         TIMESTAMP_NS", lines)
        self.assertNotIn("e", lines)
        self.assertIn("is it .tables?", done.stderr)
        self.assertIn("nope", done.stderr)

    def test_statements_of_a_file(self):
        done = self.sql("-f", "-", input="SELECT 1 AS a;\n/* ; */ SELECT 2 AS b")
        self.assertEqual(done.stdout, "a\n1\nb\n2\n")


if __name__ == "__main__":
    main()
