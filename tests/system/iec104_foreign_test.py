"""The IEC 104 driver against an outstation that is not ours: c104 (lib60870), by iec104_server.py.

HEADWORKS_C104_PYTHON names a Python that has c104; without it this one and that of PATH are tried.
"""

import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import unittest

from device_case import DeviceCase, free_port, tag, writable
from harness import main, until
from javascript import HERE

REFUSED = 13  # the value that the outstation refuses


def python_with_c104():
    named = os.environ.get("HEADWORKS_C104_PYTHON")
    for one in [named] if named else [sys.executable, shutil.which("python3")]:
        if one and subprocess.run([one, "-c", "import c104"], capture_output=True,
                                  check=False).returncode == 0:
            return one
    return None


PYTHON = python_with_c104()


class Outstation:
    """iec104_server.py in a process; what it tells is gathered."""

    def __init__(self, port):
        self.process = subprocess.Popen(
            [PYTHON, "-B", os.path.join(HERE, "iec104_server.py"), "--port", str(port)], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.told = []
        self.lines = queue.Queue()
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()
        if self.lines.get(timeout=20) != "ready":
            raise RuntimeError("the outstation did not start")

    def read(self):
        for line in self.process.stdout:
            self.told.append(line.strip())
            self.lines.put(line.strip())

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def close(self):
        if not self.process.stdin.closed:
            self.process.stdin.close()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.thread.join(20)
            self.process.stdout.close()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.close()


# name, object, tag type, value after the interrogation
MONITORED = (
    ("single", "100", "bit", True), ("double", "101", "uint8", 2), ("step", "102", "int8", -5),
    ("bits", "103", "uint32", 0x12345678), ("bit3", "103.3", "bit", True),
    ("bit0", "103.0", "bit", False), ("bits_t", "113", "uint32", 1),
    ("normalized", "104", "float", 0.5), ("scaled", "105", "int16", -1234),
    ("short", "106", "float", 12.5), ("single_t", "110", "bit", False),
    ("double_t", "111", "uint8", 1), ("step_t", "112", "int8", 7),
    ("normalized_t", "114", "float", 0.75), ("scaled_t", "115", "int16", 321),
    ("short_t", "116", "float", -2.25), ("other_station", "2!100", "float", 20.5),
)


@unittest.skipIf(PYTHON is None, "the package c104 is not installed (PyPI); HEADWORKS_C104_PYTHON "
                                 "may name a Python that has it")
class Iec104(DeviceCase):
    def setUp(self):
        self.port = free_port()
        self.station = Outstation(self.port)
        self.addCleanup(lambda: self.station.close())
        self.settings = {"host": "127.0.0.1", "port": self.port, "command_timeout": "5s"}

    def make(self, name, tags, **settings):
        self.create(name, "iec104", {**self.settings, **settings}, tags)

    def heard(self, pattern):
        return until(lambda: [one for one in self.station.told if re.fullmatch(pattern, one)],
                     "the outstation's line " + pattern)

    def test_every_type_is_read_by_interrogation(self):
        self.make("t/reads", [tag(name, address, kind) for name, address, kind, _ in MONITORED] +
                  [tag("nowhere", "999", "int16")])
        self.wait_for_all("t/reads", {name: value for name, _, _, value in MONITORED})
        until(lambda: "did not report this object" in self.tags("t/reads")["nowhere"]["error"],
              "that nothing has the wrong address")
        # A unit without a name is the station of the setting common_address.
        units = self.state("t/reads")["units"]
        self.assertEqual([(one["unit"], one["up"]) for one in units], [("", True), ("2", True)])

    def test_counters_by_their_interrogation(self):
        self.make("t/counters", [tag("total", "107", "int32"), tag("total_t", "117", "int32")],
                  counter_interval="1s")
        self.wait_for_all("t/counters", {"total": 4711, "total_t": 99})

    def test_changes_come_with_quality_and_time(self):
        names = {"float": "106", "single": "100", "step": "102", "scaled": "105", "double": "101",
                 "bits": "103", "packed": "108", "packed_bit": "108.1", "timed": "116",
                 "unqualified": "109"}
        kinds = {"single": "bit", "step": "int8", "scaled": "int16", "double": "uint8",
                 "bits": "uint32", "packed": "uint32", "packed_bit": "bit"}
        self.make("t/changes", [tag(name, address, kinds.get(name, "float"))
                                for name, address in names.items()])
        self.wait_for("t/changes/float", 12.5)
        for line, point, value, quality in (
                ("1 106 99.5", "float", 99.5, "good"),
                ("1 106 98.5 invalid", "float", 98.5, "bad"),
                ("1 106 97.5 blocked", "float", 97.5, "bad.out_of_service"),
                ("1 106 96.5 nontopical", "float", 96.5, "uncertain.last_usable"),
                ("1 106 95.5 substituted", "float", 95.5, "uncertain.substitute"),
                ("1 106 94.5 overflow", "float", 94.5, "uncertain.engineering_units_exceeded"),
                ("1 106 93.5", "float", 93.5, "good"),
                ("1 100 0", "single", False, "good"),
                ("1 100 1 blocked", "single", True, "bad.out_of_service"),
                ("1 101 1", "double", 1, "good"),
                ("1 102 -64", "step", -64, "good"),
                ("1 105 -32768", "scaled", -32768, "good"),
                ("1 103 4096", "bits", 4096, "good"),
                ("1 108 6", "packed", 6, "good"), ("1 108 6", "packed_bit", True, "good"),
                ("1 109 -0.5", "unqualified", -0.5, "good")):
            self.station.say(line)
            self.wait_for(f"t/changes/{point}", value, quality)
        before = self.server.points("t/changes/timed")["t/changes/timed"]["time"]
        self.station.say("1 116 -7.5")
        after = self.wait_for("t/changes/timed", -7.5)["time"]
        self.assertGreater(after, before)
        # CP56Time2a has milliseconds, a time of arrival has nanoseconds.
        self.assertLessEqual(len(after), len("2026-03-01T12:00:00.123Z"))

    def test_commands_act(self):
        self.make("t/commands", [
            writable("single", "100>200#SC", "bit"), writable("double", "101>201#DC", "uint8"),
            writable("step", "102>202#RC", "int8"), writable("normalized", "104>203#NA", "float"),
            writable("scaled", "105>204#NB", "int16"), writable("short", "106>205#NC", "float"),
            writable("timed", "106>220#NC.T", "float"),
            writable("selected", "100>210#SC.SBO", "bit"),
            writable("selected_float", "106>211#NC.SBO", "float"),
            writable("other", "2!100>200#NC", "float")])
        self.wait_for("t/commands/short", 12.5)
        for name, value, line in (
                ("single", False, r"command 1 200 C_SC_NA_1 0"),
                ("double", 1, r"command 1 201 C_DC_NA_1 1"),
                ("normalized", -0.25, r"command 1 203 C_SE_NA_1 -0\.25"),
                ("scaled", -77, r"command 1 204 C_SE_NB_1 -77"),
                ("short", 3.5, r"command 1 205 C_SE_NC_1 3\.5"),
                ("timed", 4.5, r"command 1 220 C_SE_TC_1 4\.5"),
                ("selected_float", 5.5, r"command 1 211 C_SE_NC_1 5\.5"),
                ("selected", True, r"command 1 210 C_SC_NA_1 1"),
                ("other", 6.5, r"command 2 200 C_SE_NC_1 6\.5")):
            self.write(f"t/commands/{name}", value)
            self.heard(line)
            self.wait_for(f"t/commands/{name}", value)
        self.write("t/commands/step", 2)
        self.heard(r"command 1 202 C_RC_NA_1 2")

    def test_refusals_are_the_stations_own(self):
        self.make("t/refused", [
            writable("short", "106>205#NC", "float"),
            writable("selected", "106>211#NC.SBO", "float"),
            writable("nowhere", "106>999#NC", "float"), tag("reading", "106", "float")])
        self.wait_for("t/refused/reading", 12.5)
        # That station takes each select and refuses the execution.
        for name, value in (("short", REFUSED), ("selected", REFUSED), ("nowhere", 1)):
            refused = self.server.request("POST", f"/api/v1/points/t/refused/{name}/write",
                                          f'{{"value":{value}}}')
            self.assertGreaterEqual(refused.status, 400)
            self.assertRegex(refused.json()["detail"],
                             "the station refused the command: (negative|unknown) .*")
        self.assertEqual(self.state("t/refused")["write_errors"], 3)
        self.write("t/refused/short", 14)
        self.wait_for("t/refused/reading", 14)
        self.assertEqual(self.state("t/refused")["reconnects"], 0)

    def test_its_clock_is_set(self):
        self.make("t/clock", [tag("short", "106", "float")], clock_sync=True)
        self.heard(r"clock 20\d\d-.*")
        self.wait_for("t/clock/short", 12.5)

    def test_a_station_that_goes_and_returns(self):
        self.make("t/away", [tag("short", "106", "float"), tag("other", "2!100", "float")])
        self.wait_for_all("t/away", {"short": 12.5, "other": 20.5})
        self.station.say("1 106 1.5")
        self.wait_for("t/away/short", 1.5)
        self.station.kill()
        self.wait_for("t/away/short", 1.5, "bad.not_connected")
        self.wait_for("t/away/other", 20.5, "bad.not_connected")
        self.station = Outstation(self.port)
        self.wait_for_all("t/away", {"short": 12.5, "other": 20.5})


if __name__ == "__main__":
    main()
