#!/usr/bin/env python3
"""Fails on an include that points up src/layers.txt, and on a room whose DEPENDS list in
src/CMakeLists.txt is not just what its files include.

usage: layers.py [ROOT]
"""

import re
import sys
from pathlib import Path

from rules import room_names
from source import Finding, read_sources

CMAKE_PATH = "src/CMakeLists.txt"
KEYWORDS = {"DEPENDS", "LIBRARIES", "TEST_DEPENDS", "TEST_LIBRARIES"}


def room_of(path, rooms):
    """The room that a path from the root of src/ lies in, or None."""
    folder = path.rpartition("/")[0]
    return folder if folder in rooms else None


def includes(source):
    for number, line in enumerate(source.lines, 1):
        match = re.match(r'\s*#\s*include\s*"([^"]+)"', line)
        if match:
            yield number, match.group(1)


def room_files(sources, rooms):
    for source in sources:
        if source.is_cpp and source.path.startswith("src/"):
            room = room_of(source.path[len("src/"):], rooms)
            if room:
                yield source, room


def upward(sources):
    rooms = room_names(sources)
    for source, room in room_files(sources, rooms):
        for number, path in includes(source):
            other = room_of(path, rooms)
            if other is None:
                yield Finding("layers", source.path, number,
                              f'"{path}" is in no room of src/layers.txt')
            elif rooms.index(other) > rooms.index(room):
                yield Finding("layers", source.path, number,
                              f"{room} may not include {other}, which lies above it in "
                              "src/layers.txt; hand it in through an interface")


def declared(cmake):
    """{room: {keyword: [rooms or libraries]}} of the headworks_room() calls."""
    calls = {}
    text = re.sub(r"#[^\n]*", "", cmake)
    for match in re.finditer(r"\bheadworks_room\s*\(([^)]*)\)", text):
        words = match.group(1).split()
        lists = {keyword: [] for keyword in KEYWORDS}
        current = None
        for word in words[1:]:
            if word in KEYWORDS:
                current = word
            elif current:
                lists[current].append(word)
        calls[words[0]] = lists
    return calls


def links(sources):
    rooms = room_names(sources)
    cmake = next((source.text for source in sources if source.path == CMAKE_PATH), "")
    calls = declared(cmake)
    used = {room: {False: set(), True: set()} for room in rooms}
    for source, room in room_files(sources, rooms):
        is_main = source.path.endswith("/main.cpp")
        for _, path in includes(source):
            other = room_of(path, rooms)
            if other and other != room:
                used[room][source.is_test or is_main].add(other)
    populated = {room for _, room in room_files(sources, rooms)}
    for room in rooms:
        if room not in populated:
            continue
        if room not in calls:
            yield Finding("links", CMAKE_PATH, 1, f"room {room} is not declared")
            continue
        depends = set(calls[room]["DEPENDS"])
        test_depends = set(calls[room]["TEST_DEPENDS"])
        missing = used[room][False] - depends
        for other in sorted(missing):
            yield Finding("links", CMAKE_PATH, 1, f"{room} includes {other}; add it to DEPENDS")
        for other in sorted(used[room][True] - depends - test_depends - missing):
            yield Finding("links", CMAKE_PATH, 1,
                          f"tests of {room} include {other}; add it to TEST_DEPENDS")
        for other in sorted(depends - used[room][False] - used[room][True]):
            yield Finding("links", CMAKE_PATH, 1,
                          f"{room} does not include {other}; take it out of DEPENDS")
    for room in calls:
        if room not in rooms:
            yield Finding("links", CMAKE_PATH, 1, f"room {room} is not in src/layers.txt")


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2])
    sources = read_sources(root)
    findings = [*upward(sources), *links(sources)]
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
