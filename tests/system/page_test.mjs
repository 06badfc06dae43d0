// The built-in page as a person sees it. HEADWORKS_PAGE=src/api/page takes the page's files from
// that folder instead of from the program, to see a change without a build.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { Server, runCases, until } from './harness.mjs';

const server = new Server();
await server.start();
const browser = await chromium.launch({
  executablePath: process.env.HEADWORKS_CHROMIUM || '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

const media = { html: 'text/html', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' };
function fromFolder(route) {
  const name = new URL(route.request().url()).pathname.slice(1) || 'index.html';
  return route.fulfill({
    body: readFileSync(join(process.env.HEADWORKS_PAGE, name)),
    contentType: `${media[name.split('.').pop()]}; charset=utf-8`,
    headers: { 'content-security-policy': "default-src 'self'" },
  });
}

// A fresh page; it collects what the console tells and every address that is asked.
async function open(path = '/', options = {}) {
  const context = await browser.newContext(
    { viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options });
  const page = await context.newPage();
  page.problems = [];
  page.asked = new Set();
  page.on('console', (one) => {
    if (['error', 'warning'].includes(one.type())) page.problems.push(one.text());
  });
  page.on('pageerror', (error) => page.problems.push(error.stack));
  page.on('request', (request) => page.asked.add(new URL(request.url()).origin));
  if (process.env.HEADWORKS_PAGE)
    await page.route((url) => /^\/(|[a-z]+\.(js|css|svg))$/.test(url.pathname), fromFolder);
  await page.goto(server.url + path);
  await page.waitForSelector('#link.on');
  return page;
}

// Closes the page; fails if it complained or asked anyone but the server.
async function close(page) {
  await page.context().close();
  assert.deepEqual(page.problems, []);
  assert.deepEqual([...page.asked], [server.url]);
}

const row = (page, path) => page.locator(`.row[data-path="${path}"]`);
const valueOf = (page, path) => row(page, path).locator('.value').textContent();
const title = (page) => page.locator('#title').textContent();

// How many points of the canvas have the colour of the line, more or less.
const inked = (page) => page.evaluate(() => {
  const canvas = document.getElementById('chart');
  if (!canvas.width || !canvas.height) return 0;
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const pen = copy.getContext('2d', { willReadFrequently: true });
  pen.drawImage(canvas, 0, 0);
  const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
  const wanted = getComputedStyle(canvas).getPropertyValue('--accent').trim();
  const parts = [1, 3, 5].map((at) => parseInt(wanted.slice(at, at + 2), 16));
  let count = 0;
  const near = (i) => parts.every((part, k) => Math.abs(part - data[i + k]) < 24);
  for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 128 && near(i)) count += 1;
  return count;
});

async function writeWorks(flow) {
  await server.write(`works,unit=pump1 flow=${flow},running=true\nworks,unit=pump2 flow=7\n` +
    'works,unit=tank level=3.25,note="by hand"\n');
}

const cases = {
  async empty_state_tells_what_to_do() {
    const page = await open();
    await page.waitForSelector('#empty pre');
    assert.match(await page.locator('#empty').textContent(), /mosquitto_pub/);
    await writeWorks(1);
    await row(page, 'works/pump1/flow').waitFor();
    assert.equal(await page.locator('#empty').isVisible(), false);
    await close(page);
  },

  async points_are_listed_by_group_and_values_move() {
    const page = await open();
    await row(page, 'works/tank/level').waitFor();
    assert.equal(await page.locator('.row[role=option]').count(), 5);
    assert.deepEqual(await page.locator('.row.group .name').allTextContents(),
      ['works', 'works/pump1', 'works/tank']);
    await writeWorks(41.5);
    await until(async () => await valueOf(page, 'works/pump1/flow') === '41.5', 'a moved value');
    await writeWorks(42.5);
    await until(async () => await valueOf(page, 'works/pump1/flow') === '42.5', 'the next value');
    await close(page);
  },

  async a_click_draws_the_chart_and_it_follows() {
    const page = await open();
    await row(page, 'works/pump1/flow').click();
    assert.equal(await title(page), 'works/pump1/flow');
    await until(async () => await inked(page) > 20, 'a line');
    await writeWorks(99.5);
    await until(async () => await page.locator('#now-value').textContent() === '99.5', 'the value');
    await page.waitForFunction(() => /99\.5/.test(document.getElementById('facts').textContent));
    await page.focus('#chart');
    await page.keyboard.press('ArrowLeft');
    assert.match(await page.locator('#readout').textContent(), /99\.5/);
    assert.match(page.url(), /point=works/);
    await close(page);
  },

  async states_and_texts() {
    const page = await open('/?point=works/pump1/running');
    await until(async () => await inked(page) > 20, 'a step line');
    await row(page, 'works/tank/note').click();
    await page.waitForSelector('#texts div');
    assert.match(await page.locator('#texts').textContent(), /by hand/);
    assert.equal(await page.locator('#chart').isVisible(), false);
    await close(page);
  },

  async bad_quality_is_drawn_and_told() {
    const page = await open();
    await fetch(`${server.url}/api/v1/publish`, {
      method: 'POST',
      body: JSON.stringify({ topic: 'works/pump2/flow', payload: { value: 5, quality: 'bad' } }),
    });
    const mark = row(page, 'works/pump2/flow').locator('.mark');
    await until(async () => await mark.textContent() === 'bad', 'the mark');
    await row(page, 'works/pump2/flow').click();
    assert.equal(await page.locator('#now-mark').textContent(), 'bad');
    await close(page);
  },

  async search_finds_by_words() {
    const page = await open();
    await row(page, 'works/tank/level').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('pump1 flo');
    await until(async () => await page.locator('.row[role=option]').count() === 1, 'one row');
    assert.match(await page.locator('#count').textContent(), /^1 of 5 /);
    await page.keyboard.press('Escape');
    await until(async () => await page.locator('.row[role=option]').count() === 5, 'all rows');
    await page.fill('#search', 'nothing like this');
    await page.waitForSelector('#empty');
    await close(page);
  },

  async keyboard_alone_suffices() {
    const page = await open();
    await row(page, 'works/tank/level').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('pump');
    await page.keyboard.press('ArrowDown');
    await until(async () => await title(page) === 'works/pump2/flow', 'the first');
    await page.keyboard.press('ArrowDown');
    await until(async () => await title(page) === 'works/pump1/flow', 'the next');
    await page.keyboard.press('End');
    await until(async () => await title(page) === 'works/pump1/running', 'the last');
    await page.keyboard.press('Home');
    await until(async () => await title(page) === 'works/pump2/flow', 'the first again');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.dataset.range), '5m');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('[data-range="1h"]').getAttribute('aria-pressed'), 'true');
    assert.match(page.url(), /range=1h/);
    await close(page);
  },

  async two_languages() {
    const page = await open('/', { locale: 'zh-CN' });
    assert.equal(await page.locator('#link-text').textContent(), '实时');
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh');
    await page.click('#language');
    assert.equal(await page.locator('#link-text').textContent(), 'Live');
    assert.match(page.url(), /lang=en/);
    await page.reload();
    await page.waitForSelector('#link.on');
    assert.equal(await page.locator('#link-text').textContent(), 'Live');
    await close(page);
  },

  async dark_and_light() {
    const grounds = [];
    for (const colorScheme of ['light', 'dark']) {
      const page = await open('/?point=works/pump1/flow', { colorScheme });
      await until(async () => await inked(page) > 20, `a line in ${colorScheme}`);
      grounds.push(await page.evaluate(() =>
        Number(/\d+/.exec(getComputedStyle(document.body).backgroundColor)[0])));
      await close(page);
    }
    assert.ok(grounds[0] > 200 && grounds[1] < 60, String(grounds));
  },

  async a_phone_shows_one_thing_at_a_time() {
    const page = await open('/', { viewport: { width: 390, height: 780 }, hasTouch: true });
    await row(page, 'works/pump1/flow').waitFor();
    assert.equal(await page.locator('#detail').isVisible(), false);
    await row(page, 'works/pump1/flow').tap();
    await until(async () => await inked(page) > 20, 'a line');
    await page.goBack();
    await until(async () => !await page.locator('#detail').isVisible(), 'the list');
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(wide, 390);
    await close(page);
  },

  async a_lost_server_is_told_and_found_again() {
    const page = await open();
    await row(page, 'works/tank/level').waitFor();
    await server.kill();
    await page.waitForSelector('#lost:not([hidden])');
    assert.equal(await page.locator('#link-text').textContent(), 'No connection');
    await server.start();
    await page.waitForSelector('#link.on');
    assert.equal(await page.locator('#lost').isVisible(), false);
    await writeWorks(17.25);
    await until(async () => await valueOf(page, 'works/pump1/flow') === '17.25', 'a live value');
    page.problems = page.problems.filter((text) => !text.startsWith('Failed to load resource'));
    await close(page);
  },

  async ten_thousand_points_are_few_rows() {
    const page = await open();
    let lines = '';
    for (let i = 0; i < 10000; ++i) lines += `many,block=b${i % 50},meter=m${i} flow=${i}\n`;
    await server.write(lines);
    await until(async () => (await page.locator('#count').textContent()).startsWith('10,005'),
      'all points');
    assert.ok(await page.locator('.row').count() < 60);
    await page.focus('#box');
    await page.keyboard.press('End');
    await row(page, 'works/tank/note').waitFor();
    await close(page);
  },
};

await runCases(cases);
await browser.close();
await server.close();
