// The built-in page: the points with their live values, and a chart of any of them. It asks this
// server only, and keeps what is shown in its address, so that a view can be shared.

import { Detail, ranges } from './detail.js';
import { PointList } from './list.js';
import { Live } from './live.js';
import { lang, setLanguage, showClock } from './words.js';

const $ = (id) => document.getElementById(id);
const points = new Map();
const narrow = matchMedia('(max-width: 800px)');
let offset = 0;    // the server's clock minus ours, ms
let received = 0;  // samples since the last tick
let heardAt = 0;   // our time of the last sample
let added = false; // points that the list does not have yet
let drawing = false;
let revealed = false;

const now = () => Date.now() + offset;
const list = new PointList({ points, pick, now });
const detail = new Detail({ points, now, changed: saveState });

function saveState(push) {
  const state = new URLSearchParams();
  if (detail.path) state.set('point', detail.path);
  if (detail.range !== '5m') state.set('range', detail.range);
  if ($('search').value) state.set('search', $('search').value);
  state.set('lang', lang.code);
  history[push === true ? 'pushState' : 'replaceState'](null, '', `?${state}`);
}

// On a phone the point lies over the list, so that the way back is the browser's.
function pick(path) {
  if (path !== detail.path) show(path, narrow.matches && !detail.path);
  else if (!path) show('');
}

function show(path, push) {
  detail.show(path);
  list.choose(path);
  document.body.classList.toggle('has-point', Boolean(path));
  saveState(push);
}

function readState() {
  const state = new URLSearchParams(location.search);
  const wished = state.get('lang') || (navigator.language.startsWith('zh') ? 'zh' : 'en');
  setLanguage(wished);
  if (ranges.has(state.get('range'))) detail.range = state.get('range');
  $('search').value = state.get('search') || '';
  const path = state.get('point') || '';
  detail.show(path);
  list.choose(path);
  document.body.classList.toggle('has-point', Boolean(path));
}

function applyWords() {
  const { t } = lang;
  document.documentElement.lang = lang.code;
  $('search').placeholder = t.search;
  $('search').setAttribute('aria-label', t.search);
  $('box').setAttribute('aria-label', t.list);
  $('h-value').textContent = t.value;
  $('h-age').textContent = t.age;
  $('back').textContent = `‹ ${t.back}`;
  $('language').textContent = t.other;
  $('language').lang = t.otherCode;
  list.search();
  detail.render();
  showLink(live.state);
  showRate(0);
}

function showRate(rate) {
  $('rate').textContent = lang.t.rate(rate.toLocaleString(lang.code));
}

function showLink(state) {
  const { t } = lang;
  const off = state === 'off';
  $('link').className = state;
  $('link-text').textContent = state === 'on' ? t.on : off ? t.off : t.connecting;
  document.body.classList.toggle('off', off);
  $('lost').hidden = !off;
  if (off) $('lost').textContent = heardAt ? t.lost(showClock(heardAt)) : t.lostAtOnce;
}

function onState(state) {
  showLink(state);
  if (state !== 'on') return;
  readClock();
  loadUnits();
  detail.load();
}

function onSample(sample) {
  received += 1;
  heardAt = Date.now();
  const time = Date.parse(sample.time);
  let point = points.get(sample.point);
  if (!point) {
    point = { path: sample.point, unit: '', time: -Infinity };
    points.set(sample.point, point);
    added = true;
  }
  if (time < point.time) return;
  if (sample.point === detail.path && time > point.time) detail.add(sample, time);
  point.value = sample.value;
  point.quality = sample.quality;
  point.time = time;
  draw();
}

// At most ten times a second, however many samples come.
function draw() {
  if (drawing) return;
  drawing = true;
  setTimeout(() => requestAnimationFrame(() => {
    drawing = false;
    if (added) {
      added = false;
      list.rebuild();
      if (!revealed && detail.path) list.reveal();
      if (!detail.path && !narrow.matches) show(list.first());
      revealed = true;
    } else {
      list.draw();
    }
    detail.render();
  }), 100);
}

async function readClock() {
  try {
    const answer = await fetch('/livez', { cache: 'no-store' });
    const ahead = Date.parse(answer.headers.get('date')) - Date.now();
    offset = Math.abs(ahead) > 5000 ? ahead : 0;
  } catch {
    // The stream tells whether the server is there.
  }
}

async function loadUnits() {
  try {
    for (let next = ''; next !== null;) {
      const query = next ? `&cursor=${encodeURIComponent(next)}` : '';
      const answer = await fetch(`/api/v1/points?limit=10000&fields=point,unit${query}`);
      if (!answer.ok) return;
      const page = await answer.json();
      for (const { point, unit } of page.items)
        if (unit && points.has(point)) points.get(point).unit = unit;
      next = page.next;
    }
  } catch {
    // The server went meanwhile: the stream tells, and asks again when it is back.
  }
}

$('search').oninput = () => {
  saveState();
  $('box').scrollTop = 0;
  list.search();
};
$('search').onkeydown = (event) => {
  if (event.key === 'ArrowDown' || event.key === 'Enter') {
    event.preventDefault();
    $('box').focus();
    if (list.activeIndex() < 0) list.move(1);
  } else if (event.key === 'Escape' && $('search').value) {
    event.preventDefault();
    $('search').value = '';
    $('search').oninput();
  }
};
$('language').onclick = () => {
  setLanguage(lang.t.otherCode);
  saveState();
  applyWords();
};
$('back').onclick = () => show('');
onpopstate = () => {
  readState();
  applyWords();
};
document.onkeydown = (event) => {
  if (event.key !== '/' || event.target === $('search')) return;
  event.preventDefault();
  $('search').focus();
  $('search').select();
};
matchMedia('(prefers-color-scheme: dark)').onchange = () => detail.draw();
setInterval(() => {
  showRate(received);
  received = 0;
  detail.tick();
  draw();
}, 1000);

readState();
const live = new Live({ onSample, onState });
applyWords();
