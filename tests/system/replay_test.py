"""Recorded data in through a real connection, out through the API: the same values."""

import csv
import glob
import os
import unittest

from harness import DATA, ServerCase, cli, main

SKAB = sorted(glob.glob(os.path.join(DATA, "skab", "*", "*.csv")))


@unittest.skipUnless(SKAB, f"no SKAB data under {DATA}")
class Replay(ServerCase):
    def test_every_skab_file(self):
        for path in SKAB:
            name = os.path.relpath(path, os.path.join(DATA, "skab"))[:-4]
            done = cli("replay", path, "--prefix", f"skab/{name}", "--time-column", "datetime",
                       "--delimiter", ";", "--skip", "anomaly,changepoint", "--speed", "max",
                       "--qos", "1", "--broker", f"mqtt://127.0.0.1:{self.server.mqtt}")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.compare(path, f"skab/{name}")

    def compare(self, path, prefix):
        expected = {}
        with open(path, encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file, delimiter=";"):
                when = row.pop("datetime").replace(" ", "T") + "Z"
                for column, cell in row.items():
                    if column not in ("anomaly", "changepoint") and cell:
                        expected[f"{prefix}/{column}", when] = float(cell)
        rows = self.server.samples(filter=f"{prefix}/#", limit=1000000,
                                   **{"from": "2020-01-01T00:00:00Z", "to": "now"})
        self.assertEqual(len(rows), len(expected))
        found = {(row["point"], row["time"]): row["value"] for row in rows}
        self.assertEqual(found, expected)


if __name__ == "__main__":
    main()
