"""What would be: calibration on the history of the simulated works, runs, differences, kill -9."""

import json
import os
import subprocess
import tempfile
from datetime import datetime, timedelta, timezone

from console_texts import faults
from harness import ROOT, cli, main, until
from sim_works import SIM
from twin_case import TwinCase

DAYS = 3
PARAMETERS = {"history": f"{DAYS}d", "price": 0.2, "currency": "EUR",
              "works": {"filters": {"wash_tank": {"full": 4}},
                        "network": {"low_level_stop": 0.15},
                        "throughput": {"level_setpoint": 2.8}}}


class Scenarios(TwinCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        start = datetime.now(timezone.utc).replace(second=0, microsecond=0)
        start -= timedelta(days=DAYS, minutes=1)
        cls.keep_history(start.strftime("%Y-%m-%dT%H:%M:%SZ"))
        cls.make_site()

    @classmethod
    def keep_history(cls, start):
        """What the works' instruments showed each minute, by line protocol."""
        self = cls()
        lines = []
        with subprocess.Popen([SIM, "--csv", "-", "--quiet", "--interval", "60s", "--duration",
                               f"{DAYS}d", "--start", start], stdout=subprocess.PIPE,
                              text=True) as works:
            next(works.stdout)
            for row in works.stdout:
                point, time, value, _ = row.rstrip().split(",")
                if "/meters/" in point or not value:
                    continue
                asset, field = point.rsplit("/", 1)
                if value[0].isalpha() and value not in ("true", "false"):
                    value = f'"{value}"'
                at = int(datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp())
                lines.append(f"{asset} {field}={value} {at}000000000")
                if len(lines) == 50_000:
                    self.write("\n".join(lines))
                    lines = []
        self.write("\n".join(lines))

    @classmethod
    def make_site(cls):
        self = cls()
        self.ask("POST", "/api/v1/twin/library/install")
        with open(os.path.join(ROOT, "examples/waterworks/twins.json"), encoding="utf-8") as file:
            self.ask("POST", "/api/v1/twin/template", file.read())

    def spec(self, name, *overrides):
        return {"id": name, "site": "bluewater", "overrides": list(overrides),
                "parameters": PARAMETERS}

    def run_one(self, spec):
        self.ask("POST", "/api/v1/scenarios?run=true", spec, 201)
        where = "/api/v1/scenarios/" + spec["id"]
        until(lambda: self.ask("GET", where)["state"] not in ("queued", "running"),
              "the end of the run", 120)
        state = self.ask("GET", where)
        self.assertEqual(state["state"], "done", state.get("error"))
        return self.ask("GET", where + "/result")

    def figure(self, result, name):
        return next(one["value"] for one in result["figures"] if one["name"] == name)

    def test_a_the_next_day_is_forecast(self):
        result = self.run_one(self.spec("plain"))
        self.assertEqual(result["rows"], 289)
        self.assertLess(abs(result["quality"]["residual"]), 1e-9)
        levels = {one["twin"]: one for one in result["series"] if one["path"] == "level"}
        tower = levels["bluewater/zone1/network/tower"]["values"]
        self.assertTrue(all(0.5 < level <= 6 for level in tower), tower)
        self.assertTrue(2000 < self.figure(result, "energy") < 12000)
        self.assertAlmostEqual(self.figure(result, "cost"), 0.2 * self.figure(result, "energy"),
                               delta=1)
        self.assertEqual(faults("scenarios", result["figures"]), [])

    def test_b_what_is_set_makes_a_difference(self):
        header = "bluewater/plant1/intake/header"
        self.run_one(self.spec("less", {"twin": header, "path": "flow_setpoint", "value": 150}))
        self.run_one(self.spec("more", {"twin": header, "path": "flow_setpoint", "value": 250}))
        both = self.ask("GET", "/api/v1/scenarios/compare?ids=less,more")
        raw = next(one for one in both["figures"] if one["name"] == "raw_volume")
        self.assertAlmostEqual(raw["values"][0], 150 * 86.4, delta=50)
        self.assertGreater(raw["differences"][1], 7000)
        own = self.ask("GET", "/api/v1/scenarios/compare?ids=less")
        self.assertEqual(len(own["scenarios"]), 2)
        self.assertIn(header, {one["twin"] for one in own["series"]})
        csv = self.ask("GET", "/api/v1/scenarios/less/result?format=csv&path=flow_setpoint")
        self.assertEqual(csv.splitlines()[0], "time,twin,path,unit,value,base")

    def test_c_calibration_is_kept_and_told(self):
        found = self.ask("POST", "/api/v1/scenarios/calibrate",
                         {"site": "bluewater", "from": f"now-{DAYS}d", "parameters": PARAMETERS})
        works = found["calibration"]["works"]
        self.assertAlmostEqual(works["tower"]["area"], 250, delta=8)
        self.assertAlmostEqual(works["clear_well"]["area"], 1000, delta=40)
        kept = self.ask("GET", "/api/v1/scenarios/calibration?site=bluewater")
        self.assertEqual(kept["time"], found["time"])
        models = self.ask("GET", "/api/v1/scenarios/models?site=bluewater")
        paths = {one["path"] for one in models["items"][0]["inputs"]}
        self.assertLessEqual({"flow_setpoint", "pressure_setpoint", "demand_factor"}, paths)
        self.assertEqual(faults("scenarios", models), [])

    def test_d_wrong_things_are_refused_with_a_reason(self):
        self.ask("POST", "/api/v1/scenarios", {"site": "bluewater", "horizen": "1d"}, 400)
        self.ask("GET", "/api/v1/scenarios/nothing", status=404)
        self.ask("POST", "/api/v1/scenarios", self.spec("wrong", {
            "twin": "bluewater/zone1/network/tower", "path": "volume", "value": 3}), 201)
        self.ask("POST", "/api/v1/scenarios/wrong/run", status=202)
        until(lambda: self.ask("GET", "/api/v1/scenarios/wrong")["state"] == "failed",
              "the refusal", 120)
        self.assertIn("it takes: level", self.ask("GET", "/api/v1/scenarios/wrong")["error"])

    def test_e_the_command_line_shows_the_hours_to_come(self):
        url = f"http://127.0.0.1:{self.server.http}"
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(self.spec("by-hand", {"twin": "bluewater/plant1/highlift/header",
                                            "path": "pressure_setpoint", "value": 5.3}), file)
            file.flush()
            done = cli("scenario", "create", file.name, "--wait", "--url", url)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("tower.level [m]", done.stdout)
        self.assertIn("Energy", done.stdout)
        listed = cli("scenario", "list", "--url", url)
        self.assertIn("by-hand", listed.stdout)
        compared = cli("scenario", "compare", "by-hand", "--url", url)
        self.assertIn("bluewater/zone1/network/tower", compared.stdout)
        self.assertEqual(cli("scenario", "remove", "by-hand", "--url", url).returncode, 0)

    def test_f_scenarios_outlive_a_kill(self):
        before = self.run_one(self.spec("kept"))
        for i in range(5):
            self.ask("POST", "/api/v1/scenarios?run=true", self.spec(f"busy{i}"), 201)
        self.server.kill()
        self.server.start()
        self.assertEqual(self.ask("GET", "/api/v1/scenarios/kept/result"), before)
        states = {one["id"]: one for one in self.ask("GET", "/api/v1/scenarios")["items"]}
        for i in range(5):
            one = states[f"busy{i}"]
            self.assertIn(one["state"], ("done", "failed"))
            if one["state"] == "failed":
                self.assertIn("the server ended", one["error"])
        self.ask("POST", "/api/v1/scenarios/busy4/run", status=202)
        until(lambda: self.ask("GET", "/api/v1/scenarios/busy4")["state"] == "done",
              "the run after the kill", 120)

    def test_g_a_start_before_the_twins_takes_those_of_now(self):
        spec = self.spec("past")
        spec.update(start="now-6h", horizon="6h")
        result = self.run_one(spec)
        self.assertEqual(result["rows"], 73)
        self.assertTrue(any("those of now" in note for note in result["quality"]["notes"]),
                        result["quality"])


if __name__ == "__main__":
    main()
