"""Users, sessions, roles, scopes and API keys, from the first run on."""

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import threading
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
            self.assertEqual(server.get(path).status, 200, path)
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
                             ("PATCH", {"enabled": False}), ("PATCH", {"scope": "a/#"})):
            answer = self.anna.ask(method, "/api/v1/users/anna", body)
            self.assertEqual(answer.status, 409, body)
            self.assertIn("last administrator", answer.json()["detail"])

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


if __name__ == "__main__":
    main()
