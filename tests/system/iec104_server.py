#!/usr/bin/env python3
"""An IEC 60870-5-104 outstation that others wrote, for tests: points of every type, and commands.

usage: iec104_server.py [--port PORT] [--host HOST]

Prints "ready" when it listens, then a line for each command and clock synchronisation:
    command STATION OBJECT TYPE VALUE
    clock TIME
Lines on the standard input change a point and report it:
    STATION OBJECT VALUE [invalid|blocked|substituted|nontopical|overflow]
The end of the input ends it. Needs the package c104 (PyPI); exits with 77, which is a skipped test,
where that cannot be imported.
"""

import argparse
import datetime
import sys

try:
    import c104
except ImportError as error:
    print(f"skipped: the package c104 is not there ({error}); pip install c104")
    sys.exit(77)

MONITORED = (
    # station, object, type, first value
    (1, 100, "M_SP_NA_1", 1),
    (1, 101, "M_DP_NA_1", 2),
    (1, 102, "M_ST_NA_1", -5),
    (1, 103, "M_BO_NA_1", 0x12345678),
    (1, 104, "M_ME_NA_1", 0.5),
    (1, 105, "M_ME_NB_1", -1234),
    (1, 106, "M_ME_NC_1", 12.5),
    (1, 107, "M_IT_NA_1", 4711),
    (1, 108, "M_PS_NA_1", 5),
    (1, 109, "M_ME_ND_1", -0.25),
    (1, 110, "M_SP_TB_1", 0),
    (1, 111, "M_DP_TB_1", 1),
    (1, 112, "M_ST_TB_1", 7),
    (1, 113, "M_BO_TB_1", 1),
    (1, 114, "M_ME_TD_1", 0.75),
    (1, 115, "M_ME_TE_1", 321),
    (1, 116, "M_ME_TF_1", -2.25),
    (1, 117, "M_IT_TB_1", 99),
    (2, 100, "M_ME_NC_1", 20.5),
)
COMMANDS = (
    # station, object, type, selected first, the object that shows the effect
    (1, 200, "C_SC_NA_1", False, 100),
    (1, 201, "C_DC_NA_1", False, 101),
    (1, 202, "C_RC_NA_1", False, None),
    (1, 203, "C_SE_NA_1", False, 104),
    (1, 204, "C_SE_NB_1", False, 105),
    (1, 205, "C_SE_NC_1", False, 106),
    (1, 206, "C_BO_NA_1", False, 103),
    (1, 210, "C_SC_NA_1", True, 100),
    (1, 211, "C_SE_NC_1", True, 106),
    (1, 220, "C_SE_TC_1", False, 106),
    (2, 200, "C_SE_NC_1", False, 100),
)
# Commands with this value are refused, whatever they are sent to.
REFUSED = 13
QUALITIES = {
    "invalid": "Invalid",
    "blocked": "Blocked",
    "substituted": "Substituted",
    "nontopical": "NonTopical",
    "overflow": "Overflow",
}


def information(kind, value, quality):
    """The value as c104 wants it for a type of that kind ("SP", "ME_NC", ...)."""
    family, form = kind.split("_")[1:3]
    if family == "SP":
        return c104.SingleInfo(on=bool(value), quality=quality)
    if family == "DP":
        return c104.DoubleInfo(state=c104.Double(int(value)), quality=quality)
    if family == "ST":
        return c104.StepInfo(c104.Int7(int(value)), False, quality)
    if family == "BO":
        return c104.BinaryInfo(c104.Byte32(int(value).to_bytes(4, "little")), quality)
    if family == "PS":
        return c104.StatusAndChanged(status=c104.PackedSingle(int(value)),
                                     changed=c104.PackedSingle(0), quality=quality)
    if family == "IT":
        return c104.BinaryCounterInfo(int(value), c104.UInt5(1), c104.BinaryCounterQuality())
    if form in ("NA", "TD", "ND"):
        return c104.NormalizedInfo(actual=c104.NormalizedFloat(value), quality=quality)
    if form in ("NB", "TE"):
        return c104.ScaledInfo(actual=c104.Int16(int(value)), quality=quality)
    return c104.ShortInfo(actual=value, quality=quality)


def say(*words):
    print(*words, flush=True)


def number(value):
    """A c104 value as a plain number."""
    if isinstance(value, c104.Byte32):
        return int.from_bytes(bytes(value), "little")
    return float(value.value if hasattr(value, "value") else value)


class Outstation:
    def __init__(self, host, port):
        self.server = c104.Server(ip=host, port=port, tick_rate_ms=50)
        self.server.on_clock_sync(callable=self.on_clock)
        self.points = {}
        self.effects = {}
        for station, address, kind, value in MONITORED:
            point = self.station(station).add_point(io_address=address,
                                                    type=getattr(c104.Type, kind))
            point.info = information(kind, value, c104.Quality())
            self.points[(station, address)] = (point, kind)
        for station, address, kind, selected, effect in COMMANDS:
            mode = c104.CommandMode.SELECT_AND_EXECUTE if selected else c104.CommandMode.DIRECT
            point = self.station(station).add_point(
                io_address=address, type=getattr(c104.Type, kind), command_mode=mode)
            point.on_receive(callable=self.on_command)
            if effect is not None:
                self.effects[(station, address)] = (station, effect)

    def station(self, address):
        return (self.server.get_station(common_address=address)
                or self.server.add_station(common_address=address))

    def on_clock(self, server: c104.Server, ip: str,
                 date_time: datetime.datetime) -> c104.ResponseState:
        say("clock", date_time.isoformat())
        return c104.ResponseState.SUCCESS

    def on_command(self, point: c104.Point, previous_info: c104.Information,
                   message: c104.IncomingMessage) -> c104.ResponseState:
        key = (point.station.common_address, point.io_address)
        value = number(point.value)
        say("command", *key, point.type.name, f"{value:g}")
        if value == REFUSED:
            return c104.ResponseState.FAILURE
        if key in self.effects:
            self.change(*self.effects[key], value)
        return c104.ResponseState.SUCCESS

    def change(self, station, address, value, quality=c104.Quality()):
        point, kind = self.points[(station, address)]
        point.info = information(kind, value, quality)
        point.transmit(cause=c104.Cot.SPONTANEOUS)

    def run(self):
        self.server.start()
        say("ready")
        for line in sys.stdin:
            words = line.split()
            if not words:
                continue
            try:
                quality = c104.Quality()
                if len(words) > 3:
                    quality = getattr(c104.Quality, QUALITIES[words[3]])
                self.change(int(words[0]), int(words[1]), float(words[2]), quality)
            except (KeyError, IndexError, ValueError) as error:
                say("wrong", repr(error))
        self.server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=2404)
    options = parser.parse_args()
    Outstation(options.host, options.port).run()


if __name__ == "__main__":
    main()
