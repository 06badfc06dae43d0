"""Limits of the HTTP server: bodies that drip, and one address that wants all connections."""

import socket
import threading
import unittest

from harness import Server, ServerCase, main, until

HEAD = b"POST /write HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n"
ASK = b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def other_address():
    """An address of this machine that is not loopback; None: it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            return None
        address = one.getsockname()[0]
    return None if address.startswith("127.") else address


def connect(case, address, port):
    connection = socket.create_connection((address, port), timeout=30)
    case.addCleanup(connection.close)
    return connection


class SlowBodies(ServerCase):
    sets = ("http.body_timeout=1s",)

    def test_a_body_that_drips_is_ended(self):
        slow = connect(self, "127.0.0.1", self.server.http)
        slow.sendall(HEAD)
        over = threading.Event()

        def drip():
            try:
                while not over.wait(0.05):
                    slow.sendall(b"x")
            except OSError:
                pass
        writer = threading.Thread(target=drip)
        writer.start()
        try:
            answer = slow.recv(4096)
        finally:
            over.set()
            writer.join()
        self.assertTrue(answer.startswith(b"HTTP/1.1 408 "), answer)
        self.assertIn(b"application/problem+json", answer)
        text = self.server.get("/metrics").text()
        self.assertIn("headworks_io_http_slow_bodies_total 1", text)


class OneAddress(unittest.TestCase):
    @unittest.skipIf(other_address() is None, "this machine has no address but loopback")
    def test_one_address_cannot_take_all(self):
        server = Server("http.host=0.0.0.0", "http.connections_per_address_limit=3")
        self.addCleanup(server.close)
        address = other_address()
        held = [connect(self, address, server.http) for _ in range(3)]
        for one in held:  # so that the server has taken it
            one.sendall(ASK)
            self.assertIn(b" 200 ", one.recv(4096))
        answer = connect(self, address, server.http).recv(4096)
        self.assertTrue(answer.startswith(b"HTTP/1.1 503 "), answer)
        self.assertIn(b"http.connections_per_address_limit", answer)
        # This machine itself has no such limit.
        for _ in range(10):
            one = connect(self, "127.0.0.1", server.http)
            one.sendall(ASK)
            self.assertIn(b" 200 ", one.recv(4096))
        held[0].close()

        def taken():
            one = connect(self, address, server.http)
            try:
                one.sendall(ASK)
                return b" 200 " in one.recv(4096)
            except OSError:
                return False
        until(taken, "that a place is given back")


if __name__ == "__main__":
    main()
