"""Writes as clients of others order them: Neuron's requests by MQTT, and the command that a
foreign Sparkplug node gets when its point is written (those are in sparkplug_write_test.mjs)."""

import json
import queue
import unittest

from device_case import DeviceCase, free_port, tag, writable
from harness import main
from javascript import test_case
from pymodbus_server import HOLDING, MISSING, Plc, Units

try:
    import paho.mqtt.client as paho
except ImportError:
    paho = None
if MISSING is None:
    from pymodbus.server.async_io import ModbusTcpServer

SparkplugWrites = test_case("sparkplug_write_test.mjs", ["mqtt", "sparkplug-payload"])

DONE, BODY_WRONG, TAG_UNKNOWN, TYPE_WRONG = 0, 1002, 2201, 2204
NOT_CONNECTED, NOT_FOR_WRITING = 3002, 3004


@unittest.skipIf(MISSING, MISSING)
@unittest.skipIf(paho is None, "paho-mqtt is not installed: apt install python3-paho-mqtt")
class NeuronWrites(DeviceCase):
    def setUp(self):
        self.units = Units()
        plc = Plc(self.units, lambda context: ModbusTcpServer(context, address=("127.0.0.1", 0)))
        self.addCleanup(plc.close)
        self.create("plc1", "modbus-tcp", {"host": "127.0.0.1", "port": plc.port}, [
            writable("speed", "1!400001", "int16", min=0, max=1000),
            writable("mode", "1!400002", "uint16"), writable("on", "1!000001", "bit"),
            writable("beyond", "1!409000", "int16"), tag("level", "1!400003", "int16")])
        self.answers = queue.Queue()
        self.client = paho.Client(client_id="ems")
        self.client.on_message = lambda client, data, message: self.answers.put(
            (message.topic, json.loads(message.payload)))
        ready = queue.Queue()
        self.client.on_connect = lambda *_: self.client.subscribe(
            [("/neuron/+/write/resp", 1), ("neuron/+/write/resp", 1)])
        self.client.on_subscribe = lambda *_: ready.put(True)
        self.client.connect("127.0.0.1", self.server.mqtt)
        self.client.loop_start()
        self.addCleanup(self.leave)
        ready.get(timeout=30)
        self.wait_for("plc1/speed", None)

    def leave(self):
        self.client.disconnect()
        self.client.loop_stop()

    def ask(self, payload, topic="/neuron/plc1/write/req"):
        """The topic and the body of the answer."""
        text = payload if isinstance(payload, str) else json.dumps(payload)
        self.client.publish(topic, text, qos=1)
        return self.answers.get(timeout=30)

    def order(self, uuid, **members):
        topic, body = self.ask({"uuid": uuid, "node": "plc1", "group": "g", **members})
        self.assertEqual((topic, body["uuid"]), ("/neuron/plc1/write/resp", uuid))
        return body["error"]

    def test_one_tag(self):
        self.assertEqual(self.order("u1", tag="speed", value=77), DONE)
        self.assertEqual(self.units.get(HOLDING, 0), [77])
        self.wait_for("plc1/speed", 77)
        self.assertEqual(self.order("u2", tag="on", value=True), DONE)
        self.wait_for("plc1/on", True)
        topic, body = self.ask({"uuid": "u3", "node": "plc1", "group": "g", "tag": "speed",
                                "value": 78}, "neuron/plc1/write/req")
        self.assertEqual((topic, body), ("neuron/plc1/write/resp", {"uuid": "u3", "error": DONE}))
        # Each leaves a record.
        record = self.call("GET", "/api/v1/audit?filter=plc1/speed&action=point.write")["items"][0]
        self.assertEqual((record["actor"], record["new"], record["result"]), ("ems", 78, "ok"))

    def test_orders_are_no_points(self):
        self.test_one_tag()
        self.assertEqual([path for path in self.server.points("#") if "neuron" in path], [])
        self.assertEqual([path for path in self.server.points("/neuron/#")], [])

    def test_many_tags(self):
        self.assertEqual(self.order("m1", tags=[
            {"tag": "speed", "value": 500}, {"tag": "mode", "value": 3},
            {"tag": "on", "value": 1}]), DONE)
        self.assertEqual(self.units.get(HOLDING, 0, 2), [500, 3])
        self.wait_for_all("plc1", {"speed": 500, "mode": 3, "on": True})
        # One that cannot be gives the answer its error; the others are written.
        self.assertEqual(self.order("m2", tags=[
            {"tag": "speed", "value": 501}, {"tag": "nothing", "value": 1},
            {"tag": "mode", "value": 4}]), TAG_UNKNOWN)
        self.assertEqual(self.units.get(HOLDING, 0, 2), [501, 4])

    def test_errors(self):
        before = self.units.get(HOLDING, 0, 3)
        self.assertEqual(self.order("e1", tag="nothing", value=1), TAG_UNKNOWN)
        self.assertEqual(self.order("e2", tag="level", value=1), NOT_FOR_WRITING)
        self.assertEqual(self.order("e3", tag="speed", value="fast"), TYPE_WRONG)
        self.assertEqual(self.order("e4", tag="speed", value=1001), TYPE_WRONG)
        self.assertGreater(self.order("e5", tag="beyond", value=1), DONE)
        for wrong in ("no JSON", "[]", {"uuid": "e6", "node": "plc1", "group": "g"},
                      {"uuid": "e7", "group": "g", "tag": "speed", "value": 1},
                      {"uuid": "e8", "node": "plc1", "group": "g", "tags": []},
                      {"uuid": "e9", "node": "plc1", "tag": "speed", "value": [1]}):
            self.assertEqual(self.ask(wrong)[1]["error"], BODY_WRONG, wrong)
        self.assertEqual(self.units.get(HOLDING, 0, 3), before)

    def test_a_device_that_is_not_connected(self):
        self.create("plc2", "modbus-tcp", {"host": "127.0.0.1", "port": free_port()},
                    [writable("speed", "1!400001", "int16")], wait=False)
        topic, body = self.ask({"uuid": "d1", "node": "plc2", "group": "g", "tag": "speed",
                                "value": 1}, "/neuron/plc2/write/req")
        self.assertEqual((topic, body),
                         ("/neuron/plc2/write/resp", {"uuid": "d1", "error": NOT_CONNECTED}))


if __name__ == "__main__":
    main()
