"""Modbus servers of pymodbus for tests, each in a thread, and a cable for serial ones."""

import asyncio
import logging
import os
import pty
import select
import threading
import tty

try:
    from pymodbus.datastore import (ModbusSequentialDataBlock, ModbusServerContext,
                                    ModbusSlaveContext)
    from pymodbus.server.async_io import ModbusTcpServer
    MISSING = None
except ImportError as error:
    MISSING = f"pymodbus 3 with pyserial is not installed ({error}): apt install python3-pymodbus"

# Their servers tell of each link that we close.
logging.disable(logging.ERROR)

COILS, DISCRETES, HOLDING, INPUTS = 1, 2, 3, 4  # pymodbus chooses the area by the function
REGISTERS = 200


class Cable:
    """Two serial ports that are joined: what is written to one is read from the other."""

    def __init__(self):
        pairs = [pty.openpty(), pty.openpty()]
        self.masters = [master for master, _ in pairs]
        self.slaves = [slave for _, slave in pairs]
        for slave in self.slaves:
            tty.setraw(slave)
        self.ends = [os.ttyname(slave) for slave in self.slaves]
        self.wake = os.pipe()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        here, there = self.masters
        while True:
            ready, _, _ = select.select([here, there, self.wake[0]], [], [])
            if self.wake[0] in ready:
                return
            for one in ready:
                os.write(there if one == here else here, os.read(one, 4096))

    def close(self):
        os.write(self.wake[1], b"x")
        self.thread.join(10)
        for one in (*self.masters, *self.slaves, *self.wake):
            os.close(one)


class Units:
    """The data of some Modbus units, by pymodbus; any of them can be silent."""

    def __init__(self, numbers=(1,)):
        def block():
            return ModbusSequentialDataBlock(0, [0] * REGISTERS)
        self.all = {number: ModbusSlaveContext(co=block(), di=block(), hr=block(), ir=block(),
                                               zero_mode=True) for number in numbers}
        self.context = ModbusServerContext(slaves=dict(self.all), single=False)

    def silence(self, number):
        del self.context[number]

    def revive(self, number):
        self.context[number] = self.all[number]

    def set(self, area, start, values, unit=1):
        self.all[unit].setValues(area, start, list(values))

    def get(self, area, start, count=1, unit=1):
        return list(self.all[unit].getValues(area, start, count))


class Plc:
    """A server of pymodbus in a thread of its own."""

    def __init__(self, units, make):
        self.units = units
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self.loop.run_until_complete,
                                       args=(self.serve(make),), daemon=True)
        self.thread.start()
        if not self.ready.wait(20):
            raise RuntimeError("the server of pymodbus did not start")

    async def serve(self, make):
        self.stopped = asyncio.Event()
        server = make(self.units.context)
        if isinstance(server, ModbusTcpServer):
            task = asyncio.ensure_future(server.serve_forever())
            await server.serving
            self.port = server.server.sockets[0].getsockname()[1]
        else:
            await server.start()
            task = asyncio.ensure_future(server.serve_forever())
        self.ready.set()
        await self.stopped.wait()
        await server.shutdown()
        task.cancel()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for one in others:
            one.cancel()
        await asyncio.wait(others, timeout=10)

    def close(self):
        self.loop.call_soon_threadsafe(self.stopped.set)
        self.thread.join(20)
        self.loop.close()
