"""The Modbus drivers against servers that are not ours: pymodbus on serial lines, through a serial
converter and with silent units, and jsmodbus, which knows few functions."""

import os
import struct
import subprocess
import unittest

from device_case import DeviceCase, tag, writable
from harness import main
from javascript import HERE, reason_to_skip
from pymodbus_server import (COILS, DISCRETES, HOLDING, INPUTS, MISSING, REGISTERS, Cable, Plc,
                             Units)

if MISSING is None:
    from pymodbus.factory import ServerDecoder
    from pymodbus.pdu import IllegalFunctionRequest
    from pymodbus.server.async_io import ModbusSerialServer, ModbusTcpServer
    from pymodbus.transaction import ModbusAsciiFramer, ModbusRtuFramer

MASK_WRITE = 22


def words(form, value):
    """The registers of a value, the most significant first."""
    data = struct.pack(">" + form, value)
    return list(struct.unpack(f">{len(data) // 2}H", data))


def swapped(registers):
    return [(one & 0xFF) << 8 | one >> 8 for one in registers]


def characters(text, how):
    data = text.encode("ascii")
    if how == "D":
        return list(data)
    if how == "E":
        return [one << 8 for one in data]
    data += b"\0" * (len(data) % 2)
    registers = list(struct.unpack(f">{len(data) // 2}H", data))
    return swapped(registers) if how == "L" else registers


# name, address, type, area, index of the first register, what stands there, the value
READS = (
    ("int16", "1!400001", "int16", HOLDING, 0, [0xFB2E], -1234),
    ("uint16", "1!400002", "uint16", HOLDING, 1, [60000], 60000),
    ("word", "1!400003#B", "word", HOLDING, 2, [0x1234], 0x3412),
    ("int8", "1!400004", "int8", HOLDING, 3, [0x12FE], -2),
    ("uint8", "1!400004#B", "uint8", HOLDING, 3, [0x12FE], 0x12),
    ("ll", "1!400010", "float", HOLDING, 9, words("f", 12.5), 12.5),
    ("lb", "1!400012#LB", "float", HOLDING, 11, swapped(words("f", -0.75)), -0.75),
    ("bl", "1!400014#BL", "int32", HOLDING, 13, words("i", -100000)[::-1], -100000),
    ("bb", "1!400016#BB", "uint32", HOLDING, 15, swapped(words("I", 4000000000)[::-1]),
     4000000000),
    ("double", "1!400020", "double", HOLDING, 19, words("d", 1234.5678), 1234.5678),
    ("double_bb", "1!400024#BB", "double", HOLDING, 23, swapped(words("d", -2.5e9)[::-1]), -2.5e9),
    ("int64_bl", "1!400028#BL", "int64", HOLDING, 27, words("q", -5000000000)[::-1], -5000000000),
    ("uint64", "1!400032", "uint64", HOLDING, 31, words("Q", 1 << 40), 1 << 40),
    ("text", "1!400040.10H", "string", HOLDING, 39, characters("flow meter", "H"), "flow meter"),
    ("text_l", "1!400045.6L", "string", HOLDING, 44, characters("pump 1", "L"), "pump 1"),
    ("text_d", "1!400050.4D", "string", HOLDING, 49, characters("auto", "D"), "auto"),
    ("text_e", "1!400055.4E", "string", HOLDING, 54, characters("hand", "E"), "hand"),
    ("bit3", "1!400060.3", "bit", HOLDING, 59, [0x0008], True),
    ("bit4", "1!400060.4", "bit", HOLDING, 59, [0x0008], False),
    ("classic", "1!40070", "int16", HOLDING, 69, [7], 7),
    ("input", "1!300001", "float", INPUTS, 0, words("f", 3.25), 3.25),
    ("input_far", "1!300150", "uint16", INPUTS, 149, [150], 150),
    ("discrete", "1!100005", "bit", DISCRETES, 4, [True], True),
    ("coil", "1!000017", "bool", COILS, 16, [True], True),
    ("coil_off", "1!000018", "bool", COILS, 17, [False], False),
)


class AsForeignUnit:
    """The tests that every way to a unit must pass; below are the ways."""

    driver = ""

    def setUp(self):
        self.units = Units()
        for _, _, _, area, start, registers, _ in READS:
            self.units.set(area, start, registers)
        self.device = f"works/{type(self).__name__.lower()}"
        self.settings = self.begin()

    def point(self, name):
        return f"{self.device}/{name}"

    def make(self, tags):
        self.create(self.device, self.driver, self.settings, tags)

    def test_every_area_type_and_order_is_read(self):
        self.make([tag(name, address, kind) for name, address, kind, *_ in READS])
        self.wait_for_all(self.device, {name: value for name, *_, value in READS})
        self.units.set(HOLDING, 9, words("f", 99.5))
        self.wait_for(self.point("ll"), 99.5)
        self.assertEqual(self.state(self.device)["tags_bad"], 0)

    def test_writes_are_read_back(self):
        self.make([
            writable("coil", "1!000033", "bool"), writable("register", "1!400101", "int16"),
            writable("float", "1!400103#BL", "float"), writable("bit", "1!400105.9", "bit"),
            writable("text", "1!400110.8H", "string"), writable("double", "1!400120", "double"),
            writable("scaled", "1!400125", "int16", scale=0.1)])
        self.units.set(HOLDING, 104, [0x00F1])
        self.units.set(HOLDING, 109, characters("??????????", "H"))
        self.wait_for(self.point("text"), "????????")
        for name, value in (("coil", True), ("register", -77), ("float", 0.5), ("bit", True),
                            ("text", "night"), ("double", -1e-9), ("scaled", 12.5)):
            done = self.write(self.point(name), value, verify=True)
            self.assertEqual(done["read_back"], value, name)
            self.wait_for(self.point(name), value)
        self.assertEqual(self.units.get(COILS, 32, 2), [True, False])
        self.assertEqual(self.units.get(HOLDING, 100), [0x10000 - 77])
        self.assertEqual(self.units.get(HOLDING, 102, 2), words("f", 0.5)[::-1])
        # The neighbours of the bit stay, and what lies behind the text.
        self.assertEqual(self.units.get(HOLDING, 104), [0x02F1])
        self.assertEqual(self.units.get(HOLDING, 109, 5),
                         characters("night", "H") + [0] + characters("??", "H"))
        self.assertEqual(self.units.get(HOLDING, 124), [125])
        self.write(self.point("bit"), False, verify=True)
        self.assertEqual(self.units.get(HOLDING, 104), [0x00F1])
        self.write(self.point("coil"), False, verify=True)
        self.assertEqual(self.units.get(COILS, 32), [False])

    def test_an_illegal_address_hurts_only_its_own_tag(self):
        self.make([tag("last", f"1!4{REGISTERS:05}", "uint16"),
                   writable("beyond", f"1!4{REGISTERS + 1:05}", "uint16"),
                   tag("across", f"1!4{REGISTERS:05}", "float"), tag("first", "1!400001", "int16")])
        self.units.set(HOLDING, REGISTERS - 1, [42])
        self.wait_for_all(self.device, {"last": 42, "first": -1234})
        tags = self.tags(self.device)
        for name in ("beyond", "across"):
            self.assertIn("exception 2 (illegal data address)", tags[name]["error"])
        self.assertEqual(self.state(self.device)["tags_bad"], 2)
        refused = self.write(self.point("beyond"), 1, 502)
        self.assertIn("illegal data address", refused["detail"])
        self.units.set(HOLDING, REGISTERS - 1, [43])
        self.wait_for(self.point("last"), 43)
        self.assertEqual(self.state(self.device)["reconnects"], 0)


class OnASerialLine(AsForeignUnit):
    def begin(self):
        cable = Cable()
        self.addCleanup(cable.close)
        plc = Plc(self.units, lambda context: ModbusSerialServer(
            context, framer=self.framer(), port=cable.ends[1], baudrate=115200,
            ignore_missing_slaves=True))
        self.addCleanup(plc.close)
        return {"serial_port": cable.ends[0], "baud_rate": 115200}


@unittest.skipIf(MISSING, MISSING)
class Rtu(OnASerialLine, DeviceCase):
    driver = "modbus-rtu"

    def framer(self):
        return ModbusRtuFramer


@unittest.skipIf(MISSING, MISSING)
class Ascii(OnASerialLine, DeviceCase):
    driver = "modbus-ascii"

    def framer(self):
        return ModbusAsciiFramer


@unittest.skipIf(MISSING, MISSING)
class RtuOverTcp(AsForeignUnit, DeviceCase):
    driver = "modbus-rtu-over-tcp"

    def begin(self):
        plc = Plc(self.units, lambda context: ModbusTcpServer(
            context, framer=ModbusRtuFramer, address=("127.0.0.1", 0)))
        self.addCleanup(plc.close)
        return {"host": "127.0.0.1", "port": plc.port}


@unittest.skipIf(MISSING, MISSING)
class SilentUnit(DeviceCase):
    """Several units on one link; the others do not notice that one is silent."""

    def check(self, driver, framer):
        units = Units((1, 2, 3))
        plc = Plc(units, lambda context: ModbusTcpServer(
            context, framer=framer, address=("127.0.0.1", 0), ignore_missing_slaves=True))
        self.addCleanup(plc.close)
        device = f"line/{driver}"
        for unit in (1, 2, 3):
            units.set(HOLDING, 0, [unit], unit)
        self.create(device, driver, {"host": "127.0.0.1", "port": plc.port,
                                     "response_timeout": "200ms"},
                    [tag(f"u{unit}", f"{unit}!400001", "int16") for unit in (1, 2, 3)])
        self.wait_for_all(device, {"u1": 1, "u2": 2, "u3": 3})
        units.silence(2)
        self.wait_for(f"{device}/u2", 2, "bad.timeout")
        self.assertFalse(self.unit(device, "2")["up"])
        self.assertIn("unit 2", self.tags(device)["u2"]["error"])
        # The others go on: each of these values comes through while unit 2 stays silent.
        for value in range(100, 120):
            for unit in (1, 3):
                units.set(HOLDING, 0, [value], unit)
                self.wait_for(f"{device}/u{unit}", value)
        self.assertTrue(self.unit(device, "1")["up"] and self.unit(device, "3")["up"])
        units.set(HOLDING, 0, [222], 2)
        units.revive(2)
        self.wait_for(f"{device}/u2", 222)
        self.assertTrue(self.unit(device, "2")["up"])
        self.assertEqual(self.state(device)["reconnects"], 0)

    def test_behind_a_serial_converter(self):
        self.check("modbus-rtu-over-tcp", ModbusRtuFramer)

    def test_behind_a_modbus_tcp_gateway(self):
        self.check("modbus-tcp", None)


@unittest.skipIf(MISSING, MISSING)
class WithoutFunction22(DeviceCase):
    """A unit that answers "illegal function" to a mask write."""

    def test_a_bit_is_written_by_reading_and_writing(self):
        asked = []

        class Decoder(ServerDecoder):
            def decode(self, message):
                asked.append(message[0])
                return (IllegalFunctionRequest(MASK_WRITE) if message[0] == MASK_WRITE
                        else super().decode(message))

        def make(context):
            server = ModbusTcpServer(context, address=("127.0.0.1", 0))
            server.decoder = Decoder()
            return server
        units = Units()
        units.set(HOLDING, 5, [0x00F1])
        plc = Plc(units, make)
        self.addCleanup(plc.close)
        self.create("old/plc", "modbus-tcp", {"host": "127.0.0.1", "port": plc.port}, [
            writable("bit", "1!400006.15", "bit"), tag("all", "1!400006", "word")])
        self.wait_for("old/plc/all", 0x00F1)
        for value, register in ((True, 0x80F1), (False, 0x00F1)):
            self.write("old/plc/bit", value, verify=True)
            self.assertEqual(units.get(HOLDING, 5), [register])
            self.wait_for("old/plc/all", register)
        # It is asked once whether it knows the function.
        self.assertEqual(asked.count(MASK_WRITE), 1)


JSMODBUS = reason_to_skip(["jsmodbus"])


@unittest.skipIf(JSMODBUS, JSMODBUS)
class Jsmodbus(DeviceCase):
    """A server that knows few functions, and is mute for good after one that it does not know."""

    def setUp(self):
        self.process = subprocess.Popen(
            ["node", os.path.join(HERE, "modbus_server.mjs"), "0"], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(self.end)
        self.port = int(self.process.stdout.readline().split()[1])
        self.settings = {"host": "127.0.0.1", "port": self.port}

    def end(self):
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def test_reads_and_writes(self):
        self.ask("set holding 0 " + struct.pack(">f", 8.25).hex())
        self.ask("set input 20 " + struct.pack(">d", -3.5).hex())
        self.ask("set discrete 1 02")
        self.create("js/plc", "modbus-tcp", self.settings, [
            writable("set_point", "1!400001", "float"), tag("level", "1!300011", "double"),
            tag("open", "1!100010", "bit"), writable("run", "1!000004", "bit"),
            writable("mode", "1!400020.4", "string"), writable("count", "1!400030", "uint16")])
        self.wait_for_all("js/plc", {"set_point": 8.25, "level": -3.5, "open": True, "run": False})
        for name, value in (("set_point", -1.5), ("run", True), ("mode", "hand"), ("count", 65535)):
            done = self.write(f"js/plc/{name}", value, verify=True)
            self.assertEqual(done["read_back"], value)
        self.assertEqual(self.ask("get holding 0 4"), struct.pack(">f", -1.5).hex())
        self.assertEqual(self.ask("get coils 0 1"), "08")
        self.assertEqual(self.ask("get holding 38 4"), b"hand".hex())
        self.assertEqual(self.ask("get holding 58 2"), "ffff")

    def test_a_bit_without_mask_write(self):
        self.ask("set holding 10 00f1")
        self.settings["mask_write"] = False
        self.create("js/bits", "modbus-tcp", self.settings, [
            writable("bit", "1!400006.15", "bit"), tag("all", "1!400006", "word")])
        self.wait_for("js/bits/all", 0x00F1)
        for value, register in ((True, 0x80F1), (False, 0x00F1)):
            self.write("js/bits/bit", value, verify=True)
            self.assertEqual(self.ask("get holding 10 2"), f"{register:04x}")
            self.wait_for("js/bits/all", register)


if __name__ == "__main__":
    main()
