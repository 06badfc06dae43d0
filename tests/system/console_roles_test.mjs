// Who may what, as the pages show it: four roles on a server with users, under the policy that the
// program sends; sessions that end, wrong passwords, and signing out.

import assert from 'node:assert/strict';
import { runCases, until } from './harness.mjs';
import { Works, close, lamp, open, openBrowser, password, shot } from './console_works.mjs';

const works = new Works();
await works.start();
await works.claim();
const browser = await openBrowser();
const { server } = works;
// The live stream of a session that ends is cut off.
const refused = (...states) => [/ERR_INCOMPLETE_CHUNKED_ENCODING/,
  ...states.map((one) => new RegExp(`status of ${one} `))];
const figure = (text) => console.log(`figure: ${text}`);
const plc = encodeURIComponent('bluewater/plant1/filtration/plc2');
const pump = encodeURIComponent('bluewater/plant1/highlift/pump1');
const field = (page, label) => page.getByRole('textbox',
  { name: new RegExp(`^${label}( \\*)?$`) });

// Each page with an editor open where it has one, and what is offered there from which role on.
const roles = ['viewer', 'operator', 'engineer', 'administrator'];
const names = { viewer: 'vera', operator: 'otto', engineer: 'enno', administrator: 'dora' };
const places = [
  ['/', {}],
  ['/plant?mode=2d', {}],
  ['/plant?mode=table&node=highlift_pump1', {}],
  ['/plant?mode=2d&whatif=1', {}],
  ['/trends?pens=bluewater/plant1/filtration/filter1/flow&tab=sql', {}],
  ['/twin', { 'New twin': 'engineer' }],
  [`/twin?id=${pump}&tab=orders`, { Set: 'operator' }],
  [`/twin?id=${pump}&tab=description`, { Save: 'engineer' }],
  [`/twin?id=${pump}&tab=relations`, { Add: 'engineer' }],
  ['/twin/models?model=dtmi:headworks:water:Pump;1', {}],
  ['/twin/scenarios', {}],
  ['/twin/many', {}],
  ['/gateway', { 'New device': 'engineer', Import: 'engineer' }],
  [`/gateway?device=${plc}&tq=flow_setpoint`, { 'Write filter1/flow_setpoint': 'operator' }],
  ['/gateway?tab=north', { 'New connector|New connection|Add': 'engineer' }],
  ['/broker?tab=clients', {}],
  ['/broker?tab=topics', {}],
  ['/broker?tab=bans', { 'New ban|Ban.*': 'engineer' }],
  ['/broker?tab=traces', { 'New trace': 'engineer' }],
  ['/rules', { 'New rule': 'engineer' }],
  ['/rules?rule=pump_energy', { Save: 'engineer' }],
  ['/rules?list=streams', {}],
  ['/system', {}],
  ['/system?tab=users', { 'New user': 'administrator' }],
  ['/system?tab=keys', { 'New key|New API key': 'administrator' }],
  ['/system?tab=account', {}],
  ['/system?tab=settings', {}],
  ['/system?tab=storage', { 'Back up': 'administrator', 'Compact now': 'administrator' }],
  ['/system?tab=audit', {}],
  ['/system?tab=log', {}],
];

async function go(page, path) {
  await page.evaluate((to) => {
    history.pushState(null, '', to);
    dispatchEvent(new PopStateEvent('popstate'));
  }, path);
}

async function signIn(page, name, word = password) {
  await page.getByLabel('Name').fill(name);
  await field(page, 'Password').fill(word);
  await page.keyboard.press('Enter');
}

// What every role may be refused without the page having erred: it asks, and shows what it may not.
const mayNot = refused(403);

async function asRole(role) {
  const page = await open(works, browser, '/', { as: names[role] });
  await lamp(page, 'up');
  const violations = await page.evaluate(() => {
    globalThis.violations = [];
    document.addEventListener('securitypolicyviolation', (event) =>
      globalThis.violations.push(`${event.violatedDirective} ${event.blockedURI} ` +
        `${event.sourceFile}:${event.lineNumber}`));
    return true;
  });
  assert.ok(violations);
  const faults = [];
  for (const [path, offers] of places) {
    await go(page, path);
    await page.waitForFunction(() => document.querySelector('main h1')
      && !document.querySelector('main .mantine-Skeleton-root, main [aria-busy=true]'));
    const buttons = () => page.getByRole('main').getByRole('button')
      .evaluateAll((all) => all.filter((one) => one.checkVisibility())
        .map((one) => [(one.getAttribute('aria-label') || one.innerText).trim(), one.disabled]));
    const offer = async (name) => (await buttons())
      .find(([text]) => new RegExp(`^(${name})\\b`).test(text));
    // Editors and lists come with their own parts of the program.
    await page.waitForTimeout(300);
    for (const [name, least] of Object.entries(offers)) {
      const may = roles.indexOf(role) >= roles.indexOf(least);
      if (may) {
        if (!await until(() => offer(name), 'the offer', 30).catch(() => null))
          faults.push(`${path} does not offer '${name}' to the ${role}: ${await buttons()}`);
      } else if ((await offer(name))?.[1] === false)
        faults.push(`${path} offers '${name}' to the ${role}`);
    }
    faults.push(...await page.evaluate((at) => globalThis.violations.splice(0)
      .map((text) => `${at}: ${text}`), path));
  }
  await shot(page, `role-${role}`);
  figure(`${role}: ${places.length} places`);
  assert.equal(faults.join('\n'), '');
  await close(works, page, role === 'administrator' ? [] : mayNot);
}

const cases = {
  async a_viewer() {
    await asRole('viewer');
  },

  async an_operator() {
    await asRole('operator');
  },

  async an_engineer() {
    await asRole('engineer');
  },

  async an_administrator() {
    await asRole('administrator');
  },

  async a_session_that_ended_leads_to_the_sign_in_and_back() {
    for (const place of ['/', `/gateway?device=${plc}&part=state`, '/rules?list=functions',
      `/twin?id=${pump}&tab=orders`]) {
      await works.signIn('vera');
      const page = await open(works, browser, place, { as: 'vera' });
      await lamp(page, 'up');
      const id = (await works.get('/api/v1/sessions?user=*', 'dora')).items
        .filter(({ user }) => user === 'vera').sort((left, right) =>
          right.created_at < left.created_at ? -1 : 1)[0].id;
      const ended = Date.now();
      await works.ask('DELETE', `/api/v1/sessions/${id}`, undefined, 'dora');
      await page.waitForURL((url) => url.pathname === '/login'
        && url.searchParams.get('next') === place, { timeout: 30_000 });
      figure(`a session that ended is told on ${place} after ${Date.now() - ended} ms`);
      await signIn(page, 'vera');
      await page.waitForURL((url) => url.pathname + url.search === place);
      await lamp(page, 'up');
      await page.getByRole('main').locator('h1').first().waitFor();
      await close(works, page, refused(401));
    }
  },

  async a_deep_link_waits_for_the_sign_in() {
    const place = `/gateway?device=${plc}&tq=filter1%2Fflow`;
    const page = await open(works, browser, place, { as: null });
    await page.waitForURL((url) => url.pathname === '/login');
    await signIn(page, 'vera');
    await page.waitForURL((url) => url.pathname + url.search === place);
    await page.getByRole('row').filter({ hasText: 'filter1/flow_setpoint' }).waitFor();
    await close(works, page, refused(401));
  },

  async wrong_passwords_are_slowed_down() {
    await works.ask('POST', '/api/v1/users',
      { name: 'wanda', password, role: 'viewer', must_change_password: false });
    const page = await open(works, browser, '/login', { as: null });
    let tries = 0;
    for (; tries < 9; ++tries) {
      await signIn(page, 'wanda', `surely not this ${tries}`);
      const button = page.locator('button[type=submit]');
      await until(async () => !await button.getAttribute('data-loading'), 'the answer', 10);
      const text = await page.locator('body').innerText();
      if (/\b\d+ s(econds)?\b/.test(text)) break;
      assert.match(text, /Name or password is wrong/);
    }
    figure(`after ${tries} wrong passwords the page makes one wait`);
    assert.ok(tries >= 4 && tries <= 6, `${tries}`);
    await shot(page, 'sign-in-wait');
    // It counts down, and lets the right one in afterwards.
    await until(async () => !await page.locator('button[type=submit]').isDisabled(), 'the end', 30);
    await signIn(page, 'wanda');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await close(works, page, refused(401, 429));
  },

  async signing_out_ends_the_session_in_another_tab() {
    await works.ask('POST', '/api/v1/users',
      { name: 'tom', password, role: 'operator', must_change_password: false });
    const page = await open(works, browser, '/login', { as: null });
    await signIn(page, 'tom');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    const cookies = await page.context().cookies();
    const others = [];
    for (const path of ['/', '/rules?list=functions', `/twin?id=${pump}`]) {
      const other = await page.context().newPage();
      await other.goto(server.url + path);
      await lamp(other, 'up');
      others.push([path, other]);
    }
    await page.getByRole('banner').getByRole('button', { name: /tom/ }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    const out = Date.now();
    await page.waitForURL('**/login*');
    for (const [path, other] of others) {
      await other.waitForURL('**/login*', { timeout: 30_000 });
      figure(`signing out is seen in another tab on ${path} after ${Date.now() - out} ms`);
    }
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    const answer = await fetch(`${server.url}/api/v1/points`, { headers: { cookie } });
    assert.equal(answer.status, 401);
    await close(works, page, refused(401));
  },
};

const only = process.env.HEADWORKS_CASES?.split(',');
await runCases(only ? Object.fromEntries(only.map((name) => [name, cases[name]])) : cases);
await browser.close();
await works.close();
