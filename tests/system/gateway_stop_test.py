"""How the gateway ends and begins again: SIGTERM and SIGKILL while devices poll, and device files
with mistakes."""

import json
import os
import unittest

from harness import Server, main, until
from pymodbus_server import HOLDING, MISSING, Plc, Units

if MISSING is None:
    from pymodbus.server.async_io import ModbusTcpServer

DEVICES = 5


@unittest.skipIf(MISSING, MISSING)
class Stop(unittest.TestCase):
    def setUp(self):
        self.units = Units()
        self.units.set(HOLDING, 0, range(1, 101))
        self.plc = Plc(self.units, lambda context: ModbusTcpServer(
            context, address=("127.0.0.1", 0), ignore_missing_slaves=True))
        self.addCleanup(self.plc.close)
        self.server = Server()
        self.addCleanup(self.server.close)

    def call(self, method, path, body=None, status=200):
        answer = self.server.request(method, path, json.dumps(body) if body else None)
        self.assertEqual(answer.status, status, answer.text())
        return answer.json() if answer.body else None

    def create(self, name):
        return self.call("POST", "/api/v1/devices", {
            "name": name, "driver": "modbus-tcp",
            "settings": {"host": "127.0.0.1", "port": self.plc.port},
            "groups": [{"name": "g", "interval_ms": 100, "tags": [
                {"name": f"t{i}", "address": f"1!4{i + 1:05}", "type": "int16",
                 "access": "read,write"} for i in range(20)]}]}, 201)

    def create_all(self):
        return {f"works/plc{i}": self.create(f"works/plc{i}") for i in range(DEVICES)}

    def wait_for_all(self, quality, values=None):
        def there():
            found = self.server.points("works/#")
            return len(found) == DEVICES * 20 and all(
                one["quality"] == quality and (
                    values is None or one["value"] == values[int(path.rpartition("t")[2])])
                for path, one in found.items())
        until(there, f"{DEVICES * 20} points of quality {quality}")

    def write_file(self, name, text):
        folder = os.path.join(self.server.folder, "data", "devices.d")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def test_a_stop_while_devices_poll(self):
        self.create_all()
        self.wait_for_all("good", list(range(1, 21)))
        self.assertEqual(self.server.stop(), 0)
        # Without the gateway nothing turns the points good again.
        self.server.sets.append("gateway.enabled=false")
        self.server.start()
        self.wait_for_all("bad.not_connected", list(range(1, 21)))
        self.assertEqual(self.server.stop(), 0)
        self.server.sets.pop()
        self.units.set(HOLDING, 0, range(201, 221))
        self.server.start()
        self.wait_for_all("good", list(range(201, 221)))
        self.assertEqual(self.server.stop(), 0)

    def test_a_stop_while_nothing_answers(self):
        self.create_all()
        self.wait_for_all("good")
        self.units.silence(1)
        self.wait_for_all("bad.timeout")
        self.assertEqual(self.server.stop(), 0)

    def test_a_kill_brings_the_devices_back(self):
        made = self.create_all()
        self.wait_for_all("good")
        self.call("PATCH", "/api/v1/devices/works/plc0/groups/g/tags/t0", {"unit": "m3/h"})
        self.call("POST", "/api/v1/devices/works/plc1/disable")
        self.call("DELETE", "/api/v1/devices/works/plc2", status=204)
        self.server.kill()
        self.units.set(HOLDING, 0, range(301, 321))
        self.server.start()
        devices = {one["name"]: one for one in self.call("GET", "/api/v1/devices")["items"]}
        self.assertEqual(sorted(devices), ["works/plc0", "works/plc1", "works/plc3", "works/plc4"])
        self.assertFalse(self.call("GET", "/api/v1/devices/works/plc1")["enabled"])
        for name in ("works/plc3", "works/plc4"):
            self.assertEqual(self.call("GET", f"/api/v1/devices/{name}")["groups"],
                             made[name]["groups"])

        def there():
            found = self.server.points("works/#")
            return all(found[f"works/plc{i}/t{t}"]["value"] == 301 + t and
                       found[f"works/plc{i}/t{t}"]["quality"] == "good"
                       for i in (0, 3, 4) for t in range(20)) and found
        found = until(there, "the values of the three that run")
        self.assertEqual(found["works/plc0/t0"]["unit"], "m3/h")
        self.assertEqual(found["works/plc1/t0"]["quality"], "bad.out_of_service")
        written = self.call("POST", "/api/v1/points/works/plc3/t5/write",
                            {"value": 9, "verify": True})
        self.assertEqual((written["read_back"], self.units.get(HOLDING, 5)), (9, [9]))

    def test_after_a_kill_nothing_looks_good_before_it_is_read(self):
        self.create_all()
        self.wait_for_all("good")
        self.server.kill()
        self.units.silence(1)
        self.server.start()
        until(lambda: all(one["quality"].startswith("bad.")
                          for one in self.server.points("works/#").values()), "stale points")

    def test_a_file_with_a_mistake_hurts_nobody_else(self):
        good = ('name = "files/{0}"\ndriver = "modbus-tcp"\n[settings]\nhost = "127.0.0.1"\n'
                'port = {1}\n[[groups]]\nname = "g"\ninterval = "100ms"\n[[groups.tags]]\n'
                'name = "level"\naddress = "1!400001"\ntype = "int16"\n')
        self.create("works/plc0")
        self.write_file("a.toml", good.format("a", self.plc.port))
        self.write_file("b.toml", good.format("b", self.plc.port))
        self.server.kill()
        self.server.start()

        def level_of(*names):
            found = self.server.points("files/#")
            return all(found.get(f"files/{name}/level", {}).get("quality") == "good"
                       for name in names)
        until(lambda: level_of("a", "b"), "the devices of the files")
        self.assertEqual(self.server.stop(), 0)
        text = good.format("b", self.plc.port)
        self.write_file("b.toml", text.replace('type = "int16"', 'type = "int17"'))
        self.write_file("c.toml", text.replace("files/b", "files/c").replace("1!400001", "1!4x"))
        self.write_file("d.toml", text.replace("files/b", "files/d").replace("[settings]", "[sett"))
        self.write_file("e.toml", good.format("e", self.plc.port))
        before = len(self.server.log_text())
        self.server.start()
        until(lambda: level_of("a", "b", "e"), "the devices of the good files, and the old one")
        names = [one["name"] for one in self.call("GET", "/api/v1/devices")["items"]]
        self.assertEqual(names, ["files/a", "files/b", "files/e", "works/plc0"])
        log = self.server.log_text()[before:]
        self.assertRegex(log, r"b\.toml:12: .*int17")
        self.assertRegex(log, "c.toml: device 'files/c' .*address '1!4x', position 3")
        self.assertRegex(log, r"d\.toml:3: ")
        self.assertNotIn("a.toml", log)
        self.assertEqual(self.server.stop(), 0)


if __name__ == "__main__":
    main()
