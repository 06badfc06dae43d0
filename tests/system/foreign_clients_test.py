"""MQTT as foreign clients speak it: mosquitto's tools and Eclipse Paho."""

import subprocess
import threading
import unittest

from harness import Server, ServerCase, main, need, until

try:
    import paho.mqtt.client as paho
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties
    from paho.mqtt.subscribeoptions import SubscribeOptions
except ImportError:
    paho = None


class Mosquitto(unittest.TestCase):
    # A server for each test, so that its figures count this test's subscribers only.
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)

    def tool(self, name, *arguments, version="mqttv5", wait=True, **options):
        command = [need(name), "-p", str(self.server.mqtt), "-V", version, *arguments]
        if wait:
            return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False,
                                  **options)
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def wait_for_subscribers(self, count):
        name = "headworks_broker_subscriptions "
        def enough():
            lines = self.server.get("/metrics").text().splitlines()
            return any(line.startswith(name) and float(line[len(name):]) >= count
                       for line in lines)
        until(enough, f"{count} subscriptions")

    def test_publish_subscribe_each_version_and_qos(self):
        for version in ("mqttv31", "mqttv311", "mqttv5"):
            for qos in ("0", "1", "2"):
                topic = f"m/{version}/{qos}"
                self.assertEqual(self.tool("mosquitto_pub", "-t", topic, "-m", "1.5", "-q", qos,
                                           "-r", version=version).returncode, 0)
                got = self.tool("mosquitto_sub", "-t", topic, "-q", qos, "-C", "1", "-W", "20",
                                "-v", version=version)
                self.assertEqual(got.stdout, f"{topic} 1.5\n", got.stderr)
        points = self.server.points("m/#")
        self.assertEqual(len(points), 9)

    def test_many_lines_in_order(self):
        sub = self.tool("mosquitto_sub", "-t", "lines/#", "-q", "2", "-C", "5000", "-W", "60",
                        wait=False)
        self.wait_for_subscribers(1)
        text = "".join(f"{i}\n" for i in range(5000))
        pub = self.tool("mosquitto_pub", "-t", "lines/a", "-q", "2", "-l", input=text)
        self.assertEqual(pub.returncode, 0)
        out, _ = sub.communicate(timeout=60)
        self.assertEqual(out, text)

    def test_request_response(self):
        need("mosquitto_rr")
        answerer = self.tool("mosquitto_sub", "-t", "rr/ask", "-C", "1", "-W", "20", "-F", "%R",
                             wait=False)
        self.wait_for_subscribers(1)
        asker = self.tool("mosquitto_rr", "-t", "rr/ask", "-e", "rr/answer", "-m", "?", "-W", "5",
                          wait=False)
        out, _ = answerer.communicate(timeout=30)
        self.assertEqual(out.strip(), "rr/answer")
        self.tool("mosquitto_pub", "-t", "rr/answer", "-m", "42")
        out, _ = asker.communicate(timeout=30)
        self.assertEqual(out.strip(), "42")


@unittest.skipIf(paho is None, "python3-paho-mqtt is not installed")
class Paho(ServerCase):
    def client(self, name, transport="tcp", clean=True, expiry=None, **handlers):
        client = paho.Client(client_id=name, protocol=paho.MQTTv5, transport=transport)
        connected = threading.Event()
        client.messages = []
        client.on_connect = lambda *a: connected.set()
        client.on_message = lambda c, u, m: c.messages.append(m)
        for event, handler in handlers.items():
            setattr(client, event, handler)
        properties = Properties(PacketTypes.CONNECT)
        if expiry is not None:
            properties.SessionExpiryInterval = expiry
        if transport == "websockets":
            client.ws_set_options(path="/mqtt")
        will = handlers.pop("will", None)
        if will:
            client.will_set(*will)
        client.connect("127.0.0.1", self.server.http if transport == "websockets" else
                       self.server.mqtt, clean_start=clean, properties=properties)
        client.loop_start()
        self.addCleanup(client.loop_stop)
        self.assertTrue(connected.wait(20))
        return client

    def subscribe(self, client, topic, qos=1, **options):
        done = threading.Event()
        client.on_subscribe = lambda *a: done.set()
        client.subscribe(topic, options=SubscribeOptions(qos=qos, **options))
        self.assertTrue(done.wait(20))

    def test_properties_travel(self):
        client = self.client("props")
        self.subscribe(client, "props/#")
        properties = Properties(PacketTypes.PUBLISH)
        properties.ContentType = "text/plain"
        properties.UserProperty = [("b", "2"), ("a", "1"), ("b", "3")]
        properties.ResponseTopic = "to/me"
        properties.CorrelationData = b"\x00\xff"
        properties.MessageExpiryInterval = 60
        client.publish("props/x", "5", qos=1, properties=properties)
        message = until(lambda: client.messages, "the message")[0]
        self.assertEqual(message.properties.UserProperty, [("b", "2"), ("a", "1"), ("b", "3")])
        self.assertEqual(message.properties.ContentType, "text/plain")
        self.assertEqual(message.properties.CorrelationData, b"\x00\xff")
        self.assertLessEqual(message.properties.MessageExpiryInterval, 60)

    def test_websocket(self):
        client = self.client("ws", transport="websockets")
        self.subscribe(client, "ws/#", qos=2)
        for i in range(100):
            client.publish("ws/x", str(i), qos=2)
        until(lambda: len(client.messages) == 100, "100 messages")
        self.assertEqual([int(m.payload) for m in client.messages], list(range(100)))

    def test_session_survives_and_takeover(self):
        first = self.client("keeper", clean=False, expiry=300)
        self.subscribe(first, "keep/#", qos=1)
        first.disconnect()
        first.loop_stop()
        other = self.client("other")
        for i in range(10):
            other.publish("keep/x", str(i), qos=1).wait_for_publish(20)
        again = self.client("keeper", clean=False, expiry=300)
        until(lambda: len(again.messages) == 10, "queued messages")
        gone = threading.Event()
        again.on_disconnect = lambda *a: gone.set()
        self.client("keeper", clean=False, expiry=300)
        self.assertTrue(gone.wait(20))

    def test_shared_subscription_and_no_local(self):
        a, b = self.client("sa"), self.client("sb")
        self.subscribe(a, "$share/g/job/#")
        self.subscribe(b, "$share/g/job/#")
        loud = self.client("loud")
        self.subscribe(loud, "job/#", noLocal=True)
        for i in range(100):
            loud.publish("job/x", str(i), qos=1)
        until(lambda: len(a.messages) + len(b.messages) == 100, "all jobs")
        self.assertGreater(len(a.messages), 20)
        self.assertGreater(len(b.messages), 20)
        self.assertEqual(loud.messages, [])


if __name__ == "__main__":
    main()
