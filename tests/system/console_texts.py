"""The Chinese that the console keeps beside the server's own English texts."""

import json
import os

from harness import ROOT

FOLDER = os.path.join(ROOT, "console", "src", "words", "server")
TEXT_MEMBERS = ("help", "title", "label")


def kept(space):
    with open(os.path.join(FOLDER, space + ".json"), encoding="utf-8") as file:
        return json.load(file)


def texts_of(answer, where=""):
    """Each text for people in an answer of the server, with the place it was found first."""
    found = {}
    if isinstance(answer, list):
        parts = [(where, one) for one in answer]
    elif isinstance(answer, dict):
        name = next((str(answer[key]) for key in ("name", "key", "kind", "form") if key in answer),
                    "")
        where = f"{where} {name}".strip()
        parts = [(where, one) for one in answer.values()]
        for member in TEXT_MEMBERS:
            if isinstance(answer.get(member), str) and answer[member]:
                found.setdefault(answer[member], where)
    else:
        parts = []
    for place, part in parts:
        for text, at in texts_of(part, place).items():
            found.setdefault(text, at)
    return found


def is_name(text):
    """Names are the same in every language: "Modbus TCP", "NULL."."""
    return text in ("NULL.", "HTTP", "MQTT", "NATS", "InfluxDB", "ClickHouse", "Apache Kafka",
                    "IEC 60870-5-104", "HJ 212-2017") or text.startswith("Modbus ")


def faults(space, answer):
    """What a person must write: one line for each text without its Chinese."""
    chinese = kept(space)
    return [f"{where}: no Chinese in console/src/words/server/{space}.json for: {text}"
            for text, where in texts_of(answer).items()
            if text not in chinese and not is_name(text)]


def left_over(space, answer):
    """Texts in the file that the server no longer says: it has changed them."""
    said = texts_of(answer)
    return [f"console/src/words/server/{space}.json: the server does not say (any more): {text}"
            for text in kept(space) if text not in said]
