"""What the tests of devices share: a server, its devices, their points and writes."""

import json
import socket

from harness import ServerCase, until


def free_port():
    """A port that nothing listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def tag(name, address, kind, **more):
    return {"name": name, "address": address, "type": kind, **more}


def writable(name, address, kind, **more):
    return tag(name, address, kind, access="read,write", **more)


class DeviceCase(ServerCase):
    """A test class with one server; each test has the devices that it makes."""

    def call(self, method, path, body=None, status=200):
        text = json.dumps(body) if isinstance(body, (dict, list)) else body
        answer = self.server.request(method, path, text)
        self.assertEqual(answer.status, status, answer.text())
        return answer.json() if answer.body else None

    def create(self, name, driver, settings, tags, interval=100, wait=True):
        """Makes a device of one group and removes it after the test."""
        self.call("POST", "/api/v1/devices", {
            "name": name, "driver": driver, "settings": settings,
            "groups": [{"name": "g", "interval_ms": interval, "tags": tags}]}, 201)
        self.addCleanup(self.call, "DELETE", "/api/v1/devices/" + name, None, 204)
        if wait:
            until(lambda: self.state(name)["link"] == "connected", f"the link of {name}")

    def state(self, name):
        return self.call("GET", f"/api/v1/devices/{name}/state")

    def tags(self, name):
        items = self.call("GET", f"/api/v1/devices/{name}/tags?limit=1000")["items"]
        return {one["name"]: one for one in items}

    def unit(self, name, unit):
        return {one["unit"]: one for one in self.state(name)["units"]}.get(unit)

    def wait_for(self, point, value, quality="good"):
        """Waits until the point has that value (any: None) and quality; the point."""
        last = {}

        def there():
            last.update(self.server.points(point).get(point, {}))
            return (last.get("quality") == quality and
                    (value is None or last.get("value") == value)) and last
        try:
            return until(there, point)
        except AssertionError as error:
            raise AssertionError(f"{point} is not {value!r} {quality} but {last}") from error

    def wait_for_all(self, device, values):
        """Waits until each tag of `values` is good and has that value."""
        for name, value in values.items():
            self.wait_for(f"{device}/{name}", value)

    def write(self, point, value, status=200, **more):
        return self.call("POST", f"/api/v1/points/{point}/write", {"value": value, **more}, status)
