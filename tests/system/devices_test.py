"""Devices through the API and the command line, against a Modbus server that is not ours."""

import json
import os
import unittest

from harness import ServerCase, Server, cli, main, until
from plc import HAVE_PYMODBUS, Plc


def device(port, name="works/plc1"):
    return {"name": name, "driver": "modbus-tcp", "settings": {"host": "127.0.0.1", "port": port},
            "groups": [{"name": "fast", "interval_ms": 100, "tags": [
                {"name": "flow", "address": "1!400001", "type": "float", "access": "read,write",
                 "unit": "m3/h", "min": 0, "max": 100},
                {"name": "level", "address": "1!400011", "type": "int16", "scale": 0.1}]}]}


@unittest.skipIf(not HAVE_PYMODBUS, "pymodbus is not installed")
class Devices(ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plc = Plc()

    @classmethod
    def tearDownClass(cls):
        cls.plc.close()
        super().tearDownClass()

    def call(self, method, path, body=None, status=200, headers=None, server=None):
        text = json.dumps(body) if isinstance(body, (dict, list)) else body
        answer = (server or self.server).request(method, path, text, headers or {})
        self.assertEqual(answer.status, status, answer.text())
        self.headers = answer.headers
        return answer.json() if answer.body else None

    def setUp(self):
        self.made = self.call("POST", "/api/v1/devices", device(self.plc.port), 201)

    def tearDown(self):
        for one in self.call("GET", "/api/v1/devices")["items"]:
            self.call("DELETE", "/api/v1/devices/" + one["name"], status=204)

    def wait_for_value(self, point, value):
        def there():
            items = self.server.get("/api/v1/points", filter=point).json()["items"]
            return items and items[0]["value"] == value and items[0]["quality"] == "good"
        until(there, f"{point} = {value}")

    def run_cli(self, *arguments):
        return cli(*arguments, "--url", f"http://127.0.0.1:{self.server.http}")

    def test_one_call_makes_points(self):
        self.assertEqual(self.headers["location"], "/api/v1/devices/works/plc1")
        self.wait_for_value("works/plc1/flow", 12.5)
        point = self.server.points("works/plc1/flow")["works/plc1/flow"]
        self.assertEqual(point["unit"], "m3/h")
        for path in ("/api/v1/devices/works/plc1", "/api/v1/devices/works%2Fplc1"):
            self.assertEqual(self.call("GET", path)["name"], "works/plc1")
        state = self.call("GET", "/api/v1/devices/works/plc1/state")
        self.assertEqual((state["link"], state["tags"]), ("connected", 2))

    def test_a_write_reaches_the_device_and_the_audit(self):
        self.wait_for_value("works/plc1/flow", 12.5)
        done = self.call("POST", "/api/v1/points/works/plc1/flow/write",
                         {"value": 33.5, "verify": True, "reason": "a test"},
                         headers={"X-Forwarded-User": "anna"})
        self.assertEqual((done["value"], done["old_value"], done["read_back"]), (33.5, 12.5, 33.5))
        self.assertEqual(self.plc.float_at(0), 33.5)
        self.plc.set_float(0, 12.5)
        refused = self.call("POST", "/api/v1/points/works/plc1/flow/write", {"value": 101}, 400)
        self.assertIn("0 to 100", refused["detail"])
        self.call("POST", "/api/v1/points/works/plc1/level/write", {"value": 1}, 403)
        self.call("POST", "/api/v1/points/works/plc1/nothing/write", {"value": 1}, 404)
        records = self.call("GET", "/api/v1/audit?filter=works/plc1/flow&action=point.write")
        last = records["items"][1]
        self.assertEqual((last["actor"], last["old"], last["new"], last["result"], last["detail"]),
                         ("anna", 12.5, 33.5, "ok", "a test"))
        self.assertEqual(records["items"][0]["result"], "invalid_argument")

    def test_wrong_devices_are_refused_with_every_flaw(self):
        bad = device(self.plc.port, "works/bad")
        bad["groups"][0]["tags"][0]["address"] = "1!40001x"
        bad["groups"][0]["tags"][1]["type"] = "int16"
        bad["groups"][0]["tags"][1]["scale"] = 0
        problem = self.call("POST", "/api/v1/devices", bad, 422)
        self.assertEqual([(one["tag"], one["field"]) for one in problem["errors"]],
                         [("flow", "address"), ("level", "scale")])
        self.assertIn("position 8", problem["errors"][0]["text"])
        self.assertIn("1!400001", problem["errors"][0]["text"])
        self.call("GET", "/api/v1/devices/works/bad", status=404)
        slip = self.call("POST", "/api/v1/devices", {"name": "x", "drivr": "modbus-tcp"}, 400)
        self.assertIn("did you mean 'driver'", slip["detail"])
        self.call("POST", "/api/v1/devices", device(self.plc.port), 409)

    def test_a_change_of_one_tag_leaves_others_alone(self):
        self.wait_for_value("works/plc1/flow", 12.5)
        before = self.call("GET", "/api/v1/devices/works/plc1/state")
        changed = self.call("PATCH", "/api/v1/devices/works/plc1/groups/fast/tags/level",
                            {"scale": 2, "name": "depth"})
        self.assertEqual((changed["name"], changed["scale"]), ("depth", 2))
        after = self.call("GET", "/api/v1/devices/works/plc1/state")
        self.assertEqual((after["since"], after["reconnects"]),
                         (before["since"], before["reconnects"]))
        flow = self.call("GET", "/api/v1/devices/works/plc1/tags?filter=works/plc1/flow")["items"]
        self.assertEqual(flow[0]["value"], 12.5)
        self.assertEqual(flow[0]["quality"], "good")
        etag = f'"{self.made["revision"]}"'
        self.call("PATCH", "/api/v1/devices/works/plc1", {"description": "x"}, 412,
                  {"If-Match": etag})

    def test_reading_before_saving(self):
        until(lambda: self.call("GET", "/api/v1/devices/works/plc1/state")["link"] == "connected",
              "the link")
        read = self.call("POST", "/api/v1/devices/works/plc1/read",
                         {"address": "1!400001", "type": "float"})
        self.assertEqual(read["value"], 12.5)
        self.call("POST", "/api/v1/devices/works/plc1/read", {"address": "9"}, 422)

    def test_import_tells_bad_rows(self):
        table = ("group,interval,name,address,attribute,type,description,decimal,precision,bias\n"
                 "slow,1000,temp,1!400021,Read,INT16,,0.1,,\n"
                 "slow,1000,bad,5,Read,INT16,,,,\n")
        path = "/api/v1/devices/import?device=works/plc1"
        csv = {"Content-Type": "text/csv"}
        report = self.call("POST", path + "&dry_run=true", table, headers=csv)
        self.assertEqual((report["applied"], report["tags_added"]), (False, 1))
        self.assertEqual((report["errors"][0]["line"], report["errors"][0]["field"]),
                         (3, "address"))
        self.call("POST", path + "&mode=all_or_nothing", table, 422, csv)
        self.assertEqual(len(self.call("GET", "/api/v1/devices/works/plc1")["groups"]), 1)
        self.call("POST", path, table, headers=csv)
        groups = self.call("GET", "/api/v1/devices/works/plc1")["groups"]
        self.assertEqual([tag["name"] for tag in groups[1]["tags"]], ["temp"])
        exported = self.server.get("/api/v1/devices/export", headers={"Accept": "text/csv"}).text()
        self.assertEqual(len(exported.splitlines()), 4)

    def test_templates(self):
        what = {"parameters": [{"name": "port"}, {"name": "slave", "default": 1}],
                "device": {"driver": "modbus-tcp",
                           "settings": {"host": "127.0.0.1", "port": "${port}"},
                           "groups": [{"name": "g", "interval": "100ms", "tags": [
                               {"name": "flow", "address": "${slave}!400001"}]}]}}
        self.call("PUT", "/api/v1/templates/pump", what, 201)
        self.addCleanup(self.call, "DELETE", "/api/v1/templates/pump", None, 204)
        table = (f"name,port,slave\nworks/p1,{self.plc.port},\n"
                 f"works/p2,{self.plc.port},2\nworks/p3,,\n")
        report = self.call("POST", "/api/v1/templates/pump/instances", table,
                           headers={"Content-Type": "text/csv"})
        self.assertEqual((report["devices_created"], report["errors"][0]["line"]), (2, 4))
        self.wait_for_value("works/p1/flow", 12.5)

    def test_survives_a_restart_and_files_rule(self):
        server = Server()
        self.addCleanup(server.close)
        made = self.call("POST", "/api/v1/devices", device(self.plc.port), 201, server=server)
        folder = os.path.join(server.folder, "data", "devices.d")
        os.makedirs(folder)
        with open(os.path.join(folder, "plc2.toml"), "w", encoding="utf-8") as file:
            file.write(f'name = "works/plc2"\ndriver = "modbus-tcp"\n[settings]\n'
                       f'host = "127.0.0.1"\nport = {self.plc.port}\n')
        server.kill()
        server.start()
        again = self.call("GET", "/api/v1/devices/works/plc1", server=server)
        for member in ("groups", "settings", "revision"):
            self.assertEqual(again[member], made[member])
        until(lambda: self.call("GET", "/api/v1/devices/works/plc1/state",
                                server=server)["link"] == "connected", "the link")
        refused = self.call("DELETE", "/api/v1/devices/works/plc2", status=409, server=server)
        self.assertIn("plc2.toml", refused["detail"])

    def test_backups_hold_devices(self):
        folder = os.path.join(self.server.folder, "backup")
        data = os.path.join(self.server.folder, "restored")
        self.assertEqual(self.run_cli("backup", folder).returncode, 0)
        restored = cli("restore", folder, "--data", os.path.join(data, "data"))
        self.assertEqual(restored.returncode, 0, restored.stderr)
        server = Server(folder=data)
        self.addCleanup(server.close)
        again = self.call("GET", "/api/v1/devices/works/plc1", server=server)
        self.assertEqual(again["groups"], self.made["groups"])

    def test_the_command_line(self):
        self.wait_for_value("works/plc1/flow", 12.5)
        listed = self.run_cli("devices")
        self.assertEqual(listed.returncode, 0, listed.stderr)
        self.assertIn("works/plc1  modbus-tcp  connected", listed.stdout)
        written = self.run_cli("write", "works/plc1/flow", "44.5", "--verify", "--reason", "cli")
        self.assertEqual(written.returncode, 0, written.stderr)
        self.assertIn("read back 44.5", written.stdout)
        self.plc.set_float(0, 12.5)
        self.assertEqual(self.run_cli("write", "works/plc1/level", "1").returncode, 4)
        self.assertEqual(self.run_cli("write", "works/none", "1").returncode, 3)
        path = os.path.join(self.server.folder, "copy.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(device(self.plc.port, "works/file"), file)
        self.assertEqual(self.run_cli("device", "create", path).returncode, 0)
        self.assertEqual(self.run_cli("device", "create", path).returncode, 5)
        copied = self.run_cli("device", "copy", "works/file", "works/twin", "--set", "host=::1")
        self.assertEqual(copied.returncode, 0, copied.stderr)
        read = self.run_cli("device", "read", "works/plc1", "1!400001", "--json")
        self.assertEqual(json.loads(read.stdout)["value"], 12.5)
        wrong = self.run_cli("device", "read", "works/plc1", "1!4x")
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("address: ", wrong.stderr)
        for command in (("device", "state", "works/plc1"), ("device", "tags", "works/plc1"),
                        ("device", "export", "--csv"), ("drivers", "modbus-tcp"), ("audit",),
                        ("device", "disable", "works/file"), ("device", "delete", "works/twin")):
            done = self.run_cli(*command)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue(done.stdout)


if __name__ == "__main__":
    main()
