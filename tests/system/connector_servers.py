"""Servers for the tests of connectors: those that Debian has, and two of our own that speak HTTP
and SMTP and do as they are told."""

import base64
import http.server
import json
import os
import pwd
import shutil
import signal
import socket
import socketserver
import ssl
import subprocess
import tempfile
import threading
import unittest
import urllib.error
import urllib.parse
import urllib.request

from harness import need, until

try:
    import psycopg2
except ImportError:
    psycopg2 = None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(url, body=None, headers=None):
    """Status and text of a request."""
    data = body.encode() if isinstance(body, str) else body
    request = urllib.request.Request(url, data, headers or {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


class Process:
    """A foreign server in a folder of its own; killed with it."""

    def __init__(self, name, program):
        self.program = need(program)
        self.folder = tempfile.mkdtemp(prefix=f"headworks-{name}-")
        self.process = None

    def run(self, *command, **options):
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen([self.program, *command], stdout=log, stderr=log,
                                            cwd=self.folder, **options)
        until(self.answers, f"{self.program} on its port", 60)

    def check_alive(self):
        if self.process.poll() is not None:
            with open(os.path.join(self.folder, "log"), encoding="utf-8") as log:
                raise AssertionError(f"{self.program} ended: " + log.read()[-2000:])

    def answers(self):
        self.check_alive()
        try:
            return ask(self.url + "/ping")[0] in (200, 204)
        except OSError:
            return False

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class Influx(Process):
    def __init__(self):
        super().__init__("influx", "influxd")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.write("influx.conf", f"""
reporting-disabled = true
bind-address = "127.0.0.1:{free_port()}"
[meta]
  dir = "{self.folder}/meta"
[data]
  dir = "{self.folder}/data"
  wal-dir = "{self.folder}/wal"
[http]
  bind-address = "127.0.0.1:{self.port}"
  log-enabled = false
[monitor]
  store-enabled = false
""")
        self.start()

    def start(self):
        self.run("run", "-config", "influx.conf")

    def query(self, text, database=""):
        query = urllib.parse.urlencode({"db": database, "q": text, "epoch": "ms"})
        status, answer = ask(self.url + "/query", query)
        if status != 200:
            raise AssertionError(answer)
        series = json.loads(answer)["results"][0].get("series", [])
        return [dict(zip(one["columns"], row)) for one in series for row in one["values"]]


class ClickHouse(Process):
    def __init__(self):
        super().__init__("clickhouse", "clickhouse-server")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.write("config.xml", f"""<yandex>
<logger><level>warning</level><console>1</console></logger>
<http_port>{self.port}</http_port><tcp_port>{free_port()}</tcp_port>
<interserver_http_port>{free_port()}</interserver_http_port>
<listen_host>127.0.0.1</listen_host>
<path>{self.folder}/data/</path><tmp_path>{self.folder}/tmp/</tmp_path>
<mark_cache_size>67108864</mark_cache_size><users_config>users.xml</users_config>
<default_profile>default</default_profile><default_database>default</default_database>
</yandex>""")
        user = "<networks><ip>127.0.0.1</ip></networks><profile>default</profile>" \
               "<quota>default</quota>"
        self.write("users.xml", f"""<yandex><profiles><default/></profiles><users>
<default><password></password>{user}</default>
<writer><password>secret</password>{user}</writer></users>
<quotas><default/></quotas></yandex>""")
        self.run("--config-file=config.xml")

    def query(self, text):
        status, answer = ask(self.url, text)
        if status != 200:
            raise AssertionError(answer)
        return answer.splitlines()


def tcp_answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        return True
    except OSError:
        return False


class TcpProcess(Process):
    """A server that is up once its port takes connections."""

    def answers(self):
        self.check_alive()
        return tcp_answers(self.port)


class Mosquitto(TcpProcess):
    """With the user plant, password secret; `tls` is (certificate, key)."""

    def __init__(self, tls=None, more=""):
        super().__init__("mosquitto", "mosquitto")
        self.port = free_port()
        subprocess.run([need("mosquitto_passwd"), "-b", "-c", "passwords", "plant", "secret"],
                       cwd=self.folder, check=True, capture_output=True)
        secure = f"certfile {tls[0]}\nkeyfile {tls[1]}\n" if tls else ""
        os.chmod(self.folder, 0o755)
        self.write("mosquitto.conf", f"listener {self.port} 127.0.0.1\n{secure}"
                   f"allow_anonymous false\npassword_file {self.folder}/passwords\n"
                   f"user root\n{more}")
        self.url = f"{'mqtts' if tls else 'mqtt'}://127.0.0.1:{self.port}"
        self.start()

    def start(self):
        self.run("-c", "mosquitto.conf")


class Nats(TcpProcess):
    """Core, or with JetStream whose streams lie in its folder."""

    def __init__(self, jetstream=False, config=None):
        super().__init__("nats", "nats-server")
        self.port = free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self.options = ["-js", "-sd", self.folder] if jetstream else []
        if config:
            self.write("nats.conf", config)
            self.options += ["-c", "nats.conf"]
        self.start()

    def start(self):
        self.run("-a", "127.0.0.1", "-p", str(self.port), *self.options)


class NatsClient:
    """Just enough of the NATS protocol to look from outside."""

    def __init__(self, server, **login):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        self.file = self.socket.makefile("rwb")
        self.file.readline()
        options = {"verbose": False, "pedantic": False, "headers": True, **login}
        self.write(b"CONNECT " + json.dumps(options).encode() + b"\r\n")
        self.ping()

    def write(self, data):
        self.file.write(data)
        self.file.flush()

    def ping(self):
        self.write(b"PING\r\n")
        while (line := self.file.readline()) != b"PONG\r\n":
            if line.startswith(b"-ERR") or not line:
                raise AssertionError(line)

    def subscribe(self, subject):
        self.write(f"SUB {subject} 1\r\n".encode())
        self.ping()

    def publish(self, subject, payload, reply=""):
        data = payload if isinstance(payload, bytes) else payload.encode()
        self.write(f"PUB {subject} {reply} {len(data)}\r\n".encode() + data + b"\r\n")

    def next(self):
        """Subject, headers as text, payload."""
        while True:
            line = self.file.readline().decode().split()
            if not line or line[0] == "-ERR":
                raise AssertionError(line)
            if line[0] not in ("MSG", "HMSG"):
                continue
            head = int(line[-2]) if line[0] == "HMSG" else 0
            data = self.file.read(int(line[-1]))
            self.file.read(2)
            return line[1], data[:head].decode(), data[head:].decode()

    def request(self, subject, payload):
        self.subscribe("_INBOX.test")
        self.publish(subject, payload, "_INBOX.test")
        answer = json.loads(self.next()[2])
        self.write(b"UNSUB 1\r\n")
        self.ping()
        return answer

    def close(self):
        self.file.close()
        self.socket.close()


class Postgres(Process):
    """PostgreSQL as the user postgres where the tests run as root, which it refuses to run as.
    The user plant has the password secret; local sockets are trusted."""

    folders = ["/usr/lib/postgresql/" + version + "/bin" for version in ("17", "16", "15", "14")]

    def __init__(self):
        places = os.pathsep.join([os.environ["PATH"], *self.folders])
        program = shutil.which("postgres", path=places)
        if psycopg2 is None:
            raise unittest.SkipTest("psycopg2 is not installed")
        if program is None:
            raise unittest.SkipTest("postgres is not installed")
        super().__init__("postgres", program)
        self.port = free_port()
        self.user = {}
        if os.getuid() == 0:
            try:
                who = pwd.getpwnam("postgres")
            except KeyError:
                raise unittest.SkipTest("there is no user to run postgres as") from None
            self.user = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
            os.chown(self.folder, who.pw_uid, who.pw_gid)
        initdb = os.path.join(os.path.dirname(os.path.realpath(program)), "initdb")
        subprocess.run([initdb, "-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
                        "--locale=C", "--no-sync"], cwd=self.folder, check=True,
                       capture_output=True, **self.user)
        self.write("data/pg_hba.conf", "local all all trust\n"
                                       "host all all 127.0.0.1/32 scram-sha-256\n")
        self.start()
        self.query("CREATE ROLE plant SUPERUSER LOGIN PASSWORD 'secret'")

    def start(self):
        self.run("-D", "data", "-p", str(self.port), "-k", self.folder, "-h", "127.0.0.1",
                 "-c", "fsync=off", **self.user)

    def answers(self):
        self.check_alive()
        try:
            return self.query("SELECT 1")
        except psycopg2.OperationalError:
            return False

    def query(self, text):
        connection = psycopg2.connect(host=self.folder, port=self.port, user="postgres",
                                      dbname="postgres")
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(text)
                return cursor.fetchall() if cursor.description else None
        finally:
            connection.close()

    def kill(self):
        """As pg_ctl stop -m immediate: a killed postmaster would leave its children behind."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()


class HttpPeer:
    """Keeps what it gets; answers with `status` and `answer`, or as `decide(body)` says."""

    def __init__(self, tls=None):
        self.got = []
        self.status = 200
        self.answer = b"{}"
        self.decide = None
        self.etag = None
        peer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def handle_one(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.command != "HEAD":
                    peer.got.append((self.command, self.path, dict(self.headers), body.decode()))
                status = peer.decide(body.decode()) if peer.decide else peer.status
                if peer.etag and self.headers.get("If-None-Match") == peer.etag:
                    status = 304
                answer = b"" if status in (204, 304) or self.command == "HEAD" else peer.answer
                self.send_response(status)
                if peer.etag:
                    self.send_header("ETag", peer.etag)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = do_PATCH = handle_one

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, request, client_address):
                pass  # a client that was killed

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            self.url = self.url.replace("http:", "https:")
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def certificate(folder):
    """A certificate for 127.0.0.1 that is its own authority."""
    paths = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
    subprocess.run([need("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-out", paths[0], "-keyout", paths[1]], check=True, capture_output=True)
    return paths


def mail_handler(peer, context):
    class Handler(socketserver.BaseRequestHandler):
        def finish(self):
            self.request.close()

        def say(self, text):
            self.request.sendall(text.encode() + b"\r\n")

        def line(self):
            while b"\r\n" not in self.buffer:
                piece = self.request.recv(65536)
                if not piece:
                    return None
                self.buffer += piece
            line, self.buffer = self.buffer.split(b"\r\n", 1)
            return line.decode()

        def handle(self):
            self.buffer = b""
            self.secure = context is None
            self.say("220 test")
            sender, receivers = None, []
            while (line := self.line()) is not None:
                verb = line.split(" ")[0].upper()
                if verb == "EHLO":
                    more = ["STARTTLS"] if context and not self.secure else ["AUTH PLAIN"]
                    self.say("\r\n".join(["250-test"] + [f"250 {one}" for one in more]))
                elif verb == "STARTTLS" and context:
                    self.say("220 go")
                    self.request = context.wrap_socket(self.request, server_side=True)
                    self.secure = True
                elif verb == "AUTH":
                    login = line.split(" ")[2] if len(line.split(" ")) > 2 else None
                    if login is None:
                        self.say("334 ")
                        login = self.line()
                    peer.logins.append(base64.b64decode(login).decode().split("\0")[1:])
                    good = peer.logins[-1] == ["plant", "secret"]
                    self.say("235 in" if good else "535 no")
                elif verb == "MAIL":
                    sender, receivers = line, []
                    self.say("250 ok" if self.secure else "530 no TLS")
                elif verb == "RCPT":
                    address = line.split("<")[1].split(">")[0]
                    answer = peer.refuse.get(address, "250 ok")
                    if answer.startswith("250"):
                        receivers.append(address)
                    self.say(answer)
                elif verb == "DATA":
                    self.say("354 go")
                    text = []
                    while (part := self.line()) not in (".", None):
                        text.append(part[1:] if part.startswith(".") else part)
                    peer.mails.append((sender, receivers, "\n".join(text) + "\n"))
                    self.say("250 taken")
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

    return Handler


class MailPeer:
    """Takes mail by SMTP with STARTTLS and AUTH PLAIN; `refuse` maps receivers to answers."""

    def __init__(self, folder, tls=True):
        self.mails = []  # (from, [to], text)
        self.refuse = {}
        self.logins = []
        context = None
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate(folder))

        handler = mail_handler(self, context)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, request, client_address):
                pass

        self.server = Server(("127.0.0.1", 0), handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
