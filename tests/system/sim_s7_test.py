"""The simulated treatment PLC asked by a foreign S7 client, python-snap7 (optional, from PyPI)."""

import struct
import unittest

from harness import main, until
from sim_works import Works

try:
    import snap7
except ImportError:
    snap7 = None

DOSING = 1            # DB1
DOSE_SETPOINT, DOSE = 0, 4
DOSE_AUTO = (24, 0)


@unittest.skipIf(snap7 is None, "python-snap7 is not installed (PyPI)")
class SimS7(unittest.TestCase):
    def setUp(self):
        self.works = Works("--broker", "none", "--no-pty", "--speed", "10")
        self.addCleanup(self.works.close)
        self.client = snap7.client.Client()
        self.client.connect("127.0.0.1", 0, 1, self.works.port("s7"))
        self.addCleanup(self.client.disconnect)

    def real(self, db, start):
        return struct.unpack(">f", bytes(self.client.db_read(db, start, 4)))[0]

    def test_a_dose_that_is_written_is_dosed(self):
        self.assertGreater(self.real(DOSING, DOSE_SETPOINT), 5)
        self.client.db_write(DOSING, DOSE_SETPOINT, bytearray(struct.pack(">f", 31.0)))
        self.assertEqual(self.real(DOSING, DOSE_SETPOINT), 31.0)
        until(lambda: abs(self.real(DOSING, DOSE) - 31) < 1, "the dose at its set-point")
        byte, bit = DOSE_AUTO
        self.assertEqual(self.client.db_read(DOSING, byte, 1)[0] >> bit & 1, 0)

    def test_what_cannot_be_is_refused(self):
        for start, value in ((DOSE_SETPOINT, 500.0), (DOSE, 1.0)):
            with self.assertRaises(Exception):
                self.client.db_write(DOSING, start, bytearray(struct.pack(">f", value)))
        with self.assertRaises(Exception):
            self.client.db_read(99, 0, 4)
        # The connection lived through it, and nothing changed.
        self.assertLess(self.real(DOSING, DOSE_SETPOINT), 100)
        byte, bit = DOSE_AUTO
        self.assertEqual(self.client.db_read(DOSING, byte, 1)[0] >> bit & 1, 1)


if __name__ == "__main__":
    main()
