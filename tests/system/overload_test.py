"""More readings than the disk is allowed to take: publishers are paused, memory stays bounded,
everything acknowledged is kept and nothing is dropped."""

import json
import re

from harness import ServerCase, cli, main


class Overload(ServerCase):
    # A long interval between syncs and a short queue stand for a slow disk.
    sets = ("history.commit_interval=1s", "history.commit_bytes=1GiB",
            "history.queue_bytes_limit=1MiB")

    def figure(self, name):
        return float(re.search(rf"^{name} (\S+)$", self.server.get("/metrics").text(),
                               re.MULTILINE).group(1))

    def test_publishers_are_paused_and_nothing_is_lost(self):
        done = cli("bench", "mqtt", "--broker", f"mqtt://127.0.0.1:{self.server.mqtt}", "--mode",
                   "ingest", "-q", "1", "--window", "500000", "--inflight", "5000", "--warmup",
                   "0", "--seconds", "6", "--topic", "over", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        report = json.loads(done.stdout)
        self.assertGreater(self.figure("headworks_broker_publisher_pauses_total"), 0)
        kept = sum(point["count"] for point in self.server.points("over/#").values())
        self.assertGreaterEqual(kept, report["acknowledged"])
        self.assertGreater(report["acknowledged"], 0)
        dropped = [line for line in self.server.get("/metrics").text().splitlines()
                   if line.startswith("headworks_broker_messages_dropped_total")]
        self.assertTrue(all(line.endswith(" 0") for line in dropped), dropped)
        with open(f"/proc/{self.server.process.pid}/status", encoding="utf-8") as file:
            peak = int(re.search(r"VmHWM:\s+(\d+) kB", file.read()).group(1))
        self.assertLess(peak, 200 << 10)


if __name__ == "__main__":
    main()
