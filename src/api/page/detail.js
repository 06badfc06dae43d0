// The chosen point: its value now, its chart over a range that follows the time, its figures.

import { drawChart } from './chart.js';
import {
  family, lang, showClock, showNumber, showQuality, showTime, showValue,
} from './words.js';

const $ = (id) => document.getElementById(id);
const grades = { good: 0, uncertain: 1, bad: 2 };
const textRows = 5000;  // texts asked for; equal ones in a row are shown as one
const textRuns = 200;
export const ranges = new Map([['5m', 300], ['1h', 3600], ['6h', 21600], ['24h', 86400],
  ['7d', 604800], ['30d', 2592000]]);

export class Detail {
  // points and now as for the list; changed() when the range was changed by the user.
  constructor({ points, now, changed }) {
    Object.assign(this, { points, now, changed });
    this.path = '';
    this.range = '5m';
    this.series = null; // {times, values, grades, fresh}: what the chart shows
    this.texts = [];    // {value, quality, from, to}, newest first, where values are texts
    this.figures = null;
    this.info = null;
    this.hover = -1;
    this.plot = null;
    for (const name of ranges.keys()) {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = name;
      button.dataset.range = name;
      button.onclick = () => this.setRange(name);
      $('ranges').append(button);
    }
    const chart = $('chart');
    chart.onpointermove = (event) => this.onPointer(event);
    chart.onpointerleave = () => this.setHover(-1);
    chart.onkeydown = (event) => this.onKey(event);
    chart.onblur = () => this.setHover(-1);
    new ResizeObserver(() => this.draw()).observe($('plot'));
  }

  show(path) {
    this.path = path;
    this.clear();
    this.render();
    // Held arrow keys pass by many points: only where they rest is asked for.
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), 60);
  }

  setRange(name) {
    this.range = name;
    this.clear();
    this.render();
    this.changed();
    this.load();
  }

  clear() {
    this.series = null;
    this.figures = null;
    this.info = null;
    this.texts = [];
    this.hover = -1;
    this.note('');
  }

  note(text) {
    $('note').textContent = text;
    $('note').hidden = !text;
  }

  kind() {
    const point = this.points.get(this.path);
    if (this.info) return this.info.type;
    return point ? { boolean: 'bool', string: 'string' }[typeof point.value] || 'double' : 'double';
  }

  isText() {
    return this.kind() === 'string' || this.kind() === 'bytes';
  }

  async ask(query) {
    const answer = await fetch(query, { signal: this.loading.signal });
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.detail || body.title);
    return body;
  }

  // Asks for what is known of the point, its samples and its figures in the range.
  async load() {
    if (!this.path) return;
    if (this.loading) this.loading.abort();
    this.loading = new AbortController();
    const { path, range } = this;
    const query = `/api/v1/history?point=${encodeURIComponent(path)}&from=now-${range}`;
    try {
      const found = await this.ask(`/api/v1/points?filter=${encodeURIComponent(path)}`);
      [this.info] = found.items;
      if (this.isText()) {
        const rows = await this.ask(`${query}&order=desc&limit=${textRows}`);
        this.texts = [];
        for (const item of rows.items.reverse()) this.appendText(item, Date.parse(item.time));
      } else {
        const width = Math.max(300, Math.floor($('chart').clientWidth));
        this.fill((await this.ask(`${query}&max_points=${width * 2}`)).items);
        if (this.kind() !== 'bool') await this.loadFigures();
      }
      this.loaded = this.now();
      const any = this.isText() ? this.texts.length : this.series.times.length;
      this.note(any ? '' : lang.t.nothing);
      this.render();
    } catch (error) {
      if (error.name === 'AbortError' || error instanceof TypeError) return;
      this.note(lang.t.failed + error.message);
    }
  }

  async loadFigures() {
    const body = await this.ask(`/api/v1/history?point=${encodeURIComponent(this.path)}` +
      `&from=now-${this.range}&aggregate=min,max,mean,count`);
    [this.figures] = body.items;
  }

  fill(items) {
    this.series = { times: [], values: [], grades: [], fresh: 0 };
    for (const item of items) this.append(Date.parse(item.time), item.value, item.quality);
  }

  append(time, value, quality) {
    const number = typeof value === 'boolean' ? Number(value) : value;
    const { series } = this;
    if (typeof number !== 'number' || !Number.isFinite(number)) return;
    if (series.times.length && time <= series.times.at(-1)) return;
    series.times.push(time);
    series.values.push(number);
    series.grades.push(grades[family(quality)]);
  }

  appendText({ value, quality }, time) {
    const [last] = this.texts;
    if (last && last.value === value && last.quality === quality) last.to = time;
    else this.texts.unshift({ value, quality, from: time, to: time });
    this.texts.length = Math.min(this.texts.length, textRuns);
  }

  // A live sample of the chosen point.
  add(sample, time) {
    if (this.isText()) {
      this.appendText(sample, time);
      this.note('');
    } else if (this.series) {
      this.append(time, sample.value, sample.quality);
      this.series.fresh += 1;
      this.addFigures(sample);
      if (this.series.times.length) this.note('');
    }
  }

  // Bad values take no part, as in the figures that the server gives.
  addFigures({ value, quality }) {
    if (this.info) this.info.count += 1;
    const { figures } = this;
    if (!figures || typeof value !== 'number' || family(quality) === 'bad') return;
    figures.count += 1;
    figures.mean += (value - figures.mean) / figures.count;
    figures.min = Math.min(figures.min, value);
    figures.max = Math.max(figures.max, value);
  }

  // Once a second: drops what left the range, and asks anew when the figures grew old or live
  // samples outnumber the pixels.
  tick() {
    if (!this.path || !this.loaded) return;
    const { series } = this;
    if (series) {
      const from = this.now() - ranges.get(this.range) * 1000;
      let gone = 0;
      while (gone + 1 < series.times.length && series.times[gone + 1] < from) gone += 1;
      if (gone) for (const name of ['times', 'values', 'grades']) series[name].splice(0, gone);
    }
    const age = this.now() - this.loaded;
    const full = series && series.fresh > 2 * $('chart').clientWidth;
    if (age > 10000 || full) {
      this.loaded = this.now();
      this.load();
    }
  }

  render() {
    const point = this.points.get(this.path);
    $('pick').hidden = Boolean(this.path);
    $('panel').hidden = $('ranges').hidden = !this.path;
    $('pick').textContent = lang.t.pick;
    const cut = this.path.lastIndexOf('/') + 1;
    const parent = document.createElement('span');
    parent.textContent = this.path.slice(0, cut);
    $('title').replaceChildren(parent, this.path.slice(cut));
    $('ranges').setAttribute('aria-label', lang.t.range);
    for (const button of $('ranges').children)
      button.setAttribute('aria-pressed', String(button.dataset.range === this.range));
    $('chart').setAttribute('aria-label', lang.t.chart(this.path, this.range));
    if (!this.path) return;
    setText('now-value', point ? showValue(point.value) : '–');
    setText('now-unit', point && point.unit ? point.unit : '');
    const good = !point || family(point.quality) === 'good';
    setText('now-mark', good ? '' : showQuality(point.quality));
    $('now').className = point ? family(point.quality) : '';
    setText('now-time', point ? showTime(point.time) : '');
    this.renderTexts();
    this.renderFacts();
    this.renderExport();
    this.draw();
  }

  renderTexts() {
    const text = this.isText();
    $('texts').hidden = !text;
    $('chart').hidden = text;
    if (!text) return;
    $('readout').hidden = true;
    const state = JSON.stringify([lang.code, this.texts]);
    if (state === this.textsShown) return;
    this.textsShown = state;
    $('texts').replaceChildren(...this.texts.map(({ value, quality, from, to }) => {
      const row = document.createElement('div');
      const time = document.createElement('time');
      const begin = showTime(from);
      const end = showClock(to);
      time.textContent = begin.endsWith(end) ? begin : `${begin} – ${end}`;
      row.append(time, value);
      row.className = family(quality);
      return row;
    }));
  }

  renderFacts() {
    const facts = [];
    const { figures, info } = this;
    if (figures && typeof figures.mean === 'number') {
      facts.push([lang.t.min, showNumber(figures.min)], [lang.t.mean, showNumber(figures.mean)],
        [lang.t.max, showNumber(figures.max)]);
    }
    if (info) {
      facts.push([lang.t.count, showNumber(info.count)],
        [lang.t.firstTime, showTime(Date.parse(info.first_time))],
        [lang.t.type, lang.t.types[info.type] || info.type]);
    }
    const state = JSON.stringify(facts);
    if (state === this.factsShown) return;
    this.factsShown = state;
    $('facts').replaceChildren(...facts.map(([name, value]) => {
      const box = document.createElement('div');
      const term = document.createElement('dt');
      const text = document.createElement('dd');
      term.textContent = name;
      text.textContent = value;
      box.append(term, text);
      return box;
    }));
  }

  renderExport() {
    const state = `${this.path}|${this.range}|${lang.code}`;
    if (state === this.exportShown) return;
    this.exportShown = state;
    const links = ['csv', 'ndjson', 'json'].map((format) => {
      const link = document.createElement('a');
      link.href = `/api/v1/history?point=${encodeURIComponent(this.path)}` +
        `&from=now-${this.range}&format=${format}`;
      link.download = `${this.path.replaceAll('/', '_')}.${format}`;
      link.textContent = format.toUpperCase();
      return link;
    });
    $('export').replaceChildren(`${lang.t.save} `, ...links);
  }

  draw() {
    if (!this.path || $('chart').hidden) return;
    const to = this.now();
    this.plot = drawChart($('chart'), {
      series: this.series, from: to - ranges.get(this.range) * 1000, to,
      steps: this.kind() === 'bool', hover: this.hover,
    });
    this.renderReadout();
  }

  renderReadout() {
    const box = $('readout');
    const { series, hover, plot } = this;
    box.hidden = !plot || hover < 0 || hover >= series.times.length;
    if (box.hidden) return;
    const value = this.kind() === 'bool' ? String(Boolean(series.values[hover]))
      : showNumber(series.values[hover]);
    const word = Object.keys(grades)[series.grades[hover]];
    box.className = word;
    const strong = document.createElement('strong');
    strong.textContent = value;
    box.replaceChildren(strong, word === 'good' ? '' : ` ${lang.t.quality[word]}`,
      document.createElement('br'), showTime(series.times[hover]));
    const x = plot.x(series.times[hover]);
    const left = x + 12 + box.offsetWidth < plot.width ? x + 12 : x - 12 - box.offsetWidth;
    box.style.transform = `translate(${Math.max(0, left)}px, 12px)`;
  }

  setHover(index) {
    if (index === this.hover) return;
    this.hover = index;
    this.draw();
  }

  onPointer(event) {
    if (!this.plot) return;
    const x = event.clientX - $('chart').getBoundingClientRect().left;
    this.setHover(nearest(this.series.times, this.plot.timeAt(x)));
  }

  onKey(event) {
    if (!this.plot) return;
    const last = this.series.times.length - 1;
    const at = this.hover < 0 ? last + 1 : this.hover;
    const goals = {
      ArrowLeft: at - 1, ArrowRight: at + 1, PageUp: at - 20, PageDown: at + 20, Home: 0, End: last,
    };
    if (event.key === 'Escape') this.setHover(-1);
    else if (event.key in goals) this.setHover(Math.max(0, Math.min(last, goals[event.key])));
    else return;
    event.preventDefault();
  }
}

function setText(id, text) {
  if ($(id).textContent !== text) $(id).textContent = text;
}

function nearest(times, time) {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < time) low = middle + 1;
    else high = middle;
  }
  return low > 0 && time - times[low - 1] < times[low] - time ? low - 1 : low;
}
