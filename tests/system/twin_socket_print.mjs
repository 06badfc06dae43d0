// Speaks with the twins' WebSocket by the foreign library ws: sends the messages of standard input,
// one a line, and prints each that comes, one a line.
// usage: node twin_socket_print.mjs URL [ORIGIN]

import readline from 'node:readline';
import WebSocket from 'ws';

const [url, origin] = process.argv.slice(2);
const socket = new WebSocket(url, origin ? { origin } : {});
socket.on('message', (data, binary) => console.log(binary ? 'binary' : data.toString()));
socket.on('close', (code) => { console.log(`closed ${code}`); process.exit(0); });
socket.on('error', (error) => { console.log(`error ${error.message}`); process.exit(1); });
socket.on('open', () => {
  console.log('open');
  const lines = readline.createInterface({ input: process.stdin });
  lines.on('line', (line) => socket.send(line));
  lines.on('close', () => socket.close());
});
