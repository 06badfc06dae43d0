// How long a first look takes: from the address to the first useful screen, with an empty cache and
// a slowed processor, in a new browser each time.
//   node scripts/first.mjs BASE PATH [--runs 5] [--cpu 4] [--latency MS] [--wait SELECTOR]
// Useful: the page's title is there and something of its content (SELECTOR). Prints each time and
// the median, in milliseconds, and when the first picture came.
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '5' },
    cpu: { type: 'string', default: '4' },
    latency: { type: 'string', default: '0' },
    wait: { type: 'string', default: 'main h1' },
  },
});
const [base, path = '/'] = positionals;

async function once() {
  const browser = await chromium.launch({
    executablePath: process.env.HEADWORKS_CHROMIUM || '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--no-first-run', '--disable-background-networking',
      '--disable-gpu'],
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: Number(values.cpu) });
  if (Number(values.latency)) {
    await cdp.send('Network.enable');
    await cdp.send('Network.emulateNetworkConditions', { offline: false,
      latency: Number(values.latency), downloadThroughput: 1.25e6, uploadThroughput: 1.25e6 });
  }
  // In the page, so that the way to this script does not count.
  await page.addInitScript((selector) => {
    const look = () => {
      const seen = document.querySelector(selector);
      if (seen?.checkVisibility() && seen.textContent) window.usefulAt = performance.now();
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, values.wait);
  await page.goto(base + path);
  await page.waitForFunction(() => window.usefulAt, null, { timeout: 60_000, polling: 100 });
  const [useful, painted] = await page.evaluate(() => [window.usefulAt,
    performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN]);
  await browser.close();
  return [useful, painted];
}

const median = (times) => times.toSorted((left, right) => left - right)[times.length >> 1];
const all = [];
for (let run = 0; run < Number(values.runs); run += 1) all.push(await once());
const useful = all.map(([time]) => Math.round(time));
console.log(`${path}: useful ${useful.join(', ')}; median ${median(useful)} ms; ` +
  `first picture ${Math.round(median(all.map(([, time]) => time)))} ms`);
