"""The simulated waterworks asked by a foreign Modbus client, pymodbus."""

import os
import shutil
import socket
import tempfile
import unittest

from harness import main, until
from sim_works import Works

try:
    from pymodbus.client import ModbusSerialClient, ModbusTcpClient
    from pymodbus.constants import Endian
    from pymodbus.payload import BinaryPayloadBuilder, BinaryPayloadDecoder
except ImportError:
    ModbusTcpClient = None

RAW_FLOW = 600        # 300601
FLOW_SETPOINT = 600   # 400601
PUMP1_RUN = 301       # 000302
PUMP1_RUNNING = 300   # 100301
ILLEGAL_ADDRESS, ILLEGAL_VALUE = 2, 3


def as_registers(value):
    builder = BinaryPayloadBuilder(byteorder=Endian.Big, wordorder=Endian.Big)
    builder.add_32bit_float(value)
    return builder.to_registers()


def as_float(registers):
    decoder = BinaryPayloadDecoder.fromRegisters(registers, byteorder=Endian.Big,
                                                 wordorder=Endian.Big)
    return decoder.decode_32bit_float()


@unittest.skipIf(ModbusTcpClient is None, "python3-pymodbus is not installed")
class SimModbus(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="headworks-sim-test-")
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.works = Works("--broker", "none", "--speed", "10",
                           "--pty", os.path.join(self.folder, "line"),
                           "--write-devices", os.path.join(self.folder, "devices.d"))
        self.addCleanup(self.works.close)
        self.client = ModbusTcpClient("127.0.0.1", port=self.works.port("modbus"))
        self.assertTrue(self.client.connect())
        self.addCleanup(self.client.close)

    def real(self, address):
        answer = self.client.read_input_registers(address, 2, slave=1)
        self.assertFalse(answer.isError(), answer)
        return as_float(answer.registers)

    def test_a_set_point_acts_on_the_flow(self):
        self.assertGreater(self.real(RAW_FLOW), 200)
        written = self.client.write_registers(FLOW_SETPOINT, as_registers(150.0), slave=1)
        self.assertFalse(written.isError(), written)
        back = self.client.read_holding_registers(FLOW_SETPOINT, 2, slave=1)
        self.assertEqual(as_float(back.registers), 150.0)
        until(lambda: abs(self.real(RAW_FLOW) - 150) < 10, "raw water near its set-point", 120)

    def test_a_coil_stops_a_pump(self):
        self.assertTrue(self.client.read_discrete_inputs(PUMP1_RUNNING, 1, slave=1).bits[0])
        written = self.client.write_coil(PUMP1_RUN, False, slave=1)
        self.assertFalse(written.isError(), written)
        until(lambda: not self.client.read_discrete_inputs(PUMP1_RUNNING, 1, slave=1).bits[0],
              "pump 1 stands")

    def test_what_cannot_be_is_an_exception(self):
        beyond = self.client.write_registers(FLOW_SETPOINT, as_registers(9999.0), slave=1)
        self.assertEqual(beyond.exception_code, ILLEGAL_VALUE)
        nowhere = self.client.read_input_registers(9000, 2, slave=1)
        self.assertEqual(nowhere.exception_code, ILLEGAL_ADDRESS)

    def test_the_filters_are_unit_2(self):
        answer = self.client.read_input_registers(0, 8, slave=2)
        self.assertFalse(answer.isError(), answer)
        text = b"".join(one.to_bytes(2, "big") for one in answer.registers).rstrip(b"\0")
        self.assertIn(text, (b"filtering", b"draining", b"air_scour", b"backwash", b"ripening"))

    def test_the_serial_line_says_the_same(self):
        line = ModbusSerialClient(port=self.works.ready["pty"], baudrate=9600)
        self.assertTrue(line.connect())
        self.addCleanup(line.close)
        answer = line.read_holding_registers(FLOW_SETPOINT, 2, slave=1)
        self.assertFalse(answer.isError(), answer)
        self.assertGreater(as_float(answer.registers), 100)

    def test_a_silent_device_accepts_and_says_nothing(self):
        self.assertEqual(self.works.fault("on", "silent-device", "modbus").returncode, 0)
        self.assertIn("silent-device modbus", self.works.fault("list").stdout)
        with socket.create_connection(("127.0.0.1", self.works.port("modbus"))) as raw:
            raw.settimeout(1)
            raw.sendall(bytes.fromhex("000100000006010400000002"))
            with self.assertRaises(TimeoutError):
                raw.recv(100)
        self.assertEqual(self.works.fault("off", "silent-device").returncode, 0)
        self.assertGreater(self.real(RAW_FLOW), 0)

    def test_a_fault_that_is_none_is_told(self):
        wrong = self.works.fault("on", "pump-wear", "pump9")
        self.assertEqual(wrong.returncode, 1)
        self.assertIn("'pump9' is not a pump; there are plant1/intake/pump1", wrong.stderr)

    def test_device_files_name_the_ports(self):
        folder = os.path.join(self.folder, "devices.d")
        self.assertEqual(sorted(os.listdir(folder)),
                         ["filtration_plc2.toml", "highlift_rtu1.toml", "intake_plc1.toml",
                          "treatment_plc3.toml"])
        with open(os.path.join(folder, "filtration_plc2.toml"), encoding="utf-8") as file:
            self.assertIn(f"port = {self.works.ready['modbus']}\n", file.read())


if __name__ == "__main__":
    main()
