// Follows a site's twins as a BIM viewer or a game engine would: the scene and the twins by HTTP,
// values by MQTT, and one desired value set and waited for.
//
//   npm install mqtt
//   node follow.mjs --http http://127.0.0.1:8080 --mqtt ws://127.0.0.1:8080/mqtt \
//        --site bluewater/plant1 --seconds 20
//   node follow.mjs --mqtt mqtt://127.0.0.1:1883 --set bluewater/plant1/intake/header \
//        flow_setpoint 220
//
// Options: --http URL, --mqtt URL, --site TWIN, --seconds N (0: until stopped), --set TWIN PATH
// VALUE, --wait N (seconds that a desired value is waited for), --json (one event a line).
// Exit code: 0 done; 1 something failed or the desired value was not applied; 2 wrong usage.

import mqtt from 'mqtt';
import { pathToFileURL } from 'node:url';

const encode = (id) => id.split('/').map(encodeURIComponent).join('/');

// HTTP: the state of twins, and orders.
export class Twins {
  constructor(url) {
    this.url = url.replace(/\/$/, '');
  }

  async ask(method, path, body) {
    const answer = await fetch(this.url + path, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (answer.ok) return text ? JSON.parse(text) : null;
    // Problem details (RFC 9457): `detail` says what is wrong and what to do.
    let detail = text;
    try { detail = JSON.parse(text).detail ?? text; } catch { /* not ours: as it is */ }
    throw Object.assign(new Error(`${method} ${path}: ${answer.status} ${detail}`),
      { status: answer.status });
  }

  scene(site) { return this.ask('GET', `/api/v1/twins/${encode(site)}/scene`); }
  twin(id) { return this.ask('GET', `/api/v1/twins/${encode(id)}`); }
  desired(id, path) { return this.ask('GET', this.desiredPath(id, path)); }
  setDesired(id, path, value) { return this.ask('PUT', this.desiredPath(id, path), { value }); }
  desiredPath(id, path) { return `/api/v1/twins/${encode(id)}/desired/${encode(path)}`; }
}

// What of a scene is bound to which property: "twin\0path" -> [{ node, binding }].
export function bindingsOf(scene) {
  const nodes = new Map(scene.nodes.map((node) => [node.id, node]));
  const twinOf = (node) => {
    for (let at = node; at; at = nodes.get(at.parent)) if (at.twin) return at.twin;
    return undefined;
  };
  const bound = new Map();
  for (const node of scene.nodes) {
    for (const binding of node.bindings ?? []) {
      const twin = binding.twin ?? twinOf(node);
      if (!twin) continue;
      const key = `${twin}\0${binding.property}`;
      if (!bound.has(key)) bound.set(key, []);
      bound.get(key).push({ node, binding });
    }
  }
  return bound;
}

// The narrowest MQTT filter of all these ids: 'a/b/#' of a/b/c and a/b/d.
export function filterOf(ids) {
  const levels = ids.map((id) => id.split('/'));
  const shared = (levels[0] ?? []).filter((level, i, first) =>
    levels.every((one) => first.slice(0, i + 1).every((each, k) => one[k] === each)));
  return [...shared, '#'].join('/');
}

// How full a tank is drawn, how fast a pump turns: the rules of docs/twin_scene.md, in short.
export function shown(binding, value) {
  const number = typeof value === 'boolean' ? Number(value) : value;
  if (binding.kind === 'fill' && Number.isFinite(number)) {
    const low = binding.min ?? 0;
    return Math.min(1, Math.max(0, (number - low) / (binding.max - low)));
  }
  if ((binding.kind === 'spin' || binding.kind === 'flow') && Number.isFinite(number)) {
    return number * (binding.factor ?? 1);
  }
  return undefined;
}

// Calls take(twin, path, event) for each value of a twin whose id matches the MQTT filter. An event
// is { value, time, quality }. Resolves once the subscription is granted; the client reconnects and
// subscribes again by itself.
export function follow(url, filter, take) {
  const client = mqtt.connect(url, { protocolVersion: 5, reconnectPeriod: 1000 });
  const prefix = '$hw/twin/';
  client.on('message', (topic, payload) => {
    const at = topic.indexOf('/property/');
    if (!topic.startsWith(prefix) || at < 0) return;
    const event = JSON.parse(payload.toString());
    take(topic.slice(prefix.length, at), topic.slice(at + '/property/'.length), event);
  });
  return new Promise((resolve, reject) => {
    client.on('error', reject);  // also later: without a listener it would end the program
    client.on('connect', () => {
      client.subscribe(`${prefix}${filter}`, { qos: 1 }, (error, granted) => {
        if (error || granted.some((one) => one.qos >= 128)) {
          reject(error ?? new Error(`the subscription to ${prefix}${filter} was refused`));
        } else resolve(client);
      });
    });
  });
}

// Sets a desired value and waits until the device reports it. Gives the last state.
export async function setAndWait(twins, id, path, value, seconds = 60) {
  await twins.setDesired(id, path, value);
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const state = await twins.desired(id, path);
    if (['applied', 'refused', 'timed_out', 'cancelled', 'superseded'].includes(state.state)) {
      return state;
    }
    if (Date.now() > end) return { ...state, waited: seconds };
    await new Promise((resolve) => { setTimeout(resolve, 250); });
  }
}

function options(words) {
  const out = { http: 'http://127.0.0.1:8080', mqtt: 'mqtt://127.0.0.1:1883', site: '', seconds: 10,
    wait: 60, json: false };
  for (let i = 0; i < words.length; i += 1) {
    const name = words[i].replace(/^--/, '');
    if (name === 'json') out.json = true;
    else if (name === 'set') {
      const [twin, path, value] = words.slice(i + 1, i + 4);
      if (value === undefined) throw new RangeError('--set takes TWIN PATH VALUE');
      out.set = { twin, path, value: JSON.parse(value) };
      i += 3;
    } else if (name in out && words[i + 1] !== undefined) {
      out[name] = typeof out[name] === 'number' ? Number(words[i + 1]) : words[i + 1];
      i += 1;
    } else throw new RangeError(`what is '${words[i]}'? The options stand at the top of this file`);
  }
  return out;
}

async function main() {
  let option;
  try { option = options(process.argv.slice(2)); } catch (error) {
    console.error(error.message);
    return 2;
  }
  const say = (event) => console.log(option.json ? JSON.stringify(event)
    : Object.values(event).map((part) => (typeof part === 'object' ? JSON.stringify(part) : part))
      .join('  '));
  const twins = new Twins(option.http);
  let client;
  if (option.site) {
    const scene = await twins.scene(option.site);
    const bound = bindingsOf(scene);
    say({ event: 'scene', name: scene.name ?? option.site, nodes: scene.nodes.length,
      bindings: bound.size });
    // First how it is now, then what changes. Changes may come before the first answer is shown, so
    // one subscribes first; newer times win.
    const times = new Map();
    const take = (twin, path, event) => {
      const key = `${twin}\0${path}`;
      if (event.time && times.get(key) > event.time) return;
      times.set(key, event.time ?? '');
      for (const { node, binding } of bound.get(key) ?? []) {
        say({ event: binding.kind, node: node.id, property: `${twin} ${path}`, value: event.value,
          shown: shown(binding, event.value) ?? '', quality: event.quality });
      }
    };
    const ids = new Set([...bound.keys()].map((key) => key.split('\0')[0]));
    client = await follow(option.mqtt, filterOf([...ids]), take);
    for (const id of ids) {
      const twin = await twins.twin(id).catch((error) => {
        if (error.status === 404) return null;  // the scene may name a twin that is not there yet
        throw error;
      });
      for (const [path, live] of Object.entries(twin?.properties ?? {})) {
        if (live.value !== null && live.value !== undefined) take(id, path, live);
      }
    }
  }
  let code = 0;
  if (option.set) {
    const { twin, path, value } = option.set;
    const state = await setAndWait(twins, twin, path, value, option.wait);
    say({ event: 'desired', property: `${twin} ${path}`, value, state: state.state,
      detail: state.detail ?? '' });
    if (state.state !== 'applied') code = 1;
  }
  if (client) {
    await new Promise((resolve) => {
      process.once('SIGINT', resolve);
      if (option.seconds > 0) setTimeout(resolve, option.seconds * 1000);
    });
    await client.endAsync();
  }
  return code;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  main().then((code) => { process.exitCode = code; }, (error) => {
    console.error(error.message);
    process.exit(1);
  });
}
