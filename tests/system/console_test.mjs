// The console as people use it, from the first run on, against a running demo.

import assert from 'node:assert/strict';
import { runCases, until } from './harness.mjs';
import { Works, close, lamp, open, openBrowser, password, shot } from './console_works.mjs';

const works = new Works();
await works.start();
const browser = await openBrowser();
const { server } = works;
const plc = 'bluewater/plant1/filtration/plc2';
const setpoint = 'filter1/flow_setpoint';

const refused = (status) => [new RegExp(`status of ${status} `)];

const figure = (text) => console.log(`figure: ${text}`);

// An input by its whole label; a required one has a star after it.
const field = (page, label) => page.getByRole('textbox',
  { name: new RegExp(`^${label}( \\*)?$`) });

// The newest value of a point as the server has it.
const valueOf = async (point) => (await works.get(
  `/api/v1/points?filter=${encodeURIComponent(point)}`)).items[0]?.value;

const tagsOf = (q) => `/gateway?device=${encodeURIComponent(plc)}&tq=${encodeURIComponent(q)}`;

const cases = {
  async first_run() {
    const page = await open(works, browser, '/', { as: null });
    await page.getByRole('status').getByText('no administrator yet').waitFor();
    await page.getByRole('button', { name: 'Make the administrator' }).click();
    await page.waitForURL('**/setup');
    await page.getByLabel('Sign-in name').waitFor();
    // By keyboard: the first field has the focus; Tab leads on.
    await page.keyboard.type('anna');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Anna');
    await field(page, 'Password').focus();
    await page.keyboard.type('short');
    await page.getByText('Strength: too short').waitFor();
    await field(page, 'Password').fill(password);
    await field(page, 'Password again').fill(`${password}s`);
    await page.keyboard.press('Enter');
    await page.getByText('The two do not match.').first().waitFor();
    await field(page, 'Password again').fill(password);
    await shot(page, 'setup');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await lamp(page, 'up');
    await page.getByRole('banner').getByRole('button', { name: 'Anna', exact: false }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/login*');
    assert.equal((await works.get('/api/v1/session')).unclaimed, false);
    await close(works, page, refused(401));
  },

  async sign_in_and_next() {
    await works.claim();
    const page = await open(works, browser, '/trends?from=now-6h', { as: null });
    await page.waitForURL((url) => url.pathname === '/login'
      && url.searchParams.get('next') === '/trends?from=now-6h');
    await page.getByLabel('Name').fill('anna');
    await field(page, 'Password').fill('not the right one at all');
    await page.keyboard.press('Enter');
    await page.getByText('Name or password is wrong.').waitFor();
    await shot(page, 'sign-in');
    await field(page, 'Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/trends?from=now-6h');
    for (const away of ['https://example.org/', '//example.org/', '/\\example.org',
      'javascript:0']) {
      await page.context().clearCookies();
      await page.goto(`${server.url}/login?next=${encodeURIComponent(away)}`);
      await page.getByLabel('Name').fill('anna');
      await field(page, 'Password').fill(password);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
      assert.equal(new URL(page.url()).origin, server.url);
    }
    await close(works, page, refused(401));
  },

  async a_password_of_another_is_changed() {
    await works.claim();
    await works.ask('POST', '/api/v1/users',
      { name: 'mara', password, role: 'viewer', must_change_password: true });
    const page = await open(works, browser, '/login', { as: null });
    await page.getByLabel('Name').fill('mara');
    await field(page, 'Password').fill(password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Choose a new password' }).waitFor();
    await field(page, 'Password until now').fill(password);
    await field(page, 'New password').fill('nine red lanterns float');
    await field(page, 'New password again').fill('nine red lanterns float');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await close(works, page, [...refused(401), ...refused(403)]);
  },

  async the_overview_agrees_with_the_api() {
    const page = await open(works, browser, '/');
    const devices = (await works.get('/api/v1/devices')).items;
    await until(async () => (await works.get('/api/v1/devices')).items
      .every(({ state }) => state.link === 'connected'), 'all devices connected');
    await page.getByText(`${devices.length} of ${devices.length} up`).first().waitFor();
    await close(works, page);
  },

  async keys_and_palette() {
    const page = await open(works, browser, '/');
    await lamp(page, 'up');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    await page.waitForURL('**/trends');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search or go to' }).fill('filter1/flow');
    const hit = page.getByRole('option').filter({ hasText: 'filtration/filter1/flow' }).first();
    await hit.waitFor();
    await hit.click();
    await page.waitForURL(/\/trends\?pens=bluewater.*filter1/);
    await page.getByRole('table', { name: 'Pens' }).getByText('filter1/flow').first().waitFor();
    await close(works, page);
  },

  async a_replay_that_plays_goes_back_to_live() {
    const page = await open(works, browser, '/plant?mode=2d&at=now-5m&play=1');
    const told = page.getByRole('banner').getByText('Replay of');
    for (const button of [page.getByRole('banner').getByRole('button', { name: 'Back to live' }),
      page.getByRole('main').getByRole('button', { name: 'Back to live' })]) {
      await told.waitFor();
      // It writes its moment into the address as it plays.
      await page.waitForURL((url) => /^20/.test(url.searchParams.get('at') ?? '')
        && url.searchParams.get('play') === '1');
      await button.click();
      await told.waitFor({ state: 'detached' });
      await page.waitForTimeout(2500); // longer than between two of its moments
      assert.equal(new URL(page.url()).search, '?mode=2d');
      await page.getByRole('main').getByRole('button', { name: 'Replay' }).click();
      await page.getByRole('main').getByRole('button', { name: /^Play/ }).click();
    }
    await page.goto(`${server.url}/`);
    await close(works, page);
  },

  async language_theme_and_units_switch_live() {
    await works.claim();
    const page = await open(works, browser, tagsOf('filter1/flow'), { as: 'anna' });
    const row = page.getByRole('row').filter({ hasText: setpoint });
    await row.getByText('L/s').waitFor();
    await page.evaluate(() => { globalThis.loadedOnce = true; });
    await page.getByRole('banner').getByRole('button', { name: 'Anna', exact: false }).click();
    await page.getByRole('dialog').getByText('US', { exact: true }).click();
    await row.getByText('gpm').waitFor();
    const litres = await valueOf(`bluewater/plant1/filtration/${setpoint}`);
    const shown = Number((await row.innerText()).match(/([\d.,]+)\s*gpm/)[1].replace(',', ''));
    assert.ok(Math.abs(shown / (litres * 60 / 3.785411784) - 1) < 0.01, `${shown} of ${litres}`);
    await page.getByRole('dialog').getByText('Light', { exact: true }).click();
    await page.locator('html[data-mantine-color-scheme=light]').waitFor();
    await page.getByRole('dialog').getByLabel('Language').selectOption('zh');
    await page.getByRole('navigation', { name: '页面' }).getByText('总览').waitFor();
    assert.equal(await page.evaluate(() => globalThis.loadedOnce), true);
    await until(async () => (await works.get('/api/v1/session', 'anna')).user.units === 'us',
      'the server knows what anna likes');
    await close(works, page);
    await works.ask('PATCH', '/api/v1/session/preferences',
      { language: 'en', theme: 'dark', units: 'si' }, 'anna');
  },

  async a_viewer_changes_nothing() {
    await works.claim();
    const page = await open(works, browser, tagsOf('filter1/flow'), { as: 'vera' });
    await page.getByRole('row').filter({ hasText: setpoint }).getByText('L/s').waitFor();
    const offers = /^(Write|Add|New|Import|Save|Set|Delete|Send|Remove|Make|Create)\b/;
    for (const path of [null, '/gateway', '/rules', '/rules?rule=pump_energy', '/system?tab=users',
      '/twin?id=bluewater%2Fplant1%2Fhighlift%2Fpump1&tab=orders',
      '/twin?id=bluewater%2Fplant1&tab=scene&node=filter3']) {
      if (path) await page.goto(server.url + path);
      await lamp(page, 'up');
      await page.locator('main h1').waitFor();
      const buttons = page.getByRole('main').getByRole('button', { name: offers, disabled: false });
      const names = await buttons.allInnerTexts();
      assert.deepEqual(names, [], `${path}`);
    }
    await close(works, page, refused(403));
  },

  async a_scene_is_edited() {
    await works.claim();
    const at = '/api/v1/twins/bluewater%2Fplant1/scene';
    const position = async (id) =>
      (await works.get(at)).nodes.find((node) => node.id === id).position;
    const [x, y, z] = await position('filter3');
    const page = await open(works, browser,
      '/twin?id=bluewater%2Fplant1&tab=scene&node=filter3', { as: 'enno' });
    const cell = page.getByRole('textbox', { name: 'x of Filter 3, m' });
    const save = page.getByRole('button', { name: 'Save' });
    // By the table; then by keys on the plan, a metre to the south.
    await cell.fill('-5');
    await cell.press('Enter');
    await page.getByText('1 change is not saved').waitFor();
    const plan = page.getByRole('application', { name: 'The scene from above' });
    await plan.press('Shift+ArrowDown');
    await shot(page, 'scene-edited');
    await save.click();
    await page.getByText('saved as revision 2').waitFor();
    assert.deepEqual(await position('filter3'), [-5, y, z + 1]);
    await page.getByRole('button', { name: 'Take the save back' }).click();
    await until(async () => (await position('filter3'))[0] === x, 'the save is taken back');
    // What the server would refuse is told before it is saved.
    const twin = page.getByRole('combobox', { name: 'Twin of Filter 3' });
    await twin.fill('nowhere');
    await twin.press('Enter');
    await page.getByText('1 doubt').waitFor();
    // Somebody else is faster: both changes stand.
    await works.ask('PATCH', `${at}/nodes/filter4`, { position: [7, 0, 7] });
    await save.click();
    await page.getByText('Somebody else has saved this scene').waitFor();
    await page.getByText('On the server: 1 change').waitFor();
    await shot(page, 'scene-conflict');
    await page.getByRole('button', { name: 'Put mine on theirs' }).click();
    await save.click();
    await page.getByText('saved as revision 5').waitFor();
    const { nodes } = await works.get(at);
    assert.deepEqual(nodes.find((node) => node.id === 'filter4').position, [7, 0, 7]);
    assert.equal(nodes.find((node) => node.id === 'filter3').twin, 'nowhere');
    await close(works, page, refused(412));
  },

  async an_own_device_by_mouse() {
    const page = await open(works, browser, '/gateway');
    let clicks = 0;
    const click = async (locator) => {
      clicks += 1;
      await locator.click();
    };
    const button = (name) => page.getByRole('button', { name, exact: true });
    const fill = async (locator, text) => {
      await click(locator);
      await page.keyboard.type(text);
    };
    await click(button('New device'));
    await click(page.getByRole('radio', { name: /Modbus TCP/ }));
    // The name has the focus.
    await page.getByLabel('Name of the device').and(page.locator(':focus')).waitFor();
    await page.keyboard.type('own/filter');
    await fill(page.getByLabel('host', { exact: false }).first(), '127.0.0.1');
    const port = page.getByLabel('port', { exact: false }).first();
    await click(port);
    await port.fill(String(works.ports.modbus));
    await click(button('Test connection'));
    await page.getByText('The link is up.').waitFor();
    await click(button('Next'));
    await click(button('Next'));
    await fill(page.getByLabel('Tag', { exact: true }), 'flow');
    await fill(page.getByLabel('Address', { exact: true }), '2!300009');
    await click(button('Save and see the values'));
    const row = page.getByRole('row').filter({ hasText: 'own/filter/flow' });
    await page.getByRole('heading', { name: 'Live values' }).waitFor();
    await until(async () => /flow\s+[\d.,]+/.test(await row.innerText()), 'the live value', 15)
      .catch(async (error) => {
        await shot(page, 'wizard-failed');
        throw new Error(`${error.message}: ${await page.locator('main').innerText()}`);
      });
    figure(`a device with a live value takes ${clicks} clicks`);
    await shot(page, 'wizard-values');
    const wizard = page.url();
    await click(page.getByRole('link', { name: 'Trend of it' }));
    await page.getByRole('table', { name: 'Pens' }).getByText('filter/flow').first().waitFor();
    await page.goto(wizard);
    await click(page.getByRole('link', { name: 'Make a rule' }));
    await page.getByText('✓').first().waitFor();
    const id = page.getByRole('textbox', { name: /^(Name|Id)/ }).first();
    if (!await id.inputValue()) await fill(id, 'own_rule');
    const rule = await id.inputValue();
    await click(button('Create'));
    await until(async () => (await works.get('/api/v1/rules')).items.some((one) => one.id === rule),
      'the rule');
    await page.goto(`${server.url}/twin`);
    await click(button('New twin').first());
    const dialog = page.getByRole('dialog');
    await click(dialog.getByLabel('Model'));
    await page.keyboard.type('FlowMeter');
    await click(page.getByRole('option').first());
    await fill(dialog.getByLabel('Id'), 'own/filter');
    await click(dialog.getByRole('button', { name: 'Create' }));
    await page.waitForURL(/\/twin\?id=own%2Ffilter/);
    // It is there with its name and id, and shows what its point measures.
    const made = await works.get('/api/v1/twins/own%2Ffilter');
    await page.getByRole('heading', { name: made.name ?? made.id, exact: true }).waitFor();
    await page.locator('main').getByText('own/filter', { exact: true }).first().waitFor();
    await until(async () => /Flow flow\s+[\d.,]+/.test(await page.locator('#twin-panel')
      .innerText()), 'the value of the twin', 15);
    figure(`device, trend, rule and twin take ${clicks} clicks`);
    await close(works, page, refused(404));
  },

  async a_phone() {
    for (const [name, path] of [['overview', '/'],
      ['trends', '/trends?pens=bluewater/plant1/filtration/filter1/flow']]) {
      const page = await open(works, browser, path, { viewport: { width: 390, height: 844 } });
      await lamp(page, 'up');
      await page.locator(name === 'trends' ? 'main canvas' : 'main td').first().waitFor();
      await shot(page, `phone-${name}`);
      assert.deepEqual(await page.evaluate(() => [document.documentElement.scrollWidth,
        document.querySelector('main').scrollWidth].filter((one) => one > window.innerWidth)), []);
      await close(works, page);
    }
  },

  async ten_thousand_live_points() {
    let writing = true;
    const writer = (async () => {
      for (let round = 0; writing; ++round) {
        const end = Date.now() + 1000;
        let lines = '';
        for (let i = 0; i < 10_000; ++i)
          lines += `load,area=a${i % 100},tag=p${i} value=${round + i / 10_000}\n`;
        await works.ask('POST', '/write', lines, 'dora');
        await new Promise((resolve) => { setTimeout(resolve, Math.max(0, end - Date.now())); });
      }
    })();
    try {
      for (const [name, path] of [['overview', '/'],
        ['points of the gateway', '/gateway?tab=points&open=load,load/a1']]) {
        const page = await open(works, browser, path);
        await lamp(page, 'up');
        await page.locator('main table, main [role=table]').first().waitFor();
        const tool = await page.context().newCDPSession(page);
        await tool.send('Performance.enable');
        const busy = async () => Object.fromEntries((await tool.send('Performance.getMetrics'))
          .metrics.map((one) => [one.name, one.value]));
        const first = await busy();
        const rounds = await page.evaluate(() => new Promise((resolve) => {
          setTimeout(resolve, 10_000, 1);
        }));
        assert.equal(rounds, 1);
        const last = await busy();
        figure(`10,000 points at 1 Hz, ${name}: ${((last.TaskDuration - first.TaskDuration) /
          (last.Timestamp - first.Timestamp) * 100).toFixed(1)} % of a core, ` +
          `${(last.JSHeapUsedSize / 1e6).toFixed(0)} MB heap`);
        await lamp(page, 'up');
        await shot(page, `load-${name.split(' ')[0]}`);
        await close(works, page);
      }
    } finally {
      writing = false;
      await writer;
    }
  },
};

const only = process.env.HEADWORKS_CASES?.split(',');
await runCases(only ? Object.fromEntries(only.map((name) => [name, cases[name]])) : cases);
await browser.close();
await works.close();
