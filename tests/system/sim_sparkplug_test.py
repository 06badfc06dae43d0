"""The simulated clear well as a Sparkplug B edge node: its points in the server, a command by a
foreign client."""

import struct
import unittest

from harness import Server, main, until
from sim_works import Works

try:
    import paho.mqtt.client as paho
except ImportError:
    paho = None

LEVEL_SETPOINT = "plant1/clearwell/well/level_setpoint"
DOUBLE = 10  # Sparkplug's number of the type


def varint(number):
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7f | 0x80])
        number >>= 7
    return out + bytes([number])


def command(name, value):
    """A payload of one double metric, in protobuf's wire format."""
    metric = (b"\x0a" + varint(len(name)) + name.encode()   # name = 1
              + b"\x20" + varint(DOUBLE)                    # datatype = 4
              + b"\x69" + struct.pack("<d", value))         # double_value = 13
    return b"\x08" + varint(1_800_000_000_000) + b"\x12" + varint(len(metric)) + metric


class SimSparkplug(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)
        self.works = Works("--no-pty", "--broker", f"mqtt://127.0.0.1:{self.server.mqtt}")
        self.addCleanup(self.works.close)

    def point(self, path):
        return self.server.points("bluewater/" + path).get("bluewater/" + path)

    def test_the_site_has_the_names_that_it_has_over_mqtt(self):
        until(lambda: self.point("plant1/clearwell/well/level"), "the level over Sparkplug")
        until(lambda: self.point("zone1/network/town/pressure"), "the town's pressure over MQTT")
        self.assertEqual(self.point("plant1/clearwell/well/level")["unit"], "m")
        self.assertEqual(self.server.points("bluewater/plant1/intake/#"), {})

    @unittest.skipIf(paho is None, "python3-paho-mqtt is not installed")
    def test_a_command_sets_the_level(self):
        until(lambda: self.point(LEVEL_SETPOINT), "the set-point over Sparkplug")
        client = paho.Client(client_id="host")
        client.connect("127.0.0.1", self.server.mqtt)
        client.loop_start()
        self.addCleanup(client.loop_stop)
        topic = "spBv1.0/bluewater/DCMD/plant1/clearwell"
        client.publish(topic, command("well/level_setpoint", 2.25)).wait_for_publish(10)
        until(lambda: self.point(LEVEL_SETPOINT)["value"] == 2.25, "the set-point read back")
        self.assertIn(LEVEL_SETPOINT + " 2.25", self.works.ask("get " + LEVEL_SETPOINT))
        client.publish(topic, command("well/level_setpoint", 99)).wait_for_publish(10)
        client.publish(topic, command("well/level_setpoint", 2.5)).wait_for_publish(10)
        until(lambda: self.point(LEVEL_SETPOINT)["value"] == 2.5, "the next set-point")
        rows = self.server.samples(point="bluewater/" + LEVEL_SETPOINT)
        self.assertNotIn(99.0, [row["value"] for row in rows])

    def test_a_failed_sensor_is_bad(self):
        until(lambda: self.point("plant1/clearwell/well/level"), "the level over Sparkplug")
        self.assertTrue(self.works.ask("fault on sensor-failure well/level").endswith("ok\n"))
        until(lambda: self.point("plant1/clearwell/well/level")["quality"].startswith("bad"),
              "a bad level")


if __name__ == "__main__":
    main()
