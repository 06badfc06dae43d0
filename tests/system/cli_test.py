"""The command line: what people and scripts see of it."""

import json
import os
import select
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from harness import HEADWORKS, ServerCase, cli, main, need, until

T0 = 1_700_000_000
TRICKY = (b'\xef\xbb\xbfdatetime;a/b;"quo;ted ""x""";quality;value;state\r\n'
          b'2020-01-01 00:00:00;1;2.50;6;7;on\r\n'
          b'2020-01-01 00:00:00;2;3.50;;8;"multi\nline"\r\n'
          b'2020-01-01 00:00:05;2;3.50;9\r\n'
          b'notatime;1;2;3;4;5\r\n'
          b'2020-01-01 00:00:03;;;;;\r\n'
          b'2020-01-01 00:00:02;1e400;4.0;true;-1;.5\r\n')


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Usage(unittest.TestCase):
    def test_help_and_exit_codes(self):
        self.assertEqual(cli("--help").returncode, 0)
        alone = cli()
        self.assertEqual((alone.returncode, alone.stdout), (2, ""))
        self.assertIn("Subcommands:", alone.stderr)
        for command in ("serve", "points", "history", "pub", "sub", "replay", "bench", "backup",
                        "restore", "config", "completion"):
            text = cli(command, "--help").stdout
            self.assertIn("Examples:", text, command)

    def test_did_you_mean(self):
        for arguments, word in ((("histroy",), "'history'"),
                                (("config", "shwo"), "'show'"),
                                (("bench", "mqtz"), "'mqtt'"),
                                (("points", "--fieldz", "x"), "'--fields'"),
                                (("config", "show", "--orgin"), "'--origin'"),
                                (("pub", "--topik", "x"), "'--topic'")):
            done = cli(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn(f"did you mean {word}?", done.stderr)

    def test_errors_as_json(self):
        done = cli("points", "--json", "--url", "http://127.0.0.1:1")
        self.assertEqual(done.returncode, 6)
        self.assertEqual(json.loads(done.stderr)["error"], "unavailable")
        done = cli("points", "--json", "--limt", "1")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--limit", json.loads(done.stderr)["detail"])

    def test_secrets_never_stand_in_flags(self):
        done = cli("pub", "-t", "a", "-m", "1", "-u", "me", "-P", "secret")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--password-file", done.stderr)

    def test_completion(self):
        for shell in ("bash", "zsh", "fish"):
            done = cli("completion", shell)
            self.assertEqual(done.returncode, 0)
            for word in ("history", "--aggregate"):
                self.assertIn(word, done.stdout)
        if os.path.exists("/bin/bash"):
            script = cli("completion", "bash").stdout
            checked = subprocess.run(["bash", "-n"], input=script, text=True, check=False)
            self.assertEqual(checked.returncode, 0)


class Reading(ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.url = f"http://127.0.0.1:{cls.server.http}"
        lines = "".join(f"r,p=x{i:04} value={i} {T0}\n" for i in range(2500))
        assert cls.server.request("POST", "/write?precision=s", lines).status == 204
        cls.paths = sorted(cls.server.points("#"))

    def ask(self, *arguments):
        return cli(*arguments, env={**os.environ, "HEADWORKS_URL": self.url})

    def test_points_over_pages(self):
        done = self.ask("points")
        rows = done.stdout.splitlines()
        self.assertEqual(rows[0],
                         "point,type,unit,value,quality,time,first_time,last_time,count")
        self.assertEqual([row.split(",")[0] for row in rows[1:]], self.paths)
        items = json.loads(self.ask("points", "--json").stdout)
        self.assertEqual(len(items["items"]), 2500)
        self.assertIsNone(items["next"])
        self.assertEqual(len(self.ask("points", "--limit", "1234", "--output",
                                      "ndjson").stdout.splitlines()), 1234)

    def test_points_as_a_table(self):
        done = self.ask("points", self.paths[7], "--output", "table")
        head, row = done.stdout.splitlines()
        self.assertEqual(head.split(), ["POINT", "VALUE", "UNIT", "QUALITY", "AGE"])
        self.assertEqual(row.split()[:3], [self.paths[7], "7.0", "good"])
        fields = self.ask("points", self.paths[7], "--output", "table", "--fields", "point,count")
        self.assertEqual(fields.stdout.splitlines()[1].split(), [self.paths[7], "1"])

    def test_history(self):
        span = ("--from", str(T0), "--to", str(T0 + 1))
        done = self.ask("history", self.paths[3], *span)
        self.assertEqual(done.stdout, "point,time,value,quality\n"
                         f"{self.paths[3]},2023-11-14T22:13:20Z,3.0,good\n")
        items = json.loads(self.ask("history", "--filter", "r/#", "--json", *span).stdout)
        self.assertEqual(len(items["items"]), 2500)
        figures = self.ask("history", self.paths[3], *span, "--aggregate", "max", "--output",
                           "table")
        self.assertEqual(figures.stdout.splitlines()[1].split()[-1], "3.0")

    def test_errors_of_the_server(self):
        done = self.ask("history", "no/such")
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertIn("no/such", done.stderr)
        self.assertEqual(self.ask("history", self.paths[0], "--from", "yesterdy").returncode, 2)
        self.assertEqual(self.ask("points", "a/#/b").returncode, 2)

    def test_a_reader_that_leaves_is_quiet(self):
        done = subprocess.run(f"{HEADWORKS} points --url {self.url} | head -1", shell=True,
                              capture_output=True, text=True, check=False)
        self.assertEqual((done.stderr, len(done.stdout.splitlines())), ("", 1))


class Messages:
    """pub and sub against mosquitto's tools, over any broker. Mixed into what names the port."""

    port = 0

    def foreign(self, tool, *arguments, **options):
        return subprocess.Popen([need(tool), "-p", str(self.port), *arguments],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                **options)

    def ours(self, *arguments, **options):
        command, *rest = arguments
        return cli(command, "-p", str(self.port), *rest, **options)

    def wait_for(self, sub, topic):
        """Publishes until the subscriber has its first line, so that it is known to listen."""
        def heard():
            self.ours("pub", "-t", topic, "-m", "ready")
            return select.select([sub.stdout], [], [], 0.2)[0]
        until(heard, "the subscription")

    def test_each_version_and_qos(self):
        for version in ("mqttv31", "mqttv311", "mqttv5"):
            for qos in ("0", "1", "2"):
                topic = f"c/{version}/{qos}"
                done = self.ours("pub", "-V", version, "-q", qos, "-t", topic, "-m", "1.5", "-r")
                self.assertEqual(done.returncode, 0, done.stderr)
                got = self.foreign("mosquitto_sub", "-V", version, "-q", qos, "-t", topic, "-C",
                                   "1", "-W", "20", "-v").communicate()[0]
                self.assertEqual(got, f"{topic} 1.5\n")
                got = self.ours("sub", "-V", version, "-q", qos, "-t", topic, "-C", "1", "-W", "20",
                                "-v")
                self.assertEqual(got.stdout, f"{topic} 1.5\n", got.stderr)

    def test_payloads_that_look_like_something_else(self):
        for payload in ("-5", "[1,2]", "{}", "", "--json"):
            source = ("-m", payload) if payload else ("-n",)
            self.assertEqual(self.ours("pub", "-t", "odd", *source, "-r").returncode, 0)
            if payload:
                got = self.ours("sub", "-t", "odd", "-C", "1", "-W", "20", "-N")
                self.assertEqual(got.stdout, payload)

    def test_lines_in_order(self):
        sub = self.foreign("mosquitto_sub", "-t", "lines/#", "-q", "2", "-W", "60")
        self.wait_for(sub, "lines/ready")
        text = "".join(f"{i}\n" for i in range(3000))
        self.assertEqual(self.ours("pub", "-t", "lines/a", "-q", "2", "-l",
                                   input=text + "last").returncode, 0)
        rows = []
        while not rows or rows[-1] != "last":
            rows.append(sub.stdout.readline().rstrip("\n"))
        sub.terminate()
        sub.communicate()
        self.assertEqual([row for row in rows if row != "ready"],
                         text.splitlines() + ["last"])

    def test_formats_are_mosquittos(self):
        line = "%t|%p|%l|%q|%r|%x|%X|%C|%P|%F|%D|%R|%8t|%-8t|%06l|%.2t|\\t@@%%"
        topic = "fmt/x"
        self.ours("pub", "-V", "mqttv5", "-q", "1", "-r", "-t", topic, "-m", '{"a":1}', "-D",
                  "publish", "content-type", "text/plain", "-D", "publish", "user-property", "k",
                  "v", "-D", "publish", "payload-format-indicator", "1", "-D", "publish",
                  "correlation-data", "abc", "-D", "publish", "response-topic", "to/me")
        common = ("-V", "mqttv5", "-q", "1", "-t", topic, "-C", "1", "-W", "20", "-F", line)
        theirs = self.foreign("mosquitto_sub", *common).communicate()[0]
        self.assertEqual(self.ours("sub", *common).stdout, theirs)
        ours = json.loads(self.ours("sub", *common[:-1], "%J").stdout)
        theirs = json.loads(self.foreign("mosquitto_sub", *common[:-1],
                                         "%J").communicate()[0])
        ours.pop("tst"), theirs.pop("tst")
        self.assertEqual(ours, theirs)

    def test_ends(self):
        quiet = self.ours("sub", "-t", "nobody/#", "-W", "0.3")
        self.assertEqual((quiet.returncode, quiet.stdout), (6, ""))
        self.assertEqual(self.ours("sub", "-t", "x", "-E").returncode, 0)
        self.assertEqual(self.ours("pub", "-t", "a/#", "-m", "1").returncode, 2)
        self.assertEqual(self.ours("sub", "-t", "a/#/b").returncode, 2)
        sub = subprocess.Popen([HEADWORKS, "sub", "-p", str(self.port), "-t", "sig/#"],
                               stdout=subprocess.PIPE, text=True)
        self.wait_for(sub, "sig/x")
        sub.send_signal(signal.SIGINT)
        sub.communicate()
        self.assertEqual(sub.returncode, 130)

    def test_retained_only_and_remove(self):
        for i in range(3):
            done = self.ours("pub", "-t", f"kept/{i}", "-m", str(i), "-r", "-q", "1")
            self.assertEqual(done.returncode, 0, done.stderr)
        got = self.ours("sub", "-t", "kept/#", "-T", "kept/1", "--retained-only",
                        "--remove-retained", "-C", "2", "-W", "20")
        self.assertEqual(sorted(got.stdout.split()), ["0", "2"], got)
        got = self.ours("sub", "-t", "kept/#", "-v", "-W", "0.5")
        self.assertEqual(got.stdout, "kept/1 1\n")


class OwnBroker(Messages, ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.port = cls.server.mqtt

    def test_sub_connects_again(self):
        sub = subprocess.Popen([HEADWORKS, "sub", "-p", str(self.port), "-t", "again/#", "-v"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.wait_for(sub, "again/x")
        self.server.stop()
        self.server.sets = [f"mqtt.port={self.port}", "http.port=0"]
        self.server.start()
        # By its descriptor: what a file object has buffered, select does not see.
        text = bytearray()
        def heard():
            self.ours("pub", "-t", "again/y", "-m", "2")
            if select.select([sub.stdout], [], [], 0.2)[0]:
                text.extend(os.read(sub.stdout.fileno(), 65536))
            return b"again/y 2\n" in text
        until(heard, "a message after the restart")
        sub.terminate()
        self.assertIn("connecting again", sub.communicate()[1])
        self.assertEqual(sub.returncode, 143)


class ForeignBroker(Messages, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        need("mosquitto")
        cls.port = free_port()
        # Without a limit it drops what a subscriber does not take at once.
        with tempfile.NamedTemporaryFile("w", suffix=".conf", delete=False) as config:
            config.write(f"listener {cls.port} 127.0.0.1\nallow_anonymous true\n"
                         "max_queued_messages 0\n")
        cls.addClassCleanup(os.unlink, config.name)
        cls.broker = subprocess.Popen(["mosquitto", "-c", config.name],
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(lambda: cli("pub", "-p", str(cls.port), "-t", "up", "-m", "1").returncode == 0,
              "mosquitto")

    @classmethod
    def tearDownClass(cls):
        cls.broker.terminate()
        cls.broker.wait()


class Replaying(ServerCase):
    def replay(self, *arguments):
        return cli("replay", *arguments, "--broker", f"mqtt://127.0.0.1:{self.server.mqtt}")

    def file(self, content):
        with tempfile.NamedTemporaryFile(suffix=".csv", delete=False) as file:
            file.write(content)
        self.addCleanup(os.unlink, file.name)
        return file.name

    def test_a_tricky_file(self):
        done = self.replay(self.file(TRICKY), "--prefix", "tricky", "--json")
        self.assertEqual(done.returncode, 7)
        figures = json.loads(done.stdout)
        self.assertEqual((figures["sent"], figures["acknowledged"], figures["bad_rows"]), (3, 3, 3))
        for text in ("'a/b' is published as 'a_b'", "line 5 has 4 cells", "notatime", "1e400"):
            self.assertIn(text, done.stderr)
        rows = {(row["point"][7:], row["time"][17:19]): row["value"] for row in
                self.server.samples(filter="tricky/#", **{"from": "2019-12-31", "to": "now"})}
        self.assertEqual(rows, {
            ("a_b", "00"): 2, ('quo;ted "x"', "00"): 3.5, ("quality", "00"): 6, ("value", "00"): 8,
            ("state", "00"): "multi\nline", ('quo;ted "x"', "02"): 4.0, ("quality", "02"): True,
            ("value", "02"): -1, ("state", "02"): 0.5})

    def test_dry_run_publishes_nothing(self):
        done = cli("replay", self.file(b"ts,v\n1700000000,1.50\n"), "--prefix", "dry", "--dry-run")
        self.assertEqual((done.returncode, done.stdout),
                         (0, 'dry {"ts":"2023-11-14T22:13:20Z","v":1.50}\n'))
        self.assertEqual(self.server.points("dry/#"), {})

    def test_speed_keeps_the_distances(self):
        rows = b"ts,v\n" + b"".join(b"%d,%d\n" % (T0 + 10 * i, i) for i in range(4))
        begin = time.monotonic()
        done = self.replay(self.file(rows), "--prefix", "slow", "--speed", "50x", "--start", "now")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(time.monotonic() - begin, 0.6)
        times = [row["time"] for row in self.server.samples(
            filter="slow/#", **{"from": "now-1h", "to": "now+1h"})]
        self.assertEqual(len(times), 4)

    def test_errors(self):
        self.assertEqual(self.replay("/no/such.csv", "--prefix", "x").returncode, 3)
        self.assertEqual(self.replay(self.file(b"a,b\n1,2\n"), "--prefix", "x").returncode, 2)
        slip = self.replay(self.file(b"time,b\n1,2\n"), "--prefix", "x", "--time-column", "tme")
        self.assertIn("did you mean 'time'", slip.stderr)
        self.assertEqual(self.replay(self.file(b"time,b\n"), "--prefix", "a/#").returncode, 2)
        gone = cli("replay", self.file(b"ts,v\n1700000000,1\n"), "--prefix", "x", "--broker",
                   "mqtt://127.0.0.1:1")
        self.assertEqual(gone.returncode, 6)


class Measuring(ServerCase):
    def test_benches_run(self):
        done = cli("bench", "mqtt", "--mode", "ingest", "--qos", "1", "--publishers", "2",
                   "--warmup", "0.1", "--seconds", "0.3", "--json", "--broker",
                   f"mqtt://127.0.0.1:{self.server.mqtt}")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(json.loads(done.stdout)["acknowledged"], 0)
        done = cli("bench", "write", "--points", "10", "--data-seconds", "5", "--json", "--url",
                   f"http://127.0.0.1:{self.server.http}/write?precision=s")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["samples"], 50)
        done = cli("bench", "history", "--length", "200ms", "--points", "100", "--batch", "100",
                   "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        json.loads(done.stdout)


if __name__ == "__main__":
    main()
