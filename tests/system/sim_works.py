"""A simulated waterworks of its own for a test."""

import os
import shutil
import socket
import subprocess
import tempfile

from harness import BUILD

SIM = os.path.join(BUILD, "headworks-sim")


class Works:
    """A headworks-sim on free ports; its folder lives until close()."""

    def __init__(self, *options):
        self.folder = tempfile.mkdtemp(prefix="headworks-sim-test-")
        self.log = open(os.path.join(self.folder, "sim.log"), "ab")
        ports = [f"--{name}-port=0" for name in ("modbus", "s7", "iec104", "control")]
        self.process = subprocess.Popen([SIM, *ports, *options], stdout=subprocess.PIPE,
                                        stderr=self.log)
        line = self.process.stdout.readline().decode()
        if not line.startswith("sim ready "):
            self.process.wait()
            raise RuntimeError("the works did not start: " + line)
        self.ready = dict(part.split("=", 1) for part in line.split()[2:])

    def port(self, protocol):
        return int(self.ready[protocol])

    def close(self):
        self.process.terminate()
        code = self.process.wait(timeout=30)
        self.process.stdout.close()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        return code

    def ask(self, line):
        """One command on the control channel; the whole answer."""
        with socket.create_connection(("127.0.0.1", self.port("control")), timeout=10) as channel:
            channel.sendall(line.encode() + b"\nquit\n")
            return channel.makefile().read()

    def fault(self, *words):
        """headworks-sim fault; the finished process with its texts."""
        return subprocess.run([SIM, "fault", *words, "--at", self.ready["control"]],
                              capture_output=True, text=True, timeout=30, check=False)
