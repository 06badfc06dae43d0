"""Both languages complete: each text that the server shows has its Chinese in the console, and the
models that come with it have theirs themselves."""

from urllib.parse import quote

from console_texts import faults, kept, left_over
from harness import ServerCase, main


class Texts(ServerCase):
    def items(self, path):
        return self.server.get(path).json()["items"]

    def check(self, space, answer):
        self.assertGreater(len(kept(space)), 5)
        wrong = faults(space, answer) + left_over(space, answer)
        self.assertEqual(wrong, [], "\n" + "\n".join(wrong))

    def test_drivers(self):
        names = [one["name"] for one in self.items("/api/v1/drivers")]
        self.check("drivers", [self.server.get("/api/v1/drivers/" + quote(name)).json()
                               for name in names])

    def test_connectors(self):
        self.check("connectors", self.items("/api/v1/connectors/kinds"))

    def test_functions(self):
        self.check("functions", self.items("/api/v1/functions"))

    def test_settings(self):
        self.check("settings", self.items("/api/v1/settings"))

    def test_what_is_dropped(self):
        self.check("system", self.server.get("/api/v1/system").json()["dropped"])

    def test_scenario_models(self):
        # What a site's own scenarios say is looked at in scenario_test.py.
        wrong = faults("scenarios", self.items("/api/v1/scenarios/models"))
        self.assertEqual(wrong, [], "\n" + "\n".join(wrong))

    def test_models_are_told_in_the_language_that_is_asked_for(self):
        self.assertEqual(self.server.request("POST", "/api/v1/twin/library/install").status, 200)
        pump = "/api/v1/twin/models/" + quote("dtmi:headworks:water:Pump;1", safe="")
        chinese = self.server.get(pump + "?resolved=true&language=zh").json()
        self.assertEqual(chinese["displayName"], "水泵")
        flow = next(slot for slot in chinese["slots"] if slot["path"] == "flow")
        self.assertEqual(flow["displayName"], "流量")
        start = next(one for one in chinese["commands"] if one["name"] == "Start")
        self.assertEqual((start["displayName"], start["description"]), ("启动", "转为手动并启动"))
        english = self.server.get(pump + "?resolved=true&language=de").json()
        self.assertEqual(english["displayName"], "Pump")
        names = {one["id"]: one["displayName"]
                 for one in self.items("/api/v1/twin/models?language=zh-Hans&limit=1000")}
        self.assertEqual(names["dtmi:headworks:water:ClearWell;1"], "清水池")
        wrong = self.server.get(pump + "?language=Chinese")
        self.assertEqual(wrong.status, 400)
        self.assertIn("'language' must be a tag", wrong.json()["detail"])

    def test_the_checks_see_a_text_that_is_missing_or_changed(self):
        answer = {"name": "demo", "help": "Not in any file", "deep": [{"label": "Nor this"}]}
        self.assertEqual([one.split(": ")[0] for one in faults("system", answer)],
                         ["demo", "demo"])
        self.assertEqual(len(left_over("system", answer)), len(kept("system")))

    def test_punctuation_is_full_width(self):
        for space in ("connectors", "drivers", "functions", "settings", "system", "scenarios"):
            for english, chinese in kept(space).items():
                self.assertNotRegex(chinese, r"[\u4e00-\u9fff][,;:?!]", english)


if __name__ == "__main__":
    main()
