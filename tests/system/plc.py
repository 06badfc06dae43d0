"""A Modbus TCP server that is not ours (pymodbus), as a PLC for tests."""

import asyncio
import logging
import struct
import threading

try:
    from pymodbus.datastore import (ModbusSequentialDataBlock, ModbusServerContext,
                                    ModbusSlaveContext)
    from pymodbus.server.async_io import ModbusTcpServer
except ImportError:
    ModbusTcpServer = None

HAVE_PYMODBUS = ModbusTcpServer is not None

# Its server tells of each link that we close.
logging.disable(logging.ERROR)


class Plc:
    """A Modbus TCP server in a thread; registers by their number behind 40001."""

    def __init__(self):
        self.block = ModbusSequentialDataBlock(1, [0] * 200)
        self.set_float(0, 12.5)
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        self.ready.wait(10)

    def run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self.serve())

    async def serve(self):
        slaves = ModbusSlaveContext(hr=self.block, ir=self.block)
        server = ModbusTcpServer(ModbusServerContext(slaves=slaves, single=True),
                                 address=("127.0.0.1", 0))
        self.stopped = asyncio.Event()
        task = asyncio.ensure_future(server.serve_forever())
        while server.server is None or not server.server.sockets:
            await asyncio.sleep(0.01)
        self.port = server.server.sockets[0].getsockname()[1]
        self.ready.set()
        await self.stopped.wait()
        server.server.close()
        task.cancel()

    def set_float(self, register, value):
        self.block.setValues(register + 1, list(struct.unpack(">HH", struct.pack(">f", value))))

    def float_at(self, register):
        return struct.unpack(">f", struct.pack(">HH", *self.block.getValues(register + 1, 2)))[0]

    def close(self):
        self.loop.call_soon_threadsafe(self.stopped.set)
        self.thread.join(10)
