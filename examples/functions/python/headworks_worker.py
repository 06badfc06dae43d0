"""Functions of one's own for Headworks' SQL, in Python. See docs/user_functions.md.

    import headworks_worker as headworks

    @headworks.function(help="The sum in the unit of its parts.")
    def total(a, b=0):
        return a + b

    headworks.run("sums")

Arguments come as None, bool, int, float, str, bytes, datetime, list and dict; the same go back. An
exception makes the row fail with its text. print() writes to the server's log.
"""

import base64
import datetime
import inspect
import json
import os
import struct
import sys

PROTOCOL = 1
_functions = {}


def function(name=None, help="", signature=None, nulls=False, pure=False):
    """Offers a function of the SQL. With nulls=False it is not asked where an argument is null."""

    def offer(code):
        called = name or code.__name__
        parameters = [p for p in inspect.signature(code).parameters.values()]
        plain = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        endless = any(p.kind == p.VAR_POSITIONAL for p in parameters)
        least = sum(p.default is p.empty for p in plain)
        shown = signature or "%s(%s)" % (called, ", ".join(p.name for p in parameters))
        _functions[called] = code, {
            "name": called, "signature": shown, "help": help or (code.__doc__ or "").strip(),
            "least": least, "most": 255 if endless else len(plain), "nulls": nulls, "pure": pure}
        return code

    return offer


def _unmarked(member):
    if len(member) == 1:
        if isinstance(member.get("$bytes"), str):
            return base64.b64decode(member["$bytes"])
        if isinstance(member.get("$time"), str):
            return datetime.datetime.fromisoformat(member["$time"].replace("Z", "+00:00"))
    return member


def _marked(value):
    if isinstance(value, (bytes, bytearray)):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            value = value.replace(tzinfo=datetime.timezone.utc)
        return {"$time": value.isoformat()}
    raise TypeError("a %s cannot be an answer" % type(value).__name__)


def _answer(call):
    try:
        code = _functions[call["function"]][0]
        value = code(*call["arguments"])
        # By itself, so that an answer which is not JSON fails its call alone.
        return '{"id":%d,"value":%s}' % (call["id"],
                                         json.dumps(value, default=_marked, allow_nan=False))
    except Exception as error:
        text = str(error) or type(error).__name__
        return '{"id":%d,"error":%s}' % (call["id"], json.dumps(text[:1000]))


def _read(stream, size):
    data = stream.read(size)
    if len(data) < size:
        sys.exit(0)  # the server closed it
    return data


def run(name):
    """Serves the functions until the server ends."""
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the functions print goes to the log, not among the frames

    def send(text):
        data = text.encode()
        sink.write(struct.pack(">I", len(data)) + data)
        sink.flush()

    while True:
        size, = struct.unpack(">I", _read(source, 4))
        frame = json.loads(_read(source, size), object_hook=_unmarked)
        if frame["type"] == "hello":
            send(json.dumps({"type": "hello", "protocol": PROTOCOL, "name": name,
                             "functions": [info for _, info in _functions.values()]}))
        elif frame["type"] == "call":
            send('{"type":"result","results":[%s]}' % ",".join(map(_answer, frame["calls"])))
