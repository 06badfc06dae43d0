"""A full disk: a clear state, nothing acknowledged that is not kept, service again with room.

Needs the right to mount a small file system of its own; skips with the reason where it may not.
"""

import os
import subprocess
import tempfile
import unittest

from harness import Server, main, need, until

T0 = 1_700_000_000


class DiskFull(unittest.TestCase):
    def setUp(self):
        self.mount = tempfile.mkdtemp(prefix="headworks-full-")
        done = subprocess.run(
            [need("mount"), "-t", "tmpfs", "-o", "size=96m", "headworks-test", self.mount],
            capture_output=True, text=True, check=False)
        if done.returncode != 0:
            os.rmdir(self.mount)
            raise unittest.SkipTest("may not mount a tmpfs: " + done.stderr.strip())
        self.addCleanup(lambda: (subprocess.run(["umount", "-l", self.mount], check=False),
                                 os.rmdir(self.mount)))

    def test_full_then_room_again(self):
        server = Server("history.disk_reserve_bytes=16MiB", folder=self.mount)
        self.addCleanup(server.close)
        ballast = os.path.join(self.mount, "ballast")

        def write(second):
            lines = "".join(f"f,p=x{i} v={second}.5 {T0 + second}\n" for i in range(5000))
            return server.request("POST", "/write?precision=s", lines)

        self.assertEqual(write(0).status, 204)
        free = os.statvfs(self.mount)
        with open(ballast, "wb") as file:
            file.write(b"\0" * (free.f_bavail * free.f_frsize - (8 << 20)))
        kept = 1
        for second in range(1, 400):
            answer = write(second)
            if answer.status != 204:
                break
            kept += 1
        self.assertEqual(answer.status, 503, "the disk never counted as full")
        self.assertIn("disk", answer.text())
        ready = server.get("/readyz")
        self.assertEqual(ready.status, 503)
        self.assertIn("full", ready.text())
        self.assertEqual(server.get("/livez").status, 200)
        refused = subprocess.run(
            [need("mosquitto_pub"), "-p", str(server.mqtt), "-V", "mqttv5", "-q", "1", "-t",
             "full/x", "-m", "1", "-d"], capture_output=True, text=True, timeout=60, check=False)
        self.assertIn("rc151", (refused.stdout + refused.stderr).replace(" ", "").lower()
                      .replace("rc:151", "rc151"))
        os.remove(ballast)
        until(lambda: server.get("/readyz").status == 200, "ready again")
        self.assertEqual(write(1000).status, 204)
        rows = server.samples(filter="f/#", limit=1000000,
                              **{"from": T0, "to": T0 + 999})
        self.assertEqual(len(rows), kept * 5000)
        self.assertNotIn("full/x", server.points())


if __name__ == "__main__":
    main()
