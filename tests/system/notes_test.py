"""Notes of people: the interface, who may what, limits, what a restart and a backup keep."""

import json
import os
import unittest

from harness import Server, cli, main

PASSWORD = "seven grey herons wade"
HOUR = "2026-11-27T06:{:02}:00Z"


def note(text, minute=0, **more):
    return {"text": text, "from": HOUR.format(minute), **more}


class Client:
    """Asks with an API key; without one as this machine does."""

    def __init__(self, server, key=None):
        self.server = server
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}

    def ask(self, method, path="", body=None, **headers):
        headers = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.server.request(method, "/api/v1/notes" + path,
                                   json.dumps(body) if body is not None else None,
                                   {**self.headers, **headers})

    def add(self, text, minute=0, **more):
        answer = self.ask("POST", "", note(text, minute, **more))
        assert answer.status == 201, answer.text()
        return answer.json()["id"]

    def texts(self, query=""):
        answer = self.ask("GET", query)
        assert answer.status == 200, answer.text()
        return [one["text"] for one in answer.json()["items"]]


class Open(unittest.TestCase):
    """A server that nobody has claimed: whoever is on this machine may do all."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server("note.notes_limit=60", "note.text_limit=50")
        cls.notes = Client(cls.server)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def tearDown(self):
        for one in self.notes.ask("GET", "").json()["items"]:
            self.notes.ask("DELETE", "/" + one["id"])

    def test_create_read_change_delete(self):
        made = self.notes.ask("POST", "", note(
            "Filter 3 washed\n反冲洗", 10, to=HOUR.format(40), tags=["wash"],
            points=["works/filter3/turbidity"], twins=["works/filter3"], paths=["works"]))
        self.assertEqual(made.status, 201, made.text())
        one = made.json()
        self.assertEqual(made.headers["location"], "/api/v1/notes/" + one["id"])
        self.assertEqual(made.headers["etag"], '"1"')
        self.assertEqual((one["author"], one["revision"], one["editable"]), ("local", 1, True))
        self.assertEqual((one["from"], one["to"]), ("2026-11-27T06:10:00Z", "2026-11-27T06:40:00Z"))
        path = "/" + one["id"]
        self.assertEqual(self.notes.ask("GET", path).json(), one)

        changed = self.notes.ask("PATCH", path, {"to": None, "text": "washed", "tags": None},
                                 If_Match='"1"')
        self.assertEqual(changed.status, 200, changed.text())
        self.assertEqual(changed.headers["etag"], '"2"')
        self.assertEqual((changed.json()["to"], changed.json()["tags"]), (None, []))
        self.assertEqual(changed.json()["points"], ["works/filter3/turbidity"])
        stale = self.notes.ask("PATCH", path, {"text": "x"}, If_Match='"1"')
        self.assertEqual((stale.status, stale.json()["code"]), (412, "conflict"))
        self.assertEqual(self.notes.ask("DELETE", path, If_Match='"1"').status, 412)

        self.assertEqual(self.notes.ask("DELETE", path).status, 204)
        self.assertEqual(self.notes.ask("GET", path).status, 404)
        self.assertEqual(self.notes.texts(), [])
        back = self.notes.ask("POST", path + "/restore")
        self.assertEqual((back.status, back.json()["text"]), (200, "washed"))
        self.assertEqual(self.notes.ask("POST", path + "/restore").status, 404)

    def test_lists_by_time_and_by_what_they_are_about(self):
        add = self.notes.add
        add("site", 0)
        add("point", 10, points=["works/filter3/turbidity"])
        add("twin", 20, to=HOUR.format(45), twins=["works/filter3"], tags=["wash"])
        add("path", 30, paths=["works"])
        add("other", 40, paths=["works2"])
        texts = self.notes.texts
        self.assertEqual(texts(), ["other", "path", "twin", "point", "site"])
        self.assertEqual(texts("?point=works/filter3/turbidity"), ["path", "twin", "point", "site"])
        self.assertEqual(texts("?point=works/filter3/flow&point=works2/x&site=false"),
                         ["other", "path", "twin"])
        self.assertEqual(texts("?twin=works/filter3&site=false"), ["path", "twin", "point"])
        self.assertEqual(texts("?path=works2"), ["other", "site"])
        self.assertEqual(texts(f"?from={HOUR.format(35)}&to={HOUR.format(40)}"), ["twin"])
        self.assertEqual(texts("?tag=wash"), ["twin"])
        self.assertEqual(texts("?q=WA%20tw"), ["twin"])
        self.assertEqual(texts("?author=local&limit=2"), ["other", "path"])
        page = self.notes.ask("GET", "?limit=2").json()
        rest = []
        while page["next"]:
            page = self.notes.ask("GET", "?limit=2&cursor=" + page["next"]).json()
            rest += [one["text"] for one in page["items"]]
        self.assertEqual(rest, ["twin", "point", "site"])
        rows = self.notes.ask("GET", "?format=csv&tag=wash").text().splitlines()
        self.assertEqual(rows[0], "id,from,to,author,text,tags,points,twins,paths,created_at,"
                                  "updated_at,updated_by")
        self.assertIn(",twin,wash,,works/filter3,,", rows[1])

    def test_follows_by_etag(self):
        self.notes.add("one")
        first = self.notes.ask("GET", "?path=works")
        same = self.notes.ask("GET", "?path=works", If_None_Match=first.headers["etag"])
        self.assertEqual((same.status, same.body), (304, b""))
        self.notes.add("two")
        after = self.notes.ask("GET", "?path=works", If_None_Match=first.headers["etag"])
        self.assertEqual(after.status, 200)
        self.assertNotEqual(after.headers["etag"], first.headers["etag"])

    def test_says_what_is_wrong(self):
        cases = (
            ({}, "text: must be given"), ([], "must be a JSON object"),
            (note(" "), "text: is empty"), (note("x" * 51), "has 51 characters, the limit "
                                                            "note.text_limit is 50"),
            (note("a", to=HOUR.format(0)), "is not after from"),
            (note("a", txet=1), "did you mean 'text'"),
            (note("a", tags=["two words"]), "is not one word"),
            (note("a", points=["a/#"]), "points: "),
            (note("a", points=[f"p{i}" for i in range(65)]), "more than 64 entries"),
            ({"text": "a", "from": "soon"}, "from: "))
        for body, what in cases:
            with self.subTest(what):
                answer = self.notes.ask("POST", "", body)
                self.assertEqual(answer.status, 400, answer.text())
                self.assertIn(what, answer.json()["detail"])
        broken = self.server.request("POST", "/api/v1/notes", '{"text":')
        self.assertEqual(broken.status, 400)
        big = self.server.request("POST", "/api/v1/notes", '{"text":"' + "x" * 2_000_000 + '"}')
        self.assertIn(big.status, (413, 422))
        for query in ("?point=a%2F%23", "?site=maybe", "?cursor=xx", "?limit=0", "?form=csv",
                      "?from=soon", "?q=" + "x" * 300):
            with self.subTest(query):
                self.assertEqual(self.notes.ask("GET", query).status, 400)
        for path in ("/0", "/x", "/99999", "/9999999999999999999999"):
            self.assertEqual(self.notes.ask("GET", path).status, 404)
        self.assertEqual(self.notes.ask("PATCH", "/99999", {"text": "a"}).status, 404)
        self.assertEqual(self.notes.texts(), [])

    def test_keeps_no_more_than_the_limit(self):
        for i in range(60):
            self.notes.add(f"n{i}", i)
        answer = self.notes.ask("POST", "", note("one more"))
        self.assertEqual((answer.status, answer.json()["code"]), (422, "limit_exceeded"))
        self.assertIn("60 notes are kept, the limit note.notes_limit", answer.json()["detail"])

    def test_is_audited(self):
        number = self.notes.add("audited")
        self.notes.ask("DELETE", "/" + number)
        self.notes.ask("PATCH", "/" + number, {"text": "x"})
        records = self.server.get("/api/v1/audit", action="note.", limit=3).json()["items"]
        self.assertEqual([(one["action"], one["target"], one["result"]) for one in records],
                         [("note.change", "note/" + number, "not_found"),
                          ("note.delete", "note/" + number, "ok"),
                          ("note.create", "note/" + number, "ok")])
        self.assertEqual(records[2]["new"]["text"], "audited")


class Rights(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        body = json.dumps({"name": "anna", "password": PASSWORD})
        answer = cls.server.request("POST", "/api/v1/setup", body)
        assert answer.status == 201, answer.text()
        cookie = answer.headers["set-cookie"].split(";")[0]
        session = {"Cookie": cookie, "X-CSRF-Token": answer.json()["csrf_token"]}
        cls.nobody = Client(cls.server)

        def key(name, role, scope="#"):
            made = cls.server.request("POST", "/api/v1/keys", json.dumps(
                {"name": name, "role": role, "scope": scope}), session)
            assert made.status == 201, made.text()
            return Client(cls.server, made.json()["key"])

        cls.viewer = key("vera", "viewer")
        cls.otto = key("otto", "operator")
        cls.olga = key("olga", "operator")
        cls.emil = key("emil", "engineer")
        cls.part = key("part", "operator", "works/plant1/#")
        cls.anna = Client(cls.server)
        cls.anna.headers = session

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def test_roles(self):
        self.assertEqual(self.nobody.ask("GET").status, 401)
        self.assertEqual(self.nobody.ask("POST", "", note("a")).status, 401)
        number = self.otto.add("of otto")
        path = "/" + number
        self.assertIn("of otto", self.viewer.texts())
        self.assertEqual(self.viewer.ask("POST", "", note("a")).status, 403)
        seen = [client.ask("GET", path).json()["editable"]
                for client in (self.viewer, self.otto, self.olga, self.emil, self.anna)]
        self.assertEqual(seen, [False, True, False, True, True])
        self.assertEqual(self.otto.ask("GET", path).json()["author"], "key:otto")
        for client in (self.viewer, self.olga):
            for method, rest, body in (("PATCH", "", {"text": "x"}), ("DELETE", "", None),
                                       ("POST", "/restore", None)):
                answer = client.ask(method, path + rest, body)
                self.assertIn(answer.status, (403, 404), answer.text())
        self.assertEqual(self.otto.ask("PATCH", path, {"text": "otto's"}).status, 200)
        changed = self.emil.ask("PATCH", path, {"tags": ["seen"]}).json()
        self.assertEqual((changed["author"], changed["updated_by"]), ("key:otto", "key:emil"))
        self.assertEqual(self.anna.ask("DELETE", path).status, 204)
        self.assertEqual(self.olga.ask("POST", path + "/restore").status, 403)
        self.assertEqual(self.otto.ask("POST", path + "/restore").status, 200)
        own = self.anna.ask("POST", "", note("of anna"))
        self.assertEqual(own.json()["author"], "anna")
        forged = self.otto.ask("POST", "", note("a", author="anna"))
        self.assertEqual(forged.status, 400)

    def test_a_part_of_the_paths(self):
        self.emil.add("far", 1, paths=["works/plant2"])
        above = self.emil.add("above", 2, paths=["works"])
        both = self.emil.add("both", 3, points=["works/plant1/flow", "works/plant2/flow"])
        texts = self.part.texts()
        self.assertNotIn("far", texts)
        self.assertIn("above", texts)
        self.assertEqual(self.part.ask("GET", "/" + both).json()["points"], ["works/plant1/flow"])
        for body in (note("a"), note("a", paths=["works"]), note("a", twins=["works/plant2"])):
            answer = self.part.ask("POST", "", body)
            self.assertEqual(answer.status, 403, answer.text())
            self.assertIn("may see and touch 'works/plant1/#' only", answer.json()["detail"])
        own = self.part.add("own", 4, paths=["works/plant1"])
        self.assertEqual(self.part.ask("PATCH", "/" + own, {"paths": None}).status, 403)
        self.assertEqual(self.part.ask("DELETE", "/" + above).status, 403)
        self.assertEqual(self.part.ask("DELETE", "/" + own).status, 204)


class Kept(unittest.TestCase):
    def test_restart_kill_and_backup_keep_them(self):
        server = Server()
        self.addCleanup(server.close)
        notes = Client(server)
        notes.add("first", 1)
        folder = os.path.join(server.folder, "backup")
        done = cli("backup", folder, "--url", f"http://127.0.0.1:{server.http}")
        self.assertEqual(done.returncode, 0, done.stderr)
        second = notes.add("second", 2)
        server.kill()
        server.start()
        self.assertEqual(notes.texts(), ["second", "first"])
        notes.ask("DELETE", "/" + second)
        server.stop()
        server.start()
        self.assertEqual(notes.texts(), ["first"])
        # A number never comes twice.
        self.assertGreater(int(notes.add("third", 3)), int(second))
        server.stop()
        restored = os.path.join(server.folder, "restored")
        done = cli("restore", folder, "--data", restored)
        self.assertEqual(done.returncode, 0, done.stderr)
        os.rename(os.path.join(server.folder, "data"), os.path.join(server.folder, "old"))
        os.rename(restored, os.path.join(server.folder, "data"))
        server.start()
        self.assertEqual(notes.texts(), ["first"])

    def test_the_command_line(self):
        server = Server()
        self.addCleanup(server.close)
        url = ("--url", f"http://127.0.0.1:{server.http}")

        def run(*arguments, code=0):
            done = cli("note", *arguments, *url)
            self.assertEqual(done.returncode, code, done.stderr)
            return done

        self.assertEqual(run("add", "Filter 3 washed", "--twin", "works/filter3", "--tag", "wash",
                             "--from", HOUR.format(5), "--to", HOUR.format(9)).stdout,
                         "added note 1\n")
        run("add", "storm", "--from", HOUR.format(1))
        listed = run("list").stdout.splitlines()
        self.assertRegex(listed[1], r"1 +2026-11-27T06:05:00Z +2026-11-27T06:09:00Z +local\S* +"
                                    r"works/filter3 +wash +Filter 3 washed")
        self.assertIn("the site", listed[2])
        only = json.loads(run("list", "--point", "works/filter3/flow", "--no-site",
                              "--json").stdout)
        self.assertEqual([one["id"] for one in only["items"]], ["1"])
        run("change", "1", "--text", "washed twice", "--to", "none")
        shown = json.loads(run("show", "1").stdout)
        self.assertEqual((shown["text"], shown["to"]), ("washed twice", None))
        self.assertEqual(run("delete", "1").stdout, "deleted note 1\n")
        run("show", "1", code=3)
        run("restore", "1")
        self.assertIn("from: ", run("add", "a", "--from", "soon", code=2).stderr)


if __name__ == "__main__":
    main()
