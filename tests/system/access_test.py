"""Users, sessions, roles, scopes and API keys, from the first run on."""

import base64
import http.client
import json
import os
import re
import socket
import subprocess
import threading
import time
import unittest

from harness import Server, cli, main, need, until

PASSWORD = "seven grey herons wade"
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


class Person:
    """A browser: keeps its cookie and sends its CSRF token."""

    def __init__(self, server):
        self.server = server
        self.cookie = ""
        self.csrf = ""

    def ask(self, method, path, body=None, csrf=True, **headers):
        headers = {name.replace("_", "-"): text for name, text in headers.items()}
        if self.cookie:
            headers["Cookie"] = f"headworks_session={self.cookie}"
        if csrf and self.csrf and method in UNSAFE:
            headers["X-CSRF-Token"] = self.csrf
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        answer = self.server.request(method, path, body, headers)
        found = re.match(r"headworks_session=([^;]*);", answer.headers.get("set-cookie", ""))
        if found:
            self.cookie = found.group(1)
            self.csrf = answer.json().get("csrf_token") if answer.body else ""
        return answer

    def sign_in(self, name, password=PASSWORD):
        return self.ask("POST", "/api/v1/session", {"name": name, "password": password})

    def set_up(self, name="anna", password=PASSWORD, **more):
        return self.ask("POST", "/api/v1/setup", {"name": name, "password": password, **more})


def claimed(*sets, **options):
    """A server with the administrator anna, signed in."""
    server = Server(*sets, **options)
    anna = Person(server)
    answer = anna.set_up()
    assert answer.status == 201, answer.text()
    return server, anna


# What the places of these are is no path.
PATHLESS = tuple(f"/api/v1/{rest}" for rest in (
    "drivers", "notes", "twin/models", "twin/assets"))


def operations(server):
    """(method, path with every place filled, required role) of all that openapi.json lists."""
    for path, methods in server.get("/openapi.json").json()["paths"].items():
        filled = re.sub(r"\{(\w+)\}", r"none-\1", path)
        for method, operation in methods.items():
            yield method.upper(), filled, operation["x-required-role"]


class FirstRun(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)

    def test_open_until_somebody_claims_it(self):
        session = self.server.get("/api/v1/session").json()
        self.assertTrue(session["unclaimed"] and session["open"])
        self.assertFalse(session["setup_code_needed"])
        self.assertIsNone(session["user"])
        self.assertEqual(self.server.get("/api/v1/points").status, 200)
        self.assertIn("there is no user yet", self.server.log_text())

        anna = Person(self.server)
        answer = anna.set_up(display_name="Anna 安娜", language="zh", units="si")
        self.assertEqual(answer.status, 201, answer.text())
        cookie = answer.headers["set-cookie"]
        for part in ("HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(part, cookie)
        self.assertNotIn("Secure", cookie)
        user = answer.json()["user"]
        self.assertEqual((user["role"], user["display_name"], user["language"]),
                         ("administrator", "Anna 安娜", "zh"))

        refused = self.server.get("/api/v1/points")
        self.assertEqual((refused.status, refused.json()["code"]), (401, "unauthenticated"))
        self.assertEqual(refused.headers["www-authenticate"], "Bearer")
        self.assertEqual(refused.headers["content-type"], "application/problem+json")
        self.assertEqual(anna.ask("GET", "/api/v1/points").status, 200)
        again = Person(self.server).set_up("bert")
        self.assertEqual(again.status, 409)

    def test_names_that_point_here_are_not_this_machine(self):
        for headers in ({"Host": "rebound.example"}, {"Origin": "http://page.example"},
                        {"X-Forwarded-For": "198.51.100.7"}):
            with self.subTest(headers):
                answer = self.server.get("/api/v1/points", headers=headers)
                self.assertEqual((answer.status, answer.json()["code"]), (401, "not_local"))
        self.assertEqual(self.server.get("/api/v1/points", headers={"Host": "localhost"}).status,
                         200)

    def test_nobody_else_claims_it(self):
        """A page whose name was made to point here, a page of elsewhere, a proxy."""
        rebound = f"rebound.example:{self.server.http}"
        body = json.dumps({"name": "mallory", "password": PASSWORD})
        for headers in ({"Host": rebound, "Origin": f"http://{rebound}"}, {"Host": rebound},
                        {"X-Forwarded-For": "198.51.100.7"}, {"Via": "1.1 proxy"},
                        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}):
            with self.subTest(headers):
                answer = self.server.request("POST", "/api/v1/setup", body, headers)
                self.assertEqual((answer.status, answer.json()["code"]), (401, "not_local"))
        answer = self.server.request("POST", "/api/v1/setup", body,
                                     {"Origin": "http://page.example"})
        self.assertEqual(answer.status, 403)
        self.assertTrue(self.server.get("/api/v1/session").json()["unclaimed"])

    def test_pages_of_elsewhere_do_not_ask_through_the_browser(self):
        def status(site, mode="no-cors"):
            return self.server.get("/api/v1/points", headers={
                "Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode}).status
        self.assertEqual((status("cross-site"), status("same-site", "cors")), (401, 401))
        self.assertEqual((status("same-origin", "cors"), status("none", "navigate")), (200, 200))
        self.assertEqual(status("cross-site", "navigate"), 200, "a link that was followed")

    def test_one_of_many_at_once_wins(self):
        answers = []
        people = [threading.Thread(target=lambda i=i: answers.append(
            Person(self.server).set_up(f"user{i}").status)) for i in range(8)]
        for person in people:
            person.start()
        for person in people:
            person.join()
        self.assertEqual(sorted(answers), [201] + [409] * 7)

    def test_weak_passwords_are_refused(self):
        for password in ("short", "anna", "Password123!", "aaaaaaaaaaaaaa", "123456789012",
                         "x" * 257):
            with self.subTest(password):
                self.assertEqual(Person(self.server).set_up(password=password).status, 400)
        self.assertTrue(self.server.get("/api/v1/session").json()["unclaimed"])


class Wide(unittest.TestCase):
    """Bound so that others can reach it."""

    def test_needs_the_code(self):
        server = Server("http.host=0.0.0.0")
        self.addCleanup(server.close)
        session = server.get("/api/v1/session").json()
        self.assertTrue(session["setup_code_needed"])
        self.assertFalse(session["open"])
        self.assertEqual(session["mqtt"], "keys")
        self.assertEqual(server.get("/api/v1/points").json()["code"], "unclaimed")
        self.assertEqual(server.get("/metrics").status, 401)
        for path in ("/livez", "/readyz", "/", "/openapi.json"):
            self.assertEqual(server.get(path, {"Accept": "text/html,*/*"}).status, 200, path)
        file = os.path.join(server.folder, "data", "setup-code")
        self.assertEqual(os.stat(file).st_mode & 0o777, 0o600)
        with open(file, encoding="utf-8") as opened:
            code = opened.read().strip()
        self.assertIn(file, server.log_text())
        self.assertNotIn(code, server.log_text())
        anna = Person(server)
        self.assertEqual(anna.set_up().status, 401)
        self.assertEqual(anna.set_up(code="aaaa-bbbb-cccc-dddd-eeee").status, 401)
        self.assertEqual(anna.set_up(code=code).status, 201)
        self.assertFalse(os.path.exists(file))
        self.assertEqual(anna.ask("GET", "/api/v1/points").status, 200)

    def test_open_mode_stays_on_this_machine(self):
        with self.assertRaisesRegex(RuntimeError, "access.mode=open lets everybody"):
            Server("access.mode=open", "mqtt.host=0.0.0.0")
        with self.assertRaisesRegex(RuntimeError, "access.trusted_proxies says"):
            Server("access.mode=open", "access.trusted_proxies=127.0.0.1")
        server = Server("access.mode=open")
        self.addCleanup(server.close)
        self.assertEqual(server.get("/api/v1/session").json()["mode"], "open")
        anna = Person(server)
        anna.set_up()
        self.assertEqual(server.get("/api/v1/points").status, 200)


class SigningIn(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server, cls.anna = claimed()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def add(self, name, role="viewer", password=PASSWORD, **more):
        answer = self.anna.ask("POST", "/api/v1/users", {
            "name": name, "password": password, "role": role, "must_change_password": False,
            **more})
        self.assertEqual(answer.status, 201, answer.text())
        person = Person(self.server)
        self.assertEqual(person.sign_in(name, password).status, 201)
        return person

    def audit(self, action):
        answer = self.anna.ask("GET", f"/api/v1/audit?action={action}&limit=1000")
        return answer.json()["items"]

    def test_wrong_ones_slow_down(self):
        self.add("carl")
        thief = Person(self.server)
        for _ in range(5):
            answer = thief.sign_in("carl", "not the right one at all")
            self.assertEqual((answer.status, answer.json()["code"]), (401, "wrong_credentials"))
        answer = thief.sign_in("carl")
        self.assertEqual((answer.status, answer.json()["code"]), (429, "too_many_attempts"))
        wait = int(answer.headers["retry-after"])
        self.assertIn(wait, (1, 2))
        refused = [row for row in self.audit("session.refused") if row["target"] == "carl"]
        self.assertEqual(len(refused), 6)
        # Others are not held up, and after the wait the right one is taken.
        self.assertEqual(Person(self.server).sign_in("anna").status, 201)
        until(lambda: Person(self.server).sign_in("carl").status == 201, "carl is let in")

    def test_unknown_users_answer_alike(self):
        one = Person(self.server).sign_in("nobody-here", "not the right one at all")
        self.assertEqual((one.status, one.json()["detail"]),
                         (401, "the name or the password is wrong"))

    def test_changes_need_the_csrf_token(self):
        dora = self.add("dora", "engineer")
        refused = dora.ask("PUT", "/api/v1/templates/none", "{}", csrf=False)
        self.assertEqual((refused.status, refused.json()["code"]), (403, "csrf_token_needed"))
        wrong = dora.ask("PUT", "/api/v1/templates/none", "{}", csrf=False, X_CSRF_Token="a" * 43)
        self.assertEqual(wrong.status, 403)
        self.assertEqual(dora.ask("PUT", "/api/v1/templates/none", "{}").status, 400)
        self.assertEqual(dora.ask("DELETE", "/api/v1/session", csrf=False).status, 403)

    def test_ended_and_forged_sessions(self):
        emil = self.add("emil")
        self.assertEqual(emil.ask("GET", "/api/v1/points").status, 200)
        for forged in ("", "x", "A" * 43, emil.cookie[:-1] + "~", emil.cookie + "A"):
            answer = self.server.get("/api/v1/points",
                                     headers={"Cookie": f"headworks_session={forged}"})
            self.assertEqual(answer.status, 401, forged)
        mine = emil.ask("GET", "/api/v1/sessions").json()["items"]
        self.assertEqual([one["user"] for one in mine], ["emil"])
        self.assertTrue(mine[0]["current"])
        self.assertEqual(emil.ask("GET", "/api/v1/sessions?user=*").status, 403)
        self.assertEqual(emil.ask("GET", "/api/v1/sessions?user=anna").status, 403)
        self.assertEqual([one["id"] for one in emil.ask(
            "GET", "/api/v1/sessions?user=emil").json()["items"]], [mine[0]["id"]])
        his = self.anna.ask("GET", "/api/v1/sessions?user=emil").json()["items"]
        self.assertEqual([(one["id"], one["user"], one["current"]) for one in his],
                         [(mine[0]["id"], "emil", False)])
        self.assertEqual(self.anna.ask("GET", "/api/v1/sessions?user=nobody").status, 404)
        everybody = self.anna.ask("GET", "/api/v1/sessions?user=*").json()["items"]
        self.assertIn("anna", [one["user"] for one in everybody])
        other = Person(self.server)
        other.sign_in("emil")
        ended = emil.ask("DELETE", f"/api/v1/sessions/{mine[0]['id']}")
        self.assertEqual(ended.status, 204)
        self.assertEqual(emil.ask("GET", "/api/v1/points").status, 401)
        self.assertEqual(other.ask("GET", "/api/v1/points").status, 200)
        old = other.cookie
        self.assertEqual(other.ask("DELETE", "/api/v1/session").status, 204)
        other.cookie = old
        self.assertEqual(other.ask("GET", "/api/v1/points").status, 401)

    def test_passwords_are_changed(self):
        fred = self.add("fred")
        other = Person(self.server)
        other.sign_in("fred")
        path = "/api/v1/session/password"
        new = "nine red lanterns float"
        wrong = fred.ask("POST", path, {"old_password": "not this one here", "password": new})
        self.assertEqual(wrong.status, 401)
        done = fred.ask("POST", path, {"old_password": PASSWORD, "password": new})
        self.assertEqual(done.status, 200, done.text())
        self.assertEqual(fred.ask("GET", "/api/v1/points").status, 200)
        self.assertEqual(other.ask("GET", "/api/v1/points").status, 401)
        self.assertEqual(Person(self.server).sign_in("fred").status, 401)
        self.assertEqual(Person(self.server).sign_in("fred", new).status, 201)

    def test_a_password_of_another_must_be_changed(self):
        gita = self.add("gita", "operator")
        answer = self.anna.ask("POST", "/api/v1/users/gita/password",
                               {"password": "four blue kettles sing"})
        self.assertEqual(answer.status, 204)
        self.assertEqual(gita.ask("GET", "/api/v1/points").status, 401)
        gita.sign_in("gita", "four blue kettles sing")
        self.assertEqual(gita.ask("GET", "/api/v1/points").json()["code"],
                         "password_change_needed")
        done = gita.ask("POST", "/api/v1/session/password",
                        {"old_password": "four blue kettles sing", "password": PASSWORD})
        self.assertEqual(done.status, 200, done.text())
        self.assertEqual(gita.ask("GET", "/api/v1/points").status, 200)

    def test_users_are_kept(self):
        hans = self.add("hans")
        user = self.anna.ask("GET", "/api/v1/users/hans")
        self.assertNotIn("hash", user.text())
        tag = user.headers["etag"]
        patched = self.anna.ask("PATCH", "/api/v1/users/hans", {"role": "operator"}, If_Match=tag)
        self.assertEqual(patched.status, 200, patched.text())
        stale = self.anna.ask("PATCH", "/api/v1/users/hans", {"role": "engineer"}, If_Match=tag)
        self.assertEqual(stale.status, 412)
        self.assertEqual(hans.ask("GET", "/api/v1/points").status, 401, "another role ends it")
        hans.sign_in("hans")
        self.anna.ask("PATCH", "/api/v1/users/hans", {"enabled": False})
        self.assertEqual(hans.ask("GET", "/api/v1/points").status, 401)
        self.assertEqual(hans.sign_in("hans").status, 401)
        for body in ('{"name":"x"}', "[]", "{", '{"name":"UPPER","password":"%s"}' % PASSWORD,
                     '{"name":"ok","password":"%s","rolle":"viewer"}' % PASSWORD,
                     '{"name":"ok","password":"%s","role":"king"}' % PASSWORD,
                     '{"name":"ok","password":"%s","scope":"a/#/b"}' % PASSWORD):
            self.assertEqual(self.anna.ask("POST", "/api/v1/users", body).status, 400, body)
        self.assertEqual(self.anna.ask("DELETE", "/api/v1/users/hans").status, 204)
        self.assertEqual(self.anna.ask("GET", "/api/v1/users/hans").status, 404)

    def test_the_last_administrator_stays(self):
        for method, body in (("DELETE", None), ("PATCH", {"role": "engineer"}),
                             ("PATCH", {"enabled": False})):
            answer = self.anna.ask(method, "/api/v1/users/anna", body)
            self.assertEqual(answer.status, 409, body)
            self.assertIn("last administrator", answer.json()["detail"])
        narrow = self.anna.ask("PATCH", "/api/v1/users/anna", {"scope": "a/#"})
        self.assertEqual(narrow.status, 400)

    def test_preferences_are_one_s_own(self):
        ilse = self.add("ilse")
        done = ilse.ask("PATCH", "/api/v1/session/preferences",
                        {"language": "zh", "units": "us", "time_zone": "Asia/Shanghai",
                         "theme": "dark"})
        self.assertEqual(done.status, 200, done.text())
        user = ilse.ask("GET", "/api/v1/session").json()["user"]
        self.assertEqual((user["language"], user["units"], user["time_zone"], user["theme"]),
                         ("zh", "us", "Asia/Shanghai", "dark"))
        bad = ilse.ask("PATCH", "/api/v1/session/preferences", {"theme": "pink"})
        self.assertEqual(bad.status, 400)
        more = ilse.ask("PATCH", "/api/v1/session/preferences", {"role": "administrator"})
        self.assertEqual(more.status, 400)

    def test_a_restart_keeps_sessions(self):
        server, anna = claimed()
        self.addCleanup(server.close)
        server.stop()
        server.start()
        self.assertEqual(anna.ask("GET", "/api/v1/points").status, 200)
        self.assertEqual(anna.ask("POST", "/api/v1/compact").status, 200)
        server.kill()
        server.start()
        self.assertEqual(anna.ask("GET", "/api/v1/points").status, 200)

    def test_a_restored_backup_has_users_but_no_sessions(self):
        server, anna = claimed()
        self.addCleanup(server.close)
        catalog = os.path.join(server.folder, "data", "catalog.db")
        self.assertEqual(os.stat(catalog).st_mode & 0o777, 0o600)
        backup = os.path.join(server.folder, "backup")
        self.assertEqual(anna.ask("POST", f"/api/v1/backup?folder={backup}").status, 200)
        self.assertEqual(os.stat(os.path.join(backup, "catalog.db")).st_mode & 0o777, 0o600)
        server.stop()
        data = os.path.join(server.folder, "data")
        os.rename(data, data + ".old")
        restored = cli("restore", backup, "--data", data)
        self.assertEqual(restored.returncode, 0, restored.stderr)
        server.start()
        self.assertEqual(anna.ask("GET", "/api/v1/points").status, 401)
        self.assertEqual(anna.sign_in("anna").status, 201)

    def test_sign_ins_hold_up_nothing(self):
        """A storm of them: hashing has threads of its own, and a bounded line before it."""
        server, anna = claimed("access.attempts_peer=1000")
        self.addCleanup(server.close)
        answers = []

        def knock(i):
            answers.append(Person(server).sign_in(f"knock{i}", "not the right one").status)
        storm = [threading.Thread(target=knock, args=(i,)) for i in range(100)]
        for one in storm:
            one.start()
        self.assertEqual(anna.ask("GET", "/api/v1/points").status, 200)
        self.assertEqual(anna.ask("GET", "/api/v1/session").status, 200)
        for one in storm:
            one.join()
        self.assertEqual(set(answers) - {401, 503}, set())
        self.assertIn(401, answers)

    def test_the_actor_is_who_signed_in(self):
        jana = self.add("jana", "engineer")
        answer = jana.ask("POST", "/api/v1/streams", "CREATE STREAM jana_stream () WITH "
                          "(TYPE=\"mqtt\", DATASOURCE=\"a/b\")", X_Forwarded_User="somebody")
        rows = self.anna.ask("GET", "/api/v1/audit?actor=jana").json()["items"]
        self.assertTrue(rows, answer.text())
        self.assertEqual(self.anna.ask("GET", "/api/v1/audit?actor=somebody").json()["items"], [])


class Roles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server, cls.anna = claimed("access.metrics=viewer")
        cls.people = {}
        for role in ("viewer", "operator", "engineer"):
            cls.anna.ask("POST", "/api/v1/users", {
                "name": role, "password": PASSWORD, "role": role, "must_change_password": False})
            cls.people[role] = Person(cls.server)
            assert cls.people[role].sign_in(role).status == 201

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def test_everything_needs_a_sign_in(self):
        seen = 0
        for method, path, role in operations(self.server):
            if role == "none":
                continue
            answer = self.server.request(method, path, "{}" if method in UNSAFE else None)
            self.assertEqual(answer.status, 401, f"{method} {path}")
            self.assertEqual(answer.headers["content-type"], "application/problem+json")
            self.assertEqual(answer.headers["cache-control"], "no-store")
            seen += 1
        self.assertGreater(seen, 150)

    def test_only_these_are_public(self):
        public = {f"{method} {path}" for method, path, role in operations(self.server)
                  if role == "none"}
        self.assertEqual(public, {
            "GET /livez", "GET /readyz", "GET /ping", "GET /health", "GET /openapi.json",
            "GET /api/v1/session", "POST /api/v1/session", "POST /api/v1/setup"})

    def test_too_little_is_refused(self):
        order = ["viewer", "operator", "engineer", "administrator"]
        for method, path, role in operations(self.server):
            if role == "none":
                continue
            for name, person in self.people.items():
                if order.index(name) >= order.index(role):
                    continue
                answer = person.ask(method, path, "{}" if method in UNSAFE else None)
                self.assertEqual(answer.status, 403, f"{name}: {method} {path}")
                self.assertIn(f"needs the role {role}", answer.json()["detail"])

    def test_refusals_are_counted(self):
        def counted(status):
            text = self.people["viewer"].ask("GET", "/metrics").text()
            return float(re.search(
                rf'headworks_api_refused_total{{status="{status}"}} (\S+)', text).group(1))
        before = counted(401), counted(403)
        self.server.get("/api/v1/points")
        self.people["viewer"].ask("GET", "/api/v1/users")
        self.assertGreaterEqual(counted(401), before[0] + 1)
        self.assertGreaterEqual(counted(403), before[1] + 1)

    def test_connectors_do_not_reach_the_server_s_own_files(self):
        """Else an engineer's connector sends the administrator's key wherever it likes."""
        for settings in ({"url": "http://127.0.0.1:1", "token_file": "../local-key"},
                         {"url": "http://127.0.0.1:1", "token_file": os.path.join(
                             self.server.folder, "data", "local-key")}):
            body = {"name": "thief", "kind": "http", "settings": settings}
            answer = self.people["engineer"].ask("POST", "/api/v1/connectors/test", body)
            self.assertIn("is the server's own", answer.text())

    def test_orders_have_a_name(self):
        """A message from within the server would be an order of nobody's."""
        for topic in ("$hw/write/works/p1/on", "$hw/twin/works/p1/desired/on/set",
                      "/neuron/plc/write/req"):
            answer = self.people["operator"].ask("POST", "/api/v1/publish",
                                                 {"topic": topic, "payload": "1"})
            self.assertEqual(answer.status, 400, answer.text())
            self.assertIn("a topic of orders", answer.text())
        rows = self.anna.ask("GET", "/api/v1/audit?action=point.write").json()["items"]
        self.assertEqual([row for row in rows if not row["actor"]], [])

    def test_refused_changes_are_in_the_audit(self):
        path = "/api/v1/points/works/p1/on/write"
        for _ in range(3):
            self.assertEqual(self.people["viewer"].ask("POST", path, {"value": 1}).status, 403)
        narrow = self.anna.ask("POST", "/api/v1/keys", {
            "name": "refused", "role": "operator", "scope": "works/north/#"}).json()["key"]
        self.server.request("POST", path, '{"value":1}', {"X-API-Key": narrow})
        rows = self.anna.ask("GET", "/api/v1/audit?action=access.refused").json()["items"]
        found = {(row["actor"], row["target"], row["result"]): row["detail"] for row in rows
                 if row["target"] == "works/p1/on"}
        self.assertEqual(found, {
            ("viewer", "works/p1/on", "permission_denied"): "writePoint: needs the role operator",
            ("key:refused", "works/p1/on", "permission_denied"):
                "writePoint: reaches beyond 'works/north/#'"})
        mine = [row for row in rows if row["actor"] == "viewer" and row["target"] == "works/p1/on"]
        self.assertLess(len(mine), 3, "not each one")
        seen = self.people["engineer"].ask("GET", "/api/v1/audit?action=access.refused")
        self.assertEqual(seen.json()["items"], [])

    def test_a_viewer_changes_nothing(self):
        may = set()
        for method, path, role in operations(self.server):
            if role == "viewer" and method in UNSAFE:
                may.add(f"{method} {path}")
        self.assertEqual(may, {
            "DELETE /api/v1/session", "POST /api/v1/session/password",
            "PATCH /api/v1/session/preferences", "POST /api/v1/session/mqtt-token",
            "DELETE /api/v1/sessions/none-id", "POST /api/v1/query", "POST /api/v1/twins/query"})

    def test_the_audit_of_access_is_the_administrator_s(self):
        rows = self.people["viewer"].ask("GET", "/api/v1/audit?limit=1000").json()["items"]
        self.assertEqual([row for row in rows if row["action"].startswith(("session.", "user."))],
                         [])
        rows = self.anna.ask("GET", "/api/v1/audit?action=user.setup").json()["items"]
        self.assertEqual(rows[0]["actor"], "anna")


class Keys(unittest.TestCase):
    """Programs: keys, scopes, streams, WebSockets, the command line."""

    @classmethod
    def setUpClass(cls):
        cls.server, cls.anna = claimed()
        lines = "".join(f"works,area={side},pump=p{i} flow={i}.5 {1_700_000_000 + i}\n"
                        for side in ("north", "south") for i in range(3))
        answer = cls.anna.ask("POST", "/write?precision=s", lines)
        assert answer.status == 204, answer.text()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def key(self, name, role="viewer", scope="#", **more):
        answer = self.anna.ask("POST", "/api/v1/keys",
                               {"name": name, "role": role, "scope": scope, **more})
        self.assertEqual(answer.status, 201, answer.text())
        return answer.json()

    def ask(self, key, method, path, body=None):
        if body is not None and not isinstance(body, str):
            body = json.dumps(body)
        return self.server.request(method, path, body, {"Authorization": f"Bearer {key}"})

    def test_ways_to_show_a_key(self):
        made = self.key("ways", "operator")
        self.assertRegex(made["key"], r"^hw_[a-z2-7]{8}_[A-Za-z0-9_-]{43}$")
        basic = base64.b64encode(f"any:{made['key']}".encode()).decode()
        for headers in ({"Authorization": f"Bearer {made['key']}"}, {"X-API-Key": made["key"]},
                        {"Authorization": f"Token {made['key']}"},
                        {"Authorization": f"Basic {basic}"}):
            self.assertEqual(self.server.get("/api/v1/points", headers=headers).status, 200)
            # No cookie, no CSRF token.
            answer = self.server.request("POST", "/write?precision=s", "x v=1", headers)
            self.assertEqual(answer.status, 204)
        for wrong in ("", "hw_aaaaaaaa_" + "A" * 43, made["key"][:-1], made["key"] + "x"):
            answer = self.server.get("/api/v1/points", headers={"Authorization": f"Bearer {wrong}"})
            self.assertEqual(answer.status, 401, wrong)
        listed = self.anna.ask("GET", "/api/v1/keys").text()
        self.assertNotIn(made["key"], listed)
        self.assertIsNotNone(self.anna.ask("GET", f"/api/v1/keys/{made['id']}").json()["last_used"])
        self.assertEqual(self.ask(made["key"], "GET", "/api/v1/session").json()["key"], "ways")
        rows = self.anna.ask("GET", "/api/v1/audit?action=key.create").json()["items"]
        self.assertNotIn(made["key"][12:], json.dumps(rows))

    def test_keys_end(self):
        made = self.key("ends", "viewer", expires="2099-01-01T00:00:00Z")
        self.assertEqual(self.ask(made["key"], "GET", "/api/v1/points").status, 200)
        path = f"/api/v1/keys/{made['id']}"
        self.assertEqual(self.anna.ask("PATCH", path, {"enabled": False}).status, 200)
        self.assertEqual(self.ask(made["key"], "GET", "/api/v1/points").status, 401)
        self.assertEqual(self.anna.ask("PATCH", path, {"enabled": True}).status, 200)
        self.assertEqual(self.ask(made["key"], "GET", "/api/v1/points").status, 200)
        self.assertEqual(self.anna.ask("DELETE", path).status, 204)
        self.assertEqual(self.ask(made["key"], "GET", "/api/v1/points").status, 401)
        past = self.anna.ask("POST", "/api/v1/keys",
                             {"name": "past", "expires": "2001-01-01T00:00:00Z"})
        self.assertEqual(past.status, 400)

    def test_a_scope_narrows_what_is_read(self):
        key = self.key("narrow", "engineer", "works/north/#")["key"]
        points = [row["point"] for row in self.ask(key, "GET", "/api/v1/points").json()["items"]]
        self.assertEqual(points, [f"works/north/p{i}/flow" for i in range(3)])
        wider = self.ask(key, "GET", "/api/v1/points?filter=works/%2B/p1/flow").json()["items"]
        self.assertEqual([row["point"] for row in wider], ["works/north/p1/flow"])
        outside = self.ask(key, "GET", "/api/v1/points?filter=works/south/%23")
        self.assertEqual((outside.status, outside.json()["code"]), (403, "out_of_scope"))
        history = "/api/v1/history?from=1699999999&to=1700000009&"
        rows = self.ask(key, "GET", history + "filter=%23").json()["items"]
        self.assertEqual({row["point"].split("/")[1] for row in rows}, {"north"})
        self.assertEqual(
            self.ask(key, "GET", history + "point=works/north/p1/flow").status, 200)
        self.assertEqual(
            self.ask(key, "GET", history + "point=works/south/p1/flow").status, 403)
        self.assertEqual(self.ask(key, "GET", history + "point=works/north/p1/flow"
                                  "&point=works/south/p1/flow").status, 403)
        self.assertEqual(self.ask(key, "GET", "/api/v1/devices").status, 200)

    def test_what_a_scope_leaves(self):
        """Of all that is read: what is not narrowed to the scope, or without paths, is refused."""
        key = self.key("leaves", "viewer", "works/north/#")["key"]
        left = set()
        for method, path, role in operations(self.server):
            if role != "viewer" or method != "GET":
                continue
            inside = path.replace("none-", "works%2Fnorth%2F")
            if path == "/api/v1/sessions":
                continue  # of users, which a key is not
            if path in ("/api/v1/live", "/api/v1/twin/events"):
                left.add(path)  # a stream; narrowed as the others
                continue
            answer = self.ask(key, method, inside)
            if answer.status == 403:
                self.assertEqual(answer.json()["code"], "out_of_scope", path)
                continue
            left.add(path)
            outside = path.replace("none-", "works%2Fsouth%2F")
            if outside != path and not path.startswith(PATHLESS):
                self.assertEqual(self.ask(key, method, outside).status, 403, outside)
        of_twin = {f"/api/v1/twins/none-id{rest}" for rest in (
            "", "/commands", "/description", "/desired", "/desired/none-path", "/diff", "/events",
            "/history/none-path", "/properties/none-path", "/relationships",
            "/relationships/none-name/none-target", "/scene", "/scene.glb", "/scene.gltf",
            "/scene/nodes/none-node", "/thing", "/versions")}
        of_device = {f"/api/v1/devices/none-name{rest}" for rest in (
            "", "/groups/none-group", "/groups/none-group/tags/none-tag", "/state", "/tags")}
        self.assertEqual(left, of_twin | of_device | {f"/api/v1/{rest}" for rest in (
            "points", "history", "live", "audit", "search", "devices", "devices/export",
            "mqtt/retained", "notes", "notes/none-id", "twins", "twin/diff", "twin/events",
            "twin/export", "twin/past/events", "twin/scenes",
            "connectors/kinds", "drivers", "drivers/none-name", "functions", "twin/models",
            "twin/models/none-id", "twin/library", "twin/assets/none-name")})

    def test_a_scope_narrows_what_is_found(self):
        key = self.key("finds", "viewer", "works/north/#")["key"]
        path = "/api/v1/search?q=works"
        found = [hit["id"] for hit in self.anna.ask("GET", path).json()["items"]]
        self.assertIn("works/south/p1/flow", found)
        hits = self.ask(key, "GET", path).json()["items"]
        self.assertEqual([hit["id"] for hit in hits], [f"works/north/p{i}/flow" for i in range(3)])

    def test_a_key_is_not_the_user_of_its_name(self):
        session = self.anna.ask("GET", "/api/v1/sessions").json()["items"][0]["id"]
        key = self.key("anna")["key"]
        self.assertEqual(self.ask(key, "DELETE", f"/api/v1/sessions/{session}").status, 409)
        self.assertEqual(self.anna.ask("GET", "/api/v1/points").status, 200)

    def test_answers_are_data(self):
        for path in ("/api/v1/points", "/api/v1/none", "/openapi.json", "/livez", "/metrics"):
            headers = self.anna.ask("GET", path).headers
            self.assertEqual(headers["x-content-type-options"], "nosniff", path)
            self.assertEqual(headers["cross-origin-resource-policy"], "same-origin", path)
            self.assertEqual(headers["referrer-policy"], "no-referrer", path)
            for part in ("default-src 'none'", "frame-ancestors 'none'", "sandbox"):
                self.assertIn(part, headers["content-security-policy"], path)
        page = self.server.get("/", {"Accept": "text/html"}).headers["content-security-policy"]
        self.assertIn("frame-ancestors 'none'", page)

    def test_a_scope_narrows_what_is_written(self):
        key = self.key("writes", "engineer", "works/north/#")["key"]
        inside = self.ask(key, "POST", "/api/v1/publish",
                          {"topic": "works/north/note", "payload": 1})
        self.assertEqual(inside.status, 200, inside.text())
        for method, path, body in (
                ("POST", "/api/v1/publish", {"topic": "works/south/note", "payload": 1}),
                ("POST", "/api/v1/points/works/south/p1/flow/write", {"value": 1}),
                ("PUT", "/api/v1/twins/works%2Fsouth%2Fp1/desired/on", {"value": True}),
                ("POST", "/api/v1/twins/works%2Fsouth%2Fp1/commands/start", {}),
                ("GET", "/api/v1/twins/works%2Fsouth%2Fp1", None),
                ("GET", "/api/v1/twins/works%2Fnorth%2Fp1/events?along=feeds", None),
                ("GET", "/api/v1/twin/events?where=on", None),
                ("PUT", "/api/v1/twin/desired", []),
                ("POST", "/api/v1/query", {"sql": "SELECT 1"}),
                ("POST", "/api/v1/rules", {}),
                ("POST", "/api/v1/devices", {}),
                ("POST", "/write", "works,area=north v=1")):
            answer = self.ask(key, method, path, body)
            self.assertEqual((answer.status, answer.json()["code"]), (403, "out_of_scope"), path)
        # Inside it comes as far as the thing itself.
        write = self.ask(key, "POST", "/api/v1/points/works/north/p1/flow/write", {"value": 1})
        self.assertNotEqual(write.status, 403, write.text())

    def test_streams_end_with_what_was_granted(self):
        made = self.key("streams")
        connection = http.client.HTTPConnection("127.0.0.1", self.server.http, timeout=30)
        connection.request("GET", "/api/v1/live?filter=none", headers={"X-API-Key": made["key"]})
        stream = connection.getresponse()
        self.assertEqual(stream.status, 200)
        self.anna.ask("PATCH", f"/api/v1/keys/{made['id']}", {"enabled": False})
        begun = time.monotonic()
        try:
            while stream.read1():
                pass
        except (ConnectionError, http.client.IncompleteRead):
            pass
        self.assertLess(time.monotonic() - begun, 10)
        connection.close()

    def upgrade(self, path, protocol="", **headers):
        """The status line's number, and the open socket where it is 101."""
        lines = {"Host": f"127.0.0.1:{self.server.http}", "Upgrade": "websocket",
                 "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                 "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
        if protocol:
            lines["Sec-WebSocket-Protocol"] = protocol
        lines.update({name.replace("_", "-"): text for name, text in headers.items()})
        link = socket.create_connection(("127.0.0.1", self.server.http), timeout=30)
        self.addCleanup(link.close)
        head = "".join(f"{name}: {text}\r\n" for name, text in lines.items())
        link.sendall(f"GET {path} HTTP/1.1\r\n{head}\r\n".encode())
        answer = link.recv(4096).decode()
        return int(answer.split()[1]), link

    def test_websockets_of_values(self):
        path = "/api/v1/twin/ws"
        self.assertEqual(self.upgrade(path)[0], 401)
        self.assertEqual(self.upgrade(path, Authorization="Bearer x")[0], 401)
        self.assertEqual(self.upgrade(path + "?token=" + "A" * 43)[0], 401)
        narrow = self.key("socket-narrow", "viewer", "works/#")["key"]
        self.assertEqual(self.upgrade(path, Authorization=f"Bearer {narrow}")[0], 403)
        token = self.anna.ask("POST", "/api/v1/session/mqtt-token").json()["token"]
        self.assertEqual(self.upgrade(f"{path}?token={token}")[0], 101)
        cookie = f"headworks_session={self.anna.cookie}"
        self.assertEqual(self.upgrade(path, Cookie=cookie)[0], 101)
        # A page of elsewhere that rides on the cookie.
        self.assertEqual(self.upgrade(path, Cookie=cookie, Origin="http://evil.example")[0], 403)
        made = self.key("socket")
        status, link = self.upgrade(path, X_API_Key=made["key"])
        self.assertEqual(status, 101)
        self.anna.ask("DELETE", f"/api/v1/keys/{made['id']}")
        link.settimeout(10)
        while link.recv(4096):
            pass

    def test_mqtt_sockets_are_of_this_machine(self):
        self.assertEqual(self.upgrade("/mqtt", "mqtt")[0], 101)
        rebound = {"Host": "rebound.example", "Origin": "http://rebound.example"}
        self.assertEqual(self.upgrade("/mqtt", "mqtt", **rebound)[0], 401)
        viewer = self.key("mqtt-viewer")["key"]
        engineer = self.key("mqtt-engineer", "engineer")["key"]
        self.assertEqual(
            self.upgrade("/mqtt", "mqtt", Host="proxy.example", X_API_Key=viewer)[0], 403)
        self.assertEqual(
            self.upgrade("/mqtt", "mqtt", Host="proxy.example", X_API_Key=engineer)[0], 101)

    def test_proxies_that_are_trusted_tell_of_tls(self):
        server = Server("access.trusted_proxies=127.0.0.1")
        self.addCleanup(server.close)
        # A proxy brings others, in its own name where it says nothing of them.
        self.assertEqual(server.get("/api/v1/points").json()["code"], "unclaimed")
        self.assertEqual(server.get("/metrics").status, 401)
        self.assertEqual(Person(server).set_up().status, 401)
        with open(os.path.join(server.folder, "data", "setup-code"), encoding="utf-8") as opened:
            code = opened.read().strip()
        body = json.dumps({"name": "anna", "password": PASSWORD, "code": code})
        headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.7"}
        answer = server.request("POST", "/api/v1/setup", body, headers)
        self.assertEqual(answer.status, 201)
        cookie = answer.headers["set-cookie"]
        self.assertTrue(cookie.startswith("__Host-headworks_session="), cookie)
        self.assertTrue(cookie.endswith("; Secure"), cookie)
        pair = cookie.split(";")[0]
        self.assertEqual(server.get("/api/v1/points", headers={"Cookie": pair, **headers}).status,
                         200)
        sessions = server.get("/api/v1/sessions", headers={"Cookie": pair, **headers}).json()
        self.assertEqual(sessions["items"][0]["address"], "198.51.100.7")
        # Who comes through it is not on this machine.
        csrf = answer.json()["csrf_token"]
        answer = server.request("POST", "/api/v1/compact", "", {
            "Cookie": pair, "X-CSRF-Token": csrf, **headers})
        self.assertEqual((answer.status, answer.json()["code"]), (403, "permission_denied"))
        # Without the proxy's word the plain name counts, which this browser does not have.
        self.assertEqual(server.get("/api/v1/points", headers={"Cookie": pair}).status, 401)

    def test_malformed_and_oversized(self):
        for method, path, body, status in (
                ("POST", "/api/v1/session", "{", 400),
                ("POST", "/api/v1/session", "[]", 400),
                ("POST", "/api/v1/session", '{"name":"a"}', 400),
                ("POST", "/api/v1/session", '{"name":"a","password":1}', 400),
                ("POST", "/api/v1/session", '{"name":"a","password":"b","x":1}', 400),
                ("POST", "/api/v1/session", "[" * 5000, 400),
                ("POST", "/api/v1/session", json.dumps({"name": "a", "password": "x" * 70000}),
                 422),
                ("POST", "/api/v1/session", json.dumps({"name": "x" * 1000, "password": "y"}),
                 401),
                ("POST", "/api/v1/setup", "{}", 400)):
            answer = self.server.request(method, path, body)
            self.assertEqual(answer.status, status, body[:60])
            self.assertEqual(answer.headers["content-type"], "application/problem+json")
        small = Server("http.body_bytes_limit=4KiB")
        self.addCleanup(small.close)
        answer = small.request("POST", "/api/v1/session", "x" * 5000)
        self.assertEqual((answer.status, answer.headers["content-type"]),
                         (413, "application/problem+json"))
        answer = small.request("GET", "/api/v1/session", headers={"Cookie": "a" * 70000})
        self.assertEqual((answer.status, answer.headers["content-type"]),
                         (431, "application/problem+json"))
        with socket.create_connection(("127.0.0.1", small.http), timeout=30) as link:
            link.sendall(b"GET /api/v1/session\r\n\r\n")
            self.assertIn(b"400", link.recv(4096).split(b"\r\n")[0])

    def test_the_command_line(self):
        url = f"http://127.0.0.1:{self.server.http}"
        plain = {"PATH": os.environ["PATH"], "HEADWORKS_URL": url}
        refused = cli("points", env=plain)
        self.assertEqual(refused.returncode, 4, refused.stderr)
        self.assertIn("HEADWORKS_API_KEY", refused.stderr)
        admin = self.key("cli", "administrator")["key"]
        known = {**plain, "HEADWORKS_API_KEY": admin}
        self.assertEqual(cli("points", env=known).returncode, 0)
        file = os.path.join(self.server.folder, "cli.key")
        with open(file, "w", encoding="utf-8") as opened:
            opened.write(admin + "\n")
        self.assertEqual(cli("points", "--key-file", file, env=plain).returncode, 0)
        self.assertEqual(cli("points", "--key-file", file + "x", env=plain).returncode, 3)

        made = cli("user", "add", "kurt", "--role", "operator", "--keep", env=known,
                   input=PASSWORD + "\n")
        self.assertEqual(made.returncode, 0, made.stderr)
        kurt = Person(self.server)
        self.assertEqual(kurt.sign_in("kurt").status, 201)
        self.assertEqual(cli("user", "role", "kurt", "engineer", env=known).returncode, 0)
        self.assertRegex(cli("user", "list", env=known).stdout, r"kurt.*engineer")
        weak = cli("user", "passwd", "kurt", env=known, input="short\n")
        self.assertEqual(weak.returncode, 2, weak.stderr)
        self.assertEqual(cli("user", "disable", "kurt", env=known).returncode, 0)
        self.assertEqual(kurt.sign_in("kurt").status, 401)
        self.assertEqual(cli("user", "enable", "kurt", env=known).returncode, 0)
        self.assertEqual(cli("user", "delete", "kurt", env=known).returncode, 0)
        self.assertEqual(cli("user", "delete", "kurt", env=known).returncode, 3)
        self.assertEqual(cli("user", "delete", "anna", env=known).returncode, 5)

        created = cli("key", "create", "lab", "--role", "viewer", env=known)
        self.assertEqual(created.returncode, 0, created.stderr)
        lab = created.stdout.strip()
        self.assertEqual(self.ask(lab, "GET", "/api/v1/points").status, 200)
        forbidden = cli("user", "list", env={**plain, "HEADWORKS_API_KEY": lab})
        self.assertEqual(forbidden.returncode, 4)
        self.assertIn("needs the role administrator", forbidden.stderr)
        listed = cli("key", "list", env=known).stdout
        self.assertIn("lab", listed)
        self.assertNotIn(lab, listed)
        self.assertEqual(cli("key", "delete", lab.split("_")[1], env=known).returncode, 0)

    def test_the_key_in_the_data_folder(self):
        file = os.path.join(self.server.folder, "data", "local-key")
        self.assertEqual(os.stat(file).st_mode & 0o777, 0o600)
        self.assertEqual(os.stat(os.path.dirname(file)).st_mode & 0o777, 0o700)
        url = f"http://127.0.0.1:{self.server.http}"
        env = {"PATH": os.environ["PATH"], "HEADWORKS_URL": url, "HEADWORKS_API_KEY_FILE": file,
               "USER": "olga"}
        self.assertEqual(cli("user", "add", "by-olga", env=env, input=PASSWORD + "\n").returncode,
                         0)
        rows = self.anna.ask("GET", "/api/v1/audit?actor=local:olga").json()["items"]
        self.assertEqual(rows[0]["action"], "user.create")
        self.assertEqual([one for one in self.anna.ask("GET", "/api/v1/keys").json()["items"]
                          if one["name"] == "local"], [])

    def test_locked_out(self):
        server, anna = claimed()
        self.addCleanup(server.close)
        data = os.path.join(server.folder, "data")
        held = cli("user", "reset-password", "anna", "--data", data, input="two new words here\n")
        self.assertEqual(held.returncode, 5, held.stderr)
        server.stop()
        done = cli("user", "reset-password", "anna", "--data", data, input="two new words here\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        server.start()
        self.assertEqual(anna.ask("GET", "/api/v1/points").status, 401)
        self.assertEqual(anna.sign_in("anna", "two new words here").status, 201)
        rows = anna.ask("GET", "/api/v1/audit?action=user.password").json()["items"]
        self.assertEqual(rows[0]["origin"], "command line")


class Mqtt(unittest.TestCase):
    """MQTT where clients need keys."""

    @classmethod
    def setUpClass(cls):
        need("mosquitto_pub")
        cls.server, cls.anna = claimed("access.mqtt=keys")
        cls.keys = {}
        for name, role, scope in (("viewer", "viewer", "#"), ("operator", "operator", "#"),
                                  ("north", "operator", "works/north/#")):
            answer = cls.anna.ask("POST", "/api/v1/keys",
                                  {"name": name, "role": role, "scope": scope})
            cls.keys[name] = answer.json()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def run_client(self, program, *arguments, key=None, timeout=30):
        command = [program, "-V", "5", "-p", str(self.server.mqtt), *arguments]
        if key:
            command += ["-u", "any", "-P", key]
        return subprocess.run(command, capture_output=True, text=True, timeout=timeout,
                              check=False)

    def publish(self, topic, key=None):
        return self.run_client("mosquitto_pub", "-t", topic, "-m", "1.5", "-q", "1", "-d", key=key)

    def test_publishing(self):
        self.assertNotEqual(self.publish("works/north/a").returncode, 0)
        self.assertNotEqual(self.publish("works/north/a", "hw_x").returncode, 0)
        self.assertEqual(self.publish("works/north/a", self.keys["operator"]["key"]).returncode, 0)
        self.assertEqual(self.publish("works/north/b", self.keys["north"]["key"]).returncode, 0)
        for topic, name in (("works/south/c", "north"), ("works/north/d", "viewer")):
            refused = self.publish(topic, self.keys[name]["key"])
            self.assertIn("Not authorized", refused.stdout + refused.stderr)
        points = [row["point"] for row in
                  self.anna.ask("GET", "/api/v1/points?filter=works/%23").json()["items"]]
        self.assertEqual(points, ["works/north/a", "works/north/b"])

    def test_subscribing(self):
        def subscribed(name, topic):
            done = self.run_client("mosquitto_sub", "-t", topic, "-E", "-d",
                                   key=self.keys[name]["key"])
            return "denied" not in (done.stdout + done.stderr).lower()
        self.assertTrue(subscribed("viewer", "#"))
        self.assertTrue(subscribed("viewer", "$SYS/#"))
        self.assertTrue(subscribed("north", "works/north/+"))
        self.assertTrue(subscribed("north", "$share/g/works/north/#"))
        for topic in ("#", "works/+/a", "$SYS/#", "$share/g/#", "works/#"):
            self.assertFalse(subscribed("north", topic), topic)

    def test_a_session_gives_a_short_lived_password(self):
        token = self.anna.ask("POST", "/api/v1/session/mqtt-token").json()["token"]
        self.assertEqual(self.publish("notes/x", token).returncode, 0)

    def test_a_client_id_belongs_to_its_key(self):
        wide, north = self.keys["operator"]["key"], self.keys["north"]["key"]
        keep = ("-i", "one-id", "-c", "-x", "600", "-q", "1")
        self.run_client("mosquitto_sub", "-t", "#", "-E", *keep, key=wide)
        other = self.run_client("mosquitto_sub", "-t", "works/north/#", "-E", *keep, key=north)
        self.assertNotEqual(other.returncode, 0)
        # Once its session has gone, it is anybody's.
        self.run_client("mosquitto_sub", "-t", "#", "-E", "-i", "free-id", key=wide)
        until(lambda: self.run_client("mosquitto_sub", "-t", "works/north/#", "-E", "-i", "free-id",
                                      key=north).returncode == 0, "the other may use the id")

    def test_a_narrower_key_does_not_keep_what_it_was_subscribed_to(self):
        made = self.anna.ask("POST", "/api/v1/keys", {"name": "narrows", "scope": "#"}).json()
        keep = ("-i", "narrows-id", "-c", "-x", "600", "-q", "1")
        self.run_client("mosquitto_sub", "-t", "#", "-E", *keep, key=made["key"])
        path = "/api/v1/mqtt/clients/narrows-id"
        self.assertEqual(self.anna.ask("GET", path).json()["client"]["subscriptions"], 1)
        self.anna.ask("PATCH", f"/api/v1/keys/{made['id']}", {"scope": "works/north/#"})
        until(lambda: self.run_client("mosquitto_sub", "-t", "works/north/+", "-E", *keep,
                                      key=made["key"]).returncode == 0, "it may connect again")
        filters = [one["filter"] for one in self.anna.ask("GET", path).json()["subscriptions"]]
        self.assertEqual(filters, ["works/north/+"])

    def test_answers_go_where_the_asker_may_publish(self):
        asks = self.anna.ask("POST", "/api/v1/keys", {
            "name": "asks", "role": "operator", "scope": "$hw/write/#"}).json()["key"]
        with open(os.path.join(self.server.folder, "heard.log"), "w+", encoding="utf-8") as heard:
            link = subprocess.Popen(["mosquitto_sub", "-V", "5", "-p", str(self.server.mqtt), "-t",
                                     "answers/#", "-v", "-u", "x", "-P",
                                     self.keys["viewer"]["key"]], stdout=heard)
            self.addCleanup(link.kill)
            until(lambda: any(one["filter"] == "answers/#" for one in self.anna.ask(
                "GET", "/api/v1/mqtt/subscriptions").json()["items"]), "it is subscribed")

            def ask(key, topic):
                self.run_client("mosquitto_pub", "-t", "$hw/write/none/such", "-m", "1", "-q", "1",
                                "-D", "publish", "response-topic", topic, key=key)

            def text():
                heard.seek(0)
                return heard.read()
            ask(asks, "answers/outside")
            ask(self.keys["operator"]["key"], "answers/mine")
            until(lambda: "answers/mine" in text(), "the answer")
            self.assertNotIn("answers/outside", text())

    def test_a_will_is_a_message_too(self):
        for name, topic, code in (("viewer", "works/north/w", 135), ("north", "works/south/w", 135),
                                  ("north", "works/north/w", 0)):
            done = self.run_client("mosquitto_sub", "-t", "works/north/x", "-E", "--will-topic",
                                   topic, "--will-payload", "1", key=self.keys[name]["key"])
            self.assertEqual(done.returncode, code, f"{name} {topic}")

    def test_the_audit_has_the_key(self):
        self.publish("$hw/write/none/such", self.keys["operator"]["key"])
        self.assertTrue(until(
            lambda: self.anna.ask("GET", "/api/v1/audit?actor=key:operator").json()["items"],
            "the order is in the audit"))

    def test_whose_key_ends_is_sent_away(self):
        made = self.anna.ask("POST", "/api/v1/keys", {"name": "leaves"}).json()
        link = subprocess.Popen(["mosquitto_sub", "-V", "5", "-p", str(self.server.mqtt), "-t",
                                 "#", "-u", "x", "-P", made["key"], "-d"],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(link.stdout.close)
        self.addCleanup(link.kill)
        for line in link.stdout:
            if "SUBACK" in line:
                break
        self.anna.ask("DELETE", f"/api/v1/keys/{made['id']}")
        for line in link.stdout:
            if "DISCONNECT" in line or "not authorised" in line.lower():
                break
        else:
            self.fail("never sent away")


if __name__ == "__main__":
    main()
