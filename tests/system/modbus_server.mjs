// A foreign Modbus TCP server for tests: jsmodbus, which answers functions 1 to 6, 15 and 16 alone.
//
//   node modbus_server.mjs PORT          0: a free one
//
// Prints "ready PORT", then answers lines of the standard input, each with one line:
// "get AREA START COUNT" with bytes in hexadecimal, "set AREA START HEX" with "ok". AREA is coils,
// discrete, input or holding; a register has two bytes. Ends with its standard input.

import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import modbus from 'jsmodbus';

const bytes = 400;
const areas = Object.fromEntries(['coils', 'discrete', 'input', 'holding']
  .map((name) => [name, Buffer.alloc(bytes)]));
const listener = createServer();
const server = new modbus.server.TCP(listener, areas);
server.on('connection', ({ socket }) => socket.on('error', () => {}));

function answer(line) {
  const [verb, name, start, what] = line.trim().split(/\s+/);
  const area = areas[name];
  if (!area) throw new Error(`there is no area ${name}`);
  const from = Number(start);
  if (verb === 'get') return area.subarray(from, from + Number(what)).toString('hex');
  if (verb === 'set') {
    Buffer.from(what, 'hex').copy(area, from);
    return 'ok';
  }
  throw new Error(`'${verb}' is neither get nor set`);
}

listener.listen(Number(process.argv[2] ?? 0), '127.0.0.1',
  () => console.log(`ready ${listener.address().port}`));
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  try {
    console.log(answer(line));
  } catch (error) {
    console.log(`error: ${error.message}`);
  }
});
lines.on('close', () => process.exit(0));
