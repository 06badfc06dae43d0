// Every page of the console against the running demo, every tab of it and its windows, in both
// languages and both themes: complains of nothing, asks nobody else, is fit for assistive
// technology, cuts no text at 1280 and at 1920, speaks one language, and is led by keyboard.
// A picture of each comes to console_shots/ of the build.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCases, until } from './harness.mjs';
import { cutTexts, dataSet, dictionary, findings, keyboardFaults, wrongLanguage }
  from './console_checks.mjs';
import { Works, lamp, open, openBrowser, root, shot } from './console_works.mjs';

const works = new Works();
await works.start();
await works.claim();
const browser = await openBrowser();
const { server } = works;
const pump = encodeURIComponent('bluewater/plant1/highlift/pump1');
const plc = 'bluewater/plant1/filtration/plc2';
const plcPath = `/gateway?device=${encodeURIComponent(plc)}`;
const pens = 'bluewater/plant1/filtration/filter1/flow,bluewater/plant1/filtration/filter2/flow';
const trends = `/trends?pens=${encodeURI(pens)}&from=now-5m`;

// Two people look, each in one page and one language; the theme changes with the size of the
// window, so that each language is seen in both, and each size in both languages.
const people = {
  en: { name: 'dora', pairs: [['dark', 1280, 800], ['light', 1920, 1080]] },
  zh: { name: 'lin', pairs: [['light', 1280, 800], ['dark', 1920, 1080]] },
};
const totals = { looks: 0, pictures: 0, tabs: 0, windows: 0, ms: {} };
// What fails a page at once. The rest of what is found is printed as `left:` and is to be mended:
// texts that are cut or in the other language, and places that Tab or Esc does not serve.
const hard = /^the key |scrolls sideways/;
const left = new Set();
const leave = (where, found) => found.forEach((text) => left.add(`${where}: ${text}`));
const timed = async (what, promise) => {
  const begin = performance.now();
  const result = await promise;
  totals.ms[what] = (totals.ms[what] ?? 0) + performance.now() - begin;
  return result;
};

// So that no list is empty.
async function furnish() {
  const put = (path, body) => works.ask('PUT', `/api/v1/${path}`, body);
  const post = (path, body) => works.ask('POST', `/api/v1/${path}`, body);
  await post('keys', { name: 'scada', role: 'viewer', scope: 'bluewater/#' });
  await post('mqtt/bans', { kind: 'client', value: 'stray-1', reason: 'floods the broker' });
  await post('mqtt/traces', { name: 'intake', kind: 'topic', value: 'bluewater/#', for: '1h' });
  await put('connectors/works_copy', { name: 'works_copy', kind: 'http',
    url: 'http://127.0.0.1:9/x' });
  await put('templates/pump', { name: 'pump', description: 'A pump of two tags', device: {
    driver: 'modbus-tcp', settings: { host: '${host}' }, groups: [{ name: 'fast', interval: '1s',
      tags: [{ name: 'flow', address: '1!400001', type: 'uint16' }] }] },
    parameters: [{ name: 'host', description: 'Address of the PLC' }] });
  await put('twin/subscriptions/pumps', { filter: { twins: 'bluewater/plant1/highlift/#' } });
  await post('streams',
    { sql: 'CREATE STREAM readings (id BIGINT, name STRING) WITH (DATASOURCE = "x/readings")' });
  await post('scenarios?run=true', { id: 'less_water', name: 'Less water', site: 'bluewater',
    horizon: '2h' });
}

// What the people of the plant named, and code: it stays as they wrote it in every language.
async function namesOfThePlant() {
  const names = new Set();
  const take = (value, fields) => {
    for (const [key, one] of Object.entries(value ?? {})) {
      const wanted = fields === '*' || fields.includes(key);
      if (wanted && typeof one === 'string') names.add(one);
      else if (wanted && Array.isArray(one) && typeof one[0] === 'string')
        one.forEach((each) => names.add(each));
      else if (typeof one === 'object') take(one, fields);
    }
  };
  const all = async (path, fields, each) => {
    for (let cursor = ''; cursor !== undefined;) {
      const page = await works.get(`/api/v1/${path}${path.includes('?') ? '&' : '?'}limit=1000` +
        `${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      take(page.items, fields);
      if (each) for (const one of page.items) await each(one);
      cursor = page.next || undefined;
    }
  };
  const seg = encodeURIComponent;
  await all('points', ['unit', 'type'],
    ({ point }) => point.split('/').forEach((one) => names.add(one)));
  await all('twins', ['id', 'name']);
  await all('rules', ['id', 'description', 'tags', 'sql'], async ({ id }) =>
    take(await works.get(`/api/v1/rules/${seg(id)}/plan`), ['name', 'operator', 'kind', 'detail']));
  const ofDevices = ['name', 'driver', 'last_error', 'origin', 'description'];
  await all('devices', ofDevices, async ({ name }) =>
    take(await works.get(`/api/v1/devices/${seg(name)}`), ['name', 'type', 'address', 'unit',
      'description']));
  await all('users', ['name', 'display_name']);
  await all('keys', ['name', 'scope']);
  await all('sessions?user=*', ['agent', 'browser', 'user_agent', 'address']);
  await all('functions', ['name', 'signature', 'example', 'example_result', 'origin']);
  await all('settings', ['key', 'value', 'default']);
  await all('mqtt/clients', ['client_id', 'user_name', 'protocol']);
  await all('mqtt/retained', ['topic', 'payload']);
  await all('audit', ['actor', 'origin', 'action', 'target']);
  await all('connectors', ['name', 'kind']);
  await all('connectors/kinds', ['kind', 'name']);
  await all('drivers', ['name', 'link', 'title']);
  await all('streams', ['name', 'sql']);
  await all('templates', ['name', 'description']);
  await all('scenarios', ['id', 'name', 'model', 'error', 'description']);
  take(await works.get('/api/v1/system'), '*');
  await all('twin/models', ['id'], async ({ id, displayName }) => {
    names.add(id.replace(/^.*:|;\d+$/g, '')).add(displayName);
    take(await works.get(`/api/v1/twin/models/${seg(id)}`), ['name', 'expression']);
  });
  for (const scene of (await works.get('/api/v1/twin/scenes')).items) {
    const text = JSON.stringify(await works.get(`/api/v1/twins/${seg(scene.site)}/scene`));
    // Names without a translation, and the words of labels around their values.
    for (const [, one] of text.matchAll(/"((?:[^"\\]|\\.)*)"/g))
      one.split(/\{[^}]*\}/).forEach((part) => names.add(part.trim()));
  }
  // The members of a rule's actions, as the API names them.
  const kinds = readFileSync(
    join(root, 'console', 'src', 'pages', 'rules', 'editor', 'actionKinds.ts'), 'utf8');
  for (const [, name] of kinds.matchAll(/name: '(\w+)'/g)) names.add(name);
  ['keep', 'republish', 'point', 'prefix', 'time', 'value', 'quality', 'unit',
    'Azure Digital Twins', 'over', 'on', 'stray-1', 'floods the broker', 'x/readings', 'Less water',
    'intake', 'scada', 'ok',
    'A pump of two tags', 'Address of the PLC'].forEach((one) => names.add(one));
  return dataSet([...names]);
}

await furnish();
const known = await namesOfThePlant();

async function go(page, path) {
  await page.evaluate((to) => {
    history.pushState(null, '', to);
    dispatchEvent(new PopStateEvent('popstate'));
  }, path);
}

const pages = {};
async function pageOf(language) {
  pages[language] ??= open(works, browser, '/', { as: people[language].name })
    .then(async (page) => {
      // The test chooses the theme; the server's memory of it must not come in between.
      await page.route('**/api/v1/session', async (route) => {
        const answer = await route.fetch();
        const body = await answer.json().catch(() => null);
        if (body?.user) delete body.user.theme;
        await route.fulfill({ response: answer, body: body ? JSON.stringify(body) : undefined });
      });
      await lamp(page, 'up');
      return page;
    });
  return pages[language];
}

// A colour that was on its way when it was looked at is looked at again.
async function serious(page, short) {
  const found = await findings(page, short);
  if (!found.some((text) => text.startsWith('color-contrast'))) return found;
  await page.waitForTimeout(1000);
  return findings(page, short);
}

// As another tab of the browser would change it.
async function dress(page, scheme, width, height) {
  if (page.viewportSize().width !== width) await page.setViewportSize({ width, height });
  const now = await page.evaluate((wanted) => {
    const key = 'headworks.prefs';
    const kept = JSON.parse(localStorage.getItem(key));
    if (kept.state.scheme !== wanted) {
      localStorage.setItem(key, JSON.stringify({ ...kept,
        state: { ...kept.state, scheme: wanted } }));
      dispatchEvent(new StorageEvent('storage', { key }));
    }
    return document.documentElement.dataset.mantineColorScheme;
  }, scheme);
  if (now !== scheme) await page.locator(`html[data-mantine-color-scheme=${scheme}]`).waitFor();
}

async function settled(page, has, role) {
  await page.waitForFunction(() => document.querySelector('main h1')
    && !document.querySelector('main .mantine-Skeleton-root, main [aria-busy=true]'));
  for (const text of has) await page.getByText(text).filter({ visible: true }).first().waitFor();
  if (role) await page.locator(role).filter({ visible: true }).first().waitFor();
  await still(page);
}

// Colours go to their new ones within some frames, even where motion is reduced.
const still = (page) => page.waitForFunction(() => new Promise((resolve) => {
  let quiet = 0;
  const look = () => {
    if (document.getAnimations().some((one) => one instanceof CSSTransition)) resolve(false);
    else if ((quiet += 1) > 5) resolve(true);
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}));

async function look(language, name, path, { has = [], role, act, keys = false }) {
  const page = await pageOf(language);
  const { pairs } = people[language];
  // The pair of the place before comes first, so that each place costs one change.
  const first = pairs.findIndex(([scheme]) => scheme === page.scheme);
  const order = first === 1 ? [pairs[1], pairs[0]] : pairs;
  const faults = [];
  const say = (space, key, values = {}) => {
    const text = dictionary[space]?.[key]?.[language];
    assert.ok(text, `the console has the word ${space}.${key}`);
    return text.replace(/\{\{(\w+)\}\}/g, (_, one) => values[one]);
  };
  for (let i = 0; i < 3 && await page.locator('[role=dialog]:visible').count(); ++i) {
    await page.keyboard.press('Escape');
    await page.waitForTimeout(300);
  }
  await dress(page, ...order[0]);
  await timed('open', (async () => {
    await go(page, path);
    await settled(page, has, role);
  })());
  if (keys) {
    totals.tabs += 1;
    leave(`${name} ${language}`, await timed('keys', keyboardFaults(page)));
    await page.evaluate(() => document.querySelectorAll('main, main *')
      .forEach((one) => one.scrollTop && one.scrollTo(0, 0)));
  }
  if (act) await timed('act', act(page, say));
  for (const [scheme, width, height] of order) {
    await dress(page, scheme, width, height);
    await still(page);
    page.scheme = scheme;
    const at = `${scheme} ${language} ${width}`;
    const told = [
      ...await timed('cut', cutTexts(page)),
      ...(scheme === order[0][0]
        ? await timed('words', wrongLanguage(page, language, known)) : []),
    ];
    const found = [
      ...await timed('axe', serious(page, scheme !== order[0][0])),
      ...told.filter((text) => hard.test(text)),
    ];
    leave(`${name} ${at}`, told.filter((text) => !hard.test(text)));
    faults.push(...found.map((text) => `${at}: ${text}`));
    await timed('picture', shot(page, `${name}-${scheme}-${language}`));
    totals.looks += 1;
    totals.pictures += 1;
  }
  if (act) leave(`${name} ${language}`, await timed('escape', escape(page, act.byMouse)));
  if (!/\S · Headworks$/.test(await page.title())) faults.push(`title ${await page.title()}`);
  faults.push(...page.problems.splice(0));
  for (const origin of page.asked) if (origin !== server.url) faults.push(`it asks ${origin}`);
  return faults.map((text) => `${name} ${language}: ${text}`);
}

// Esc closes the window that is open, and the focus is in the page again, where the window was
// opened from there.
async function escape(page, byMouse) {
  const windows = page.locator('[role=dialog]:visible, [role=menu]:visible');
  const before = await windows.count();
  if (!before) return [];
  totals.windows += 1;
  // The first closes a list that is open within.
  if (await page.locator('[role=listbox]:visible').count()) await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  const closed = await until(async () => await windows.count() < before, 'it closes', 3)
    .catch(() => false);
  if (!closed) return ['Esc does not close the window'];
  const back = !byMouse || await until(() => page.evaluate(() =>
    document.activeElement !== document.body
    && document.activeElement?.checkVisibility()), 'the focus', 1).catch(() => false);
  return back ? [] : ['the focus is lost when the window closes'];
}

// Each place in both languages at once; all are seen before the case fails.
async function visitAll(places) {
  const faults = await Promise.all(Object.keys(people).map(async (language) => {
    const found = [];
    for (const [name, path, more] of places) {
      const at = await look(language, name, path, more ?? {})
        .catch(async (error) => {
          const page = await pageOf(language);
          await shot(page, `failed-${name}-${language}`);
          await page.keyboard.press('Escape');
          return [`${name} ${language}: ${error.message}`];
        });
      found.push(...at);
    }
    return found;
  }));
  if (faults.flat().length) throw new Error(`${faults.flat().length} faults\n${
    faults.flat().join('\n')}`);
}

const press = (space, key, values) => Object.assign(async (page, say) => {
  await page.getByRole('button', { name: say(space, key, values) }).filter({ visible: true })
    .first().click();
  await page.locator('[role=dialog], [role=menu]').filter({ visible: true }).first().waitFor();
}, { byMouse: true });

const cases = {
  async overview() {
    const twin = await works.get('/api/v1/twins/bluewater');
    await visitAll([
      ['overview', '/', { has: [twin.name, /L\/s/], keys: true }],
      ['overview-day', '/?span=24h', { has: [/L\/s/] }],
      ['overview-tv', '/?tv=1', { has: [/L\/s/] }],
    ]);
  },

  async shell() {
    const palette = async (page, say) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: say('app', 'palette') }).fill('filter1');
      await page.getByRole('option').filter({ hasText: 'filter1' }).first().waitFor();
    };
    await visitAll([
      ['palette', '/', { act: palette }],
      ['keys', '/', { act: async (page, say) => {
        await page.keyboard.press('?');
        await page.getByRole('dialog', { name: say('app', 'keys') }).waitFor();
      } }],
      ['account', '/', { act: async (page) => {
        await page.getByRole('banner').getByRole('button', { name: /^(dora|lin)$/ }).click();
        await page.getByRole('dialog').waitFor();
      } }],
      ['not-found', '/nowhere', {}],
    ]);
  },

  async plant() {
    const node = '&node=highlift_pump1';
    await visitAll([
      ['plant-2d', '/plant?mode=2d', { role: 'main svg text', keys: true }],
      ['plant-table', '/plant?mode=table', { role: 'main tr[data-key]' }],
      ['faceplate', `/plant?mode=2d${node}`, { role: 'main aside, main [role=complementary]' }],
      ['faceplate-table', `/plant?mode=table${node}`,
        { role: 'main aside, main [role=complementary]' }],
      ['plant-layers', '/plant?mode=2d', { role: 'main svg text', act: press('plant', 'layers') }],
      ['plant-replay', '/plant?mode=2d&at=now-1m', { role: 'main svg text' }],
      ['plant-whatif', '/plant?mode=2d&whatif=1', {}],
    ]);
  },

  // WebGL by software is slow: one small page for each language, axe and words, no pictures.
  async plant_in_three_dimensions() {
    const gl = await openBrowser({ gl: true });
    const faults = [];
    for (const [language, { name }] of Object.entries(people)) {
      const page = await open(works, gl, '/plant?mode=3d',
        { as: name, viewport: { width: 800, height: 600 } });
      await lamp(page, 'up');
      await page.locator('main canvas').first().waitFor();
      for (const scheme of ['dark', 'light']) {
        await dress(page, scheme, 800, 600);
        const found = [...await serious(page, false),
          ...(await wrongLanguage(page, language, known)).filter((text) => hard.test(text)),
          ...page.problems.splice(0)];
        faults.push(...found.map((text) => `3d ${scheme} ${language}: ${text}`));
        totals.looks += 1;
      }
      for (const origin of page.asked) if (origin !== server.url) faults.push(`it asks ${origin}`);
      await page.context().close();
    }
    await gl.close();
    assert.equal(faults.join('\n'), '');
  },

  async trends() {
    const menu = (key) => press('trends', key);
    await visitAll([
      ['trends-empty', '/trends', {}],
      ['trends', trends,
        { role: 'main canvas', has: ['filter1/flow', 'filter2/flow'], keys: true }],
      ['trends-values', `${trends}&tab=table`, { role: 'main canvas' }],
      ['trends-statistics', `${trends}&tab=statistics`, { role: 'main canvas' }],
      ['trends-sql', `${trends}&tab=sql`, { role: 'main canvas' }],
      ['trends-export', trends, { role: 'main canvas', act: menu('export') }],
      ['trends-view', trends, { role: 'main canvas', act: menu('view') }],
    ]);
  },

  async twin_of_a_pump() {
    const { name } = await works.get(`/api/v1/twins/${pump}`);
    const named = new RegExp(Object.values(name).join('|'));
    await visitAll(['values', 'orders', 'relations', 'description', 'past', 'subscriptions',
      'thing'].map((tab) => [`twin-${tab}`, `/twin?id=${pump}&tab=${tab}`,
      { has: [named], role: '#twin-panel', keys: tab === 'values' || tab === 'orders' }]));
  },

  async twin_rooms() {
    await visitAll([
      ['twin-empty', '/twin', {}],
      ['twin-models', '/twin/models', {}],
      ['twin-model', `/twin/models?model=${encodeURIComponent('dtmi:headworks:water:Pump;1')}`, {}],
      ['twin-scenarios', '/twin/scenarios', {}],
      ['twin-scenario', '/twin/scenarios?scenario=less_water', { has: ['Less water'] }],
      ['twin-scenario-new', '/twin/scenarios?scenario=new', {}],
      ['twin-subscriptions', '/twin/subscriptions', {}],
      ['twin-subscription', '/twin/subscriptions?subscription=pumps', { has: ['pumps'] }],
      ['twin-subscription-new', '/twin/subscriptions?new=1', {}],
      ['twin-many', '/twin/many', { keys: true }],
      ['twin-new', '/twin', { act: press('twin', 'newTwin') }],
      ['twin-menu', `/twin?id=${pump}`, { role: '#twin-panel', act: press('twin', 'twinMenu') }],
      ['twin-order', `/twin?id=${pump}&tab=orders`, { role: '#twin-panel',
        act: press('twin', 'set') }],
    ]);
  },

  async gateway() {
    await visitAll([
      ['gateway', '/gateway', { has: [plc], keys: true }],
      ['gateway-points', '/gateway?tab=points&open=bluewater', { has: ['plant1'] }],
      ['gateway-templates', '/gateway?tab=templates', { has: ['A pump of two tags'] }],
      ['gateway-drivers', '/gateway?tab=drivers', { has: ['modbus-tcp'] }],
      ['gateway-driver', '/gateway?tab=drivers&driver=modbus-tcp', { has: ['modbus-tcp'] }],
      ['gateway-north', '/gateway?tab=north', { has: ['works_copy'] }],
      ['gateway-import', '/gateway', { has: [plc], act: press('gateway', 'import') }],
      ['gateway-wizard', '/gateway?new=1', { role: 'main [role=radio]', keys: true }],
      ['gateway-wizard-connect', '/gateway?new=1', { act: async (page, say) => {
        await page.getByRole('radio', { name: /Modbus TCP/ }).click();
        await page.getByLabel(say('gateway', 'deviceName')).waitFor();
      } }],
      ['connector-new', '/gateway?tab=north', { act: press('gateway', 'newConnector') }],
      ['template-new', '/gateway?tab=templates', { act: press('gateway', 'newTemplate') }],
      ['device-menu', '/gateway', { has: [plc],
        act: press('gateway', 'menuOf', { name: plc }) }],
    ]);
  },

  async device() {
    const write = async (page, say) => {
      await page.getByRole('button', { name: say('gateway', 'writeOf',
        { name: 'filter1/flow_setpoint' }) }).click();
      await page.getByLabel(say('gateway', 'newValue')).fill('31');
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').filter({ hasText: '31 L/s' }).waitFor();
    };
    await visitAll([
      ['device-tags', plcPath, { has: ['filter1/flow', '2!300009'] }],
      ['device-settings', `${plcPath}&part=settings`, {}],
      ['device-state', `${plcPath}&part=state`, {}],
      ['device-tag', `${plcPath}&tq=flow_setpoint`, { has: ['filter1/flow_setpoint'],
        act: async (page) => {
        await page.getByRole('row').filter({ hasText: 'filter1/flow_setpoint' }).first()
          .press('Enter');
        await page.getByRole('dialog').waitFor();
      } }],
      ['write', `${plcPath}&tq=flow_setpoint`, { has: ['filter1/flow_setpoint'], act: write }],
    ]);
  },

  async broker() {
    const client = encodeURIComponent((await works.get('/api/v1/mqtt/clients')).items[0].client_id);
    await visitAll([
      ...['', 'clients', 'subscriptions', 'topics', 'retained', 'traces', 'bans', 'slow']
        .map((tab) => [`broker-${tab || 'overview'}`, `/broker${tab && `?tab=${tab}`}`,
          { keys: tab === 'clients' || tab === 'topics' }]),
      ['broker-client', `/broker?tab=clients&client=${client}`, { act: async (page) => {
        await page.getByRole('dialog').waitFor();
      } }],
      ['broker-topic', '/broker?tab=topics&topic=bluewater%2Fplant1%2Fhighlift%2Fpump1%2Fflow', {}],
      ['broker-ban', '/broker?tab=bans', { act: press('broker', 'newBan') }],
      ['broker-trace', '/broker?tab=traces&trace=intake', { has: ['intake'] }],
      ['broker-trace-new', '/broker?tab=traces', { act: press('broker', 'newTrace') }],
    ]);
  },

  async rules() {
    const tab = (name) => [`rule-${name}`, `/rules?rule=pump_energy&tab=${name}`,
      { has: ['pump_energy'] }];
    await visitAll([
      ['rules', '/rules', { has: ['pump_energy', 'night_flow'], keys: true }],
      ['rule', '/rules?rule=pump_energy', { has: ['specific_energy'], keys: true }],
      tab('flow'), tab('versions'), tab('options'),
      ['rule-new', '/rules?new=1', {}],
      ['rule-template', '/rules?new=1&template=limit', {}],
      ['rules-import', '/rules', { has: ['pump_energy'], act: press('rules', 'import') }],
      ['rules-menu', '/rules', { has: ['pump_energy'],
        act: press('rules', 'more', { id: 'pump_energy' }) }],
      ['rules-streams', '/rules?list=streams', { has: ['readings'] }],
      ['rules-schemas', '/rules?list=schemas', {}],
      ['rules-functions', '/rules?list=functions', {}],
      ['rules-connectors', '/rules?list=connectors', {}],
    ]);
  },

  async system() {
    await visitAll([
      ...['health', 'users', 'keys', 'account', 'settings', 'storage', 'audit', 'log', 'about']
        .map((tab) => [`system-${tab}`, `/system?tab=${tab}`, { has: { users: ['vera'],
          settings: ['mqtt.port'], audit: ['anna'], keys: ['scada'] }[tab] ?? [],
        keys: ['users', 'settings', 'account'].includes(tab) }]),
      ['user-new', '/system?tab=users', { act: press('system', 'newUser') }],
      ['user', '/system?tab=users', { has: ['vera'], act: async (page) => {
        await page.getByRole('row').filter({ hasText: 'vera' }).press('Enter');
        await page.getByRole('dialog').waitFor();
      } }],
      ['key-new', '/system?tab=keys', { act: press('system', 'newKey') }],
      ['audit-record', '/system?tab=audit', { has: ['anna'], act: async (page) => {
        await page.getByRole('row').filter({ hasText: 'anna' }).first().press('Enter');
        await page.getByRole('dialog').waitFor();
      } }],
    ]);
  },
};

const only = process.env.HEADWORKS_CASES?.split(',');
const begin = performance.now();
await runCases(only ? Object.fromEntries(only.map((name) => [name, cases[name]])) : cases);
for (const text of left) console.log(`left: ${text}`);
console.log(`figure: ${left.size} left, ${totals.looks} looks (language, theme, size), ` +
  `${totals.tabs} walks by Tab, ${totals.windows} windows closed by Esc, ` +
  `${((performance.now() - begin) / 1000)
    .toFixed(0)} s; ` +
  Object.entries(totals.ms).map(([what, ms]) => `${what} ${(ms / 1000).toFixed(0)}`).join(', '));
await browser.close();
await works.close();
