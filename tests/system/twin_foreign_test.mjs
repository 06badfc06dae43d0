// MQTT.js and plain HTTP, as a Unity or BIM program uses them: follow a twin, write a desired
// value and see it reported, send a command and answer it.

import assert from 'node:assert/strict';
import mqtt from 'mqtt';
import { Server, runCases, until } from './harness.mjs';

const server = new Server();
await server.start();

const model = {
  '@context': ['dtmi:dtdl:context;3', 'dtmi:headworks:twin;1'],
  '@id': 'dtmi:test:Valve;1',
  '@type': 'Interface',
  contents: [
    { '@type': 'Telemetry', name: 'flow', schema: 'double' },
    { '@type': 'Property', name: 'position', schema: 'double', writable: true, minimum: 0,
      maximum: 100 },
    { '@type': 'Command', name: 'exercise', request: { name: 'times', schema: 'integer' },
      response: { name: 'done', schema: 'boolean' } },
  ],
};

async function ask(method, path, body, status = 200) {
  const answer = await fetch(server.url + path, { method,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await answer.text();
  const good = Array.isArray(status) ? status : [status];
  assert.ok(good.includes(answer.status), `${method} ${path}: ${answer.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}

function twin(id, rest = '') {
  return `/api/v1/twins/${encodeURIComponent(id)}${rest}`;
}

let number = 0;
async function connect() {
  number += 1;
  const client = mqtt.connect(`ws://127.0.0.1:${server.http}/mqtt`,
    { protocolVersion: 5, clientId: `unity${number}` });
  client.got = [];
  client.on('message', (topic, payload, packet) =>
    client.got.push({ topic, text: payload.toString(), packet }));
  await new Promise((resolve, reject) => {
    client.once('connect', resolve);
    client.once('error', reject);
  });
  return client;
}

await ask('PUT', '/api/v1/twin/models', model);

const cases = {
  async follows_a_twin_by_mqtt() {
    await ask('PUT', twin('works/v1'), { model: 'dtmi:test:Valve;1' }, [200, 201]);
    const client = await connect();
    await client.subscribeAsync('$hw/twin/works/v1/property/+', { qos: 1 });
    await client.publishAsync('works/v1/flow', '12.5', { qos: 1 });
    const seen = await until(() => client.got[0], 'the value');
    assert.equal(seen.topic, '$hw/twin/works/v1/property/flow');
    const value = JSON.parse(seen.text);
    assert.equal(value.value, 12.5);
    assert.equal(value.quality, 'good');
    await client.endAsync();
  },

  async follows_twins_by_server_sent_events() {
    await ask('PUT', twin('works/v2'), { model: 'dtmi:test:Valve;1' }, [200, 201]);
    const stop = new AbortController();
    const stream = await fetch(`${server.url}/api/v1/twin/events?twins=works/%2B`,
      { signal: stop.signal, headers: { accept: 'text/event-stream' } });
    assert.equal(stream.status, 200);
    await server.write('works/v2 flow=7.25');
    let text = '';
    for await (const piece of stream.body) {
      text += Buffer.from(piece).toString();
      if (text.includes('7.25')) break;
    }
    assert.match(text, /works\/v2/);
    stop.abort();
  },

  async sets_a_device_that_speaks_mqtt() {
    await ask('PUT', twin('works/v3'), { model: 'dtmi:test:Valve;1' }, [200, 201]);
    // Asked while the device is away: it waits for it.
    await ask('PUT', twin('works/v3', '/desired/position'), { value: 40, reason: 'test' },
      [200, 201, 202]);
    let state = await ask('GET', twin('works/v3', '/desired/position'));
    assert.ok(['pending', 'sent'].includes(state.state), state.state);
    const device = await connect();
    device.on('message', (topic, payload) => {
      if (payload.length === 0) return;
      const { value } = JSON.parse(payload.toString());
      device.publish('works/v3/position', String(value), { qos: 1 });
    });
    await device.subscribeAsync('$hw/twin/works/v3/desired/position', { qos: 1 });
    await until(async () => {
      state = await ask('GET', twin('works/v3', '/desired/position'));
      return state.state === 'applied';
    }, 'the read-back');
    assert.equal((await ask('GET', twin('works/v3'))).properties.position.value, 40);
    await ask('PUT', twin('works/v3', '/desired/position'), { value: 400 }, [400, 422]);
    await device.endAsync();
  },

  async answers_a_command() {
    await ask('PUT', twin('works/v4'), { model: 'dtmi:test:Valve;1' }, [200, 201]);
    const device = await connect();
    device.on('message', (topic, payload, packet) => {
      const { responseTopic, correlationData } = packet.properties ?? {};
      device.publish(responseTopic, 'true', { qos: 1, properties: { correlationData } });
    });
    await device.subscribeAsync('$hw/twin/works/v4/command/exercise', { qos: 1 });
    const done = await ask('POST', twin('works/v4', '/commands/exercise?wait=20s'), { times: 3 },
      [200, 202]);
    assert.equal(done.state, 'done', JSON.stringify(done));
    assert.equal(done.response, true);
    await device.endAsync();
  },
};

await runCases(cases);
await server.close();
