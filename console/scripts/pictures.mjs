// The pictures of docs/console, taken from a server that runs the simulated waterworks.
//   node scripts/pictures.mjs BASE OUT_FOLDER [PAGE ...] [--wait MS]
// BASE is the console's address, OUT_FOLDER docs/console. With PAGE only those pages are taken.
// That of the sign-in is of a server that has an administrator: run it for sign_in alone there.
// The plant's picture needs WebGL, which the browser does by software here: it takes some seconds.
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const works = 'bluewater/plant1';
const pages = {
  overview: '/',
  plant: '/plant?quality=full',
  trends: `/trends?pens=${works}/filtration/filter1/headloss,${works}/filtration/filter1/flow,`
    + `${works}/filtration/filter1/level&from=now-6h&to=now`,
  twin: `/twin?id=${encodeURIComponent(`${works}/filtration/filter1`)}`,
  gateway: '/gateway',
  broker: '/broker?tab=clients',
  rules: '/rules',
  system: '/system',
  sign_in: '/login',
};
const size = { width: 1280, height: 800 };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { wait: { type: 'string', default: '5000' } },
});
const [base, out, ...chosen] = positionals;

async function browserFor(gl) {
  return chromium.launch({
    executablePath: process.env.HEADWORKS_CHROMIUM || '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--no-first-run', '--disable-background-networking',
      ...(gl ? ['--use-angle=swiftshader', '--enable-unsafe-swiftshader'] : ['--disable-gpu'])],
  });
}

async function picture(name, path) {
  const browser = await browserFor(name === 'plant');
  const context = await browser.newContext({ viewport: size });
  await context.addInitScript(() => {
    localStorage.setItem('headworks.prefs', JSON.stringify({
      state: { language: 'en', scheme: 'dark', units: 'si', zone: 'browser', railOpen: true },
      version: 0,
    }));
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => console.log(`${path}: ${error.stack}`));
  await page.goto(base + path);
  await page.waitForTimeout(Number(values.wait) * (name === 'plant' ? 3 : 1));
  const file = join(out, `${name}.png`);
  await page.screenshot({ path: file });
  console.log(`${file}: ${Math.round(statSync(file).size / 1000)} kB`);
  await browser.close();
}

mkdirSync(out, { recursive: true });
for (const [name, path] of Object.entries(pages)) {
  if (chosen.length === 0 || chosen.includes(name)) await picture(name, path);
}
