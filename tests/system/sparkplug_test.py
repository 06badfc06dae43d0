"""Sparkplug: a foreign edge node against the host application (the cases are in
sparkplug_test.mjs), and Headworks as an edge node of another Headworks."""

import json
import os
import subprocess
import unittest

from harness import Server, main, until
from javascript import HERE, reason_to_skip, test_case

PACKAGES = ["mqtt", "sparkplug-payload"]

Sparkplug = test_case("sparkplug_test.mjs", PACKAGES)


class EdgeNode(unittest.TestCase):
    """`edge` publishes its points to the broker of `centre`."""

    def setUp(self):
        self.centre = Server("sparkplug.rebirth_interval=1s")
        self.addCleanup(self.centre.close)
        self.edge = Server(f"sparkplug_edge.broker=mqtt://127.0.0.1:{self.centre.mqtt}",
                           "sparkplug_edge.group_id=water", "sparkplug_edge.edge_node_id=works1",
                           "sparkplug_edge.exclude=secret/#", "sparkplug.host_enabled=false")
        self.addCleanup(self.edge.close)

    def write(self, lines):
        answer = self.edge.request("POST", "/write?precision=s", lines)
        self.assertEqual(answer.status, 204, answer.text())

    def wait_for(self, value, quality, point="water/works1/tank/level"):
        def there():
            found = self.centre.points("water/#").get(point, {})
            return (found.get("value"), found.get("quality")) == (value, quality) and found
        return until(there, f"{point} = {value} {quality}")

    def test_points_are_metrics_of_the_centre(self):
        self.write("tank level=1.5 1700000000\nsecret level=1 1700000000\n")
        point = self.wait_for(1.5, "good")
        self.assertEqual(point["time"], "2023-11-14T22:13:20Z")
        self.write("tank level=2.5,pumps=3i 1700000010")
        self.wait_for(2.5, "good")
        self.wait_for(3, "good", "water/works1/tank/pumps")
        self.assertEqual([path for path in self.centre.points("#") if "secret" in path], [])

    def test_its_death_and_its_return(self):
        self.write("tank level=1.5 1700000000")
        self.wait_for(1.5, "good")
        self.edge.kill()
        self.wait_for(1.5, "bad.not_connected")
        # What it knew before is born again with the last values.
        self.edge.start()
        self.wait_for(1.5, "good")
        self.assertEqual(self.edge.stop(), 0)
        self.wait_for(1.5, "bad.not_connected")

    def test_a_centre_that_comes_back_asks_and_is_told(self):
        self.write("tank level=1.5 1700000000")
        self.wait_for(1.5, "good")
        self.centre.sets[0] = f"mqtt.port={self.centre.mqtt}"
        self.centre.kill()
        self.write("tank level=7.5 1700000020")
        self.centre.start()
        self.wait_for(7.5, "good")

    def test_a_foreign_decoder_reads_its_births(self):
        reason = reason_to_skip(PACKAGES)
        if reason:
            self.skipTest(reason)
        self.write("tank level=1.5,open=true 1700000000")
        self.wait_for(1.5, "good")
        printed = subprocess.run(
            ["node", os.path.join(HERE, "sparkplug_print.mjs"), str(self.centre.mqtt),
             "$sparkplug/certificates/#", "2"], capture_output=True, text=True, timeout=90,
            check=True)
        births = {one["topic"].split("/", 2)[2]: one for one in json.loads(printed.stdout)}
        node = births["spBv1.0/water/NBIRTH/works1"]
        self.assertEqual(node["seq"], 0)
        self.assertEqual([(one["name"], one["type"]) for one in node["metrics"][:2]],
                         [("bdSeq", "Int64"), ("Node Control/Rebirth", "Boolean")])
        device = births["spBv1.0/water/DBIRTH/works1/tank"]
        told = {one["name"]: one for one in device["metrics"]}
        self.assertEqual(told["level"]["value"], 1.5)
        self.assertEqual(told["level"]["timestamp"], 1700000000000)
        self.assertEqual(told["open"]["type"], "Boolean")


if __name__ == "__main__":
    main()
