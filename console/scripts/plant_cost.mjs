// What the plant in three dimensions costs with 2,000 live elements: draw calls, and the page's own
// JavaScript for each frame while one turns the view and 30 % of the values change each second.
//   node scripts/plant_cost.mjs BASE [--elements 2000] [--seconds 20] [--scene FILE] [--gpu]
// BASE is a development server (vite), whose modules are loaded alone; no other server is needed.
// The scene is that of the demo works, side by side until it has enough elements with values.
// Without --gpu there is no graphics card to wait for: all is told to WebGL but the drawing itself,
// which software would do for a second a frame, so frames a second mean nothing. What is told is
// the processor's time of the page's thread. At last nothing moves for five seconds: how many
// frames are drawn? Exit 1 where a limit is passed: 60 draw calls, 4 ms in 95 of 100 frames,
// 1 frame at rest.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    elements: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '20' },
    scene: { type: 'string',
      default: fileURLToPath(new URL('../../examples/waterworks/scene.json', import.meta.url)) },
    gpu: { type: 'boolean', default: false },
  },
});
const [base] = positionals;
const compileMs = 5000;
const limits = { calls: 60, ms: 4, rest: 1 };

function tiled(scene, wanted) {
  const text = (name) => (typeof name === 'object' ? name.en : name);
  const nodes = [];
  let live = 0;
  for (let copy = 0; live < wanted; copy += 1) {
    const [x, z] = [(copy % 5) * 420, Math.floor(copy / 5) * 320];
    for (const node of scene.nodes) {
      const [at = 0, up = 0, deep = 0] = node.position ?? [];
      nodes.push({
        ...node, id: `${copy}_${node.id}`, name: `${text(node.name) ?? node.id} ${copy}`,
        ...(node.parent ? { parent: `${copy}_${node.parent}` }
          : { position: [at + x, up, deep + z] }),
        ...(node.twin ? { twin: `${copy}/${node.twin}` } : {}),
        ...(node.shape?.text ? { shape: { ...node.shape, text: text(node.shape.text) } } : {}),
        bindings: node.bindings?.map((one) => (one.twin ? { ...one, twin: `${copy}/${one.twin}` }
          : one)),
      });
      if (node.bindings?.length) live += 1;
    }
  }
  return { ...scene, nodes, live };
}

// Runs in the page.
async function measure({ scene, gpu }) {
  if (!gpu) {
    const none = () => undefined;
    const { prototype } = WebGL2RenderingContext;
    const extension = prototype.getExtension;
    for (const name of ['drawElements', 'drawArrays', 'drawElementsInstanced'])
      prototype[name] = none;
    prototype.getExtension = function get(name) {
      const found = extension.call(this, name);
      if (name !== 'WEBGL_multi_draw' || !found) return found;
      return { multiDrawElementsWEBGL: none, multiDrawArraysWEBGL: none,
        multiDrawElementsInstancedWEBGL: none, multiDrawArraysInstancedWEBGL: none };
    };
  }
  const { Stage } = await import('/src/pages/plant/three/stage.ts');
  document.body.innerHTML = '<div style="position:fixed;inset:0"><canvas></canvas>' +
    '<div id="over" style="position:absolute;inset:0;overflow:hidden"></div></div>';
  const stage = new Stage(document.querySelector('canvas'), document.querySelector('#over'), scene,
    { select: () => undefined, lost: () => undefined }, () => 'si');
  const known = new Map();
  const listeners = new Set();
  const bound = stage.model.items.flatMap((item) => item.bindings);
  const draw = (one) => (one.kind === 'fill' ? Math.random() * (one.max ?? 1) : Math.random() * 3);
  for (const one of bound)
    known.set(`${one.twin}\n${one.property}`, { value: draw(one), trust: 'good', unit: one.unit });
  const keys = [...known.keys()];
  const source = {
    read: (twin, property) => known.get(`${twin}\n${property}`),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  stage.setScheme(true);
  stage.setContext({ set: 'si', zone: 'UTC', word: String });
  stage.setTrouble((node) => (node.id?.endsWith('filter1') ? { kind: 'warn', text: 'trouble' }
    : undefined));
  stage.setHidden(new Set());
  stage.setSource(source);
  stage.resize(window.innerWidth, window.innerHeight);
  // Ten times a second, as the page's own source tells it.
  const news = setInterval(() => {
    for (let i = 0; i < keys.length * 0.03; i += 1) {
      const key = keys[Math.floor(Math.random() * keys.length)];
      known.set(key, { ...known.get(key), value: Math.random() * 3 });
    }
    for (const listener of listeners) listener();
  }, 100);
  // Turned by each frame itself.
  stage.man.controls.autoRotate = true;
  window.bench = { stage, known, listeners, news, bound: bound.length };
}

async function rest() {
  const { stage, known, listeners, news, bound } = window.bench;
  clearInterval(news);
  const { calls, triangles } = stage.screen.cost;
  // Nothing flows and nothing turns: all values are zero.
  stage.man.controls.autoRotate = false;
  for (const key of known.keys()) known.set(key, { value: 0, trust: 'good' });
  for (const listener of listeners) listener();
  await new Promise((done) => { setTimeout(done, 4000); });
  const still = stage.screen.cost.frames;
  await new Promise((done) => { setTimeout(done, 5000); });
  return {
    calls, triangles, bound, rest: stage.screen.cost.frames - still,
    labels: document.querySelectorAll('#over > div').length,
  };
}

const browser = await chromium.launch({
  executablePath: process.env.HEADWORKS_CHROMIUM || '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--no-first-run', '--disable-background-networking',
    ...(values.gpu ? [] : ['--use-angle=swiftshader', '--enable-unsafe-swiftshader'])],
});
const page = await browser.newPage({ viewport: values.gpu
  ? { width: 1920, height: 1080 } : { width: 960, height: 600 } });
page.on('pageerror', (error) => console.log(error.stack));
await page.goto(`${base}/?quality=full`);
const scene = tiled(JSON.parse(readFileSync(values.scene, 'utf8')), Number(values.elements));
await page.evaluate(measure, { scene, gpu: values.gpu });
await page.waitForTimeout(compileMs);
// The processor's time of the page's thread, whatever else the machine does.
await browser.startTracing(page, { categories: ['devtools.timeline'] });
await page.waitForTimeout(Number(values.seconds) * 1000);
const trace = JSON.parse((await browser.stopTracing()).toString());
const times = trace.traceEvents.filter(({ name, tdur }) => name === 'FireAnimationFrame' && tdur)
  .map(({ tdur }) => tdur / 1000).sort((a, b) => a - b);
const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN;
const seen = await page.evaluate(rest);
await browser.close();
const ms = (value) => `${value.toFixed(2)} ms`;
console.log(`${scene.live} live elements of ${scene.nodes.length} nodes, ${seen.bound} bindings`);
console.log(`draw calls ${seen.calls}, ${seen.triangles} triangles, ${seen.labels} labels`);
console.log(`own JavaScript for a frame: median ${ms(at(0.5))}, 95 of 100 below ${ms(at(0.95))}, ` +
  `at most ${ms(at(1))}, ${times.length} frames`);
console.log(`frames in 5 s at rest: ${seen.rest}`);
process.exit(seen.calls > limits.calls || !(at(0.95) <= limits.ms) || seen.rest > limits.rest
  ? 1 : 0);
