'use strict';
// The built-in page: points with live values, and a chart of any of them. It asks only this server.

const words = {
  en: {
    search: 'Filter by path', point: 'Point', value: 'Value', quality: 'Quality', age: 'Age',
    on: 'Live', off: 'No connection', connecting: 'Connecting', points: (n, m) =>
      n === m ? `${n} points` : `${n} of ${m} points`,
    empty: 'No points yet. Publish a reading and it appears here:',
    none: 'No point matches this text.', pick: 'Pick a point to see its history.',
    rate: (n) => `${n} samples/s`, type: 'Type', count: 'Samples kept', first: 'First',
    last: 'Last', min: 'Least in range', max: 'Greatest in range', mean: 'Mean in range',
    nothing: 'No samples in this range.', chart: (p) => `Chart of ${p}`,
    text: 'Texts are listed, not drawn.', save: 'Save this range as', failed: 'Failed: ',
    other: '中文',
  },
  zh: {
    search: '按路径筛选', point: '测点', value: '数值', quality: '质量', age: '时龄',
    on: '实时', off: '连接中断', connecting: '连接中', points: (n, m) =>
      n === m ? `${n} 个测点` : `${n} / ${m} 个测点`,
    empty: '还没有测点。发布一个读数，它就会出现在这里：',
    none: '没有匹配的测点。', pick: '选择一个测点查看历史。',
    rate: (n) => `${n} 样本/秒`, type: '类型', count: '已存样本', first: '最早', last: '最新',
    min: '区间最小', max: '区间最大', mean: '区间平均',
    nothing: '此区间没有样本。', chart: (p) => `${p} 的曲线`,
    text: '文本只列出，不绘图。', save: '将此区间保存为', failed: '失败：', other: 'English',
  },
};
const qualityWords = { zh: { good: '良好', uncertain: '不确定', bad: '坏' } };
const ranges = [['5m', 300], ['1h', 3600], ['6h', 21600], ['24h', 86400], ['7d', 604800]];

const $ = (id) => document.getElementById(id);
const params = new URLSearchParams(location.search);
let language = params.get('lang') || (navigator.language.startsWith('zh') ? 'zh' : 'en');
if (!words[language]) language = 'en';
let t = words[language];

const points = new Map(); // path -> {path, value, quality, time, unit, type, row}
let shown = [];
let selected = params.get('point') || '';
let range = ranges.some(([n]) => n === params.get('range')) ? params.get('range') : '5m';
let series = null; // {times: [], values: [], from, to}
let hover = -1;
let received = 0;
let offset = 0; // server clock minus ours, ms

function saveState() {
  const state = new URLSearchParams();
  if (selected) state.set('point', selected);
  if (range !== '5m') state.set('range', range);
  if ($('search').value) state.set('search', $('search').value);
  state.set('lang', language);
  history.replaceState(null, '', '?' + state);
}

function now() { return Date.now() + offset; }

function showValue(point) {
  if (point.value === null || point.value === undefined) return '–';
  if (typeof point.value === 'number') return String(Number(point.value.toPrecision(7)));
  return String(point.value);
}

function showQuality(quality) {
  const [family, reason] = quality.split('.');
  const word = (qualityWords[language] || {})[family] || family;
  return reason ? `${word} · ${reason.replaceAll('_', ' ')}` : word;
}

function showAge(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 172800) return `${Math.floor(s / 3600)} h`;
  return `${Math.floor(s / 86400)} d`;
}

function showTime(ms) {
  return new Intl.DateTimeFormat(language, { dateStyle: 'short', timeStyle: 'medium' }).format(ms);
}

function applyWords() {
  document.documentElement.lang = language;
  $('search').placeholder = t.search;
  $('search').setAttribute('aria-label', t.search);
  $('h-point').textContent = t.point;
  $('h-value').textContent = t.value;
  $('h-quality').textContent = t.quality;
  $('h-age').textContent = t.age;
  $('language').textContent = t.other;
  $('language').lang = language === 'en' ? 'zh' : 'en';
  for (const point of points.values()) point.drawn = '';
  renderList();
  renderDetail();
}

// The list: rows are made only for what matches, at most 1,000, and changed in place.
function renderList() {
  const text = $('search').value.toLowerCase();
  const all = [...points.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  shown = all.filter((p) => p.path.toLowerCase().includes(text)).slice(0, 1000);
  $('rows').replaceChildren(...shown.map(rowOf));
  $('count').textContent = t.points(shown.length, points.size);
  $('empty').hidden = shown.length > 0;
  if (points.size) $('empty').textContent = t.none;
  else $('empty').innerHTML = `${t.empty}<br><br><code>mosquitto_pub -t works/plc1/flow -m 12.5` +
    '</code>';
}

function rowOf(point) {
  if (!point.row) {
    const row = document.createElement('tr');
    row.className = 'point';
    row.tabIndex = 0;
    row.dataset.path = point.path;
    const cut = point.path.lastIndexOf('/') + 1;
    const path = document.createElement('td');
    const dim = document.createElement('span');
    dim.className = 'dim';
    dim.textContent = point.path.slice(0, cut);
    path.append(dim, point.path.slice(cut));
    path.title = point.path;
    row.append(path, document.createElement('td'), document.createElement('td'),
      document.createElement('td'));
    point.row = row;
  }
  renderRow(point);
  return point.row;
}

function renderRow(point) {
  const age = showAge(now() - point.time);
  const quality = showQuality(point.quality);
  const value = showValue(point) + (point.unit ? ` ${point.unit}` : '');
  const stale = now() - point.time > 60000;
  const state = `${value}|${quality}|${age}|${stale}|${point.path === selected}`;
  if (state === point.drawn) return;
  point.drawn = state;
  const cells = point.row.children;
  cells[1].textContent = value;
  cells[2].textContent = quality;
  cells[3].textContent = age;
  point.row.className = `point ${point.quality.split('.')[0]}${stale ? ' stale' : ''}`;
  point.row.setAttribute('aria-selected', String(point.path === selected));
}

function select(path) {
  const before = points.get(selected);
  selected = path;
  if (before && before.row) renderRow(before);
  if (points.get(path) && points.get(path).row) renderRow(points.get(path));
  saveState();
  series = null;
  hover = -1;
  renderDetail();
  load();
}

function renderDetail() {
  const point = points.get(selected);
  $('title').textContent = selected || t.pick;
  for (const button of $('ranges').children)
    button.setAttribute('aria-pressed', String(button.dataset.range === range));
  $('chart').hidden = !selected;
  $('ranges').hidden = !selected;
  $('chart').setAttribute('aria-label', t.chart(selected));
  $('now-value').textContent = point ? showValue(point) : '';
  $('now-unit').textContent = point && point.unit ? point.unit : '';
  $('now-time').textContent = point
    ? `${showQuality(point.quality)} · ${showTime(point.time)}` : '';
  renderFacts();
  drawChart();
}

function renderFacts() {
  const point = points.get(selected);
  const facts = [];
  if (point && point.info) {
    facts.push([t.type, point.info.type], [t.count, point.info.count.toLocaleString(language)],
      [t.first, showTime(Date.parse(point.info.first_time))]);
  }
  if (series && series.values.length) {
    const sum = series.values.reduce((a, b) => a + b, 0);
    const show = (x) => String(Number(x.toPrecision(6)));
    facts.push([t.min, show(series.least)], [t.max, show(series.most)]);
    facts.push([t.mean, show(sum / series.values.length)]);
  }
  $('facts').replaceChildren(...facts.map(([name, value]) => {
    const box = document.createElement('div');
    const term = document.createElement('dt');
    const text = document.createElement('dd');
    term.textContent = name;
    text.textContent = value;
    box.append(term, text);
    return box;
  }));
  $('export').textContent = '';
  if (!selected) return;
  $('export').append(`${t.save} `);
  for (const format of ['csv', 'ndjson', 'json']) {
    const link = document.createElement('a');
    link.href = `/api/v1/history?point=${encodeURIComponent(selected)}&from=now-${range}` +
      `&format=${format}`;
    link.download = `${selected.replaceAll('/', '_')}.${format}`;
    link.textContent = format.toUpperCase();
    $('export').append(link, ' ');
  }
}

let loading = null;
async function load() {
  if (!selected) return;
  const path = selected;
  if (loading) loading.abort();
  loading = new AbortController();
  const width = Math.max(200, Math.floor($('chart').clientWidth));
  const query = `point=${encodeURIComponent(path)}`;
  try {
    const [rows, info] = await Promise.all([
      fetch(`/api/v1/history?${query}&from=now-${range}&max_points=${width * 2}`,
        { signal: loading.signal }),
      fetch(`/api/v1/points?filter=${encodeURIComponent(path)}`, { signal: loading.signal }),
    ]);
    const body = await rows.json();
    if (!rows.ok) throw new Error(body.detail);
    const found = (await info.json()).items[0];
    if (path !== selected) return;
    if (points.get(path)) points.get(path).info = found;
    fill(body.items);
  } catch (error) {
    if (error.name !== 'AbortError') $('readout').textContent = t.failed + error.message;
  }
}

function numberOf(value) {
  return typeof value === 'number' ? value : typeof value === 'boolean' ? Number(value) : NaN;
}

function fill(items) {
  const seconds = ranges.find(([name]) => name === range)[1];
  series = { times: [], values: [], seconds, least: Infinity, most: -Infinity, any: items.length };
  for (const item of items) add(Date.parse(item.time), numberOf(item.value));
  renderDetail();
}

function add(time, value) {
  if (Number.isNaN(value)) return;
  series.times.push(time);
  series.values.push(value);
  series.least = Math.min(series.least, value);
  series.most = Math.max(series.most, value);
}

function niceStep(span, count) {
  const raw = span / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const digit = raw / power;
  return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
}

let plot = null;
function drawChart() {
  const canvas = $('chart');
  if (canvas.hidden) return;
  const scale = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pen = canvas.getContext('2d');
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.font = '12px system-ui, sans-serif';
  pen.fillStyle = colour('--quiet');
  plot = null;
  if (!series) return;
  if (!series.values.length) {
    pen.fillText(series.any ? t.text : t.nothing, 8, 20);
    return;
  }
  const to = now();
  const from = to - series.seconds * 1000;
  let least = series.least;
  let most = series.most;
  if (most - least < Math.abs(most) * 1e-9 || most === least) { least -= 1; most += 1; }
  const pad = (most - least) * 0.06;
  least -= pad; most += pad;
  const left = 62, right = 8, top = 8, bottom = 24;
  const x = (time) => left + ((time - from) / (to - from)) * (width - left - right);
  const y = (value) => top + ((most - value) / (most - least)) * (height - top - bottom);
  plot = { x, from, to, left, right, width };
  drawAxes(pen, colour, { from, to, least, most, x, y, left, right, top, bottom, width, height });
  pen.save();
  pen.beginPath();
  pen.rect(left, top, width - left - right, height - top - bottom);
  pen.clip();
  pen.strokeStyle = colour('--accent');
  pen.lineWidth = 1.4;
  pen.lineJoin = 'round';
  pen.beginPath();
  series.times.forEach((time, i) => {
    if (i === 0) pen.moveTo(x(time), y(series.values[i]));
    else pen.lineTo(x(time), y(series.values[i]));
  });
  pen.stroke();
  pen.restore();
  if (hover >= 0 && hover < series.times.length) {
    const px = x(series.times[hover]);
    pen.strokeStyle = colour('--quiet');
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(px, top);
    pen.lineTo(px, height - bottom);
    pen.stroke();
    pen.fillStyle = colour('--accent');
    pen.beginPath();
    pen.arc(px, y(series.values[hover]), 3.5, 0, 7);
    pen.fill();
  }
}

function drawAxes(pen, colour, a) {
  pen.strokeStyle = colour('--line');
  pen.lineWidth = 1;
  pen.textAlign = 'right';
  pen.textBaseline = 'middle';
  const step = niceStep(a.most - a.least, Math.max(2, (a.height - 40) / 48));
  for (let v = Math.ceil(a.least / step) * step; v <= a.most; v += step) {
    pen.beginPath();
    pen.moveTo(a.left, a.y(v));
    pen.lineTo(a.width - a.right, a.y(v));
    pen.stroke();
    pen.fillText(String(Number(v.toPrecision(6))), a.left - 8, a.y(v));
  }
  const steps = [10, 30, 60, 300, 600, 1800, 3600, 10800, 21600, 43200, 86400];
  const wanted = (a.to - a.from) / 1000 / Math.max(2, (a.width - 80) / 90);
  const every = (steps.find((s) => s >= wanted) || 86400) * 1000;
  const zone = new Date(a.to).getTimezoneOffset() * 60000;
  pen.textAlign = 'center';
  pen.textBaseline = 'alphabetic';
  const long = every >= 86400000;
  const format = new Intl.DateTimeFormat(language, long
    ? { month: 'short', day: 'numeric' }
    : every < 60000 ? { timeStyle: 'medium' } : { timeStyle: 'short' });
  for (let m = Math.ceil((a.from - zone) / every) * every + zone; m <= a.to; m += every)
    pen.fillText(format.format(m), Math.max(a.left + 20, Math.min(a.x(m), a.width - 34)),
      a.height - 6);
}

function setHover(index) {
  hover = index;
  if (series && hover >= 0 && hover < series.times.length) {
    $('readout').textContent =
      `${showTime(series.times[hover])}   ${Number(series.values[hover].toPrecision(7))}`;
  } else $('readout').textContent = '';
  drawChart();
}

function nearestIndex(time) {
  let low = 0, high = series.times.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (series.times[middle] < time) low = middle + 1; else high = middle;
  }
  return low > 0 && time - series.times[low - 1] < series.times[low] - time ? low - 1 : low;
}

function onSample(event) {
  const sample = JSON.parse(event.data);
  received += 1;
  const time = Date.parse(sample.time);
  let point = points.get(sample.point);
  if (!point) {
    point = { path: sample.point, drawn: '' };
    points.set(sample.point, point);
    dirty = true;
  } else if (time < point.time) return;
  const moved = time > point.time;
  Object.assign(point, { value: sample.value, quality: sample.quality, time });
  if (sample.point === selected && series && moved) add(time, numberOf(sample.value));
}

let dirty = false;
async function loadUnits() {
  let next = '';
  do {
    const query = next ? `&cursor=${encodeURIComponent(next)}` : '';
    const answer = await fetch(`/api/v1/points?limit=1000&fields=point,unit${query}`);
    if (!answer.ok) return;
    const page = await answer.json();
    for (const item of page.items)
      if (item.unit && points.get(item.point)) points.get(item.point).unit = item.unit;
    next = page.next;
  } while (next);
}

function link(state) {
  $('link').className = state;
  $('link-text').textContent = state === 'on' ? t.on : state === 'off' ? t.off : t.connecting;
}

function connect() {
  link('');
  const source = new EventSource('/api/v1/live?filter=%23');
  source.addEventListener('sample', onSample);
  source.onopen = () => { link('on'); loadUnits(); load(); };
  source.onerror = () => {
    link('off');
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 2000);
  };
}

function tick() {
  if (dirty) { dirty = false; renderList(); }
  for (const point of shown) renderRow(point);
  if (selected) {
    if (series) {
      const from = now() - series.seconds * 1000;
      while (series.times.length && series.times[0] < from - 5000) {
        series.times.shift();
        series.values.shift();
      }
      if (series.times.length > 20000) load();
    }
    renderDetail();
  }
}

for (const [name] of ranges) {
  const button = document.createElement('button');
  button.type = 'button';
  button.dataset.range = name;
  button.textContent = name;
  button.onclick = () => { range = name; saveState(); load(); renderDetail(); };
  $('ranges').append(button);
}
$('search').value = params.get('search') || '';
$('search').oninput = () => { saveState(); renderList(); };
$('language').onclick = () => {
  language = language === 'en' ? 'zh' : 'en';
  t = words[language];
  saveState();
  applyWords();
  link($('link').className);
};
$('rows').onclick = (event) => {
  const row = event.target.closest('tr');
  if (row) select(row.dataset.path);
};
$('rows').onkeydown = (event) => {
  const row = event.target.closest('tr');
  if (!row) return;
  if (event.key === 'Enter' || event.key === ' ') select(row.dataset.path);
  else if (event.key === 'ArrowDown' && row.nextElementSibling) row.nextElementSibling.focus();
  else if (event.key === 'ArrowUp' && row.previousElementSibling)
    row.previousElementSibling.focus();
  else return;
  event.preventDefault();
};
$('chart').onpointermove = (event) => {
  if (!plot || !series || !series.times.length) return;
  const box = $('chart').getBoundingClientRect();
  const part = (event.clientX - box.left - plot.left) / (plot.width - plot.left - plot.right);
  setHover(nearestIndex(plot.from + part * (plot.to - plot.from)));
};
$('chart').onpointerleave = () => setHover(-1);
$('chart').onkeydown = (event) => {
  if (!series || !series.times.length) return;
  const last = series.times.length - 1;
  if (event.key === 'ArrowLeft') setHover(hover < 0 ? last : Math.max(0, hover - 1));
  else if (event.key === 'ArrowRight') setHover(hover < 0 ? last : Math.min(last, hover + 1));
  else if (event.key === 'Escape') setHover(-1);
  else return;
  event.preventDefault();
};
document.onkeydown = (event) => {
  if (event.key !== '/' || event.target === $('search')) return;
  $('search').focus();
  event.preventDefault();
};
window.onresize = drawChart;
setInterval(() => {
  $('rate').textContent = t.rate(received);
  received = 0;
  tick();
}, 1000);
fetch('/livez').then((answer) => {
  const date = Date.parse(answer.headers.get('date'));
  if (!Number.isNaN(date) && Math.abs(date - Date.now()) > 5000) offset = date - Date.now();
}).catch(() => {});
applyWords();
connect();
