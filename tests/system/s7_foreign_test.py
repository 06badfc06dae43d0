"""The S7 driver against a CPU that is not ours, the server of snap7 (node-snap7)."""

import json
import os
import struct
import subprocess
import unittest

from device_case import DeviceCase, free_port, tag, writable
from harness import main, need
from javascript import HERE, reason_to_skip

AREAS = ("DB1=512", "I=16", "Q=16", "M=64", "T=2", "C=2")
REASON = reason_to_skip(["node-snap7"])


class Cpu:
    """The server in a process of its own: areas are read and set by lines."""

    def __init__(self, port):
        self.process = subprocess.Popen(
            ["node", os.path.join(HERE, "s7_server.mjs"), str(port), *AREAS], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = self.process.stdout.readline().strip()
        if line != "ready":
            raise RuntimeError("the S7 server did not start: " + line)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def set(self, area, start, data):
        answer = self.ask(f"set {area} {start} {data.hex()}")
        if answer != "ok":
            raise RuntimeError(answer)

    def get(self, area, start, count):
        return bytes.fromhex(self.ask(f"get {area} {start} {count}"))

    def kill(self):
        self.process.kill()
        self.close()

    def close(self):
        if not self.process.stdin.closed:
            self.process.stdin.close()
            self.process.wait(20)
            self.process.stdout.close()


# name, address, type, area, start, what stands there, the value
READS = (
    ("bool", "DB1.DBX0.3", "bool", "DB1", 0, b"\x08", True),
    ("bit", "DB1.DBX0.4", "bit", "DB1", 0, b"\x08", False),
    ("byte", "DB1.DBB1", "uint8", "DB1", 1, b"\xfe", 254),
    ("sint", "DB1.DBB1", "int8", "DB1", 1, b"\xfe", -2),
    ("int", "DB1.DBW2", "int16", "DB1", 2, struct.pack(">h", -1234), -1234),
    ("word", "DB1.DBW2", "word", "DB1", 2, struct.pack(">h", -1234), 0x10000 - 1234),
    ("dint", "DB1.DBD4", "int32", "DB1", 4, struct.pack(">i", -100000), -100000),
    ("dword", "DB1.DBD4", "dword", "DB1", 4, struct.pack(">i", -100000), 0x100000000 - 100000),
    ("real", "DB1.DBD8", "float", "DB1", 8, struct.pack(">f", 12.5), 12.5),
    ("lreal", "DB1.DBB12", "double", "DB1", 12, struct.pack(">d", 1234.5678), 1234.5678),
    ("lint", "DB1.DBB20", "int64", "DB1", 20, struct.pack(">q", -1 << 40), -1 << 40),
    ("string", "DB1.DBW40.20", "string", "DB1", 40, b"\x14\x04auto????", "auto"),
    ("wstring", "DB1.DBW80.10D", "string", "DB1", 80,
     b"\0\x0a\0\x02" + "水厂".encode("utf-16-be"), "水厂"),
    ("s5time", "DB1.DBW120", "time", "DB1", 120, b"\x21\x23", 123000),
    ("time", "DB1.DBD124", "time", "DB1", 124, struct.pack(">i", 90000), 90000),
    ("clock", "DB1.DBB140", "date_and_time", "DB1", 140, bytes.fromhex("2603011234561231"),
     "2026-03-01T12:34:56.123Z"),
    ("input", "I0.1", "bit", "I", 0, b"\x02", True),
    ("input_word", "IW2", "uint16", "I", 2, b"\x12\x34", 0x1234),
    ("output", "Q1.7", "bit", "Q", 1, b"\x80", True),
    ("output_german", "AW4", "int16", "Q", 4, b"\xff\xff", -1),
    ("flag", "M20.1", "bit", "M", 20, b"\x02", True),
    ("flag_real", "MD24", "float", "M", 24, struct.pack(">f", -0.75), -0.75),
    ("timer", "T0", "time", "T", 0, b"\x10\x55", 5500),
    ("counter", "C0", "int16", "C", 0, b"\x01\x23", 123),
)


@unittest.skipIf(REASON, REASON)
class S7(DeviceCase):
    def setUp(self):
        self.port = free_port()
        self.cpu = Cpu(self.port)
        self.addCleanup(lambda: self.cpu.close())
        for _, _, _, area, start, data, _ in READS:
            self.cpu.set(area, start, data)
        self.settings = {"host": "127.0.0.1", "port": self.port, "plc_type": "s7-300",
                         "response_timeout": "1s"}

    def make(self, name, tags):
        self.create(name, "s7", self.settings, tags)

    def test_every_area_and_type_is_read(self):
        self.make("s7/reads", [tag(name, address, kind) for name, address, kind, *_ in READS])
        self.wait_for_all("s7/reads", {name: value for name, *_, value in READS})
        self.cpu.set("DB1", 8, struct.pack(">f", 99.5))
        self.cpu.set("M", 20, b"\x00")
        self.wait_for_all("s7/reads", {"real": 99.5, "flag": False, "int": -1234})
        self.assertEqual(self.state("s7/reads")["tags_bad"], 0)

    def test_writes_arrive(self):
        self.make("s7/writes", [
            writable("bool", "DB1.DBX0.5", "bool"), writable("int", "DB1.DBW2", "int16"),
            writable("dint", "DB1.DBD4", "int32"), writable("real", "DB1.DBD8", "float"),
            writable("lreal", "DB1.DBB12", "double"), writable("string", "DB1.DBW40.20", "string"),
            writable("s5time", "DB1.DBW120", "time"), writable("time", "DB1.DBD124", "time"),
            writable("flag", "M20.0", "bit"), writable("output", "QW4", "uint16"),
            tag("input", "I0.1", "bit")])
        self.wait_for("s7/writes/string", "auto")
        for name, value in (("bool", True), ("int", 77), ("dint", -5), ("real", -0.5),
                            ("lreal", 1e-9), ("string", "night"), ("s5time", 2500),
                            ("time", -1000), ("flag", True), ("output", 0xBEEF)):
            done = self.write(f"s7/writes/{name}", value, verify=True)
            self.assertEqual(done["read_back"], value, name)
        self.assertEqual(self.cpu.get("DB1", 0, 1), b"\x28")  # the bit beside it stays
        self.assertEqual(self.cpu.get("DB1", 2, 2), struct.pack(">h", 77))
        self.assertEqual(self.cpu.get("DB1", 4, 4), struct.pack(">i", -5))
        self.assertEqual(self.cpu.get("DB1", 8, 4), struct.pack(">f", -0.5))
        self.assertEqual(self.cpu.get("DB1", 12, 8), struct.pack(">d", 1e-9))
        self.assertEqual(self.cpu.get("DB1", 40, 10), b"\x14\x05night???")
        self.assertEqual(self.cpu.get("DB1", 120, 2), b"\x02\x50")
        self.assertEqual(self.cpu.get("DB1", 124, 4), struct.pack(">i", -1000))
        self.assertEqual(self.cpu.get("M", 20, 1), b"\x03")
        self.assertEqual(self.cpu.get("Q", 4, 2), b"\xbe\xef")
        self.write("s7/writes/input", True, 403)
        self.write("s7/writes/string", "x" * 21, 400)

    def test_writes_by_mqtt_are_answered(self):
        program = need("mosquitto_rr")
        self.make("s7/mqtt", [writable("real", "DB1.DBD8", "float"),
                              writable("gone", "DB9.DBW0", "int16")])
        self.wait_for("s7/mqtt/real", 12.5)

        def order(point, payload):
            done = subprocess.run(
                [program, "-h", "127.0.0.1", "-p", str(self.server.mqtt), "-V", "5",
                 "-t", "$hw/write/" + point, "-e", "answers/s7", "-m", payload, "-W", "20"],
                capture_output=True, text=True, timeout=60, check=True)
            return json.loads(done.stdout)
        told = order("s7/mqtt/real", '{"value":21.5,"verify":true,"reason":"test"}')
        self.assertEqual((told["point"], told["result"], told["value"], told["read_back"]),
                         ("s7/mqtt/real", "ok", 21.5, 21.5))
        self.assertEqual(self.cpu.get("DB1", 8, 4), struct.pack(">f", 21.5))
        self.assertEqual(order("s7/mqtt/real", "-3")["result"], "ok")
        self.assertEqual(self.cpu.get("DB1", 8, 4), struct.pack(">f", -3))
        told = order("s7/mqtt/gone", "1")
        self.assertEqual((told["result"], told["code"]), ("failed", "io_failed"))
        self.assertIn("(0x", told["error"])
        self.assertEqual(order("s7/mqtt/none", "1")["code"], "not_found")

    def test_a_block_that_does_not_exist_hurts_only_its_tags(self):
        self.make("s7/missing", [tag("real", "DB1.DBD8", "float"), tag("gone", "DB9.DBW0", "int16"),
                                 tag("beyond", "DB1.DBW600", "int16"), tag("int", "DB1.DBW2",
                                                                           "int16")])
        self.wait_for_all("s7/missing", {"real": 12.5, "int": -1234})
        tags = self.tags("s7/missing")
        for name in ("gone", "beyond"):
            self.assertRegex(tags[name]["error"],
                             r"(object does not exist|address out of range).*\(0x0[5a]\)")
        self.assertEqual(self.state("s7/missing")["tags_bad"], 2)
        self.assertEqual(self.state("s7/missing")["reconnects"], 0)

    def test_a_cpu_that_goes_and_returns(self):
        self.make("s7/away", [writable("real", "DB1.DBD8", "float"), tag("flag", "M20.1", "bit")])
        self.wait_for_all("s7/away", {"real": 12.5, "flag": True})
        self.cpu.kill()
        self.wait_for("s7/away/real", 12.5, "bad.not_connected")
        self.wait_for("s7/away/flag", True, "bad.not_connected")
        self.write("s7/away/real", 1, 503)
        self.cpu = Cpu(self.port)
        self.cpu.set("DB1", 8, struct.pack(">f", 6.5))
        self.wait_for("s7/away/real", 6.5)
        self.wait_for("s7/away/flag", False)
        self.write("s7/away/real", 7.5, verify=True)
        self.assertEqual(self.cpu.get("DB1", 8, 4), struct.pack(">f", 7.5))


if __name__ == "__main__":
    main()
