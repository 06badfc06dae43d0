// A foreign edge node (MQTT.js with Eclipse Tahu's payloads for JavaScript) gets commands when its
// points are written by HTTP.

import assert from 'node:assert/strict';
import mqtt from 'mqtt';
import sparkplug from 'sparkplug-payload';
import { Server, runCases, until } from './harness.mjs';

const codec = sparkplug.get('spBv1.0');
const server = new Server();
await server.start();

const commands = [];
let seq = 0;
const topic = (verb, device) => `spBv1.0/works/${verb}/edge${device ? `/${device}` : ''}`;
const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${server.mqtt}`, {
  protocolVersion: 4, reconnectPeriod: 0,
  will: { topic: topic('NDEATH'), qos: 1, retain: false,
    payload: Buffer.from(codec.encodePayload({ timestamp: Date.now(),
      metrics: [{ name: 'bdSeq', type: 'Int64', value: 0 }] })) },
});

function send(verb, device, metrics) {
  const payload = codec.encodePayload({ timestamp: Date.now(), seq, metrics });
  seq = (seq + 1) % 256;
  return client.publishAsync(topic(verb, device), Buffer.from(payload), { qos: 0 });
}

// What the device has: name, type, first value.
const metrics = { level: ['Double', 3.5], pumps: ['UInt16', 2], mode: ['String', 'auto'],
  open: ['Boolean', false], offset: ['Int8', -5] };
const names = Object.keys(metrics);
const aliasOf = (name) => names.indexOf(name) + 2;

// It takes what it is told and reports it, as an edge node should.
client.on('message', async (where, bytes) => {
  const got = codec.decodePayload(bytes).metrics;
  commands.push({ where, got });
  if (!where.includes('/DCMD/')) return;
  await send('DDATA', 'plc', got.map(({ name, alias, value }) => {
    const which = name ?? names[Number(alias) - 2];
    return { alias: aliasOf(which), type: metrics[which][0], value, timestamp: Date.now() };
  }));
});
await client.subscribeAsync([topic('NCMD'), topic('DCMD', '+')], { qos: 1 });

async function birth() {
  seq = 0;
  const timestamp = Date.now();
  await send('NBIRTH', '', [
    { name: 'bdSeq', type: 'Int64', value: 0, timestamp },
    { name: 'Node Control/Rebirth', type: 'Boolean', value: false, timestamp },
    { name: 'Supply/limit', type: 'Float', value: 24, timestamp, alias: 1 }]);
  await send('DBIRTH', 'plc', names.map((name) => ({
    name, type: metrics[name][0], value: metrics[name][1], timestamp, alias: aliasOf(name) })));
}

async function point(path) {
  const answer = await fetch(`${server.url}/api/v1/points?filter=${encodeURIComponent(path)}`);
  return (await answer.json()).items[0];
}

async function write(path, value) {
  const answer = await fetch(`${server.url}/api/v1/points/${path}/write`,
    { method: 'POST', body: JSON.stringify({ value }) });
  return { status: answer.status, body: await answer.json() };
}

await birth();
await until(async () => (await point('works/edge/plc/offset'))?.value === -5, 'the points');

const cases = {
  async a_write_of_each_type_becomes_a_command() {
    for (const [name, value] of [['level', 4.25], ['pumps', 3], ['mode', 'hand'], ['open', true],
      ['offset', -128]]) {
      const told = commands.length;
      const { status, body } = await write(`works/edge/plc/${name}`, value);
      assert.equal(status, 200, JSON.stringify(body));
      await until(() => commands.length === told + 1, `the command for ${name}`);
      const { where, got } = commands[told];
      assert.equal(where, 'spBv1.0/works/DCMD/edge/plc');
      assert.equal(got.length, 1);
      assert.ok(got[0].name === name || Number(got[0].alias) === aliasOf(name));
      assert.equal(got[0].type, metrics[name][0]);
      assert.equal(got[0].value, value);
      // The edge node reports what it took, and so the point has it.
      await until(async () => (await point(`works/edge/plc/${name}`)).value === value,
        `the value of ${name}`);
    }
  },

  async a_metric_of_the_node_itself() {
    const told = commands.length;
    assert.equal((await write('works/edge/Supply/limit', 12.5)).status, 200);
    await until(() => commands.length === told + 1, 'the command');
    const { where, got } = commands[told];
    assert.equal(where, 'spBv1.0/works/NCMD/edge');
    assert.ok(got[0].name === 'Supply/limit' || Number(got[0].alias) === 1);
    assert.equal(got[0].value, 12.5);
  },

  async what_the_type_cannot_hold_is_refused() {
    const told = commands.length;
    for (const [name, value] of [['pumps', 70000], ['pumps', -1], ['offset', 128],
      ['level', 'high']]) {
      const { status, body } = await write(`works/edge/plc/${name}`, value);
      assert.equal(status, 400, `${name} ${value}: ${JSON.stringify(body)}`);
    }
    assert.equal((await write('works/edge/plc/none', 1)).status, 404);
    assert.equal(commands.length, told);
  },

  async a_dead_node_is_not_written_to() {
    client.stream.destroy();
    await until(async () => (await point('works/edge/plc/level')).quality
      === 'bad.not_connected', 'its death');
    const { status, body } = await write('works/edge/plc/level', 1);
    assert.equal(status, 503, JSON.stringify(body));
  },
};

await runCases(cases);
await client.endAsync(true);
await server.close();
