// What must hold for every page of the console, looked at in the page itself: nothing serious for
// assistive technology, one language only, nothing cut or outside of the window, and everything
// within reach of the keyboard.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './console_works.mjs';

const axe = readFileSync(join(root, 'console', 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');

// What axe finds serious: rule, how many, and the first places. `look`: only what theme and size
// can change.
export async function findings(page, look = false) {
  if (!await page.evaluate(() => Boolean(globalThis.axe))) await page.evaluate(axe);
  const found = await page.evaluate(async (short) => (await globalThis.axe.run(document, {
    resultTypes: ['violations'], iframes: false, preload: false,
    // Experimental in axe: it takes the values within a symbol of the drawing for its label.
    rules: { 'label-content-name-mismatch': { enabled: false } },
    runOnly: short ? { type: 'rule', values: ['color-contrast', 'target-size',
      'link-in-text-block', 'scrollable-region-focusable'] }
      : { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] },
  })).violations.map(({ id, impact, nodes }) => ({ id, impact,
    places: nodes.map(({ html, any, target }) => `${document.querySelector(target)
      ?.closest('[role=listbox]') ? 'combobox ' : ''}${html.slice(0, 160)} ` +
        `${any[0]?.message ?? ''}`) })), look);
  for (const one of found)
    // The list of a combobox is led by the arrow keys of its field.
    if (one.id === 'scrollable-region-focusable')
      one.places = one.places.filter((place) => !/^combobox /.test(place));
  return found.filter(({ impact, places }) => places.length > 0
    && ['serious', 'critical'].includes(impact))
    .map(({ id, places }) => `${id} (${places.length}): ${places.slice(0, 3).join(' | ')}`);
}

// The console's words: dictionary.gateway.newDevice is { en: 'New device', zh: '新建设备' }.
export const dictionary = (() => {
  const folder = join(root, 'console', 'src');
  const pairs = /(?<![\w'])(\w+):\s*((?:'(?:[^'\\]|\\.)*'(?:\s*\+\s*)?)+)/g;
  const plain = (text) => [...text.matchAll(/'((?:[^'\\]|\\.)*)'/g)]
    .map(([, part]) => part.replaceAll('\\\'', '\'')).join('');
  const parse = (text) => new Map([...text.matchAll(pairs)]
    .map(([, key, value]) => [key, plain(value)]));
  const spaces = {};
  const add = (space, en, zh) => {
    const chinese = parse(zh);
    spaces[space] ??= {};
    for (const [key, value] of parse(en))
      spaces[space][key] = { en: value, zh: chinese.get(key) ?? value };
  };
  const rooms = readdirSync(join(folder, 'pages')).map((one) => `pages/${one}`);
  for (const dir of ['app', 'ui', ...rooms]) {
    const space = dir.split('/').at(-1);
    const names = readdirSync(join(folder, dir), { recursive: true });
    const read = (name) => readFileSync(join(folder, dir, name), 'utf8');
    for (const name of names.filter((one) => /(^|\/)words\.ts$/.test(one))) {
      const parts = read(name).split(/\n {2}\},\n {2}\{/);
      if (parts.length === 2)
        add(name === 'words.ts' ? space : name.split('/').at(-2), parts[0], parts[1]);
    }
    if (names.includes('en.ts')) add(space, read('en.ts'), read('zh.ts'));
  }
  return spaces;
})();

// Keys that no reader may meet: those that look like none of a language's words.
const rawKeys = new Set(Object.values(dictionary).flatMap((space) => Object.keys(space))
  .filter((key) => /_|[a-z][A-Z]/.test(key)));

// Everything that is read on the page or read out: visible texts, and what names and explains.
// Code, names in mono and what a person typed are none of the console's words.
const readable = (page) => page.evaluate(() => {
  const lang = document.documentElement.lang.slice(0, 2);
    const code = 'code, pre, kbd, samp, script, style, textarea, .hw-mono, .cm-editor,' +
      `[lang]:not(html, [lang^=${lang}])`;
  const found = new Map();
  const add = (text, element) => {
    const clean = text?.replace(/\s+/g, ' ').trim();
    if (!clean || found.has(clean)) return;
    const { tagName, id } = element;
    const near = element.closest('[aria-label], [role=dialog], section, table, form, nav, header');
    found.set(clean, `${tagName.toLowerCase()}${id && !/^mantine/.test(id) ? `#${id}` : ''}` +
      ` in ${near?.getAttribute('aria-label') ?? near?.tagName.toLowerCase() ?? 'page'}`);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!element || element.closest(code)) continue;
    const option = element.closest('option');
    if ((option ? option.closest('select') : element)?.checkVisibility())
      add(walker.currentNode.nodeValue, element);
  }
  const names = ['aria-label', 'title', 'placeholder', 'alt', 'aria-description',
    'aria-roledescription', 'aria-valuetext'];
  for (const element of document.querySelectorAll(names.map((one) => `[${one}]`).join())) {
    if (!element.checkVisibility()
      || element.closest(`${code.replace('textarea, ', '')}, [aria-hidden=true]`)) continue;
    for (const name of names) add(element.getAttribute(name), element);
  }
  for (const { value, type } of document.querySelectorAll('input[role=combobox], input[readonly]'))
    if (type === 'text') add(value, document.body);
  return [...found];
});

// Names of protocols, formats, products and units, which are the same in both languages.
const common = new Set(`A API AMQP AND ASCII AS Avro BOOL BY BeBop Bluewater CA CBOR COUNT CPU CSP
  CSRF   CSS CSV CTRL Chromium Ctrl DELETE DTDL DTMI DTU DuckDB EMQX ESC EdgeX English Enter
  Esc FFT FROM
  GB GET GMT GPL Gorilla Grafana Gt GROUP HJ HTTP HTTPS Headworks I ID IDs IEC IP IPv ISO InfluxDB
  JSON Ki kB KB Kafka LIKE Linux LSN LWT MAC MB MIT MQTT MySQL NATS NTP NTU NaN Neuron Node NULL OPC
  OR OS Origin PATCH PEM PH PID PLC PNG POST PUT Parquet PostgreSQL Prometheus Protobuf QoS RAM REST
  RFC RMSE RSS RTT RTU Redis Roboto RocksDB SCADA SCU SELECT SHA SI SQL SQLite SSE SSL STREAM SVG
  Shift Siemens Sparkplug TABLE TCP TLS TOML Tab TV UA UI URL US USB UTC UTF UUID UUIDs Unix VQT W3C
  WHERE WINDOW WebGL WebSocket WoT XML YAML ack bar bit bool byte bytes cm dB double fps ft gal gpm
  gzip hex hp int kPa kV kVA kW kWh km kg keepalive m mA mS mW mg min mL MGD mg ms mm mmHg mol ns
  nRTU pH ppm psi rpm s sha string uint us µs V x y z Zstd zstd hPa cfs gpd ac Ah Hz lb in yd
  Modbus S7 BACnet DNP CIP EtherNet Mitsubishi SLMP Things Thing glTF glb GLB OpenAPI Argon2id
  Cookie cookie null true false float DS SP NDATA DDATA NBIRTH DBIRTH NDEATH DDEATH NCMD DCMD STATE
  AI FI PI Arrow NDJSON React Flow attribution Cron
  mon fri GNU Release vm http Apache ISC BSD MPL OFL SOCI React Mantine Vite TypeScript MiB GiB
  KiB TiB TB eKuiper HStream ECP
  EPANET OpenSSL Boost Alt Home End PageUp PageDown Space Delete Backspace IEEE LRC CRC BCD WGS
  USA EPA WHO Windows COM root admin localhost host Docker systemd cron Debian x509
`.trim().split(/\s+/));

// Texts in the wrong language. `data`: what the plant's people named, which stays as they wrote it.
export async function wrongLanguage(page, language, data) {
  const faults = [];
  for (const [text, where] of await readable(page)) {
    const token = text.trim();
    if (rawKeys.has(token) && !data.has(token)) faults.push(`the key ${token} is shown (${where})`);
    if (language === 'en') {
      const left = strip(text, data).replaceAll('中文', '');
      if (/[\u3400-\u9fff]/.test(left)) faults.push(`'${text}' is Chinese (${where})`);
      continue;
    }
    // Statements and JSON, as what a field may hold.
    if (/^[{[]|^CREATE /.test(token)) continue;
    if (data.has(token) || (token.length > 12
      && data.longest.some((one) => one.startsWith(token.replace(/ ?…$/, ''))))) continue;
    const left = strip(text, data);
    // A token with a slash, an underscore, a digit or the like is a name or a unit.
    const words = left.match(/[\p{L}\p{N}_/.:#@+$%&=<>{}[\]()"'^*~\\-]+/gu) ?? [];
    const foreign = words
      .flatMap((word) => (/[a-z][/_:#@+$=]|^[/$]|-$|\d|[a-z]\.[a-z]/i.test(word) ? []
        : word.match(/[A-Za-z]+/g) ?? []))
      .filter((word) => word.length > 1 && !common.has(word)
        // Names of columns of a file, within a sentence of the other language.
        && !(/[\u3400-\u9fff]/.test(text) && /^(device|group|name|type|address|toml|json|csv)$/
          .test(word)));
    if (foreign.length) faults.push(`'${text.slice(0, 90)}' has ${foreign.slice(0, 4).join(' ')} ` +
      `(${where})`);
  }
  return faults;
}

function strip(text, data) {
  let left = text;
  for (const name of data.longest) {
    if (name.length > left.length) continue;
    let at = left.indexOf(name);
    while (at >= 0) {
      const edge = (one) => one === undefined || !/[A-Za-z0-9_./]/.test(one);
      if (edge(left[at - 1]) && edge(left[at + name.length]))
        left = `${left.slice(0, at)} ${left.slice(at + name.length)}`;
      at = left.indexOf(name, at + 1);
    }
  }
  return left;
}

// Names that the plant's people gave, as wrongLanguage() wants them.
export function dataSet(names) {
  const set = new Set(names.filter((one) => typeof one === 'string' && one.length > 1));
  set.longest = [...set].sort((left, right) => right.length - left.length);
  return set;
}

// Texts that are cut without a way to read them whole, or that reach out of their box or of the
// window.
export const cutTexts = (page) => page.evaluate(() => {
  const faults = new Set();
  if (document.documentElement.scrollWidth > window.innerWidth)
    faults.add('the page scrolls sideways');
  const whole = (element) => element.closest('[title], [aria-description], [data-whole]')
    || element.querySelector('[title]');
  const box = document.createRange();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const say = (text, what) => faults.add(`'${text.trim().slice(0, 60)}' ${what}`);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const element = node.parentElement;
    if (!node.nodeValue.trim() || !element.checkVisibility()
      || element.closest('.hw-visually-hidden, svg, .cm-editor, option, noscript')) continue;
    box.selectNodeContents(node);
    const text = box.getBoundingClientRect();
    if (text.width < 2 || text.height < 2) continue;
    for (let one = element; one && one !== document.body; one = one.parentElement) {
      const style = getComputedStyle(one);
      const at = one.getBoundingClientRect();
      if (style.clipPath !== 'none' || style.position === 'absolute' && at.width <= 1) break;
      if (/auto|scroll/.test(style.overflowX) && /auto|scroll/.test(style.overflowY)) break;
      const cuts = /hidden|clip/.test(style.overflowX) && style.display !== 'inline';
      const bounds = /^(TD|TH|BUTTON|DD|DT|LI)$/.test(one.tagName) || cuts;
      const out = Math.max(text.right - at.right, at.left - text.left);
      if (bounds && out > 1.5 && !(cuts && whole(element))) {
        say(node.nodeValue, `${cuts ? 'is cut by' : 'reaches out of'} ` +
          `${one.tagName.toLowerCase()}.${String(one.className).split(' ')[0]} ` +
          `by ${Math.round(out)}px`);
        break;
      }
      if (cuts) break;
      if (/hidden|clip/.test(style.overflowY) && text.bottom - at.bottom > 3
        && !/auto|scroll/.test(style.overflowX) && style.display !== 'inline'
        && text.top < at.bottom && !whole(element)) {
        say(node.nodeValue, `is cut below by ${one.tagName.toLowerCase()}`);
        break;
      }
    }
    if (text.right > window.innerWidth + 1 && !element.closest('[tabindex], [role=region]'))
      say(node.nodeValue, 'is outside of the window');
  }
  return [...faults];
});

// Presses Tab through the page. Tells what is not reached, and where the focus is not seen.
export async function keyboardFaults(page) {
  const all = await page.evaluate(() => {
    getSelection()?.removeAllRanges();
    const selector = 'a[href], button, input, select, textarea, summary, [tabindex], ' +
      '[contenteditable=true]';
    const visible = (one) => one.checkVisibility({ visibilityProperty: true })
      && !one.closest('[inert], [aria-hidden=true]');
    const radios = new Set();
    const wanted = [...document.querySelectorAll(selector)].filter((one) => {
      if (one.disabled || one.tabIndex < 0 || !visible(one)) return false;
      if (one.type !== 'radio') return true;
      // One of a group of radio buttons is a stop; arrows lead to the others.
      if (radios.has(one.name)) return false;
      radios.add(one.name);
      return true;
    });
    globalThis.tour = { wanted: new Set(wanted), seen: new Set(), unseen: new Set() };
    const tell = (one) => `${one.tagName.toLowerCase()} ` +
      `'${(one.getAttribute('aria-label') || one.innerText || one.placeholder || one.className
        || '').toString().trim().slice(0, 50)}'`;
    globalThis.tour.tell = tell;
    const look = (one) => {
      const parts = [one, one.parentElement, one.nextElementSibling, one.closest('label'),
        one.type === 'radio' ? document.querySelector(`label[for="${one.id}"]`) : null,
        one.closest('.cm-editor'), one.querySelector('[class*=ring]'),
        one.querySelector('*')].filter(Boolean);
      return parts.map((part) => {
        const { outlineStyle, outlineWidth, boxShadow, borderColor, backgroundColor, stroke }
          = getComputedStyle(part);
        return [outlineStyle === 'none' || outlineWidth === '0px' ? '' : outlineStyle, boxShadow,
          borderColor, backgroundColor, stroke].join();
      }).join('|');
    };
    globalThis.tour.end = () => document.removeEventListener('focusin', globalThis.tour.on);
    globalThis.tour.on = ({ target }) => {
      const { wanted: left, seen, unseen } = globalThis.tour;
      if (seen.has(target)) return;
      seen.add(target);
      if (target.type === 'radio')
        for (const one of left)
          if (one.type === 'radio' && one.name === target.name) left.delete(one);
      left.delete(target);
      requestAnimationFrame(() => {
        if (document.activeElement !== target) return;
        const focused = look(target);
        globalThis.tour.looks ??= new Map();
        globalThis.tour.looks.set(target, focused);
      });
    };
    document.addEventListener('focusin', globalThis.tour.on);
    globalThis.tour.look = look;
    wanted[0]?.focus();
    return wanted.length;
  });
  for (let i = 0; i < all + 12; ++i) await page.keyboard.press('Tab');
  return page.evaluate(async () => {
    const { wanted, looks = new Map(), look, tell, end } = globalThis.tour;
    const wait = (time) => new Promise((resolve) => { setTimeout(resolve, time); });
    end();
    document.activeElement?.blur?.();
    await wait(50);
    const faults = [];
    for (const one of wanted)
      if (one.isConnected && one.checkVisibility() && !one.disabled && one.tabIndex >= 0)
        faults.push(`Tab does not reach ${tell(one)}`);
    for (const [one, focused] of looks) {
      const without = look(one);
      if (!one.isConnected || focused !== without) continue;
      // Editors say it a moment later.
      one.focus();
      await wait(120);
      if (look(one) === without) faults.push(`no focus is seen on ${tell(one)}`);
      one.blur();
    }
    return faults;
  });
}
