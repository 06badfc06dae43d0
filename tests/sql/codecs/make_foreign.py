"""Writes foreign.txt: messages that other implementations encoded, for src/sql/codecs.

Run by hand where a case is added, with Debian's python3-avro, python3-protobuf and
protobuf-compiler. The numbers come from a seed, so that a run without changes writes the same.
"""

import importlib
import io
import json
import os
import random
import subprocess
import sys
import tempfile

import avro.io
import avro.schema
from google.protobuf import json_format

HERE = os.path.dirname(os.path.abspath(__file__))

AVRO = """{"type": "record", "name": "Sample", "namespace": "water", "fields": [
{"name": "id", "type": "long"},
{"name": "quality", "type": {"type": "enum", "name": "Quality", "symbols": ["GOOD", "BAD"]}},
{"name": "value", "type": ["null", "double", "string"]},
{"name": "history", "type": {"type": "array", "items": "int"}},
{"name": "labels", "type": {"type": "map", "values": "string"}},
{"name": "child", "type": ["null", "Sample"]}]}"""

PROTO = """syntax = "proto3";
package water;
enum Quality { GOOD = 0; BAD = 1; UNKNOWN = 2; }
message Sample {
  int64 id = 1;
  Quality quality = 2;
  oneof reading { double value = 3; string text = 4; }
  repeated sint32 history = 5;
  map<string, string> labels = 6;
  Sample child = 7;
  fixed32 serial = 8;
  bool on = 9;
  repeated float levels = 10;
}"""

WORDS = ["pump", "", "流量", "m³/h", "a\nb", "\"quoted\"", "x" * 200]


def sample(rng, level):
    return {
        "id": rng.choice([0, 1, -1, 2**31, -2**63, 2**53 - 1, rng.randrange(10**9)]),
        "quality": rng.choice(["GOOD", "BAD"]),
        "value": rng.choice([None, rng.random() * 1000, -0.5, rng.choice(WORDS)]),
        "history": [rng.choice([0, -1, 2**31 - 1, -2**31, rng.randrange(100)])
                    for _ in range(rng.randrange(4))],
        "labels": {f"k{i}": rng.choice(WORDS) for i in range(rng.randrange(3))},
        "child": sample(rng, level + 1) if level < 3 and rng.random() < 0.5 else None,
    }


def avro_bytes(schema, value):
    out = io.BytesIO()
    avro.io.DatumWriter(schema).write(value, avro.io.BinaryEncoder(out))
    return out.getvalue()


def to_proto(value):
    """The sample as protobuf's JSON has it, and as our language has it."""
    out = {"id": value["id"], "quality": value["quality"], "history": value["history"],
           "labels": value["labels"], "serial": abs(value["id"]) % 2**32,
           "on": value["id"] > 0, "levels": [n / 8 for n in value["history"][:1] if abs(n) < 100]}
    if isinstance(value["value"], str):
        out["text"] = value["value"]
    elif value["value"] is not None:
        out["value"] = value["value"]
    if value["child"]:
        out["child"] = to_proto(value["child"])
    return out


def main():
    rng = random.Random(4)
    schema = avro.schema.parse(AVRO)
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "water.proto"), "w", encoding="utf-8") as file:
            file.write(PROTO)
        subprocess.run(["protoc", "--python_out", folder, "-I", folder, "water.proto"], check=True)
        sys.path.insert(0, folder)
        water = importlib.import_module("water_pb2")
        with open(os.path.join(HERE, "foreign.txt"), "w", encoding="utf-8") as file:
            file.write("# Written by make_foreign.py. kind, message in hexadecimal digits, value\n")
            for kind, text in (("avro", AVRO), ("protobuf", PROTO)):
                file.write(f"schema {kind} {json.dumps(text)}\n")
            for _ in range(150):
                value = sample(rng, 0)
                encoded = avro_bytes(schema, value)
                file.write(f"avro {encoded.hex()} {json.dumps(value, ensure_ascii=False)}\n")
                proto = to_proto(value)
                message = json_format.ParseDict(proto, water.Sample())
                encoded = message.SerializeToString(deterministic=True)
                file.write(f"protobuf {encoded.hex()} {json.dumps(proto, ensure_ascii=False)}\n")


main()
