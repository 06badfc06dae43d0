"""A backup taken while readings come in, restored elsewhere, has all that was acknowledged."""

import os
import subprocess
import threading
import unittest

from harness import HEADWORKS, Server, cli, main, until

T0 = 1_700_000_000


class Backup(unittest.TestCase):
    def test_backup_while_running_and_restore(self):
        server = Server()
        self.addCleanup(server.close)
        for batch in range(20):
            lines = "".join(f"b,p=x{i} v={batch} {T0 + batch}\n" for i in range(100))
            self.assertEqual(server.request("POST", "/write?precision=s", lines).status, 204)
            if batch == 9:
                folder = os.path.join(server.folder, "backup")
                done = cli("backup", folder, "--url", f"http://127.0.0.1:{server.http}")
                self.assertEqual(done.returncode, 0, done.stderr)
        server.stop()
        restored = os.path.join(server.folder, "restored")
        done = cli("restore", folder, "--data", restored)
        self.assertEqual(done.returncode, 0, done.stderr)
        again = cli("restore", folder, "--data", restored)
        self.assertNotEqual(again.returncode, 0)
        os.rename(os.path.join(server.folder, "data"), os.path.join(server.folder, "old"))
        os.rename(restored, os.path.join(server.folder, "data"))
        server.start()
        rows = server.samples(filter="b/#", **{"from": T0, "to": T0 + 100})
        self.assertEqual(len(rows), 1000)

    def test_a_folder_serves_once(self):
        server = Server()
        self.addCleanup(server.close)
        second = subprocess.run(
            [HEADWORKS, "serve", "--data", os.path.join(server.folder, "data"), "--set",
             "mqtt.port=0", "--set", "http.port=0"], capture_output=True, text=True, timeout=60,
            check=False)
        self.assertEqual(second.returncode, 5)
        self.assertIn("in use", second.stderr)

    def test_sigterm_drains(self):
        server = Server()
        self.addCleanup(server.close)
        written = server.request("POST", "/write?precision=s", f"d value=1 {T0}")
        self.assertEqual(written.status, 204)
        self.assertEqual(server.stop(), 0)
        server.start()
        self.assertEqual(len(server.samples(point="d", **{"from": T0, "to": T0 + 1})), 1)

    def test_sigterm_answers_writes_under_way(self):
        server = Server("history.commit_interval=500ms")
        self.addCleanup(server.close)
        answers = []

        def write(number):
            lines = "".join(f"w,p=x{number} value={i} {T0 + i}\n" for i in range(100))
            answers.append(server.request("POST", "/write?precision=s", lines).status)

        write(0)
        writers = [threading.Thread(target=write, args=(i,)) for i in range(1, 5)]
        for writer in writers:
            writer.start()
        until(lambda: "headworks_ingest_lines_total 500" in server.get("/metrics").text(),
              "all lines read")
        self.assertEqual(server.stop(), 0)
        for writer in writers:
            writer.join()
        self.assertEqual(answers, [204] * 5)


if __name__ == "__main__":
    main()
