// What the tests of the console share: a server with the simulated waterworks as `run` makes it
// (without its week of history), people who sign in, and pages that are watched.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { Server, until } from './harness.mjs';

const build = process.env.HEADWORKS_BUILD;
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const run = promisify(execFile);
export const password = 'seven grey herons wade';
export const shots = join(build, 'console_shots');
mkdirSync(shots, { recursive: true });

// Said by Chromium and by no page of ours.
const harmless = [
  /GPU stall due to ReadPixels/, // WebGL by software
  /Automatic fallback to software WebGL/,
  /blocker on a POP navigation/, // the pages' test goes from place to place by history
  /status of 404 .*api\/v1\/upstream/, // this server has no centre: the API says it so
  /status of 400 .*scenarios\/models/, // there is no week of history yet: the API says it so
];

async function freePort() {
  const socket = createServer();
  await new Promise((resolve) => { socket.listen(0, '127.0.0.1', resolve); });
  const { port } = socket.address();
  await new Promise((resolve) => { socket.close(resolve); });
  return port;
}

export class Works {
  server = new Server();
  cookies = {}; // of who is signed in

  // Whoever fails to start leaves nothing running.
  async start() {
    await this.begin().catch(async (error) => {
      await this.close();
      throw error;
    });
  }

  async begin() {
    const { server } = this;
    this.ports = { modbus: await freePort(), s7: await freePort(), iec104: await freePort(),
      control: await freePort() };
    const options = Object.entries(this.ports)
      .map(([name, port]) => `--${name}-port=${port}`);
    options.push('--pty', join(server.folder, 'intake.tty'));
    const devices = join(server.folder, 'data', 'devices.d');
    mkdirSync(devices, { recursive: true });
    await run(join(build, 'headworks-sim'), [...options, 'devices', '--write-devices', devices]);
    await server.start();
    this.sim = spawn(join(build, 'headworks-sim'),
      [...options, '--broker', `mqtt://127.0.0.1:${server.mqtt}`, '--quiet'],
      { stdio: ['ignore', 'pipe', 'ignore'] });
    for await (const line of createInterface({ input: this.sim.stdout }))
      if (line.startsWith('sim ready ')) break;
    this.sim.stdout.resume();
    const files = join(root, 'examples', 'waterworks');
    await this.cli('twin', 'model', 'install-library');
    await this.cli('rule', 'import', join(files, 'rules.json'));
    await until(async () =>
      (await this.get('/api/v1/points?limit=1000')).items.length > 380, 'the points', 60);
    await this.cli('twin', 'template', join(files, 'twins.json'), '--points', 'bluewater/#');
    await this.cli('twin', 'scene', 'put', 'bluewater/plant1', join(files, 'scene.json'));
  }

  cli(...words) {
    return run(join(build, 'headworks'), [...words, '--url', this.server.url]);
  }

  // A call of the API as somebody who has signed in by signIn(); nobody: without.
  async ask(method, path, body, name = 'anna') {
    const who = this.cookies[name];
    const answer = await fetch(this.server.url + path, {
      method, body: typeof body === 'string' ? body : body && JSON.stringify(body),
      headers: who ? { cookie: `headworks_session=${who.value}`, 'x-csrf-token': who.csrf } : {} });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  get(path, name) {
    return this.ask('GET', path, undefined, name);
  }

  // Makes the administrator anna if a test before did not, and the others once.
  async claim() {
    if (this.cookies.otto) return;
    const session = await this.get('/api/v1/session');
    await this.signIn('anna', session.unclaimed ? '/api/v1/setup' : '/api/v1/session');
    for (const [name, role, more] of [
      ['dora', 'administrator', { language: 'en', theme: 'dark' }],
      ['lin', 'administrator', { language: 'zh', theme: 'light' }],
      ['vera', 'viewer', { language: 'en' }], ['enno', 'engineer', { language: 'en' }],
      ['otto', 'operator', { language: 'en' }]]) {
      await this.ask('POST', '/api/v1/users', { name, password, role, must_change_password: false,
        units: 'si', time_zone: 'UTC', ...more });
      await this.signIn(name);
    }
  }

  async signIn(name, path = '/api/v1/session') {
    const answer = await fetch(this.server.url + path,
      { method: 'POST', body: JSON.stringify({ name, password }) });
    const body = await answer.json();
    assert.equal(answer.status, 201, JSON.stringify(body));
    const cookie = /headworks_session=([^;]+)/.exec(answer.headers.get('set-cookie'));
    this.cookies[name] = { value: cookie[1], csrf: body.csrf_token };
  }

  async close() {
    this.sim?.kill('SIGKILL');
    await this.server.close();
  }
}

export function openBrowser({ gl = false } = {}) {
  return chromium.launch({
    executablePath: process.env.HEADWORKS_CHROMIUM || '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-sync',
      '--disable-background-networking', '--disable-component-update',
      // A page that fromFolder() answers comes from no network at all to Chromium.
      ...(process.env.HEADWORKS_DIST ? ['--disable-features=LocalNetworkAccessChecks'] : []),
      ...(gl ? ['--use-angle=swiftshader', '--enable-unsafe-swiftshader'] : ['--disable-gpu'])],
  });
}

// HEADWORKS_DIST=console/dist takes the console from that folder instead of from the program, to
// see a change without a build; with the program's policy.
async function fromFolder(route) {
  const name = new URL(route.request().url()).pathname.slice(1);
  const folder = process.env.HEADWORKS_DIST;
  if (/^assets\/|\.svg$/.test(name)) return route.fulfill({ path: join(folder, name) });
  const answer = await route.fetch();
  const policy = answer.headers()['content-security-policy'];
  if (!policy) return route.fulfill({ response: answer });
  const nonce = /'nonce-(\w+)'/.exec(policy)[1];
  return route.fulfill({ contentType: 'text/html', headers: { 'content-security-policy': policy },
    body: readFileSync(join(folder, 'index.html'), 'utf8').replaceAll('HEADWORKS_NONCE', nonce) });
}

// A fresh page of somebody (null: nobody has signed in); it keeps what the browser complains of and
// who is asked.
export async function open(works, browser, path, { as = 'dora', ...more } = {}) {
  const context = await browser.newContext(
    { viewport: { width: 1280, height: 800 }, locale: 'en-GB', reducedMotion: 'reduce', ...more });
  context.setDefaultTimeout(60_000); // a busy machine is no fault of the page
  if (as) {
    await works.claim();
    await context.addCookies([{ name: 'headworks_session', value: works.cookies[as].value,
      url: works.server.url, httpOnly: true, sameSite: 'Strict' }]);
  }
  const page = await context.newPage();
  page.problems = [];
  page.asked = new Set();
  page.on('console', (one) => {
    if (!['error', 'warning'].includes(one.type())) return;
    const text = `${one.text()} (${one.location().url}) on ${page.url()}`;
    if (!harmless.some((known) => known.test(text))) page.problems.push(text);
  });
  page.on('pageerror', (error) => page.problems.push(`${error.stack} on ${page.url()}`));
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (!['blob:', 'data:'].includes(protocol)) page.asked.add(origin);
  });
  if (process.env.HEADWORKS_DIST) await page.route((url) =>
    !/^\/(api|mqtt|openapi|write|metrics|health)/.test(url.pathname), fromFolder);
  await page.goto(works.server.url + path);
  return page;
}

// Closes the page; fails if it complained, or asked anybody but the server. `expected`: what the
// test itself has brought about.
export async function close(works, page, expected = []) {
  await page.context().close();
  assert.deepEqual(page.problems.filter((text) => !expected.some((one) => one.test(text))), []);
  assert.deepEqual([...page.asked], [works.server.url]);
}

export const lamp = (page, state) =>
  page.locator(`header [role=status][data-state="${state}"]`).waitFor();

export const shot = (page, name) => page.screenshot({
  path: join(shots, `${name}.png`), timeout: 120_000, // WebGL by software, beside other tests
});
