"""The twins as they were: as of a time, differences, events, history, conditions."""

import json
import time
import unittest
import urllib.parse

from harness import cli, main
from twin_case import SITE, TANK, TwinCase, quoted


def moment():
    """Now, and nothing else at the same time."""
    time.sleep(0.002)
    now = time.time_ns()
    time.sleep(0.002)
    return now


def stamp(ns):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ns // 10**9)) + f".{ns % 10**9:09}Z"


class Past(TwinCase):
    def setUp(self):
        self.put_models(SITE, TANK)

    def get(self, path, status=200, **query):
        text = "?" + urllib.parse.urlencode(query) if query else ""
        return self.ask("GET", path + text, status=status)

    def of(self, name, rest, status=200, **query):
        return self.get(f"/api/v1/twins/{quoted(name)}/{rest}", status, **query)

    def cli(self, *arguments):
        done = cli("twin", *arguments, "--url", f"http://127.0.0.1:{self.server.http}")
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def make(self, site):
        """A site with one tank and then two; the moments between what happens."""
        first, second = f"{site}/t1", f"{site}/t2"
        moments = [moment()]
        self.put_twin(first, "dtmi:test:Tank;1", properties={"area": 10.0})
        self.put_twin(site, "dtmi:test:Site;1")
        self.relate(site, "tanks", first)
        self.write(f"{first} level=1.5")
        moments.append(moment())
        self.put_twin(second, "dtmi:test:Tank;1", properties={"area": 2.0})
        self.relate(site, "tanks", second)
        self.write(f"{second} level=4")
        moments.append(moment())
        self.write(f"{first} level=3.5")
        self.put_twin(first, "dtmi:test:Tank;1", properties={"area": 20.0})
        moments.append(moment())
        return moments

    def test_as_of_a_time(self):
        before, one, two, three = self.make("asof")
        self.get("/api/v1/twins/" + quoted("asof"), status=404, at=stamp(before))
        self.assertEqual(self.value("asof", "stored", at=stamp(one)), 15.0)
        self.assertEqual(self.value("asof", "stored", at=stamp(two)), 23.0)
        self.assertEqual(self.value("asof", "stored", at=stamp(three)), 78.0)
        self.assertEqual(self.value("asof/t1", "volume", at=stamp(two)), 15.0)
        self.assertEqual(self.value("asof", "stored"), 78.0)
        then = self.get("/api/v1/twins", filter="asof/#", at=stamp(one))
        self.assertEqual([twin["id"] for twin in then["items"]], ["asof", "asof/t1"])
        problem = self.get("/api/v1/twins/asof", status=400, at=stamp(three + 10**12))
        self.assertIn("to come", problem["detail"])

    def test_late_samples_change_the_past(self):
        _, one, two, _ = self.make("late")
        self.write(f"late/t1 level=9 {one - 1}")
        self.assertEqual(self.value("late/t1", "level", at=stamp(one)), 9.0)
        self.assertEqual(self.value("late", "stored", at=stamp(one)), 90.0)
        self.assertEqual(self.value("late", "stored", at=stamp(two)), 98.0)

    def test_differences(self):
        _, one, two, three = self.make("diff")
        found = self.get("/api/v1/twin/diff", filter="diff/#", **{"from": stamp(one),
                                                                  "to": stamp(two)})
        items = {one["twin"]: one for one in found["items"]}
        self.assertEqual(set(items), {"diff", "diff/t2"})
        self.assertEqual(items["diff/t2"]["what"], "added")
        stored = next(v for v in items["diff"]["values"] if v["path"] == "stored")
        self.assertEqual((stored["before"]["value"], stored["after"]["value"]), (15.0, 23.0))
        self.assertEqual(items["diff"]["relationships_added"][0]["target"], "diff/t2")
        alone = self.of("diff/t1", "diff", **{"from": stamp(two), "to": stamp(three)})
        paths = {value["path"] for value in alone["items"][0]["values"]}
        self.assertEqual(paths, {"level", "area", "volume"})
        page = self.of("diff", "diff", depth=1, limit=1, **{"from": stamp(two),
                                                            "to": stamp(three)})
        self.assertEqual(page["items"][0]["twin"], "diff")
        rest = self.of("diff", "diff", depth=1, cursor=page["next"],
                       **{"from": stamp(two), "to": stamp(three)})
        self.assertEqual([one["twin"] for one in rest["items"]], ["diff/t1"])
        text = self.cli("diff", "diff/t1", "--from", stamp(two), "--to", stamp(three))
        self.assertIn("changed diff/t1", text)
        self.assertIn("level: 1.5 -> 3.5", text)

    def test_events(self):
        before, one, two, three = self.make("events")
        self.ask("DELETE", "/api/v1/twins/" + quoted("events/t2") + "?cascade=true", status=204)
        end = moment()
        found = self.of("events/t1", "events", **{"from": stamp(before), "to": stamp(end)})
        self.assertEqual([event["kind"] for event in found["items"]],
                         ["twin.update", "twin.create"])
        update = found["items"][0]
        self.assertEqual(update["before"]["properties"]["area"], 10.0)
        self.assertEqual(update["after"]["properties"]["area"], 20.0)
        kinds, query = [], {"filter": "events/#", "from": stamp(before), "to": stamp(end),
                            "limit": 2}
        while True:
            page = self.get("/api/v1/twin/past/events", **query)
            kinds += [(event["kind"], event["twin"]) for event in page["items"]]
            if not page["next"]:
                break
            query["cursor"] = page["next"]
        self.assertEqual(kinds[-1], ("twin.create", "events/t1"))
        self.assertCountEqual(kinds, [
            ("twin.create", "events/t1"), ("twin.create", "events"),
            ("relationship.create", "events"), ("twin.create", "events/t2"),
            ("relationship.create", "events"), ("twin.update", "events/t1"),
            ("relationship.delete", "events"), ("twin.delete", "events/t2")])
        self.assertIn("twin.delete", self.cli("events", "--filter", "events/#"))

    def test_a_desired_value_is_an_event(self):
        before = moment()
        self.put_twin("wish/t1", "dtmi:test:Tank;1")
        self.server.request("PUT", f"/api/v1/twins/{quoted('wish/t1')}/desired/setpoint",
                            json.dumps({"value": 3.0}), {"content-type": "application/json"})
        found = self.of("wish/t1", "events", **{"from": stamp(before)})
        wishes = [event for event in found["items"] if event["kind"] == "twin.desired.set"]
        self.assertEqual(len(wishes), 1, found)
        self.assertEqual(wishes[0]["path"], "setpoint")

    def test_the_history_of_a_property_follows_its_binding(self):
        self.put_twin("hist/t1", "dtmi:test:Tank;1")
        self.write("hist/t1 level=1\nplc7 f=8")
        self.put_twin("hist/t1", "dtmi:test:Tank;1", bindings={"level": "plc7/f"})
        self.write("hist/t1 level=2\nplc7 f=9")
        rows = self.of("hist/t1", "history/level")["items"]
        self.assertEqual([(row["point"], row["value"]) for row in rows],
                         [("hist/t1/level", 1.0), ("plc7/f", 9.0)])
        self.of("hist/t1", "history/level", status=409, every="1m")
        self.of("hist/t1", "history/depth", status=404)
        self.assertEqual(self.of("hist/t1", "history/setpoint")["items"], [])
        for query in ({"max_points": 5}, {"every": "1m"}, {"aggregate": "last", "every": "1m"}):
            self.assertEqual(self.of("hist/t1", "history/setpoint", **query)["items"], [])

    def test_when_a_condition_held(self):
        self.put_twin("when/t1", "dtmi:test:Tank;1", properties={"area": 10.0})
        begin = moment()
        second = 10**9
        time.sleep(0.1)
        lines = [f"when/t1 level={level} {begin + i * 10**6}"
                 for i, level in enumerate([1, 4, 5, 2, 4.5, 1])]
        self.write("\n".join(lines))
        query = {"from": stamp(begin), "to": stamp(begin + 20 * 10**6)}
        answer = self.of("when/t1", "when", condition="level > 3", **query)
        self.assertEqual(answer["count"], 2)
        self.assertAlmostEqual(answer["seconds"], 0.003, places=9)
        self.assertEqual(answer["first"]["from"], answer["intervals"][0]["from"])
        self.assertFalse(answer["still_holds"])
        derived = self.of("when/t1", "when", condition="volume >= 45", **query)
        self.assertEqual(derived["count"], 2)
        self.assertAlmostEqual(derived["seconds"], 2 * 10**6 / second, places=9)
        problem = self.of("when/t1", "when", status=400, condition="levl > 3", **query)
        self.assertIn("level", problem["detail"])
        text = self.cli("when", "when/t1", "level > 3", "--from", query["from"])
        self.assertIn("in 2 intervals", text)


if __name__ == "__main__":
    main()
