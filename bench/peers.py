"""What the benches share: servers under test in folders of their own, figures of a process, tables.

Every server listens on a free port of loopback, keeps its data in a temporary folder and is ended
with the bench. Python's standard library only.
"""

import http.client
import json
import os
import re
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TICKS = os.sysconf("SC_CLK_TCK")
HEADWORKS = os.path.join(ROOT, "build", "release", "headworks")
PACKAGES = {"victoria-metrics": "victoria-metrics", "influxd": "influxdb",
            "clickhouse-server": "clickhouse-server", "mosquitto": "mosquitto"}
PATHS = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"


def add_options(parser, rounds):
    parser.add_argument("--headworks", default=HEADWORKS, metavar="PROGRAM",
                        help="the program under test, and the load (default: build/release)")
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--json", metavar="FILE", help="write every run and the medians here")
    parser.add_argument("--install", action="store_true",
                        help="install the peers that are missing, as root, with apt-get")
    parser.add_argument("--folder", default=tempfile.gettempdir(),
                        help="where the temporary data folders are made")


def need(programs, install):
    """The programs that are there; installs what is missing if asked to."""
    missing = [name for name in programs if not shutil.which(name, path=PATHS)]
    if missing and install:
        packages = [PACKAGES[name] for name in missing]
        as_root = [] if os.geteuid() == 0 else ["sudo"]
        print("Installing", " ".join(packages), "...", flush=True)
        subprocess.run([*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y",
                        "-o", "DPkg::Lock::Timeout=300", "install", "--no-install-recommends",
                        *packages], check=True, stdout=subprocess.DEVNULL)
        missing = [name for name in programs if not shutil.which(name, path=PATHS)]
    for name in missing:
        print(f"{name} is not installed; left out. --install installs Debian's "
              f"{PACKAGES[name]}", file=sys.stderr)
    return [name for name in programs if name not in missing]


def raise_open_files():
    """For thousands of connections; servers that are started later inherit it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(condition, what, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        result = condition()
        if result:
            return result
        time.sleep(0.02)
    raise RuntimeError(f"{what}: not within {seconds} s")


def folder_bytes(folder):
    total = 0
    for at, _, names in os.walk(folder):
        for name in names:
            try:
                stat = os.lstat(os.path.join(at, name))
                total += min(stat.st_size, stat.st_blocks * 512)  # files may have holes
            except FileNotFoundError:
                pass
    return total


class Server:
    """A process under test. Subclasses say how it is started, settled and asked."""

    name = ""
    program = ""

    def __init__(self, options):
        self.options = options
        self.folder = tempfile.mkdtemp(prefix=f"headworks-bench-{self.name.split()[0]}-",
                                       dir=options.folder)
        self.data = os.path.join(self.folder, "data")
        os.mkdir(self.data)
        self.port = free_port()
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def command(self):
        raise NotImplementedError

    def is_ready(self):
        raise NotImplementedError

    def settle(self):
        """Brings the data into the form that it would have after a quiet while."""

    def start(self):
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=log,
                                            env={**os.environ, "PATH": PATHS})
        try:
            until(self.is_up, f"{self.name} ready")
        except RuntimeError as error:
            raise RuntimeError(f"{error}: {self.log_text()[-2000:]}") from None

    def is_up(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}")
        try:
            return self.is_ready()
        except (OSError, http.client.HTTPException):
            return False

    def stop(self, how=signal.SIGTERM):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def log_text(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def cpu_s(self):
        """User and system time so far, with that of children that have ended (proc(5))."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return sum(int(field) for field in fields[11:15]) / TICKS

    def memory_mb(self, field):
        """VmRSS, or VmHWM for the peak."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return int(re.search(rf"^{field}:\s*(\d+) kB", file.read(), re.M).group(1)) / 1024

    def disk_bytes(self):
        return folder_bytes(self.data)

    def request(self, method, path, body=None, timeout=600, **query):
        if query:
            path += "?" + urllib.parse.urlencode(query, doseq=True)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status >= 300:
            raise RuntimeError(f"{self.name}: {method} {path}: {answer.status} {text[:500]!r}")
        return text

    def wait_for_still_disk(self, still_s, limit_s=180):
        deadline = time.monotonic() + limit_s
        size, since = self.disk_bytes(), time.monotonic()
        while time.monotonic() - since < still_s and time.monotonic() < deadline:
            time.sleep(0.2)
            now = self.disk_bytes()
            if now != size:
                size, since = now, time.monotonic()


class Headworks(Server):
    name = "Headworks"
    write_path = "/write?precision=s"

    def __init__(self, options, *sets, config=""):
        super().__init__(options)
        self.program = options.headworks
        self.sets = sets
        self.mqtt_port = free_port()
        self.config = os.path.join(self.folder, "headworks.toml")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(config)

    def command(self):
        command = [self.program, "serve", "--data", self.data, "--config", self.config]
        for one in (f"http.port={self.port}", f"mqtt.port={self.mqtt_port}",
                    "mqtt.host=127.0.0.1", "log.level=error", *self.sets):
            command += ["--set", one]
        return command

    def is_ready(self):
        self.request("GET", "/readyz", timeout=5)
        return True

    def settle(self):
        self.request("POST", "/api/v1/compact")

    def disk_bytes(self):
        """What is sealed. The journal is a ring of limited size, as other stores' logs are."""
        return folder_bytes(os.path.join(self.data, "store"))

    def journal_bytes(self):
        return folder_bytes(os.path.join(self.data, "journal"))

    def count_and_sum(self, start, end):
        text = self.request("GET", "/api/v1/history", filter="#", aggregate="count,sum",
                            format="csv", **{"from": start, "to": end}).decode()
        rows = [line.rsplit(",", 2) for line in text.splitlines()[1:]]
        return sum(int(float(row[1])) for row in rows), sum(float(row[2]) for row in rows)


class HeadworksV2(Headworks):
    name = "Headworks v2"
    write_path = "/api/v2/write?precision=s"


class VictoriaMetrics(Server):
    name = "VictoriaMetrics"
    program = "victoria-metrics"
    write_path = "/write?precision=s"

    def command(self):
        return [self.program, f"-storageDataPath={self.data}",
                f"-httpListenAddr=127.0.0.1:{self.port}", "-retentionPeriod=120",
                "-search.maxUniqueTimeseries=1000000", "-search.maxSamplesPerSeries=1000000000",
                "-search.maxSamplesPerQuery=10000000000", "-search.maxQueryDuration=300s",
                "-search.latencyOffset=0s", "-loggerLevel=ERROR"]

    def is_ready(self):
        return self.request("GET", "/health", timeout=5) == b"OK"

    def settle(self):
        self.request("GET", "/internal/force_flush")
        self.request("GET", "/internal/force_merge")
        time.sleep(1)
        until(lambda: re.search(rb"^vm_active_force_merges 0$", self.request("GET", "/metrics"),
                                re.M), "forced merge", 600)
        self.wait_for_still_disk(3)

    def one(self, query, at):
        answer = json.loads(self.request("GET", "/api/v1/query", query=query, time=at, nocache=1))
        return float(answer["data"]["result"][0]["value"][1])

    def count_and_sum(self, start, end):
        self.request("GET", "/internal/force_flush")
        every = '{__name__=~".+_value"}[%ds]' % (end - start)
        return (int(self.one(f"sum(count_over_time({every}))", end - 1)),
                self.one(f"sum(sum_over_time({every}))", end - 1))


class InfluxDB(Server):
    name = "InfluxDB"
    program = "influxd"
    write_path = "/write?db=bench&precision=s"
    eager = False  # compacts at once

    def command(self):
        config = os.path.join(self.folder, "influxdb.conf")
        cold = '"1s"' if self.eager else '"10m"'
        full = '"1s"' if self.eager else '"4h"'
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"""reporting-disabled = true
bind-address = "127.0.0.1:{free_port()}"
[meta]
dir = "{self.data}/meta"
[data]
dir = "{self.data}/data"
wal-dir = "{self.data}/wal"
query-log-enabled = false
cache-max-memory-size = "1g"
cache-snapshot-write-cold-duration = {cold}
compact-full-write-cold-duration = {full}
max-series-per-database = 0
max-values-per-tag = 0
[coordinator]
query-timeout = "0s"
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:{self.port}"
log-enabled = false
max-row-limit = 0
""")
        return [self.program, "run", "-config", config]

    def is_ready(self):
        self.request("POST", "/query", q="CREATE DATABASE bench", timeout=5)
        return True

    def settle(self):
        self.eager = True
        self.stop()
        self.start()
        self.wait_for_still_disk(8)

    def count_and_sum(self, start, end):
        answer = json.loads(self.request("GET", "/query", db="bench",
                                         q="SELECT count(value), sum(value) FROM /.*/"))
        rows = [series["values"][0] for series in answer["results"][0]["series"]]
        return sum(int(row[1]) for row in rows), sum(float(row[2]) for row in rows)


class ClickHouse(Server):
    name = "ClickHouse"
    program = "clickhouse-server"
    write_path = "/?query=INSERT%20INTO%20plant%20FORMAT%20TabSeparated"
    table = ("CREATE TABLE IF NOT EXISTS plant (point UInt32, ts Int64, v Float64) "
             "ENGINE = MergeTree PARTITION BY toYYYYMM(toDateTime(intDiv(ts, 1000))) "
             "ORDER BY (point, ts)")

    def command(self):
        users = os.path.join(self.folder, "users.xml")
        with open(users, "w", encoding="utf-8") as file:
            file.write("""<yandex><profiles><default>
<max_memory_usage>10000000000</max_memory_usage></default></profiles>
<users><default><password></password><networks><ip>127.0.0.1</ip></networks>
<profile>default</profile><quota>default</quota></default></users>
<quotas><default></default></quotas></yandex>""")
        config = os.path.join(self.folder, "config.xml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"""<yandex><logger><level>error</level><log>{self.folder}/server.log</log>
<errorlog>{self.folder}/error.log</errorlog></logger>
<http_port>{self.port}</http_port><tcp_port>{free_port()}</tcp_port>
<listen_host>127.0.0.1</listen_host><path>{self.data}/</path><tmp_path>{self.folder}/tmp/</tmp_path>
<user_files_path>{self.folder}/files/</user_files_path>
<users_config>{users}</users_config><default_profile>default</default_profile>
<default_database>default</default_database><mark_cache_size>1000000000</mark_cache_size>
</yandex>""")
        return [self.program, f"--config-file={config}"]

    def is_ready(self):
        self.query(self.table)
        return True

    def query(self, text):
        return self.request("POST", "/", text)

    def settle(self):
        for row in self.query("SELECT DISTINCT partition FROM system.parts WHERE active AND "
                              "table = 'plant'").split():
            self.query(f"OPTIMIZE TABLE plant PARTITION {row.decode()} FINAL")

    def disk_bytes(self):
        return int(self.query("SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND "
                              "table = 'plant'"))

    def count_and_sum(self, start, end):
        count, total = self.query("SELECT count(), sum(v) FROM plant").split()
        return int(count), float(total)


class Mosquitto(Server):
    name = "mosquitto"
    program = "mosquitto"

    def command(self):
        config = os.path.join(self.folder, "mosquitto.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"""listener {self.port} 127.0.0.1
allow_anonymous true
persistence false
max_inflight_messages 0
max_queued_messages 0
max_queued_bytes 0
set_tcp_nodelay true
log_type error
log_type warning
""")
        return [self.program, "-c", config]

    def is_ready(self):
        socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
        return True

    @property
    def mqtt_port(self):
        return self.port


STORES = {one.name: one for one in (VictoriaMetrics, InfluxDB, ClickHouse, Headworks, HeadworksV2)}


def run_load(options, server, kind, *arguments):
    """`headworks bench <kind>` against a server; its report with what the server spent."""
    before = server.cpu_s()
    done = subprocess.run([options.headworks, "bench", kind, "--json", *map(str, arguments)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{server.name}: bench {kind} ended with {done.returncode}: "
                           f"{done.stderr[-1000:]}")
    report = json.loads(done.stdout)
    report["all_cpu_s"] = server.cpu_s() - before
    return report


def run_write(options, server, *arguments):
    """A write load of plain numbers in the form that this server takes."""
    form = "tsv" if isinstance(server, ClickHouse) else "line"
    return run_load(options, server, "write", "--plain", "--format", form,
                    "--url", f"http://127.0.0.1:{server.port}{server.write_path}",
                    "--pid", server.process.pid, *arguments)


def machine():
    model = "unknown processor"
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        found = re.search(r"^model name\s*:\s*(.*)$", file.read(), re.M)
        if found:
            model = found.group(1)
    return f"{os.cpu_count()} x {model}, load {os.getloadavg()[0]:.1f}"


def medians(runs):
    """{figure: median} of a list of reports; figures that are not numbers are left out."""
    names = [name for name, value in runs[0].items() if isinstance(value, (int, float))]
    return {name: statistics.median(run[name] for run in runs) for name in names}


def short(value):
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    if abs(value) >= 1e6:
        return f"{value / 1e6:.2f} M"
    if abs(value) >= 1e4:
        return f"{value / 1e3:.0f} k"
    if abs(value) >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.2f}"


def print_table(heads, rows):
    cells = [heads, *[[short(cell) for cell in row] for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(heads))]
    rule = ["-" * width for width in widths]
    for row in [cells[0], rule, *cells[1:]]:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |")


def write_json(options, result):
    if not options.json:
        return
    result = {"machine": machine(), "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
              **result}
    with open(options.json, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)
