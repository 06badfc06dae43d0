"""HJ 212-2017: stations written after the standard report to a device that listens."""

import re
import os
import socket

from device_case import DeviceCase, free_port, tag
from harness import main, until

EXAMPLE = ("QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;"
           "CP=&&RtdInterval=30&&")  # of the standard, with the CRC 1C80
MN1, MN2 = "010000A8900016F000169DC0", "010000A8900016F000169DC1"
ANSWER, SPLIT, VERSION_2017 = 1, 2, 4


def crc(data):
    """Appendix A: the register moves down by eight bits before each byte goes in."""
    register = 0xFFFF
    for byte in data:
        register = (register >> 8) ^ byte
        for _ in range(8):
            register = (register >> 1) ^ 0xA001 if register & 1 else register >> 1
    return register


def framed(segment):
    data = segment.encode("ascii")
    return b"##%04d%s%04X\r\n" % (len(data), data, crc(data))


class Station:
    """A data logger with a connection to the centre."""

    def __init__(self, port, name, password="123456"):
        self.name = name
        self.password = password
        self.number = 0
        self.pending = b""
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)

    def close(self):
        self.socket.close()

    def packet(self, command, parameters, flag=ANSWER | VERSION_2017, parts=""):
        """The QN and the bytes of a packet."""
        self.number += 1
        request = f"20260301120000{self.number:03}"
        return request, framed(f"QN={request};ST=32;CN={command};PW={self.password};"
                               f"MN={self.name};Flag={flag};{parts}CP=&&{parameters}&&")

    def answer(self):
        """The fields of the next packet from the centre, after its length and CRC are checked."""
        while b"\r\n" not in self.pending:
            more = self.socket.recv(4096)
            if not more:
                raise AssertionError("the centre closed the connection")
            self.pending += more
        line, self.pending = self.pending.split(b"\r\n", 1)
        data = line[6:-4]
        if line[:6] != b"##%04d" % len(data) or int(line[-4:], 16) != crc(data):
            raise AssertionError(f"a wrong packet: {line}")
        return dict(re.findall(r"(\w+)=(&&.*?&&|[^;]*)", data.decode("ascii")))

    def report(self, command, parameters, **options):
        request, data = self.packet(command, parameters, **options)
        self.socket.sendall(data)
        answer = self.answer()
        if answer["QN"] != request:
            raise AssertionError(f"the answer is to {answer['QN']}, not {request}")
        return answer


class Hj212(DeviceCase):
    def make(self, name, addresses, **settings):
        """Makes the device; its port."""
        port = free_port()
        self.create(name, "hj212", {"listen_port": port, **settings},
                    [tag(one, address, kind) for one, address, kind in addresses], wait=False)
        until(lambda: self.state(name)["link"] == "listening", "a listener")
        return port

    def connect(self, port, name=MN1, **options):
        station = Station(port, name, **options)
        self.addCleanup(station.close)
        return station

    def test_the_crc_is_the_standards(self):
        self.assertEqual(framed(EXAMPLE), f"##0101{EXAMPLE}1C80\r\n".encode("ascii"))

    def test_reports_become_points_with_their_time(self):
        port = self.make("hj/reports", [
            ("cod", "RT!w01018-Rtd", "double"), ("cod_flag", "RT!w01018-Flag", "string"),
            ("ph", "RT!w01001-Rtd", "float"), ("time", "RT!DataTime", "string"),
            ("avg", "MIN!w01018-Avg", "double"), ("max", "MIN!w01018-Max", "double"),
            ("cou", "HOUR!w01018-Cou", "double"), ("day", "DAY!w01018-Avg", "double")])
        station = self.connect(port)
        answer = station.report(2011, "DataTime=20260301120000;"
                                      "w01018-Rtd=24.1,w01018-Flag=N;"
                                      "w01001-SampleTime=20260301115930,w01001-Rtd=7.25,"
                                      "w01001-Flag=N")
        self.assertEqual((answer["ST"], answer["CN"], answer["MN"], answer["CP"]),
                         ("91", "9014", MN1, "&&&&"))
        self.assertEqual(int(answer["Flag"]) & (ANSWER | VERSION_2017), VERSION_2017)
        # Local time is eight hours ahead of UTC.
        self.assertEqual(self.wait_for("hj/reports/cod", 24.1)["time"], "2026-03-01T04:00:00Z")
        self.assertEqual(self.wait_for("hj/reports/ph", 7.25)["time"], "2026-03-01T03:59:30Z")
        self.wait_for("hj/reports/cod_flag", "N")
        self.wait_for("hj/reports/time", "20260301120000")
        answer = station.report(2051, "DataTime=20260301115000;w01018-Min=20,w01018-Avg=22.5,"
                                      "w01018-Max=25.5,w01018-Flag=N")
        self.assertEqual(answer["CN"], "9014")
        self.assertEqual(self.wait_for("hj/reports/avg", 22.5)["time"], "2026-03-01T03:50:00Z")
        self.wait_for("hj/reports/max", 25.5)
        station.report(2061, "DataTime=20260301110000;w01018-Cou=120.5,w01018-Flag=N")
        self.assertEqual(self.wait_for("hj/reports/cou", 120.5)["time"], "2026-03-01T03:00:00Z")
        station.report(2031, "DataTime=20260228000000;w01018-Avg=21.5,w01018-Flag=N")
        self.assertEqual(self.wait_for("hj/reports/day", 21.5)["time"], "2026-02-27T16:00:00Z")
        state = self.state("hj/reports")
        self.assertEqual((state["link"], state["tags_bad"]), ("connected", 0))

    def test_flags_are_qualities(self):
        port = self.make("hj/flags", [("cod", "RT!w01018-Rtd", "double")])
        station = self.connect(port)
        for second, (flag, quality) in enumerate((
                ("N", "good"), ("M", "bad.out_of_service"), ("D", "bad.sensor_failure"),
                ("B", "bad.communication"), ("S", "uncertain.substitute"),
                ("T", "uncertain.engineering_units_exceeded"), ("F", "bad.out_of_service"),
                ("C", "bad.out_of_service"), ("N", "good"))):
            station.report(2011, f"DataTime=202603011200{second:02};w01018-Rtd={second}.5,"
                                 f"w01018-Flag={flag}")
            point = self.wait_for("hj/flags/cod", second + 0.5, quality)
            self.assertEqual(point["time"], f"2026-03-01T04:00:{second:02}Z")

    def test_a_report_in_several_packets_and_pieces(self):
        port = self.make("hj/split", [("cod", "RT!w01018-Rtd", "double"),
                                      ("nh3", "RT!w21003-Rtd", "double")])
        station = self.connect(port)
        flag = ANSWER | SPLIT | VERSION_2017
        # The QN is the same in each packet of a report.
        answers = []
        for part, parameters in ((1, "DataTime=20260301120000;w01018-Rtd=1.5,w01018-Flag=N"),
                                 (2, "DataTime=20260301120000;w21003-Rtd=2.5,w21003-Flag=N")):
            station.number = 0
            answers.append(station.report(2011, parameters, flag=flag,
                                          parts=f"PNUM=2;PNO={part};"))
        self.assertEqual([one["CN"] for one in answers], ["9014", "9014"])
        self.wait_for_all("hj/split", {"cod": 1.5, "nh3": 2.5})
        # A modem greets, and TCP cuts where it likes.
        _, data = station.packet(2011, "DataTime=20260301120100;w01018-Rtd=3.5,w01018-Flag=N")
        station.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in (b"AT+OK\r\n", data[:1], data[1:5], data[5:60], data[60:-3], data[-3:]):
            station.socket.sendall(piece)
        self.assertEqual(station.answer()["CN"], "9014")
        self.wait_for("hj/split/cod", 3.5)
        # Two packets at once have two answers.
        _, one = station.packet(2011, "DataTime=20260301120200;w01018-Rtd=4.5,w01018-Flag=N")
        _, two = station.packet(9015, "")
        station.socket.sendall(one + two)
        self.assertEqual([station.answer()["CN"], station.answer()["CN"]], ["9014", "9013"])
        self.wait_for("hj/split/cod", 4.5)

    def test_a_wrong_crc_is_sent_again(self):
        port = self.make("hj/crc", [("cod", "RT!w01018-Rtd", "double")])
        station = self.connect(port)
        station.report(2011, "DataTime=20260301120000;w01018-Rtd=1.5,w01018-Flag=N")
        self.wait_for("hj/crc/cod", 1.5)
        _, damaged = station.packet(2011, "DataTime=20260301120100;w01018-Rtd=9.5,w01018-Flag=N")
        station.socket.sendall(damaged.replace(b"Rtd=9.5", b"Rtd=8.5"))
        # The next answer is to the next packet: the damaged one has none.
        station.report(2011, "DataTime=20260301120200;w01018-Rtd=2.5,w01018-Flag=N")
        self.wait_for("hj/crc/cod", 2.5)
        values = [row["value"] for row in self.server.samples(
            point="hj/crc/cod", **{"from": "2026-03-01T03:00:00Z", "to": "2026-03-01T05:00:00Z"})]
        self.assertEqual(values, [1.5, 2.5])
        self.assertEqual(self.state("hj/crc")["connections"], 1)

    def test_another_password_is_neither_taken_nor_answered(self):
        secret = os.path.join(self.server.folder, "password")
        with open(secret, "w", encoding="ascii") as file:
            file.write("right0\n")
        port = self.make("hj/secret", [("cod", "RT!w01018-Rtd", "double")], password_file=secret)
        stranger = self.connect(port, password="wrong0")
        _, data = stranger.packet(2011, "DataTime=20260301120000;w01018-Rtd=9.5,w01018-Flag=N")
        stranger.socket.sendall(data)
        until(lambda: self.state("hj/secret")["received_bytes"] >= len(data), "its packet")
        friend = self.connect(port, password="right0")
        friend.report(2011, "DataTime=20260301120000;w01018-Rtd=1.5,w01018-Flag=N")
        self.wait_for("hj/secret/cod", 1.5)
        stranger.socket.setblocking(False)
        with self.assertRaises(BlockingIOError):
            stranger.socket.recv(100)
        self.assertNotIn("right0", self.server.log_text())

    def test_two_stations_and_one_that_goes(self):
        port = self.make("hj/two", [
            ("one", f"{MN1}@RT!w01018-Rtd", "double"), ("two", f"{MN2}@RT!w01018-Rtd", "double")],
            station_timeout="2s")
        first, second = self.connect(port, MN1), self.connect(port, MN2)
        first.report(2011, "DataTime=20260301120000;w01018-Rtd=1.5,w01018-Flag=N")
        second.report(2011, "DataTime=20260301120000;w01018-Rtd=2.5,w01018-Flag=N")
        self.wait_for_all("hj/two", {"one": 1.5, "two": 2.5})
        self.assertTrue(self.unit("hj/two", MN1)["up"] and self.unit("hj/two", MN2)["up"])
        self.assertEqual(self.state("hj/two")["connections"], 2)
        second.close()

        def gone():
            first.report(9015, "")
            return self.server.points("hj/two/two")["hj/two/two"]["quality"] != "good"
        until(gone, "the silence of the second")
        self.wait_for("hj/two/two", 2.5, "bad.timeout")
        self.assertFalse(self.unit("hj/two", MN2)["up"])
        # The first only had its heartbeats to say.
        self.wait_for("hj/two/one", 1.5)
        self.assertTrue(self.unit("hj/two", MN1)["up"])
        again = self.connect(port, MN2)
        # Without times of its own its values have the time of arrival.
        again.report(2011, "w01018-Rtd=3.5,w01018-Flag=N")
        self.wait_for("hj/two/two", 3.5)
        self.assertTrue(self.unit("hj/two", MN2)["up"])


if __name__ == "__main__":
    main()
