// A foreign S7 CPU for tests: the server of snap7 (node-snap7) with the areas that are asked for.
//
//   node s7_server.mjs PORT AREA=BYTES [AREA=BYTES ...]       node s7_server.mjs 10102 DB1=512 M=64
//
// AREA is DB<number>, I, Q, M, T or C (T and C: two bytes for each). Prints "ready", then answers
// lines of the standard input, each with one line: "get AREA START COUNT" with the bytes in
// hexadecimal, "set AREA START HEX" with "ok". What cannot be done is answered with "error: ...".
// Ends with its standard input. One connection's PDU is 480 bytes at most, as with snap7.

import { createInterface } from 'node:readline';
import snap7 from 'node-snap7';

const server = new snap7.S7Server();
const areas = new Map();
const kinds = {
  I: server.srvAreaPE, Q: server.srvAreaPA, M: server.srvAreaMK,
  T: server.srvAreaTM, C: server.srvAreaCT,
};

function add(name, bytes) {
  const block = /^DB(\d+)$/.exec(name);
  const place = block ? [server.srvAreaDB, Number(block[1])] : [kinds[name]];
  if (place[0] === undefined || !Number.isInteger(bytes) || bytes < 1) {
    throw new Error(`'${name}=${bytes}' is no area; write for example DB1=512`);
  }
  if (!server.RegisterArea(...place, Buffer.alloc(bytes))) {
    throw new Error(`${name}: ${server.ErrorText(server.LastError())}`);
  }
  areas.set(name, place);
}

function place(name, start, count) {
  if (!areas.has(name)) throw new Error(`there is no area ${name}`);
  const bytes = server.GetArea(...areas.get(name));
  if (!(start >= 0 && count >= 1 && start + count <= bytes.length)) {
    throw new Error(`${name} has ${bytes.length} bytes`);
  }
  return bytes;
}

function answer(line) {
  const [verb, name, startText, what] = line.trim().split(/\s+/);
  const start = Number(startText);
  if (verb === 'get') {
    const count = Number(what);
    return place(name, start, count).subarray(start, start + count).toString('hex');
  }
  if (verb === 'set') {
    const given = Buffer.from(what ?? '', 'hex');
    const bytes = place(name, start, given.length);
    given.copy(bytes, start);
    server.SetArea(...areas.get(name), bytes);
    return 'ok';
  }
  throw new Error(`'${verb}' is neither get nor set`);
}

const [port, ...wanted] = process.argv.slice(2);
server.SetParam(server.LocalPort, Number(port));
for (const text of wanted) {
  const [name, bytes] = text.split('=');
  add(name, Number(bytes));
}
if (!server.StartTo('127.0.0.1')) {
  console.error(`port ${port}: ${server.ErrorText(server.LastError())}`);
  process.exit(1);
}
console.log('ready');
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  try {
    console.log(answer(line));
  } catch (error) {
    console.log(`error: ${error.message}`);
  }
});
lines.on('close', () => {
  server.Stop();
  process.exit(0);
});
