// Every page of the console against the running demo: opens with what the API has, complains of
// nothing, asks nobody else, is fit for assistive technology in both themes, and speaks Chinese.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCases } from './harness.mjs';
import { Works, findings, lamp, open, openBrowser, root, shot } from './console_works.mjs';

const works = new Works();
await works.start();
await works.claim();
const browser = await openBrowser();
const { server } = works;
const pump = encodeURIComponent('bluewater/plant1/highlift/pump1');
const plc = 'bluewater/plant1/filtration/plc2';
const pens = 'bluewater/plant1/filtration/filter1/flow,bluewater/plant1/filtration/filter2/flow';

// The pairs of texts that a page declares: English and Chinese of each key.
function wordsOf() {
  const folder = join(root, 'console', 'src');
  const texts = new Map(); // English to true where the Chinese differs
  const keys = new Set();
  const pairs = /(?<![\w'])(\w+):\s*'((?:[^'\\]|\\.)*)'/g;
  const parse = (text) => new Map([...text.matchAll(pairs)]
    .map(([, key, value]) => [key, value]));
  const add = (en, zh) => {
    for (const [key, value] of parse(en)) {
      // Names of relationships and of groups of functions are data.
      if (/_|[a-z][A-Z]/.test(key) && !['partOf', 'set_returning'].includes(key)) keys.add(key);
      const other = parse(zh).get(key);
      if (other && other !== value && /^[A-Z][a-z]{2}|[a-z] [a-z]/.test(value))
        texts.set(value, key);
    }
  };
  const rooms = readdirSync(join(folder, 'pages')).map((one) => `pages/${one}`);
  for (const dir of ['app', 'ui', ...rooms]) {
    const names = readdirSync(join(folder, dir), { recursive: true });
    const read = (name) => readFileSync(join(folder, dir, name), 'utf8');
    for (const name of names.filter((one) => /(^|\/)words\.ts$/.test(one))) {
      const parts = read(name).split(/\n {2}\},\n {2}\{/);
      if (parts.length === 2) add(parts[0], parts[1]);
    }
    if (names.includes('en.ts')) add(read('en.ts'), read('zh.ts'));
  }
  return { texts, keys };
}
const words = wordsOf();

// Visible texts of headings, labels, buttons and the like.
const labelsOf = (page) => page.evaluate(() => {
  const found = new Set();
  for (const one of document.querySelectorAll(
    'h1, h2, h3, th, button, label, legend, [role=tab], nav a, dt'))
    if (one.checkVisibility?.()) found.add(one.innerText.trim());
  return [...found];
});

const textsOf = (page) => page.evaluate(() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = new Set();
  while (walker.nextNode()) found.add(walker.currentNode.nodeValue.trim());
  return [...found];
});

// Who looks: in English and dark, in Chinese and light. Each keeps one page and goes from place to
// place as a link does.
const people = [['dora', 'en', 'dark'], ['lin', 'zh', 'light']];
const pages = new Map();

async function go(page, path) {
  await page.evaluate((to) => {
    history.pushState(null, '', to);
    dispatchEvent(new PopStateEvent('popstate'));
  }, path);
}

async function look([as, language, scheme], name, path, { has = [], role, gl }) {
  const faults = [];
  const page = gl ? await open(works, gl, path, { as, viewport: { width: 800, height: 600 } })
    : pages.get(as) ?? await open(works, browser, path, { as });
  if (!gl && pages.has(as)) await go(page, path);
  if (!gl) pages.set(as, page);
  await lamp(page, 'up');
  for (const text of has) await page.getByText(text).filter({ visible: true }).first().waitFor();
  if (role) await page.locator(role).filter({ visible: true }).first().waitFor();
  await page.waitForFunction(() => !document.querySelector('main .mantine-Skeleton-root')
    && document.querySelector('main h1'));
  await page.locator(`html[data-mantine-color-scheme=${scheme}][lang^=${language}]`).waitFor();
  faults.push(...await findings(page));
  if (!/\S · Headworks$/.test(await page.title())) faults.push(`title ${await page.title()}`);
  faults.push(...(await textsOf(page)).filter((text) => words.keys.has(text))
    .map((text) => `the key ${text} is shown`));
  if (language === 'zh')
    faults.push(...(await labelsOf(page)).filter((text) => words.texts.has(text))
      .map((text) => `'${text}' is English (${words.texts.get(text)})`));
  if (await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth))
    faults.push('it overflows');
  // A picture of WebGL by software can take longer than the whole test.
  if (!gl) await shot(page, `${name}-${scheme}-${language}`);
  faults.push(...page.problems.splice(0));
  for (const origin of page.asked) if (origin !== server.url) faults.push(`it asks ${origin}`);
  if (gl) await page.context().close();
  return faults.map((text) => `${scheme} ${language}: ${text}`);
}

// `has`: texts of the plant that must show; `role`: what must be there.
async function visit(name, path, more = {}) {
  const faults = more.gl ? [] : await Promise.all(people.map((one) => look(one, name, path, more)));
  if (more.gl) for (const one of people) faults.push(await look(one, name, path, more));
  assert.equal(faults.flat().join('\n'), '');
}

// Several places of one page; all are seen before the case fails.
async function visitAll(places) {
  const failed = [];
  for (const [name, path, more] of places)
    await visit(name, path, more).catch((error) => failed.push(`${name}: ${error.message}`));
  assert.equal(failed.length, 0, failed.join('\n'));
}

const cases = {
  async overview() {
    const twin = await works.get('/api/v1/twins/bluewater');
    await visit('overview', '/', { has: [twin.name, /L\/s/] });
  },

  async plant_drawing() {
    await visit('plant-2d', '/plant?mode=2d', { role: 'main svg text' });
  },

  async plant_table() {
    await visit('plant-table', '/plant?mode=table', { has: ['Intake pump 1', 'Settling tank 1'] });
  },

  async plant_in_three_dimensions() {
    const gl = await openBrowser({ gl: true });
    await visit('plant-3d', '/plant?mode=3d', { role: 'main canvas', gl });
    await gl.close();
  },

  async trends() {
    await visit('trends', `/trends?pens=${encodeURI(pens)}&from=now-5m`,
      { role: 'main canvas', has: ['filter1/flow', 'filter2/flow'] });
  },

  async twin_of_a_pump() {
    const twin = await works.get(`/api/v1/twins/${pump}`);
    await visitAll(['values', 'orders', 'relations', 'description', 'past', 'subscriptions',
      'thing'].map((tab) => [`twin-${tab}`, `/twin?id=${pump}&tab=${tab}`,
      { has: [twin.name], role: '#twin-panel' }]));
  },

  async twin_rooms() {
    await visitAll([['twin-models', '/twin/models', {}], ['twin-scenarios', '/twin/scenarios', {}],
      ['twin-subscriptions', '/twin/subscriptions', {}], ['twin-many', '/twin/many', {}]]);
  },

  async gateway() {
    await visitAll([
      ['gateway', '/gateway', { has: [plc] }],
      ['gateway-points', '/gateway?tab=points&open=bluewater', { has: ['plant1'] }],
      ['gateway-templates', '/gateway?tab=templates', {}],
      ['gateway-drivers', '/gateway?tab=drivers', { has: ['modbus-tcp'] }],
      ['gateway-north', '/gateway?tab=north', {}],
    ]);
  },

  async device() {
    const path = `/gateway?device=${encodeURIComponent(plc)}`;
    await visitAll([
      ['device-tags', path, { has: ['filter1/flow', '2!300009'] }],
      ['device-settings', `${path}&part=settings`, {}],
      ['device-state', `${path}&part=state`, {}],
    ]);
  },

  async broker() {
    await visitAll(['', 'clients', 'subscriptions', 'topics', 'retained', 'traces', 'bans', 'slow']
      .map((tab) => [`broker-${tab || 'overview'}`, `/broker${tab && `?tab=${tab}`}`, {}]));
  },

  async rules() {
    await visitAll([
      ['rules', '/rules', { has: ['pump_energy', 'night_flow'] }],
      ['rule', '/rules?rule=pump_energy', { has: ['specific_energy'] }],
      ['rule-flow', '/rules?rule=pump_energy&tab=flow', {}],
      ['rules-streams', '/rules?list=streams', {}],
      ['rules-functions', '/rules?list=functions', {}],
      ['rules-connectors', '/rules?list=connectors', {}],
    ]);
  },

  async system() {
    await visitAll(['health', 'users', 'keys', 'account', 'settings', 'storage', 'audit', 'log',
      'about'].map((tab) => [`system-${tab}`, `/system?tab=${tab}`,
      { has: { users: ['vera'], settings: ['mqtt.port'], audit: ['anna'] }[tab] ?? [] }]));
  },
};

const only = process.env.HEADWORKS_CASES?.split(',');
await runCases(only ? Object.fromEntries(only.map((name) => [name, cases[name]])) : cases);
await browser.close();
await works.close();
