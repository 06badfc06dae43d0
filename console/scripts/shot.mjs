// Pictures of console pages, for looking at.
//   node scripts/shot.mjs BASE OUT_FOLDER PATH [PATH ...] [--size 1280x800] [--scheme light]
//       [--lang zh] [--wait MS] [--click SELECTOR] [--gl] [--key KEY]
// Prints what the browser's console says. --gl switches WebGL on (by software, slow).
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: 'string', default: '1280x800' },
    scheme: { type: 'string', default: 'dark' },
    lang: { type: 'string', default: 'en' },
    wait: { type: 'string', default: '1500' },
    click: { type: 'string', multiple: true, default: [] },
    key: { type: 'string', multiple: true, default: [] },
    gl: { type: 'boolean', default: false },
  },
});
const [base, out, ...paths] = positionals;
const [width, height] = values.size.split('x').map(Number);
mkdirSync(out, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.HEADWORKS_CHROMIUM || '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--no-first-run', '--disable-background-networking',
    ...(values.gl
      ? ['--use-angle=swiftshader', '--enable-unsafe-swiftshader'] : ['--disable-gpu'])],
});
const context = await browser.newContext({ viewport: { width, height } });
await context.addInitScript(([scheme, language]) => {
  localStorage.setItem('headworks.prefs', JSON.stringify({
    state: { language, scheme, units: 'si', zone: 'browser', railOpen: true }, version: 0,
  }));
}, [values.scheme, values.lang]);
for (const path of paths) {
  const page = await context.newPage();
  page.on('console', (one) => {
    if (['error', 'warning'].includes(one.type())) console.log(`${path}: ${one.text()}`);
  });
  page.on('pageerror', (error) => console.log(`${path}: ${error.stack}`));
  await page.goto(base + path);
  await page.waitForTimeout(Number(values.wait));
  for (const selector of values.click) {
    await page.click(selector);
    await page.waitForTimeout(400);
  }
  for (const key of values.key) {
    await page.keyboard.press(key);
    await page.waitForTimeout(300);
  }
  const name = `${path.replace(/[^a-z0-9]+/gi, '_').slice(0, 60) || 'root'}` +
    `-${values.size}-${values.scheme}-${values.lang}.png`;
  await page.screenshot({ path: join(out, name) });
  console.log(join(out, name));
  await page.close();
}
await browser.close();
