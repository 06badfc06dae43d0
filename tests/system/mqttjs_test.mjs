// MQTT.js, the client of browsers and Node-RED, against the broker: both versions of the protocol,
// over TCP and over WebSocket.

import assert from 'node:assert/strict';
import mqtt from 'mqtt';
import { Server, runCases, until } from './harness.mjs';

const server = new Server();
await server.start();
const versions = [4, 5]; // as MQTT.js numbers them: 3.1.1 and 5.0
const ways = ['tcp', 'ws'];
let clients = [];
let number = 0;

// A connected client; it keeps what it gets in `got`, as {topic, text, packet}.
async function connect(way, version, options = {}) {
  const url = way === 'ws' ? `ws://127.0.0.1:${server.http}/mqtt` : `mqtt://127.0.0.1:${server.mqtt}`;
  number += 1;
  const client = mqtt.connect(url, {
    protocolVersion: version, clientId: `js${number}`, reconnectPeriod: 100, connectTimeout: 20000,
    ...options,
  });
  clients.push(client);
  client.got = [];
  client.on('message', (topic, payload, packet) =>
    client.got.push({ topic, text: payload.toString(), packet }));
  client.on('error', () => {}); // a refused reconnect; the case waits for what it wants
  client.connack = await new Promise((resolve, reject) => {
    client.once('connect', resolve);
    client.once('error', reject);
  });
  return client;
}

// Runs the body for each way and version, each with a topic prefix of its own.
async function each(name, body) {
  for (const way of ways)
    for (const version of versions) {
      try {
        await body(way, version, `${name}/${way}/v${version}`);
      } catch (error) {
        error.message = `${way}, version ${version}: ${error.message}`;
        error.stack = `${error.message}\n${error.stack}`;
        throw error;
      } finally {
        for (const client of clients) await client.endAsync(true);
        clients = [];
      }
    }
}

const gotten = (client, count) => until(() => client.got.length >= count && client.got,
  `${count} messages, have ${client.got.length}`);

const cases = {
  async each_quality_of_service_both_ways() {
    await each('qos', async (way, version, topic) => {
      const client = await connect(way, version);
      for (const qos of [0, 1, 2]) {
        const [granted] = await client.subscribeAsync(`${topic}/${qos}`, { qos });
        assert.equal(granted.qos, qos);
        await client.publishAsync(`${topic}/${qos}`, `${qos}.5`, { qos });
        const { text, packet } = (await gotten(client, qos + 1))[qos];
        assert.equal(text, `${qos}.5`);
        assert.equal(packet.qos, qos);
      }
    });
  },

  async retained_is_set_replaced_and_cleared() {
    await each('retained', async (way, version, topic) => {
      const writer = await connect(way, version);
      await writer.publishAsync(topic, '1', { qos: 1, retain: true });
      await writer.publishAsync(topic, '2', { qos: 1, retain: true });
      const reader = await connect(way, version);
      await reader.subscribeAsync(`${topic}/#`, { qos: 1 });
      const [message] = await gotten(reader, 1);
      assert.equal(message.text, '2');
      assert.equal(message.packet.retain, true);
      await writer.publishAsync(topic, '', { qos: 1, retain: true });
      const late = await connect(way, version);
      await late.subscribeAsync([`${topic}/#`, `${topic}/end`], { qos: 1 });
      await writer.publishAsync(`${topic}/end`, 'end', { qos: 1 });
      assert.equal((await gotten(late, 1))[0].text, 'end');
    });
  },

  async a_will_is_published_when_the_line_breaks() {
    await each('will', async (way, version, topic) => {
      const watcher = await connect(way, version);
      await watcher.subscribeAsync(topic, { qos: 1 });
      const mortal = await connect(way, version, {
        will: { topic, payload: 'gone', qos: 1, retain: false }, reconnectPeriod: 0,
      });
      mortal.stream.destroy();
      assert.equal((await gotten(watcher, 1))[0].text, 'gone');
    });
  },

  async no_will_after_a_proper_end() {
    await each('nowill', async (way, version, topic) => {
      const watcher = await connect(way, version);
      await watcher.subscribeAsync(topic, { qos: 1 });
      const polite = await connect(way, version,
        { will: { topic, payload: 'gone', qos: 1, retain: false } });
      await polite.endAsync();
      await watcher.publishAsync(topic, 'after', { qos: 1 });
      assert.equal((await gotten(watcher, 1))[0].text, 'after');
    });
  },

  async properties_travel() {
    await each('properties', async (way, version, topic) => {
      if (version !== 5) return;
      const client = await connect(way, version, { properties: { topicAliasMaximum: 10 } });
      await client.subscribeAsync(`${topic}/+`,
        { qos: 1, properties: { subscriptionIdentifier: 7 } });
      const properties = {
        contentType: 'text/plain', responseTopic: 'to/me', correlationData: Buffer.from([0, 255]),
        payloadFormatIndicator: true, messageExpiryInterval: 60,
        userProperties: { one: 'a', many: ['b', 'c'] },
      };
      await client.publishAsync(`${topic}/x`, '12.5', { qos: 1, properties });
      const [{ packet }] = await gotten(client, 1);
      const got = packet.properties;
      assert.equal(got.contentType, 'text/plain');
      assert.equal(got.responseTopic, 'to/me');
      assert.deepEqual([...got.correlationData], [0, 255]);
      assert.equal(got.payloadFormatIndicator, true);
      assert.ok(got.messageExpiryInterval <= 60);
      assert.equal(got.subscriptionIdentifier, 7);
      assert.deepEqual({ ...got.userProperties }, properties.userProperties);
    });
  },

  async a_thousand_messages_in_order() {
    await each('order', async (way, version, topic) => {
      const reader = await connect(way, version);
      const writer = await connect(way, version);
      await reader.subscribeAsync(`${topic}/#`, { qos: 2 });
      for (const qos of [1, 2]) {
        reader.got = [];
        const sent = [];
        for (let i = 0; i < 1000; ++i)
          sent.push(writer.publishAsync(`${topic}/${qos}`, String(i), { qos }));
        await Promise.all(sent);
        const got = await gotten(reader, 1000);
        assert.deepEqual(got.map(({ text }) => Number(text)), sent.map((_, i) => i));
      }
    });
  },

  async a_session_waits_for_its_client() {
    await each('session', async (way, version, topic) => {
      const options = { clean: false, clientId: `keeper-${way}-${version}` };
      if (version === 5) options.properties = { sessionExpiryInterval: 300 };
      const first = await connect(way, version, options);
      assert.equal(first.connack.sessionPresent, false);
      await first.subscribeAsync(topic, { qos: 1 });
      await first.endAsync();
      const writer = await connect(way, version);
      for (let i = 0; i < 20; ++i) await writer.publishAsync(topic, String(i), { qos: 1 });
      const again = await connect(way, version, options);
      assert.equal(again.connack.sessionPresent, true);
      const got = await gotten(again, 20);
      assert.deepEqual(got.map(({ text }) => Number(text)), [...Array(20).keys()]);
    });
  },

  async a_broken_line_is_taken_up_again() {
    await each('broken', async (way, version, topic) => {
      const options = { clean: false, clientId: `broken-${way}-${version}` };
      if (version === 5) options.properties = { sessionExpiryInterval: 300 };
      const client = await connect(way, version, options);
      await client.subscribeAsync(topic, { qos: 2 });
      const back = new Promise((resolve) => { client.once('connect', resolve); });
      client.stream.destroy();
      const writer = await connect(way, version);
      await writer.publishAsync(topic, 'meanwhile', { qos: 2 });
      assert.equal((await back).sessionPresent, true);
      assert.equal((await gotten(client, 1))[0].text, 'meanwhile');
    });
  },

  async what_was_published_is_kept() {
    const answer = await fetch(`${server.url}/api/v1/points?filter=order/%23`);
    const { items } = await answer.json();
    assert.equal(items.length, 8);
    for (const { count, value } of items) assert.deepEqual([count, value], [1000, 999]);
  },
};

await runCases(cases);
await server.close();
