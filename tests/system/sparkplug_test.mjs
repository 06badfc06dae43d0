// A foreign edge node (MQTT.js with Eclipse Tahu's payloads for JavaScript) against the host
// application and the broker's certificates.

import assert from 'node:assert/strict';
import mqtt from 'mqtt';
import sparkplug from 'sparkplug-payload';
import { Server, runCases, until } from './harness.mjs';

const codec = sparkplug.get('spBv1.0');
const server = new Server();
await server.start();
const clients = [];
const rebirth = 'Node Control/Rebirth';

async function connect(options = {}) {
  const client = mqtt.connect(`mqtt://127.0.0.1:${server.mqtt}`,
    { protocolVersion: 4, reconnectPeriod: 0, connectTimeout: 20000, ...options });
  clients.push(client);
  client.got = [];
  client.on('message', (topic, payload, packet) => client.got.push({ topic, payload, packet }));
  client.on('error', () => {});
  await new Promise((resolve, reject) => {
    client.once('connect', resolve);
    client.once('error', reject);
  });
  return client;
}

// An edge node of the group `works`, with one device `plc`.
class EdgeNode {
  constructor(name, bdSeq = 0) {
    this.name = name;
    this.bdSeq = bdSeq;
    this.seq = 0;
    this.births = 0;
    this.commands = [];
    this.level = 3.5;
  }

  topic(verb, device) {
    return `spBv1.0/works/${verb}/${this.name}${device ? `/${device}` : ''}`;
  }

  async connect() {
    const payload = Buffer.from(codec.encodePayload({ timestamp: Date.now(),
      metrics: [{ name: 'bdSeq', type: 'Int64', value: this.bdSeq }] }));
    this.client = await connect(
      { will: { topic: this.topic('NDEATH'), payload, qos: 1, retain: false } });
    this.client.on('message', (topic, bytes) => this.command(topic, bytes));
    await this.client.subscribeAsync([this.topic('NCMD'), this.topic('DCMD', '+')], { qos: 1 });
  }

  command(topic, bytes) {
    const { metrics } = codec.decodePayload(bytes);
    this.commands.push({ topic, metrics });
    if (metrics.some(({ name, value }) => name === rebirth && value === true)) this.birth();
  }

  // Sends the payload with the next sequence number.
  send(verb, device, metrics, time = Date.now()) {
    const payload = codec.encodePayload({ timestamp: time, seq: this.seq, metrics });
    this.seq = (this.seq + 1) % 256;
    return this.client.publishAsync(this.topic(verb, device), Buffer.from(payload), { qos: 0 });
  }

  async birth() {
    this.seq = 0;
    this.births += 1;
    const time = Date.now();
    await this.send('NBIRTH', '', [
      { name: 'bdSeq', type: 'Int64', value: this.bdSeq, timestamp: time },
      { name: rebirth, type: 'Boolean', value: false, timestamp: time },
      { name: 'Supply/voltage', type: 'Float', value: 24.1, timestamp: time, alias: 1,
        properties: { engUnit: { type: 'String', value: 'V' } } },
    ]);
    await this.send('DBIRTH', 'plc', [
      { name: 'level', type: 'Double', value: this.level, timestamp: time, alias: 2,
        properties: { engUnit: { type: 'String', value: 'm' } } },
      { name: 'pumps', type: 'UInt16', value: 2, timestamp: time, alias: 3 },
      { name: 'mode', type: 'String', value: 'auto', timestamp: time, alias: 4 },
      { name: 'offset', type: 'Int8', value: -5, timestamp: time, alias: 5 },
    ]);
  }
}

async function points(filter) {
  const answer = await fetch(
    `${server.url}/api/v1/points?limit=1000&filter=${encodeURIComponent(filter)}`);
  const { items } = await answer.json();
  return Object.fromEntries(items.map((item) => [item.point, item]));
}

async function figure(name) {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const found = new RegExp(`^${name} (\\S+)$`, 'm').exec(text);
  assert.ok(found, `${name} is not among the figures`);
  return Number(found[1]);
}

const cases = {
  async births_and_data_become_points() {
    const edge = new EdgeNode('births');
    await edge.connect();
    await edge.birth();
    const born = await until(async () => {
      const found = await points('works/births/#');
      return Object.keys(found).length === 5 && found;
    }, 'five points');
    assert.equal(born['works/births/Supply/voltage'].value, 24.1);
    assert.equal(born['works/births/Supply/voltage'].unit, 'V');
    assert.equal(born['works/births/plc/level'].value, 3.5);
    assert.equal(born['works/births/plc/level'].unit, 'm');
    assert.equal(born['works/births/plc/pumps'].value, 2);
    assert.equal(born['works/births/plc/mode'].value, 'auto');
    assert.equal(born['works/births/plc/offset'].value, -5);
    const time = Date.now() + 1000;
    await edge.send('DDATA', 'plc', [{ alias: 2, type: 'Double', value: 4.25, timestamp: time },
      { alias: 3, type: 'UInt16', value: 3, timestamp: time }]);
    const now = await until(async () => {
      const found = await points('works/births/plc/#');
      return found['works/births/plc/pumps'].value === 3 && found;
    }, 'the new values');
    const level = now['works/births/plc/level'];
    assert.equal(level.value, 4.25);
    assert.equal(level.quality, 'good');
    assert.equal(new Date(level.time).getTime(), time);
    assert.equal(edge.commands.length, 0);
  },

  async history_that_comes_late_is_no_live_value() {
    const edge = new EdgeNode('late');
    await edge.connect();
    await edge.birth();
    const old = Date.now() - 3600 * 1000;
    await edge.send('DDATA', 'plc', [
      { alias: 2, type: 'Double', value: 1.25, timestamp: old, isHistorical: true }]);
    const rows = await until(async () => {
      const answer = await fetch(
        `${server.url}/api/v1/history?point=works/late/plc/level&from=now-2h&to=now%2B1h`);
      const { items = [] } = await answer.json();
      return items.length === 2 && items;
    }, 'both samples');
    assert.equal(rows[0].value, 1.25);
    assert.equal(new Date(rows[0].time).getTime(), old);
    assert.equal((await points('works/late/plc/level'))['works/late/plc/level'].value, 3.5);
  },

  async a_gap_in_the_sequence_asks_for_a_rebirth() {
    const gaps = await figure('headworks_sparkplug_sequence_gaps_total');
    const edge = new EdgeNode('gap');
    await edge.connect();
    await edge.birth();
    edge.seq = 3; // 2 is missing
    edge.level = 9.5;
    await edge.send('DDATA', 'plc', [{ alias: 2, type: 'Double', value: 9.5,
      timestamp: Date.now() }]);
    await until(() => edge.births === 2, 'the rebirth request');
    assert.equal(edge.commands[0].topic, 'spBv1.0/works/NCMD/gap');
    await until(async () => (await points('works/gap/plc/level'))['works/gap/plc/level'].value
      === 9.5, 'the value after the gap');
    assert.equal(await figure('headworks_sparkplug_sequence_gaps_total'), gaps + 1);
  },

  async data_before_a_birth_ask_for_it() {
    const edge = new EdgeNode('unborn');
    await edge.connect();
    await edge.send('DDATA', 'plc', [{ name: 'level', type: 'Double', value: 1 }]);
    await until(async () => Object.keys(await points('works/unborn/#')).length === 5,
      'the points of the birth that was asked for');
    assert.equal(edge.births, 1);
  },

  async a_broken_line_turns_the_points_bad_until_the_next_birth() {
    const edge = new EdgeNode('mortal', 7);
    await edge.connect();
    await edge.birth();
    const quality = (wanted) => until(async () => {
      const found = Object.values(await points('works/mortal/#'));
      return found.length === 5 && found.every((point) => point.quality === wanted) && found;
    }, `five points of quality ${wanted}`);
    await quality('good');
    const online = await figure('headworks_sparkplug_nodes_online');
    edge.client.stream.destroy();
    const dead = await quality('bad.not_connected');
    assert.equal(dead.find(({ point }) => point.endsWith('/level')).value, 3.5);
    assert.equal(await figure('headworks_sparkplug_nodes_online'), online - 1);
    const again = new EdgeNode('mortal', 8);
    await again.connect();
    await again.birth();
    await quality('good');
  },

  async certificates_and_state_are_retained() {
    const edge = new EdgeNode('kept');
    await edge.connect();
    await edge.birth();
    await until(async () => Object.keys(await points('works/kept/#')).length === 5, 'the points');
    const late = await connect();
    await late.subscribeAsync(['$sparkplug/certificates/spBv1.0/works/+/kept/#',
      'spBv1.0/STATE/+'], { qos: 1 });
    await until(() => late.got.length === 3, 'two certificates and the state');
    assert.ok(late.got.every(({ packet }) => packet.retain));
    const by = Object.fromEntries(late.got.map(({ topic, payload }) => [topic, payload]));
    const node = codec.decodePayload(by['$sparkplug/certificates/spBv1.0/works/NBIRTH/kept']);
    assert.equal(node.metrics.length, 3);
    const device = codec.decodePayload(
      by['$sparkplug/certificates/spBv1.0/works/DBIRTH/kept/plc']);
    assert.deepEqual(device.metrics.map(({ name }) => name), ['level', 'pumps', 'mode', 'offset']);
    const state = JSON.parse(by['spBv1.0/STATE/headworks'].toString());
    assert.equal(state.online, true);
    assert.ok(Math.abs(Date.now() - state.timestamp) < 600 * 1000);
  },

  async its_state_is_its_own_to_say() {
    const other = await connect();
    await other.subscribeAsync('spBv1.0/STATE/headworks', { qos: 1 });
    await until(() => other.got.length === 1, 'the state');
    await other.publishAsync('spBv1.0/STATE/headworks', '{"online":false,"timestamp":1}',
      { qos: 1, retain: true });
    await until(() => other.got.length === 3, 'the lie and the answer');
    assert.equal(JSON.parse(other.got[2].payload.toString()).online, true);
  },

  async the_end_is_told() {
    const witness = await connect();
    await witness.subscribeAsync('spBv1.0/STATE/headworks', { qos: 1 });
    await until(() => witness.got.length === 1, 'the state');
    server.process.kill('SIGTERM');
    await until(() => witness.got.length === 2, 'the last state');
    assert.equal(JSON.parse(witness.got[1].payload.toString()).online, false);
  },
};

await runCases(cases);
for (const client of clients) await client.endAsync(true);
await server.close();
