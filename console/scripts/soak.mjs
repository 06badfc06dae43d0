// Does a tab that stays open grow? Opens pages, leaves them, and says at times what they hold after
// the garbage is collected: JavaScript heap, nodes and listeners of the document.
//   node scripts/soak.mjs BASE [PATH ...] [--minutes 10] [--looks 6] [--limit PERCENT]
// Without PATH: the overview, a live trend, and the plant as a drawing. The first look is after two
// minutes, when what is loaded once is there. Exit 1 where a heap has grown by more than the limit
// (10 %) from that look to the last. Not part of the tests: it takes as long as it says.
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const filter = 'bluewater/plant1/filtration/filter1';
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '10' },
    looks: { type: 'string', default: '6' },
    limit: { type: 'string', default: '10' },
  },
});
const [base, ...given] = positionals;
const paths = given.length ? given : ['/',
  `/trends?pens=${filter}/flow,${filter}/level,${filter}/headloss&from=now-15m&to=now`,
  '/plant?mode=2d'];
const minute = 60_000;
const minutes = Number(values.minutes);
const settleMinutes = Math.min(2, minutes / 4);
const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });

async function watched(path) {
  // A browser each, so that no tab is put to sleep behind another.
  const browser = await chromium.launch({
    executablePath: process.env.HEADWORKS_CHROMIUM || '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--no-first-run', '--disable-background-networking',
      '--disable-gpu'],
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.on('pageerror', (error) => console.log(`${path}: ${error.stack}`));
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('HeapProfiler.enable');
  await page.goto(base + path);
  await page.waitForSelector('main h1', { timeout: 60_000 });
  return { path, browser, cdp };
}

async function look({ cdp }) {
  // Twice: what the first leaves to finalizers goes with the second.
  await cdp.send('HeapProfiler.collectGarbage');
  await sleep(500);
  await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  const { nodes, jsEventListeners } = await cdp.send('Memory.getDOMCounters');
  return { heap: usedSize, nodes, listeners: jsEventListeners };
}

const tabs = [];
for (const path of paths) tabs.push({ ...await watched(path), looks: [] });
const begun = Date.now();
const count = Math.max(2, Number(values.looks));
for (let i = 0; i < count; i += 1) {
  const at = settleMinutes + ((minutes - settleMinutes) * i) / (count - 1);
  await sleep(Math.max(0, begun + at * minute - Date.now()));
  for (const tab of tabs) {
    const seen = await look(tab);
    tab.looks.push(seen);
    console.log(`${at.toFixed(1).padStart(5)} min  ${(seen.heap / 1e6).toFixed(2).padStart(7)} MB` +
      `  ${String(seen.nodes).padStart(6)} nodes  ${String(seen.listeners).padStart(5)} listeners` +
      `  ${tab.path.split('?')[0]}`);
  }
}
let grown = false;
for (const { path, looks, browser } of tabs) {
  const share = (looks.at(-1).heap / looks[0].heap - 1) * 100;
  if (share > Number(values.limit)) grown = true;
  console.log(`${path}: heap ${share >= 0 ? '+' : ''}${share.toFixed(1)} % from the first look`);
  await browser.close();
}
process.exit(grown ? 1 : 0);
