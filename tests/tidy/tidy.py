#!/usr/bin/env python3
"""Reads every file of the repository once and fails on a breach of the house rules.

usage: tidy.py [ROOT]
"""

import sys
from pathlib import Path

from rules import FILE_RULES, TREE_RULES
from source import Finding, read_sources

EXCEPTIONS = "tests/tidy/exceptions.txt"


def find(sources):
    ours = [source for source in sources if source.is_ours]
    for source in sources:
        rules = FILE_RULES if source.is_ours else [
            rule for rule in FILE_RULES if rule.__name__ == "file_bytes"]
        for rule in rules:
            yield from rule(source)
    for rule in TREE_RULES:
        yield from rule(ours)


def except_listed(findings, text):
    """An exception is a line `rule path[:function] reason`; one that is not needed is an error."""
    listed = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = line.split(None, 2)
        if len(parts) < 3:
            yield Finding("exceptions", EXCEPTIONS, number, "not 'rule path[:function] reason'")
            continue
        listed[(parts[0], parts[1])] = number
    used = set()
    for finding in findings:
        place = f"{finding.path}:{finding.name}" if finding.name else finding.path
        if (finding.rule, place) in listed:
            used.add((finding.rule, place))
        else:
            yield finding
    for key in listed.keys() - used:
        yield Finding("exceptions", EXCEPTIONS, listed[key],
                      f"'{key[0]} {key[1]}' is no longer needed; remove it")


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2])
    sources = read_sources(root)
    exceptions = next((source.text for source in sources if source.path == EXCEPTIONS), "")
    findings = list(except_listed(find(sources), exceptions))
    for finding in findings:
        print(finding)
    print(f"{len(sources)} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
