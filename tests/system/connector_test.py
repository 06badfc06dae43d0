"""Connectors against real servers, one at a time, driven by connector_probe."""

import email
import email.policy
import json
import os
import signal
import subprocess
from tempfile import TemporaryDirectory

from connector_case import ConnectorCase, lines
from connector_servers import (ClickHouse, HttpPeer, Influx, MailPeer, certificate,
                               free_port)
from harness import main, until


class InfluxSink(ConnectorCase):
    @classmethod
    def setUpClass(cls):
        cls.influx = Influx()
        cls.addClassCleanup(cls.influx.close)
        cls.influx.query("CREATE DATABASE plant")
        cls.where = {"url": cls.influx.url, "api": "v1", "database": "plant"}

    def test_connection(self):
        self.assertEqual(self.check("influxdb", **self.where), "ok")
        missing = self.check("influxdb", **{**self.where, "database": "none"})
        self.assertIn("database not found", missing)
        self.assertIn("check database", missing)
        nobody = self.check("influxdb", **{**self.where, "url": f"http://127.0.0.1:{free_port()}"})
        self.assertTrue(nobody.startswith("error: "), nobody)

    def test_types_and_escapes(self):
        rows = [{"v": 1.5, "n": 3, "b": True, "s": 'say "hi" \\ there', "tag": "a b,c=d",
                 "_time": 1700000000123},
                {"v": 2, "n": 4, "s": "line\ntwo", "_time": 1700000001000}]
        sent = self.send("influxdb", rows, **self.where, measurement="m 1,x",
                         tags="tag=${tag}", fields='v=${v},n=${n}i,b=${b},s=${s},q="${n}"')
        self.assertEqual(sent["sent"], 2, sent)
        found = self.influx.query('SELECT * FROM "m 1,x"', "plant")
        self.assertEqual(found[0], {"time": 1700000000123, "v": 1.5, "n": 3, "b": True,
                                    "s": 'say "hi" \\ there', "q": "3", "tag": "a b,c=d"})
        self.assertEqual((found[1]["v"], found[1]["s"], found[1]["tag"], found[1]["b"]),
                         (2, "line\ntwo", None, None))

    def test_write_syntax_and_precision(self):
        sent = self.send("influxdb", [{"clientid": "c 1", "payload": {"temp": 21.5}, "ts": 5000}],
                         **self.where, precision="ms",
                         write_syntax="temp,client=${clientid} value=${payload.temp},x=1i ${ts}")
        self.assertEqual(sent["sent"], 1, sent)
        self.assertEqual(self.influx.query("SELECT * FROM temp", "plant"),
                         [{"time": 5000, "client": "c 1", "value": 21.5, "x": 1}])

    def test_a_row_of_another_type_is_rejected_alone(self):
        rows = [{"v": i, "_time": 1700000000000 + i} for i in range(50)]
        rows[20]["v"] = "text"
        sent = self.send("influxdb", rows, **self.where, measurement="typed")
        self.assertEqual((sent["sent"], sent["dropped"]["rejected"]), (49, 1), sent)
        self.assertIn("field type conflict", sent["last_error"])
        self.assertEqual(len(self.influx.query("SELECT v FROM typed", "plant")), 49)

    def test_rows_wait_for_a_server_that_is_down(self):
        rows = [{"v": i, "_time": 1700000000000 + i} for i in range(3000)]
        settings = {**self.where, "measurement": "waiting", "buffer_memory_bytes": "16KiB"}
        self.influx.kill()
        down = self.send("influxdb", rows, **settings, wait="500ms")
        self.assertEqual((down["sent"], down["queued"]), (0, 3000), down)
        self.influx.start()
        later = self.send("influxdb", [], **settings)
        self.assertEqual((later["sent"], later["queued"]), (3000, 0), later)
        found = self.influx.query("SELECT count(v) FROM waiting", "plant")
        self.assertEqual(found[0]["count"], 3000)


class ClickHouseSink(ConnectorCase):
    @classmethod
    def setUpClass(cls):
        cls.server = ClickHouse()
        cls.addClassCleanup(cls.server.close)

    def test_connection(self):
        self.server.query("CREATE TABLE there (n Int64) ENGINE = Log")
        self.assertEqual(self.check("clickhouse", url=self.server.url, table="there"), "ok")
        self.assertIn("there is no table default.nix",
                      self.check("clickhouse", url=self.server.url, table="nix"))
        self.assertIn("check url, username and password_file",
                      self.check("clickhouse", url=self.server.url, table="there",
                                 username="writer"))
        self.assertEqual(self.check("clickhouse", url=self.server.url, table="there",
                                    username="writer",
                                    password_file=self.path("secrets/pw", "secret\n")), "ok")

    def test_rows_and_a_bad_one_among_them(self):
        self.server.query("CREATE TABLE `odd ``name` (ts DateTime, n Int64, v Nullable(Float64), "
                          "name String) ENGINE = Log")
        rows = [{"ts": f"2026-03-01T10:00:{i:02}Z", "n": i, "v": None if i == 3 else i / 2,
                 "name": 'a "b"\n\t\\', "extra": 1} for i in range(40)]
        rows[17]["n"] = "seventeen"
        sent = self.send("clickhouse", rows, url=self.server.url, table="odd `name")
        self.assertEqual((sent["sent"], sent["dropped"]["rejected"]), (39, 1), sent)
        found = self.server.query("SELECT * FROM `odd ``name` ORDER BY n FORMAT JSONEachRow")
        self.assertEqual(len(found), 39)
        third = json.loads(found[3])
        self.assertEqual((third["ts"], third["v"], third["name"]),
                         ("2026-03-01 10:00:03", None, 'a "b"\n\t\\'))

    def test_a_missing_table_keeps_the_rows(self):
        settings = {"url": self.server.url, "table": "late"}
        down = self.send("clickhouse", [{"n": 1}, {"n": 2}], **settings, wait="300ms")
        self.assertEqual((down["sent"], down["queued"], down["dropped"]["rejected"]), (0, 2, 0))
        self.server.query("CREATE TABLE late (n Int64) ENGINE = Log")
        self.assertEqual(self.send("clickhouse", [], **settings)["sent"], 2)
        self.assertEqual(self.server.query("SELECT sum(n) FROM late"), ["3"])

    def test_a_template_makes_the_row(self):
        self.server.query("CREATE TABLE shaped (at UInt64, what String) ENGINE = Log")
        sent = self.send("clickhouse", [{"a": {"b": 'x"y'}, "_time": 1700000000000}],
                         url=self.server.url, table="shaped",
                         body='{"at":${@time_ms}\\,"what":${json:a.b}}'.replace("\\,", ","))
        self.assertEqual(sent["sent"], 1, sent)
        self.assertEqual(self.server.query("SELECT * FROM shaped"), ['1700000000000\tx"y'])


class Http(ConnectorCase):
    def setUp(self):
        super().setUp()
        self.peer = HttpPeer()
        self.addCleanup(self.peer.close)

    def test_templates_fill_the_request(self):
        sent = self.send("http", [{"id": "a/b c", "v": 1}], url=self.peer.url, method="PUT",
                         path="/v1/${id}?v=${v}", headers="X-Id=${id}", body='{"v":${v}}',
                         username="plant", password_file=self.path("pw", "secret"))
        self.assertEqual(sent["sent"], 1, sent)
        method, path, headers, body = self.peer.got[0]
        self.assertEqual((method, path, body), ("PUT", "/v1/a%2Fb%20c?v=1", '{"v":1}'))
        self.assertEqual((headers["X-Id"], headers["Content-Type"], headers["Authorization"]),
                         ("a/b c", "application/json", "Basic cGxhbnQ6c2VjcmV0"))

    def test_batches(self):
        rows = [{"n": i} for i in range(10)]
        self.send("http", rows, url=self.peer.url, batch_format="array", batch_time="200ms",
                  batch_size=10, token_file=self.path("token", "t0k"))
        self.assertEqual([json.loads(body) for _, _, _, body in self.peer.got], [rows])
        self.assertEqual(self.peer.got[0][2]["Authorization"], "Bearer t0k")
        self.peer.got.clear()
        self.send("http", rows, url=self.peer.url, path="/${n}", batch_format="lines",
                  batch_time="200ms")
        self.assertEqual([path for _, path, _, _ in self.peer.got], [f"/{i}" for i in range(10)])

    def test_a_refused_row_is_found_by_halves(self):
        self.peer.decide = lambda body: 400 if '"n":13' in body else 200
        sent = self.send("http", [{"n": i} for i in range(64)], url=self.peer.url,
                         batch_format="array", batch_time="200ms")
        self.assertEqual((sent["sent"], sent["dropped"]["rejected"]), (63, 1), sent)
        self.assertIn("status 400", sent["last_error"])
        good = [row["n"] for _, _, _, body in self.peer.got for row in json.loads(body)
                if '"n":13' not in body]
        self.assertEqual(sorted(good), [i for i in range(64) if i != 13])
        self.assertLess(len(self.peer.got), 20)

    def test_statuses(self):
        for status, outcome in [(204, "sent"), (404, "rejected"), (302, "rejected"),
                                (503, "queued"), (429, "queued"), (401, "queued")]:
            self.peer.status = status
            self.folder = self.enterContext(TemporaryDirectory())
            sent = self.send("http", [{"n": 1}], url=self.peer.url, wait="300ms")
            found = {"sent": sent["sent"], "rejected": sent["dropped"]["rejected"],
                     "queued": sent["queued"]}
            self.assertEqual(found[outcome], 1, f"{status}: {sent}")

    def test_expiry_and_retries_end_the_waiting(self):
        self.peer.status = 500
        sent = self.send("http", [{"n": 1}], url=self.peer.url, max_retries=2)
        self.assertEqual((sent["dropped"]["retries"], sent["failed"]), (1, 3), sent)
        sent = self.send("http", [{"n": 1}], url=self.peer.url, request_ttl="200ms")
        self.assertEqual(sent["dropped"]["expired"], 1, sent)

    def test_kill_loses_nothing_that_lay_on_disk(self):
        self.peer.status = 500
        rows = [{"n": i} for i in range(2000)]
        settings = {"url": self.peer.url, "buffer_memory_bytes": "4KiB", "retry_interval": "10ms"}
        process = subprocess.Popen(self.command("send", "http", wait="60s", **settings),
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        process.stdin.write(lines(rows))
        process.stdin.flush()
        buffer = os.path.join(self.folder, "buffer")
        until(lambda: os.path.isdir(buffer) and
              sum(os.path.getsize(os.path.join(buffer, name)) for name in os.listdir(buffer))
              > 80_000, "a buffer on disk")
        process.send_signal(signal.SIGKILL)
        process.communicate()
        self.peer.status = 200
        self.peer.got.clear()
        later = self.send("http", [], **settings)
        numbers = [json.loads(body)["n"] for _, _, _, body in self.peer.got]
        # A beginning of the rows, whole and in order: what was in memory is the rule's to repeat.
        self.assertEqual(numbers, list(range(len(numbers))))
        self.assertGreater(len(numbers), 1000)
        self.assertEqual(later["dropped"]["corrupt"], 0)

    def test_pull(self):
        self.peer.answer = b'[{"a":1},{"a":2}]'
        got = self.read("http", 4, url=self.peer.url + "/x", interval="50ms")
        self.assertEqual([one["payload"] for one in got], ['{"a":1}', '{"a":2}'] * 2)
        self.assertEqual(got[0]["topic"], self.peer.url + "/x")

    def test_incremental_pull_leaves_out_what_is_known(self):
        self.peer.answer = b'{"a":1}'
        self.peer.etag = '"v1"'
        got = self.read("http", 2, url=self.peer.url, interval="20ms", incremental="true",
                        wait="400ms")
        self.assertEqual([one["payload"] for one in got], ['{"a":1}'])
        self.assertEqual(self.peer.got[1][2].get("If-None-Match"), '"v1"')

    def test_lookup(self):
        self.peer.answer = b'{"id":"p 7","maker":"Acme"}'
        found = self.find("http", "id=p 7", url=self.peer.url + "/pumps/${id}")
        self.assertEqual(found, [{"id": "p 7", "maker": "Acme"}])
        self.assertEqual(self.peer.got[0][1], "/pumps/p%207")
        self.peer.status = 404
        self.assertEqual(self.find("http", "id=x", url=self.peer.url + "/${id}"), [])


class Https(ConnectorCase):
    def test_certificates_are_checked(self):
        cert, key = certificate(self.folder)
        peer = HttpPeer(tls=(cert, key))
        self.addCleanup(peer.close)
        refused = self.check("http", url=peer.url)
        self.assertIn("certificate", refused)
        self.assertEqual(self.check("http", url=peer.url, verify="false"), "ok")
        sent = self.send("http", [{"n": 1}], url=peer.url, ca_file=cert)
        self.assertEqual(sent["sent"], 1, sent)
        named = peer.url.replace("127.0.0.1", "localhost.localdomain")
        self.assertTrue(self.check("http", url=named, ca_file=cert).startswith("error: "))


class InfluxV2(ConnectorCase):
    """The requests of version 2, whose server Debian does not have."""

    def test_requests(self):
        peer = HttpPeer()
        self.addCleanup(peer.close)
        peer.status = 204
        sent = self.send("influxdb", [{"a": 1, "_time": 1700000000000}], url=peer.url, org="my org",
                         bucket="b&c", token_file=self.path("token", "t0k"), precision="ms",
                         fields="a=${a}")
        self.assertEqual(sent["sent"], 1, sent)
        method, path, headers, body = peer.got[-1]
        self.assertEqual((method, path), ("POST", "/api/v2/write?org=my%20org&bucket=b%26c"
                                                  "&precision=ms"))
        self.assertEqual((headers["Authorization"], body),
                         ("Token t0k", "headworks a=1 1700000000000\n"))
        self.assertIn("bucket is missing", self.check("influxdb", url=peer.url, org="o"))


class Files(ConnectorCase):
    def test_ndjson_rotates_and_keeps(self):
        rows = [{"n": i, "text": "x" * 50} for i in range(200)]
        self.send("file", rows, path="out/rows.json", rotate_bytes=1000, keep_files=3)
        files = sorted(os.listdir(self.path("files/out")))
        self.assertEqual(len(files), 4, files)
        last = [json.loads(line) for name in files for line in
                self.text("files/out/" + name).splitlines()]
        numbers = sorted(row["n"] for row in last)
        self.assertEqual(numbers, list(range(200))[-len(numbers):])
        self.assertGreater(len(numbers), 30)

    def test_csv(self):
        rows = [{"a": 1, "b": 'x,"y"'}, {"a": None, "b": "z", "more": 3}]
        self.send("file", rows, path="rows.csv", format="csv")
        self.assertEqual(self.text("files/rows.csv"), 'a,b\n1,"x,""y"""\n,z\n')
        self.send("file", rows, path="two.csv", format="csv", columns="when=${@time},b",
                  delimiter=";", header="false", batch_size=1)
        self.assertRegex(self.text("files/two.csv"), r'^20\d\d-[^;]*Z;"x,""y"""\n20')

    def test_one_writer_a_file(self):
        writing = subprocess.Popen(self.command("send", "file", path="rows.json"), text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(writing.communicate)
        writing.stdin.write('{"n":1}\n')
        writing.stdin.flush()
        until(lambda: os.path.exists(self.path("files/rows.json"))
              and self.text("files/rows.json"), "the first row")
        self.assertIn("another action", self.check("file", path="rows.json"))
        refused = self.probe("send", "file", path="two.json", pool_size=2, stdin="")
        self.assertIn("one writer", refused.stdout)

    def test_a_torn_line_is_cut(self):
        self.path("files/rows.json", '{"n":1}\n{"n":')
        self.send("file", [{"n": 2}], path="rows.json")
        self.assertEqual(self.text("files/rows.json"), '{"n":1}\n{"n":2}\n')

    def test_paths_stay_below_the_data_folder(self):
        self.assertIn("leads out", self.check("file", path="../x"))
        self.assertIn("absolute", self.check("file", path="/tmp/x"))
        self.assertEqual(self.check("file", path=self.folder + "/y", absolute_paths="true"), "ok")

    def test_lines_are_followed_over_restarts(self):
        self.path("files/in.log", "one\ntwo\nthr")
        got = self.read("file", 2, path="in.log", follow="true", interval="20ms")
        self.assertEqual([one["payload"] for one in got], ["one", "two"])
        with open(self.path("files/in.log"), "a", encoding="utf-8") as file:
            file.write("ee\nfour\n")
        got = self.read("file", 2, path="in.log", follow="true", interval="20ms")
        self.assertEqual([one["payload"] for one in got], ["three", "four"])

    def test_csv_files_of_a_folder_are_read_and_moved(self):
        self.path("files/in/a.csv", 'id,name\n1,"x, y"\n2,007\n')
        self.path("files/in/b.csv", "id,name\n3,true")
        got = self.read("file", 3, path="in", format="csv", after="move", interval="20ms")
        self.assertEqual([json.loads(one["payload"]) for one in got],
                         [{"id": 1, "name": "x, y"}, {"id": 2, "name": "007"},
                          {"id": 3, "name": True}])
        self.assertEqual(got[2]["topic"], "b.csv")
        until(lambda: sorted(os.listdir(self.path("files/done"))) in
              (["a.csv", "b.csv"], ["a.csv"]), "the files moved")

    def test_csv_without_header_is_followed_over_restarts(self):
        self.path("files/in.csv", "1,a\n2,b\n")
        settings = {"path": "in.csv", "format": "csv", "columns": "id,name", "follow": "true",
                    "interval": "20ms"}
        got = self.read("file", 2, **settings)
        self.assertEqual(json.loads(got[1]["payload"]), {"id": 2, "name": "b"})
        with open(self.path("files/in.csv"), "a", encoding="utf-8") as file:
            file.write("3,c\n")
        got = self.read("file", 1, **settings)
        self.assertEqual([json.loads(one["payload"]) for one in got], [{"id": 3, "name": "c"}])

    def test_json_files(self):
        self.path("files/in.json", '[{"a":1},{"a":[2,3]}]')
        got = self.read("file", 2, path="in.json", format="json")
        self.assertEqual([one["payload"] for one in got], ['{"a":1}', '{"a":[2,3]}'])

    def test_lookup(self):
        self.path("files/pumps.csv", "id,maker\n7,Acme\n8,Bolt\n7,Core\n")
        self.assertEqual(self.find("file", "id=7", path="pumps.csv"),
                         [{"id": 7, "maker": "Acme"}, {"id": 7, "maker": "Core"}])
        self.assertEqual(self.find("file", "id=9", path="pumps.csv"), [])


class Smtp(ConnectorCase):
    def setUp(self):
        super().setUp()
        self.peer = MailPeer(self.folder)
        self.addCleanup(self.peer.close)
        self.settings = {"server": f"127.0.0.1:{self.peer.port}", "username": "plant",
                         "password_file": self.path("pw", "secret"),
                         "ca_file": self.path("cert.pem"), "from": "Plant <plant@example.org>",
                         "to": "${who}"}

    def test_connection(self):
        self.assertEqual(self.check("smtp", **self.settings), "ok")
        wrong = {**self.settings, "password_file": self.path("wrong", "nope")}
        self.assertIn("check username and password_file", self.check("smtp", **wrong))
        untrusted = {**self.settings, "ca_file": ""}
        self.assertIn("certificate", self.check("smtp", **untrusted))

    def test_a_mail_for_each_row(self):
        rows = [{"who": "a@example.org, Bö <b@example.org>", "level": 3.5,
                 "text": "Füllstand\n.hi"},
                {"who": "c@example.org", "level": 4, "text": "plain\n.dot\n"}]
        sent = self.send("smtp", rows, **self.settings, subject="Pegel ${level} – ${@rule}",
                         body="${text}")
        self.assertEqual(sent["sent"], 2, sent)
        sender, receivers, text = self.peer.mails[0]
        self.assertIn("<plant@example.org>", sender)
        self.assertEqual(receivers, ["a@example.org", "b@example.org"])
        mail = email.message_from_string(text, policy=email.policy.default)
        self.assertEqual(mail["Subject"], "Pegel 3.5 – probe")
        self.assertIn("Bö", mail["To"])
        self.assertEqual(mail.get_content().splitlines(), ["Füllstand", ".hi"])
        second = email.message_from_string(self.peer.mails[1][2], policy=email.policy.default)
        self.assertEqual(second.get_content(), "plain\n.dot\n")
        self.assertEqual(second["Content-Transfer-Encoding"], "7bit")
        self.assertEqual(self.peer.logins[0], ["plant", "secret"])

    def test_refused_now_or_for_good(self):
        self.peer.refuse = {"no@example.org": "550 no such box", "full@example.org": "452 full"}
        rows = [{"who": "no@example.org"}, {"who": "not an address"}, {"who": "ok@example.org"},
                {"who": "full@example.org"}]
        sent = self.send("smtp", rows, **self.settings, wait="500ms")
        self.assertEqual((sent["sent"], sent["dropped"]["rejected"], sent["queued"]), (1, 2, 1),
                         sent)

    def test_header_lines_cannot_be_smuggled_in(self):
        self.send("smtp", [{"who": "a@example.org", "s": "x\r\nBcc: b@example.org"}],
                  **self.settings, subject="${s}")
        mail = email.message_from_string(self.peer.mails[0][2], policy=email.policy.default)
        self.assertIsNone(mail["Bcc"])

    def test_starttls_is_asked_for(self):
        plain = MailPeer(self.folder, tls=False)
        self.addCleanup(plain.close)
        settings = {**self.settings, "server": f"127.0.0.1:{plain.port}"}
        self.assertTrue(self.check("smtp", **settings).startswith("error: "))
        self.assertEqual(self.check("smtp", **settings, tls="none"), "ok")


class Generator(ConnectorCase):
    def test_the_same_seed_makes_the_same_messages(self):
        settings = {"data": '{"v":"=walk(20, 0.5, 19, 21)","n":"=count(1)"}', "interval": "0s",
                    "topic": "made"}
        first = self.read("generator", 50, **settings)
        again = self.read("generator", 50, **settings)
        other = self.read("generator", 50, **settings, seed=2)
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)
        rows = [json.loads(one["payload"]) for one in first]
        self.assertEqual([row["n"] for row in rows], list(range(1, 51)))
        self.assertTrue(all(19 <= row["v"] <= 21 for row in rows))


if __name__ == "__main__":
    main()
