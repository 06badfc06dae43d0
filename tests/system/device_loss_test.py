"""A device that is lost, by a dead process or by silence: what its points say, and what a page that
follows them is told of their rhythm."""

import http.client
import json
import os
import tempfile

from device_case import DeviceCase, tag
from harness import Server, main, until
from sim_works import Works

FILTERS = "bluewater/plant1/filtration/plc2"   # Modbus TCP, polled
PUMPS = "bluewater/plant1/highlift/rtu1"       # IEC 104, reports by itself
CHEMISTRY = "bluewater/plant1/treatment/plc3"  # S7, polled
ODD = "uncertain.engineering_units_exceeded"   # as a set-point of a pump that stands


class WorksCase(DeviceCase):
    """One server with the simulated works; the devices' files are there before it starts."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.mkdtemp(prefix="headworks-test-")
        cls.works = Works("--broker", "none", "--no-pty", "--write-devices",
                          os.path.join(folder, "data", "devices.d"))
        cls.addClassCleanup(lambda: cls.works.close())
        cls.server = Server(folder=folder)

    def points_of(self, device):
        name = device.replace("/", "%2F")
        items = self.call("GET", f"/api/v1/devices/{name}/tags?limit=1000")["items"]
        return {one["point"] for one in items}

    def qualities(self, points):
        known = self.server.points("bluewater/#")
        return {known[one]["quality"] if one in known else None for one in points}

    def good(self, *devices):
        """Waits until all points of the devices have been read; them."""
        found = {device: self.points_of(device) for device in devices}
        for device, points in found.items():
            until(lambda points=points: self.qualities(points) <= {"good", ODD, None} and
                  "good" in self.qualities(points), f"that {device} is read")
        return found


class DeviceLoss(WorksCase):
    def rhythms(self, wanted):
        """Follows the live frames until each of the points came; what they say of its rhythm."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.http, timeout=60)
        self.addCleanup(connection.close)
        connection.request("GET", "/api/v1/live?frames=100ms")
        stream, paths, usual = connection.getresponse(), [], {}
        while not wanted <= usual.keys():
            line = stream.readline()
            self.assertTrue(line, "the stream ended")
            if not line.startswith(b"data: {"):
                continue
            frame = json.loads(line[6:])
            paths += frame.get("p", [])
            told = frame.get("u", {})
            for place, index in enumerate(frame.get("i", [])):
                usual.setdefault(paths[index], 0)
                if isinstance(told, list):
                    usual[paths[index]] = told[place]
                elif str(place) in told:
                    usual[paths[index]] = told[str(place)]
        return {path: usual[path] for path in wanted}

    def test_what_reports_by_itself_has_no_rhythm(self):
        found = self.good(FILTERS, PUMPS)
        known = self.server.points("bluewater/#")
        there = {device: {one for one in points if one in known}
                 for device, points in found.items()}
        self.assertEqual(set(self.rhythms(there[PUMPS]).values()), {-1})
        self.assertNotIn(-1, self.rhythms(there[FILTERS]).values())

    def test_a_tag_on_change_has_none_while_it_is_so(self):
        settings = {"host": "127.0.0.1", "port": self.works.port("modbus")}
        changing = tag("mode", "2!300001", "uint16", access="read,on_change")
        self.create("t/changes", "modbus-tcp", settings,
                    [changing, tag("polled", "2!300001", "uint16")])
        for name in ("mode", "polled"):
            self.wait_for("t/changes/" + name, None)
        both = {"t/changes/mode", "t/changes/polled"}
        self.assertEqual(self.rhythms(both)["t/changes/mode"], -1)
        self.assertNotEqual(self.rhythms(both)["t/changes/polled"], -1)
        self.call("PATCH", "/api/v1/devices/t%2Fchanges/groups/g/tags/mode", {"access": "read"})
        until(lambda: self.rhythms(both)["t/changes/mode"] != -1, "that it has a rhythm again")

    def test_a_silent_unit_turns_all_its_points_at_once(self):
        points = self.good(FILTERS)[FILTERS]
        self.assertEqual(self.works.fault("on", "silent-device", "modbus").returncode, 0)
        try:
            until(lambda: "good" not in self.qualities(points), "that all points are bad")
            known = self.server.points("bluewater/#")
            turned = {known[one]["time"] for one in points if one in known}
            self.assertEqual({known[one]["quality"] for one in points if one in known},
                             {"bad.timeout"})
            # Not one after the other, as their requests time out.
            self.assertEqual(len(turned), 1, turned)
        finally:
            self.works.fault("off", "silent-device")
        self.good(FILTERS)


class DeadProcess(WorksCase):
    def test_a_dead_process_is_a_lost_link(self):
        found = self.good(FILTERS, PUMPS, CHEMISTRY)
        self.works.process.kill()
        for device, points in found.items():
            until(lambda points=points: self.qualities(points) <= {"bad.not_connected", None},
                  f"that {device} is lost")
            name = device.replace("/", "%2F")
            self.assertEqual(self.call("GET", f"/api/v1/devices/{name}/state")["link"], "down")


if __name__ == "__main__":
    main()
