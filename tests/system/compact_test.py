"""Compacting while readings come in changes what is on disk and nothing of what is read."""

import unittest

from harness import ServerCase, main

T0 = 1_700_000_000


class Compact(ServerCase):
    def test_the_same_samples_before_and_after(self):
        lines = "".join(f"c,p=x{i} v={i + s % 7} {T0 + s}\n" for s in range(300) for i in range(20))
        self.assertEqual(self.server.request("POST", "/write?precision=s", lines).status, 204)
        span = {"filter": "c/#", "from": T0, "to": T0 + 300}
        before = self.server.samples(**span)
        self.assertEqual(len(before), 6000)
        done = self.server.request("POST", "/api/v1/compact")
        self.assertEqual(done.status, 200, done.text())
        self.assertGreater(done.json()["disk_bytes"], 0)
        self.assertEqual(self.server.samples(**span), before)
        late = f"c,p=x0 v=99 {T0 - 5}\n"
        self.assertEqual(self.server.request("POST", "/write?precision=s", late).status, 204)
        self.assertEqual(self.server.request("POST", "/api/v1/compact").status, 200)
        span["from"] = T0 - 10
        self.assertEqual(len(self.server.samples(**span)), 6001)


if __name__ == "__main__":
    main()
