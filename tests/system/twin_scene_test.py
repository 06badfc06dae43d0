"""Scenes as a stranger uses them: REST, the command line, the validator of Khronos, a client."""

import json
import os
import shutil
import struct
import subprocess
import tempfile
import threading

from harness import ROOT, cli, main, until
from javascript import reason_to_skip
from twin_case import TANK, TwinCase, quoted

SYSTEM = os.path.dirname(os.path.abspath(__file__))
EXAMPLE = os.path.join(ROOT, "examples", "waterworks", "scene.json")
SCENE = {
    "format": "headworks-scene/1", "name": "Works",
    "nodes": [
        {"id": "yard", "twin": "works/a", "shape": {"kind": "box", "width": 20, "height": 0.1,
                                                    "depth": 20}},
        {"id": "tank", "parent": "yard", "name": "Tank", "shape": {"kind": "tank"},
         "bindings": [{"kind": "fill", "property": "level", "max": 4},
                      {"kind": "colour", "property": "level",
                       "stops": [[0, "#ff0000"], [2, "#00ff00"]]},
                      {"kind": "label", "property": "volume", "format": "{value:.1f} m3"}]},
    ]}


def glb_json(data):
    """The JSON of a GLB file."""
    magic, version, length = struct.unpack_from("<4sII", data)
    assert (magic, version, length) == (b"glTF", 2, len(data))
    size, = struct.unpack_from("<I", data, 12)
    return json.loads(data[20:20 + size])


def ours(gltf, node_id, part=None):
    """Node and its headworks extras, by the scene's id."""
    for node in gltf["nodes"]:
        extras = node.get("extras", {}).get("headworks", {})
        if part is None and extras.get("id") == node_id:
            return node, extras
        if part is not None and extras.get("of") == node_id and extras.get("part") == part:
            return node, extras
    raise AssertionError(f"no node {node_id} {part or ''}")


class SceneCase(TwinCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="headworks-scene-test-")
        self.addCleanup(shutil.rmtree, self.folder)

    def scene_path(self, site, rest=""):
        return f"/api/v1/twins/{quoted(site)}/scene{rest}"

    def file(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "wb" if isinstance(content, bytes) else "w",
                  **({} if isinstance(content, bytes) else {"encoding": "utf-8"})) as out:
            out.write(content)
        return path

    def run_cli(self, *arguments):
        return cli("twin", "scene", *arguments, "--url", f"http://127.0.0.1:{self.server.http}")

    def validate(self, path):
        reason = reason_to_skip(["gltf-validator"])
        if reason:
            self.skipTest(reason)
        done = subprocess.run(["node", os.path.join(SYSTEM, "gltf_validate.mjs"), path], text=True,
                              capture_output=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)


class Scenes(SceneCase):
    def make(self):
        self.put_models(TANK)
        self.put_twin("works", TANK["@id"])
        self.put_twin("works/a", TANK["@id"], properties={"area": 10})
        self.ask("DELETE", self.scene_path("works"), status=(
            204 if self.server.get(self.scene_path("works")).status == 200 else 404))
        return self.ask("PUT", self.scene_path("works"), SCENE, status=201)

    def test_a_scene_is_kept_edited_and_removed(self):
        made = self.make()
        self.assertEqual((made["revision"], made["nodes"], made["warnings"]), (1, 2, []))
        node = self.scene_path("works", "/nodes/tank")
        changed = self.ask("PATCH", node, {"twin": "works/gone", "shape": {"diameter": 7}})
        self.assertEqual(changed["node"]["shape"], {"kind": "tank", "diameter": 7})
        self.assertEqual(changed["warnings"][0]["field"], "/nodes/1/twin")
        self.ask("PATCH", node, {"twin": None}, headers={"if-match": '"1"'}, status=412)
        self.ask("PATCH", node, {"twin": None}, headers={"if-match": '"2"'})
        self.ask("DELETE", self.scene_path("works", "/nodes/yard"), status=409)
        flaws = self.ask("PUT", node, {"shape": {"kind": "tank", "diametre": 7}}, status=422)
        self.assertIn("did you mean 'diameter'?", flaws["errors"][0]["text"])
        listed = self.ask("GET", "/api/v1/twin/scenes")["items"]
        self.assertEqual([(s["site"], s["revision"]) for s in listed], [("works", 3)])
        audit = self.ask("GET", "/api/v1/audit?action=scene.")["items"]
        self.assertEqual(audit[0]["action"], "scene.node.put")
        self.assertEqual(audit[0]["result"], "invalid_argument")

    def test_a_scene_outlives_a_kill(self):
        self.make()
        self.ask("PATCH", self.scene_path("works", "/nodes/tank"), {"position": [1, 2, 3]})
        before = self.ask("GET", self.scene_path("works"))
        self.server.kill()
        self.server.start()
        self.assertEqual(self.ask("GET", self.scene_path("works")), before)
        self.assertEqual(before["nodes"][1]["position"], [1, 2, 3])

    def test_an_export_shows_the_values_of_now_and_then(self):
        self.make()
        # Values of a time at which the twin was there.
        self.write("works/a level=1")
        until(lambda: self.value("works/a", "level") == 1, "the first level")
        moment = self.twin("works/a")["properties"]["level"]["time"]
        self.write("works/a level=3")
        until(lambda: self.value("works/a", "level") == 3, "the level")
        gltf = self.ask("GET", self.scene_path("works", ".gltf"))
        water, extras = ours(gltf, "tank", "water")
        self.assertAlmostEqual(water["scale"][1], 0.75 * extras["height"])
        tank, extras = ours(gltf, "tank")
        self.assertEqual(extras["labels"], ["30.0 m3"])
        self.assertEqual(extras["live"][0]["value"], 3)
        mesh = gltf["meshes"][tank["mesh"]]
        material = gltf["materials"][mesh["primitives"][0]["material"]]
        self.assertEqual(material["pbrMetallicRoughness"]["baseColorFactor"][:3], [0, 1, 0])
        then = self.server.get(self.scene_path("works", ".glb"), at=moment)
        self.assertEqual(then.status, 200)
        gltf = glb_json(then.body)
        water, extras = ours(gltf, "tank", "water")
        self.assertAlmostEqual(water["scale"][1], 0.25 * extras["height"])
        self.assertEqual(gltf["scenes"][0]["extras"]["headworks"]["at"], moment)

    def test_assets_are_uploaded_placed_and_embedded(self):
        self.make()
        part = self.server.get(self.scene_path("works", ".glb"), live="false").body
        asset = "/api/v1/twin/assets/parts%2Ftank.glb"
        entry = self.ask("PUT", asset, part, status=201)
        self.assertEqual((entry["bytes"], entry["media_type"]), (len(part), "model/gltf-binary"))
        self.assertEqual(self.server.get(asset).body, part)
        broken = bytearray(part)
        broken[-40:] = b"\xff" * 40  # indices of the last mesh
        refused = self.ask("PUT", asset, bytes(broken), status=400)
        self.assertIn("/indices", refused["detail"])
        for name in ("one", "two"):
            self.ask("PUT", self.scene_path("works", "/nodes/" + name),
                     {"shape": {"kind": "asset", "asset": "parts/tank.glb"}}, status=201)
        self.ask("DELETE", asset, status=409)
        whole = self.server.get(self.scene_path("works", ".glb")).body
        names = [node.get("name") for node in glb_json(whole)["nodes"]]
        self.assertEqual(names.count("Tank"), 3)
        report = self.validate(self.file("whole.glb", whole))
        self.assertEqual((report["numErrors"], report["numWarnings"]), (0, 0), report)


class Example(SceneCase):
    def test_the_waterworks_is_sound_for_a_foreign_judge(self):
        done = self.run_cli("check", "bluewater/plant1", EXAMPLE, "--offline")
        self.assertEqual((done.returncode, done.stdout[:7]), (0, "sound: "), done.stderr)
        self.assertNotIn("warning", done.stdout)
        done = self.run_cli("put", "bluewater/plant1", EXAMPLE)
        self.assertEqual(done.returncode, 0, done.stderr)
        # Its twins are not there yet: told, not refused.
        self.assertIn("there is no twin 'bluewater/plant1/intake/pump1'", done.stdout)
        for name, options in (("a.glb", ["--lod", "high"]), ("b.gltf", []),
                              ("c.glb", ["--described", "--lod", "low"])):
            path = os.path.join(self.folder, name)
            done = self.run_cli("export", "bluewater/plant1", path, *options)
            self.assertEqual(done.returncode, 0, done.stderr)
            report = self.validate(path)
            self.assertEqual((report["numErrors"], report["numWarnings"]), (0, 0), report)
            self.assertGreater(report["triangles"], 5_000)

    def test_flaws_are_listed_on_the_command_line(self):
        bad = self.file("bad.json", json.dumps(
            {"format": "headworks-scene/1", "nodes": [{"id": "a", "shape": {"kind": "pomp"}},
                                                      {"id": "b", "parent": "c"}]}))
        for options in (["--offline"], []):
            done = self.run_cli("check", "works", bad, *options)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("/nodes/0/shape/kind", done.stderr)
            self.assertIn("did you mean 'pump'?", done.stderr)
        done = self.run_cli("export", "nowhere", os.path.join(self.folder, "x.glb"))
        self.assertEqual(done.returncode, 3, done.stderr)


class Client(SceneCase):
    """examples/twin/follow.mjs as it lies there, beside the packages of the tests."""

    def follow(self, *options):
        reason = reason_to_skip(["mqtt"])
        if reason:
            self.skipTest(reason)
        shutil.copy(os.path.join(ROOT, "examples", "twin", "follow.mjs"), self.folder)
        os.symlink(os.path.join(SYSTEM, "node_modules"), os.path.join(self.folder, "node_modules"))
        client = subprocess.Popen(
            ["node", os.path.join(self.folder, "follow.mjs"), "--json",
             "--http", f"http://127.0.0.1:{self.server.http}", *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        # Whoever waits for a line that never comes reads the end instead.
        watchdog = threading.Timer(90, client.kill)
        watchdog.start()
        self.addCleanup(watchdog.cancel)
        return client

    def test_it_follows_the_bindings_of_a_scene(self):
        self.put_models(TANK)
        self.put_twin("works/a", TANK["@id"], properties={"area": 10})
        self.ask("PUT", self.scene_path("works"), SCENE, status=201)
        self.write("works/a level=1")
        until(lambda: self.value("works/a", "level") == 1, "the level")
        for url in (f"mqtt://127.0.0.1:{self.server.mqtt}",
                    f"ws://127.0.0.1:{self.server.http}/mqtt"):
            client = self.follow("--mqtt", url, "--site", "works", "--seconds", "0")
            try:
                first = json.loads(client.stdout.readline())
                self.assertEqual((first["event"], first["nodes"], first["bindings"]),
                                 ("scene", 2, 2))
                self.fill_of(client, 0.25)
                self.publish("works/a/level", 3)
                self.fill_of(client, 0.75)
                self.publish("works/a/level", 1)
                self.fill_of(client, 0.25)
            finally:
                client.kill()
                client.communicate()
                os.remove(os.path.join(self.folder, "node_modules"))

    def fill_of(self, client, wanted):
        for line in client.stdout:
            event = json.loads(line)
            if event["event"] == "fill" and event["shown"] == wanted:
                self.assertEqual(event["node"], "tank")
                return
        raise AssertionError("the client ended: " + client.stderr.read())

    def test_it_sets_a_desired_value_and_waits_for_it(self):
        self.put_models(TANK)
        self.put_twin("works/b", TANK["@id"], properties={"area": 10})
        # A device that reports what it is told, as an MQTT device would.
        client = self.follow("--set", "works/b", "setpoint", "2.5", "--wait", "30")
        until(lambda: self.server.get(
            f"/api/v1/twins/{quoted('works/b')}/desired/setpoint").status == 200, "the order")
        self.publish("works/b/setpoint", 2.5)
        out, errors = client.communicate(timeout=60)
        self.assertEqual(client.returncode, 0, out + errors)
        self.assertEqual(json.loads(out)["state"], "applied")


if __name__ == "__main__":
    main()
