// What the pages of the console show against what the API says of the same moment.

import assert from 'node:assert/strict';
import { runCases, until } from './harness.mjs';
import { Works, close, lamp, open, openBrowser, shot } from './console_works.mjs';

const works = new Works();
await works.start();
await works.claim();
const browser = await openBrowser();
const { server } = works;
const plc = 'bluewater/plant1/filtration/plc2';
const filter1 = 'bluewater/plant1/filtration/filter1';
const pump = 'bluewater/plant1/highlift/pump1';
const intake = 'bluewater/plant1/intake/pump1';
const seg = encodeURIComponent;
const refused = (status) => [new RegExp(`status of ${status} `)];

const api = (path) => works.get(`/api/v1/${path}`);
const items = async (path) => {
  const found = [];
  for (let cursor = '';;) {
    const mark = path.includes('?') ? '&' : '?';
    const page = await api(path + (cursor && `${mark}cursor=${seg(cursor)}`));
    found.push(...page.items);
    cursor = page.next;
    if (!cursor) return found;
  }
};
const pointOf = async (path) => (await api(`points?filter=${seg(path)}`)).items[0];

const numberOf = (text) => Number(text.replace(/,/g, '').replace('−', '-'));

// Whether a number that is shown is this one, as far as its figures go.
function isOf(shown, value) {
  const plain = shown.replace(/,/g, '').replace('−', '-');
  if (!/^-?[\d.]+$/.test(plain)) return false;
  const behind = plain.split('.')[1]?.length ?? 0;
  return Math.abs(Number(plain) - value) <= 0.5001 * 10 ** -behind;
}

// Values move, so they are compared until they were the same once. `both`: what is shown, what is.
async function agree(what, both, same = isOf, seconds = 30) {
  let last;
  await until(async () => {
    last = await both();
    return last[0] !== undefined && last[1] !== undefined && same(last[0], last[1]);
  }, what, seconds).catch(() => assert.fail(`${what}: shown ${last?.[0]}, it is ${last?.[1]}`));
}

const textOf = (locator) => locator.innerText({ timeout: 5000 }).catch(() => undefined);
// The number beside its unit in a row.
const shownIn = async (row, unit) => (await textOf(row))
  ?.match(new RegExp(`(−?[\\d.,]+)\\s*${unit.replace(/[/³]/g, '\\$&')}(?![\\w/³])`))?.[1];
const main = (page) => page.getByRole('main');
const rowsOf = (page, name) => page.getByRole('table', { name }).locator('tbody tr[aria-rowindex]');
// What a page says beside a name: `Clients 2` of a list of facts.
const fact = async (page, name) => (await textOf(main(page)))
  ?.match(new RegExp(`(?:^|\\n)${name}\\n+([^\\n]+)`))?.[1];

const cases = {
  async the_overview_has_what_the_twins_have() {
    const page = await open(works, browser, '/');
    await lamp(page, 'up');
    const of = async (id, property) => (await api(`twins/${seg(id)}`)).properties[property]?.value;
    for (const [name, unit, id, property] of [
      ['Supply', 'L/s', 'bluewater', 'supply'], ['Demand', 'L/s', 'bluewater', 'demand'],
      ['Storage', 'm³', 'bluewater', 'storage'],
      ['Lowest pressure', 'bar', 'bluewater', 'lowest_pressure'],
      ['Turbidity', 'NTU', 'bluewater/plant1', 'worst_turbidity'],
      ['Energy', 'kWh/m³', 'bluewater', 'specific_energy']]) {
      const row = main(page).getByRole('row')
        .filter({ has: page.getByText(name, { exact: true }) });
      await agree(name, async () => [await shownIn(row, unit), await of(id, property)]);
    }
    const devices = await items('devices');
    const rules = await items('rules');
    await agree('devices', async () => [await fact(page, 'Devices'),
      `${devices.length} of ${devices.length} up`], (left, right) => left === right);
    await agree('rules', async () => [await fact(page, 'Rules'),
      `${rules.length} of ${rules.length} run`], (left, right) => left === right);
    await agree('points', async () => [
      (await textOf(main(page)))?.match(/Points \(([\d,]+)\)/)?.[1],
      (await items('points?limit=1000')).length]);
    // Changes have the action's code for their title, and are told in words.
    const done = await main(page).getByRole('region', { name: 'What changed' })
      .locator('[title]').evaluateAll((all) => all.map((one) => one.title));
    const known = new Set((await items('audit?limit=1000')).map(({ action }) => action));
    assert.ok(done.filter((one) => known.has(one)).length > 2, `${done}`);
    await close(works, page);
  },

  async the_overview_tells_what_is_amiss() {
    const page = await open(works, browser, '/');
    await main(page).getByText('Nothing is amiss.').waitFor().catch(async () =>
      assert.fail(await page.getByRole('region', { name: 'Trouble' }).innerText()));
    works.sim.kill('SIGSTOP');
    try {
      // Which ones are down changes while they try to connect again.
      const names = (await items('devices')).map(({ name }) => name);
      const trouble = page.getByRole('region', { name: 'Trouble' });
      await trouble.getByText('Device down').first().waitFor();
      await until(async () => {
        const told = await trouble.getByRole('link').allInnerTexts();
        return told.some((text) => names.some((name) => text.includes(name)));
      }, 'a lost device by its name');
    } finally {
      works.sim.kill('SIGCONT');
    }
    await main(page).getByText('Nothing is amiss.').waitFor({ timeout: 60_000 });
    await close(works, page);
  },

  async the_plant_has_what_the_twins_have() {
    const page = await open(works, browser, '/plant?mode=table');
    const row = main(page).getByRole('row')
      .filter({ has: page.getByText('Intake pump 1', { exact: true }) });
    for (const [unit, property] of [['L/s', 'flow'], ['kW', 'power']])
      await agree(`the table's ${property}`, async () => [await shownIn(row, unit),
        (await api(`twins/${seg(intake)}`)).properties[property].value],
      (shown, value) => Math.abs(numberOf(shown) - value) <= 0.5001
        * 10 ** -(shown.split('.')[1]?.length ?? 0));
    await row.click();
    const face = page.getByRole('complementary', { name: /Intake pump 1/ });
    await agree('the faceplate', async () => [await shownIn(face, 'kW'),
      (await pointOf(`${intake}/power`)).value]);
    await shot(page, 'content-faceplate');
    await page.goto(`${server.url}/plant?mode=2d`);
    const symbol = main(page).getByRole('button', { name: /^Intake pump 1:/ });
    await agree('the drawing', async () => [
      (await symbol.getAttribute('aria-label'))?.match(/([\d.,]+) L\/s/)?.[1],
      (await pointOf(`${intake}/flow`)).value],
    (shown, value) => Math.abs(numberOf(shown) - value) <= 1);
    await close(works, page);
  },

  async the_gateway_has_every_value_of_a_device() {
    const page = await open(works, browser, `/gateway?device=${seg(plc)}&tq=filter1`);
    await page.getByRole('table', { name: 'Tags' }).getByText('L/s').first().waitFor();
    const { groups } = await api(`devices/${seg(plc)}`);
    const tags = groups.flatMap((one) => one.tags).filter(({ name }) => name.includes('filter1'));
    assert.equal(await rowsOf(page, 'Tags').count(), tags.length);
    for (const tag of tags) {
      const row = rowsOf(page, 'Tags').filter({ has: page.getByText(tag.name, { exact: true }) });
      await agree(tag.name, async () => {
        const { value, quality } = await pointOf(`bluewater/plant1/filtration/${tag.name}`);
        const cells = (await row.locator('td').allInnerTexts()).map((one) => one.trim());
        const [shown = '', good] = cells.slice(cells.indexOf(tag.name) + 1);
        return [[shown.split('\n')[0], good], [value, quality]];
      }, ([shown, good], [value, quality]) => good === quality && (typeof value === 'number'
        ? isOf(shown, value) : typeof value === 'boolean'
          ? shown === (value ? 'on' : 'off') : shown === value));
      const cells = (await row.locator('td').allInnerTexts()).join(' ');
      assert.ok(cells.includes(tag.address) && cells.includes(tag.type), cells);
    }
    await page.goto(`${server.url}/gateway`);
    for (const device of await items('devices')) {
      const row = page.locator(`tr[data-key="${device.name}"]`);
      await agree(device.name, async () => [(await textOf(row))?.replace(/\s+/g, ' '),
        device], (text, { driver, tags }) => text.includes('Connected')
        && text.includes(` ${driver} ${tags} 0 `));
    }
    await page.goto(`${server.url}/gateway?device=${seg(plc)}&part=state`);
    await agree('samples', async () => [await fact(page, 'Samples'),
      (await api(`devices/${seg(plc)}/state`)).samples],
    (shown, value) => Math.abs(numberOf(shown) / value - 1) < 0.05);
    await page.goto(`${server.url}/gateway?tab=points&open=bluewater,bluewater/plant1,${
      'bluewater/plant1/filtration'},${filter1}`);
    const flow = main(page).getByRole('row')
      .filter({ has: page.getByText('flow', { exact: true }) }).first();
    await agree('the tree', async () => [await shownIn(flow, 'L/s'),
      (await pointOf(`${filter1}/flow`)).value]);
    await main(page).getByText(`${(await items('points?limit=1000')).length} points`).waitFor();
    await close(works, page);
  },

  async the_broker_has_its_clients_and_messages() {
    const page = await open(works, browser, '/broker?tab=clients');
    const clients = await items('mqtt/clients');
    for (const one of clients) {
      const row = rowsOf(page, 'Clients').filter({ hasText: one.client_id }).first();
      await row.waitFor();
      assert.match(await row.innerText(), new RegExp(`\\b${one.subscriptions}\\b`));
    }
    assert.equal(await rowsOf(page, 'Clients').count(), clients.length);
    await page.goto(`${server.url}/broker?tab=subscriptions`);
    for (const { filter } of await items('mqtt/subscriptions'))
      await rowsOf(page, 'Subscriptions').filter({ hasText: filter }).first().waitFor();
    const payload = JSON.stringify({ level: 1.25, name: '清水池' });
    await works.ask('POST', '/api/v1/publish',
      { topic: 'content/kept', payload, retain: true });
    await page.goto(`${server.url}/broker?tab=retained`);
    await rowsOf(page, 'Retained').filter({ hasText: 'content/kept' }).getByText('清水池').waitFor();
    await page.goto(`${server.url}/broker`);
    for (const [name, path] of [['Connected clients', 'mqtt/clients?connected=true'],
      ['Sessions', 'mqtt/clients']])
      await agree(name, async () => [await fact(page, name), (await items(path)).length]);
    await agree('retained', async () => [await fact(page, 'Retained messages'),
      (await api('mqtt')).totals.retained]);
    await page.goto(`${server.url}/broker?tab=topics&topic=${seg('content/kept')}`);
    await main(page).getByText('"level": 1.25').first().waitFor();
    await works.ask('POST', '/api/v1/publish',
      { topic: 'content/kept', payload: JSON.stringify({ level: 2.5 }), retain: true });
    await main(page).getByText('"level": 2.5').first().waitFor();
    await close(works, page);
  },

  async rules_have_versions_a_diff_and_a_dry_run() {
    const sql = 'SELECT topic, payload.temp * 2 AS twice FROM "content/in" WHERE payload.temp > 1';
    const spec = { id: 'content_rule', description: 'the first', sql,
      actions: [{ type: 'republish', topic: 'content/out' }] };
    await works.ask('POST', '/api/v1/rules', spec);
    await works.ask('PATCH', '/api/v1/rules/content_rule',
      { description: 'the second', sql: sql.replace('* 2', '* 3') });
    const page = await open(works, browser, '/rules');
    for (const rule of await items('rules')) {
      const row = rowsOf(page, 'Rules').filter({ has: page.getByText(rule.id, { exact: true }) });
      await agree(rule.id, async () => [await textOf(row), rule], (text, one) =>
        text.includes(one.status) && one.tags.every((tag) => text.includes(tag))
        && new RegExp(`\\b${one.version}\\b`).test(text));
    }
    await page.goto(`${server.url}/rules?rule=content_rule&tab=versions`);
    await main(page).getByText('Version 2').first().waitFor();
    await main(page).getByText('Version 1').first().waitFor();
    await until(async () => {
      const text = await textOf(main(page));
      return text?.includes('the first') && text.includes('* 3') && text.includes('* 2');
    }, 'the diff of the two versions', 15);
    await shot(page, 'content-diff');
    await page.goto(`${server.url}/rules?rule=content_rule`);
    const input = [{ topic: 'content/in', payload: { temp: 5 } },
      { topic: 'content/in', payload: { temp: 0 } }];
    const made = await works.ask('POST', '/api/v1/rules/test',
      { sql: sql.replace('* 2', '* 3'), input });
    assert.deepEqual(made.rows.map((row) => row.twice), [15]);
    await page.getByRole('textbox', { name: /sample/i }).or(page.locator('textarea'))
      .filter({ visible: true }).last().fill('{"temp": 5}\n{"temp": 0}');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    const result = page.getByRole('region', { name: 'Dry run' });
    await result.getByRole('cell', { name: '15', exact: true }).waitFor();
    assert.equal(await result.locator('tbody tr').count(), 1);
    await main(page).getByText(/1 rows? .*2 events?|1 row of 2/).first().waitFor();
    await shot(page, 'content-dry-run');
    await works.ask('DELETE', '/api/v1/rules/content_rule');
    await close(works, page, refused(404));
  },

  async a_twin_has_its_values_relations_and_past() {
    const page = await open(works, browser, `/twin?id=${seg(pump)}`);
    const panel = page.locator('#twin-panel');
    await panel.getByText('kW').first().waitFor();
    for (const [property, unit] of [['power', 'kW'], ['current', 'A'], ['flow', 'L/s'],
      ['hydraulic_power', 'kW'], ['efficiency', '%'], ['ratedPower', 'kW']]) {
      const row = panel.getByRole('row')
        .filter({ has: page.getByText(property, { exact: true }) }).first();
      await agree(property, async () => [await shownIn(row, unit),
        (await api(`twins/${seg(pump)}`)).properties[property].value]);
    }
    const twin = await api(`twins/${seg(pump)}`);
    await page.getByRole('heading', { name: twin.name.en }).waitFor();
    await main(page).getByRole('link').and(page.getByTitle(twin.model)).waitFor();
    await page.goto(`${server.url}/twin?id=${seg(pump)}&tab=relations`);
    for (const { name, target } of twin.relationships) {
      const row = panel.getByRole('row').filter({ hasText: name })
        .filter({ hasText: target });
      await row.first().waitFor();
    }
    await panel.getByText(`Points to (${twin.relationships.length})`).waitFor();
    const at = new Date(Date.now() - 3000).toISOString();
    await page.goto(`${server.url}/twin?id=${seg(pump)}&tab=past&at=${seg(at)}`);
    await agree('power of then', async () => [await textOf(panel),
      (await api(`twins/${seg(pump)}?at=${seg(at)}`)).properties.power.value],
    (text, value) => text.split(/\s+/).some((one) => isOf(one, value)));
    await shot(page, 'content-past');
    await close(works, page);
  },

  async trends_read_the_value_under_the_cursor() {
    const point = `${filter1}/flow`;
    const to = Date.now() - 2000;
    const page = await open(works, browser,
      `/trends?pens=${point}&from=${to - 20_000}&to=${to}`, { timezoneId: 'UTC' });
    const canvas = main(page).locator('canvas').first();
    await canvas.waitFor();
    await page.getByRole('table', { name: 'Pens' }).getByText('L/s').first().waitFor();
    const box = await canvas.boundingBox();
    const pen = page.getByRole('table', { name: 'Pens' }).getByRole('row').nth(1);
    let told;
    await until(async () => {
      await page.mouse.move(box.x + box.width * 0.6, box.y + box.height / 2);
      await page.mouse.move(box.x + box.width * 0.61, box.y + box.height / 2);
      told = (await textOf(main(page)))
        ?.match(/(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3})/);
      return told;
    }, 'the time under the cursor', 30);
    const time = Date.parse(`${told[1]}T${told[2]}Z`);
    assert.ok(time > to - 20_000 && time < to, `${told[0]} is in the window`);
    const rows = (await api(
      `history?point=${seg(point)}&from=${to - 30_000}&to=${to + 5000}`)).items;
    const near = rows.filter((row) => Math.abs(Date.parse(row.time) - time) < 1500)
      .map(({ value }) => value);
    assert.ok(near.length > 0);
    const shown = (await pen.innerText()).replace(/\s+/g, ' ');
    assert.ok(near.some((value) => shown.split(' ').some((one) => isOf(one, value))),
      `${shown} has one of ${near}`);
    const whole = rows.filter((row) => Date.parse(row.time) >= to - 20_000
      && Date.parse(row.time) < to).map(({ value }) => value);
    for (const value of [Math.min(...whole), Math.max(...whole)])
      await agree('least and greatest', async () => [await textOf(pen), value],
        (text, one) => text.split(/\s+/).some((word) => isOf(word, one)));
    await page.goto(`${server.url}/trends?pens=${point}&from=${to - 20_000}&to=${to}&tab=table`);
    const table = page.getByRole('table').filter({ hasText: 'Quality' });
    await table.locator('tbody tr[aria-rowindex]').first().waitFor();
    assert.equal(Number(await table.getAttribute('aria-rowcount')) - 1, whole.length);
    await close(works, page);
  },

  async the_system_page_has_users_keys_storage_and_audit() {
    const page = await open(works, browser, '/system?tab=users');
    for (const user of await items('users')) {
      const row = rowsOf(page, 'Users').filter({ has: page.getByText(user.name, { exact: true }) })
        .first();
      await row.waitFor();
      assert.ok((await row.innerText()).toLowerCase().includes(user.role), user.name);
    }
    await works.ask('POST', '/api/v1/keys', { name: 'content', role: 'viewer', scope: 'x/#' });
    await page.goto(`${server.url}/system?tab=keys`);
    await rowsOf(page, 'API keys').filter({ hasText: 'content' }).getByText('x/#').waitFor();
    await page.goto(`${server.url}/system`);
    await agree('points', async () => [await fact(page, 'Points'),
      (await items('points?limit=1000')).length]);
    await page.goto(`${server.url}/system?tab=audit`);
    for (const record of (await api('audit?limit=5')).items) {
      const row = rowsOf(page, 'Audit').filter({ hasText: record.action })
        .filter({ hasText: record.target }).first();
      await row.waitFor();
      assert.ok((await row.innerText()).includes(record.actor), record.action);
    }
    await page.goto(`${server.url}/system?tab=settings`);
    for (const { key, value } of (await items('settings')).slice(0, 8)) {
      const row = rowsOf(page, 'Settings').filter({ has: page.getByText(key, { exact: true }) });
      await row.waitFor();
      assert.ok((await row.innerText()).includes(value), key);
    }
    await page.goto(`${server.url}/system?tab=storage`);
    await main(page).getByText('Everything is kept without end.').waitFor();
    await page.goto(`${server.url}/system?tab=about`);
    await agree('the version', async () => [await fact(page, 'Version'),
      (await api('system')).version], (left, right) => left === right);
    await close(works, page);
  },

  async units_and_the_time_zone_are_those_of_the_person() {
    await works.ask('PATCH', '/api/v1/session/preferences',
      { units: 'us', time_zone: 'Asia/Shanghai' }, 'enno');
    const page = await open(works, browser, `/twin?id=${seg(pump)}`,
      { as: 'enno', timezoneId: 'UTC' });
    const panel = page.locator('#twin-panel');
    for (const [property, unit, factor, offset] of [['flow', 'gpm', 60 / 3.785411784, 0],
      ['power', 'hp', 1 / 0.7456998716, 0], ['head', 'ft', 1 / 0.3048, 0],
      ['bearing_temperature', '°F', 1.8, 32], ['vibration', 'in/s', 1 / 25.4, 0]]) {
      const row = panel.getByRole('row')
        .filter({ has: page.getByText(property, { exact: true }) }).first();
      await agree(`${property} in ${unit}`, async () => [await shownIn(row, unit),
        (await api(`twins/${seg(pump)}`)).properties[property].value * factor + offset]);
    }
    // The clock of the top bar names the zone, eight hours ahead.
    const clock = page.locator('header').getByTitle('Asia/Shanghai');
    await agree('the clock', async () => [(await clock.innerText()).match(/\d\d:\d\d/)?.[0],
      new Date(Date.now() + 8 * 3600e3).toISOString().slice(11, 16)],
    (left, right) => left === right);
    assert.match(await clock.innerText(), /Asia\/Shanghai/);
    await page.goto(`${server.url}/system?tab=about`);
    const { started } = await api('system');
    const there = new Date(Date.parse(started) + 8 * 3600e3).toISOString();
    await main(page).getByText(there.slice(11, 19)).waitFor();
    await page.goto(`${server.url}/`);
    const row = main(page).getByRole('row').filter({ hasText: 'Lowest pressure' });
    await agree('pressure in psi', async () => [await shownIn(row, 'psi'),
      (await api('twins/bluewater')).properties.lowest_pressure.value * 14.503774]);
    await close(works, page);
  },
};

const only = process.env.HEADWORKS_CASES?.split(',');
await runCases(only ? Object.fromEntries(only.map((name) => [name, cases[name]])) : cases);
await browser.close();
await works.close();
