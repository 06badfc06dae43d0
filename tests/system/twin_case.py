"""What the tests of twins share: models, twins, values by MQTT and HTTP."""

import json
import subprocess
import urllib.parse

from harness import ServerCase, need

CONTEXT = ["dtmi:dtdl:context;3", "dtmi:dtdl:extension:quantitativeTypes;1",
           "dtmi:dtdl:extension:historization;1", "dtmi:headworks:twin;1"]

TANK = {
    "@context": CONTEXT, "@id": "dtmi:test:Tank;1", "@type": "Interface", "displayName": "Tank",
    "contents": [
        {"@type": ["Telemetry", "Distance"], "name": "level", "schema": "double",
         "unit": "metre"},
        {"@type": "Property", "name": "area", "schema": "double", "fixed": True},
        {"@type": "Property", "name": "volume", "schema": "double",
         "expression": "level * area"},
        {"@type": "Property", "name": "setpoint", "schema": "double", "writable": True,
         "minimum": 0, "maximum": 5},
        {"@type": "Relationship", "name": "feeds"},
        {"@type": "Command", "name": "flush",
         "request": {"name": "seconds", "schema": "integer"},
         "response": {"name": "flushed", "schema": "boolean"}},
    ]}
SITE = {
    "@context": CONTEXT, "@id": "dtmi:test:Site;1", "@type": "Interface",
    "contents": [
        {"@type": "Relationship", "name": "tanks", "target": "dtmi:test:Tank;1"},
        {"@type": "Property", "name": "stored", "schema": "double",
         "expression": "sum(tanks.volume)"},
        {"@type": "Property", "name": "highest", "schema": "double",
         "expression": "max(tanks.level)"},
    ]}


def quoted(text):
    return urllib.parse.quote(text, safe="")


class TwinCase(ServerCase):
    def ask(self, method, path, body=None, status=200, headers=None):
        text = None if body is None else body if isinstance(body, (str, bytes)) else json.dumps(
            body)
        answer = self.server.request(method, path, text,
                                     {"content-type": "application/json", **(headers or {})})
        self.assertEqual(answer.status, status, answer.text())
        if answer.headers.get("content-type", "").split(";")[0].endswith("json") and answer.body:
            return json.loads(answer.body)
        return answer.text()

    def put_models(self, *models):
        return self.ask("PUT", "/api/v1/twin/models", list(models))

    def put_twin(self, name, model, /, status=(200, 201), **more):
        answer = self.server.request("PUT", "/api/v1/twins/" + quoted(name),
                                     json.dumps({"model": model, **more}),
                                     {"content-type": "application/json"})
        self.assertIn(answer.status, status, answer.text())
        return answer.json()

    def relate(self, source, name, target, status=(200, 201)):
        answer = self.server.request(
            "PUT", f"/api/v1/twins/{quoted(source)}/relationships/{name}/{quoted(target)}")
        self.assertIn(answer.status, status, answer.text())

    def twin(self, name, **query):
        path = "/api/v1/twins/" + quoted(name)
        if query:
            path += "?" + urllib.parse.urlencode(query)
        return self.ask("GET", path)

    def value(self, name, path, **query):
        return self.twin(name, **query)["properties"][path]["value"]

    def write(self, lines):
        """Line protocol; answered when it is on disk."""
        answer = self.server.request("POST", "/write", lines)
        self.assertEqual(answer.status, 204, answer.text())

    def publish(self, topic, payload):
        need("mosquitto_pub")
        subprocess.run(["mosquitto_pub", "-p", str(self.server.mqtt), "-t", topic, "-m",
                        str(payload), "-q", "1"], check=True, timeout=30)

    def sql(self, text):
        return self.ask("POST", "/api/v1/twins/query", {"sql": text, "format": "json"})
