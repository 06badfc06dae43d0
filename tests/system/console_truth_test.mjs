// The console never lies: what is old, bad, not heard or not confirmed is shown as such, and soon.
// Times are printed, measured in the page; the bar is 3 s.

import assert from 'node:assert/strict';
import { runCases, until } from './harness.mjs';
import { Works, close, lamp, open, openBrowser, shot } from './console_works.mjs';

const works = new Works();
await works.start();
await works.claim();
const browser = await openBrowser();
const { server } = works;
const area = 'bluewater/plant1/filtration';
const plc = `${area}/plc2`;
const setpoint = 'filter1/flow_setpoint';
const filter1 = encodeURIComponent(`${area}/filter1`);
const tagsOf = (q) => `/gateway?device=${encodeURIComponent(plc)}&tq=${encodeURIComponent(q)}`;
const refused = (...states) => states.map((one) => new RegExp(`status of ${one} `));
// The browser tells of every request that fails; here the test has made it fail.
const noServer = [/Failed to load resource/, /WebSocket connection/,
  /ERR_(CONNECTION|INCOMPLETE|EMPTY|NETWORK)/];
const figure = (text) => console.log(`figure: ${text}`);
const ms = (time) => `${Math.round(time)} ms`;

// Where a value of filter 1 is shown, and what tells there that it may not be believed.
const hatched = 'main .hw-hatched';
const places = {
  overview: ['/', hatched], // its measures come from all devices
  gateway: [tagsOf('filter1/flow'), hatched],
  twin: [`/twin?id=${filter1}`, hatched],
  faceplate: ['/plant?mode=table&node=filter1', `main aside .hw-hatched`],
  trends: [`/trends?pens=${area}/filter1/flow&from=now-5m`, hatched],
};

// Notes in the page itself when something that a selector finds is there for the first time.
const watch = (page, name, selector) => page.evaluate(([key, wanted]) => {
  globalThis.first ??= {};
  delete globalThis.first[key];
  const look = () => {
    if (!globalThis.first[key] && [...document.querySelectorAll(wanted)]
      .some((one) => one.checkVisibility())) globalThis.first[key] = performance.timeOrigin
        + performance.now();
  };
  look();
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true,
    attributes: true, characterData: true });
}, [name, selector]);
const seen = (page, name, seconds = 40) => until(() => page.evaluate((key) =>
  globalThis.first?.[key], name), `${name} on ${page.url()}`, seconds);
const stamp = () => performance.timeOrigin + performance.now();

async function openAll() {
  const all = [];
  for (const [name, [path, mark]] of Object.entries(places)) {
    const page = await open(works, browser, path, { as: 'otto' });
    await lamp(page, 'up');
    await page.getByRole('main').getByText(/L\/s/).first().waitFor();
    await page.locator(mark).first().waitFor({ state: 'detached' });
    await page.evaluate(() => { globalThis.loadedOnce = true; });
    await watch(page, 'down', 'header [role=status][data-state=down]');
    await watch(page, 'mark', mark);
    all.push([name, page, mark]);
  }
  return all;
}

// The lamp and the values of every page after the server went; then back again without a reload.
async function gone(what, from, back) {
  const all = from.pages;
  const told = await Promise.all(all.map(async ([name, page]) => [name,
    await seen(page, 'down') - from.time, await seen(page, 'mark') - from.time]));
  figure(`${what}: ${told.map(([name, lampAfter, markAfter]) =>
    `${name} lamp ${ms(lampAfter)}, values ${ms(markAfter)}`).join('; ')}`);
  await shot(all[0][1], `truth-${what.split(' ').at(-1)}-overview`);
  await shot(all[1][1], `truth-${what.split(' ').at(-1)}-gateway`);
  const { time } = await back();
  for (const [name, page, mark] of all) {
    await lamp(page, 'up');
    await page.locator(mark).first().waitFor({ state: 'detached', timeout: 30_000 })
      .catch(() => assert.fail(`${name} is believed again`));
    assert.equal(await page.evaluate(() => globalThis.loadedOnce), true);
  }
  figure(`${what}: all pages are live again ${ms(stamp() - time)} after it came back`);
  await Promise.all(all.map(([, page]) => close(works, page, noServer)));
}

async function write(page, value) {
  await page.getByRole('button', { name: `Write ${setpoint}` }).click();
  await page.getByLabel('New value').fill(String(value));
  await page.getByRole('button', { name: 'Write …' }).click();
  const dialog = page.getByRole('dialog').filter({ hasText: 'Reason' });
  assert.match(await dialog.innerText(), new RegExp(`New\\s+${value} L/s`));
  assert.equal(await dialog.getByRole('button', { name: 'Write' }).isDisabled(), true);
  await dialog.getByLabel('Reason').fill('the test wants it');
  await dialog.getByRole('button', { name: 'Write' }).click();
  return dialog;
}

const valueOf = async (point) => (await works.get(
  `/api/v1/points?filter=${encodeURIComponent(point)}`)).items[0];

// A point that comes each second until it stops: it is stale 15 s later (live.ts, staleFloorMs).
const silent = { last: 0 };
async function begin() {
  for (let i = 0; i < 5; ++i) {
    await works.ask('POST', '/write', `quiet,area=a level=${i}\n`);
    silent.last = stamp();
    await new Promise((resolve) => { setTimeout(resolve, 1000); });
  }
}
silent.page = await open(works, browser, '/gateway?tab=points&open=quiet,quiet/a');
await lamp(silent.page, 'up');
await begin();
await silent.page.getByRole('main').getByText('level', { exact: true }).waitFor();
await watch(silent.page, 'stale', hatched);

const cases = {
  async an_operator_writes_and_it_is_read_back() {
    const page = await open(works, browser, tagsOf('filter1/flow'), { as: 'otto' });
    const dialog = await write(page, 31);
    await dialog.getByText('Confirmed: the plant reads back 31').waitFor();
    await shot(page, 'write-confirmed');
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('row').filter({ hasText: setpoint }).getByText('31').first().waitFor();
    assert.equal((await valueOf(`${area}/${setpoint}`)).value, 31);
    const audit = await works.get('/api/v1/audit?action=point.write');
    assert.equal(audit.items[0].actor, 'otto');
    await close(works, page);
  },

  async a_wrong_clock_is_told_and_ages_stay_right() {
    // The browser's clock is seven minutes slow from the start; later it jumps.
    const page = await open(works, browser, '/login', { as: 'otto' });
    await page.addInitScript(() => {
      const Real = Date;
      globalThis.clockShift = -7 * 60_000;
      globalThis.Date = class extends Real {
        constructor(...parts) {
          if (parts.length) super(...parts);
          else super(Real.now() + globalThis.clockShift);
        }

        static now() {
          return Real.now() + globalThis.clockShift;
        }
      };
    });
    const chip = page.locator('header').getByText(/Clocks differ by/);
    const from = stamp();
    await page.goto(server.url + tagsOf('filter1/flow'));
    await chip.getByText('7 min').waitFor();
    figure(`a clock seven minutes slow is told ${ms(stamp() - from)} after the address was given`);
    const row = page.getByRole('row').filter({ hasText: setpoint });
    await row.getByText('L/s').waitFor();
    const age = (await row.innerText()).match(/good\s+(\d+) (ms|s|min)/);
    assert.ok(age && age[2] !== 'min', `the age is right: ${await row.innerText()}`);
    // The clock of the page is the server's.
    const shown = (await page.locator('header').innerText()).match(/(\d\d):(\d\d):(\d\d)/);
    const off = new Date(Date.now()).toISOString().slice(14, 19).split(':');
    const seconds = Math.abs((Number(shown[2]) - Number(off[0])) * 60 + Number(shown[3])
      - Number(off[1]));
    assert.ok(Math.min(seconds, 3600 - seconds) < 30, `${shown[0]} is the server's time`);
    await shot(page, 'truth-clock');
    await watch(page, 'chip', 'header [role=status][data-none]');
    const jumped = stamp();
    await page.evaluate(() => { globalThis.clockShift = 3 * 60_000; });
    await chip.getByText('3 min').waitFor();
    figure(`a clock that jumps is told after ${ms(stamp() - jumped)}`);
    for (const path of [`/twin?id=${filter1}`, '/', `/trends?pens=${area}/filter1/flow`]) {
      await page.goto(server.url + path);
      await chip.waitFor();
      await page.getByRole('main').getByText('L/s').first().waitFor();
      const text = await page.getByRole('main').innerText();
      assert.doesNotMatch(text, /-\d+ (s|min)\b|−\d+ (s|min)\b/, path);
      if (path.startsWith('/twin')) {
        const flow = (await page.getByRole('row').filter({ hasText: 'L/s' }).first().innerText());
        assert.match(flow, /\s\d+ (ms|s)\s/, flow);
      }
    }
    await close(works, page);
  },

  async a_lost_device_is_not_shown_as_good() {
    const all = await openAll();
    const page = all.find(([name]) => name === 'gateway')[1];
    works.sim.kill('SIGSTOP');
    const stopped = stamp();
    try {
      const dialog = await write(page, 29);
      await dialog.getByText('Not confirmed:').waitFor();
      figure(`a write to a lost device says 'Not confirmed' after ${ms(stamp() - stopped)}`);
      await shot(page, 'write-not-confirmed');
      await dialog.getByRole('button', { name: 'Close' }).last().click();
      // From when the server itself knows it.
      let known = 0;
      await until(async () => {
        const { quality } = await valueOf(`${area}/filter1/flow`);
        known ||= quality.startsWith('bad') ? stamp() : 0;
        return known;
      }, 'the server knows', 30);
      const told = await Promise.all(all.map(async ([name, each]) =>
        [name, await seen(each, 'mark') - known]));
      figure(`a lost device is bad for the server after ${ms(known - stopped)}, ` +
        'on the page then: ' + told.map(([name, time]) => `${name} ${ms(time)}`).join(', '));
      const row = page.getByRole('row').filter({ hasText: setpoint });
      await row.locator('.hw-hatched').getByText('bad').waitFor();
      for (const [name, each] of all) await shot(each, `truth-bad-${name}`);
    } finally {
      works.sim.kill('SIGCONT');
    }
    for (const [, each, mark] of all) {
      await each.locator(mark).first().waitFor({ state: 'detached', timeout: 60_000 });
      await close(works, each, refused(502, 503, 504));
    }
  },

  async a_stopped_server_is_told() {
    const pages = await openAll();
    const time = stamp();
    server.process.kill('SIGSTOP');
    try {
      await gone('a server that is stopped', { pages, time }, async () => {
        server.process.kill('SIGCONT');
        return { time: stamp() };
      });
    } finally {
      server.process.kill('SIGCONT');
    }
  },

  async a_point_that_does_not_come_any_more_is_stale() {
    const told = await seen(silent.page, 'stale', 120);
    figure(`a point of 1 Hz that stops is stale ${((told - silent.last) / 1000).toFixed(1)} s ` +
      'after its last value (15 s, and a look each half second)');
    await silent.page.getByRole('main').getByText('stale').first().waitFor();
    await shot(silent.page, 'truth-stale');
    assert.ok(told - silent.last > 14_000, 'it was not said too early');
    await close(works, silent.page, noServer);
  },

  async a_killed_server_is_told_and_found_again() {
    const pages = await openAll();
    const time = stamp();
    await server.kill();
    await gone('a server that is killed', { pages, time }, async () => {
      await server.start();
      return { time: stamp() };
    });
  },
};

const only = process.env.HEADWORKS_CASES?.split(',');
await runCases(only ? Object.fromEntries(only.map((name) => [name, cases[name]])) : cases);
await browser.close();
await works.close();
