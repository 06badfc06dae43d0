// The list of points: grouped by path, sorted, searched, and drawn only where it is on the screen,
// so that 10,000 points cost as much as 40.

import { family, lang, showAge, showQuality, showValue } from './words.js';

const collator = new Intl.Collator('en', { numeric: true });
const $ = (id) => document.getElementById(id);

// A point lies under its longest path prefix that at least one other point shares: the points of a
// pump under the pump, 200 meters with one point each under their street.
function placePoints(sorted) {
  const counts = new Map();
  const eachPrefix = (path, visit) => {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
      if (visit(path.slice(0, at))) return;
  };
  for (const { path } of sorted)
    eachPrefix(path, (prefix) => void counts.set(prefix, (counts.get(prefix) || 0) + 1));
  for (const point of sorted) {
    point.group = '';
    eachPrefix(point.path, (prefix) => {
      if (counts.get(prefix) < 2) return false;
      point.group = prefix;
      return true;
    });
    point.label = point.group ? point.path.slice(point.group.length + 1) : point.path;
  }
}

export class PointList {
  // points: Map of path to {path, value, quality, time, unit}, owned by the caller; pick(path) is
  // called when the user chooses one; now() is the server's time in ms.
  constructor({ points, pick, now }) {
    Object.assign(this, { points, pick, now });
    this.sorted = [];
    this.items = []; // points and group names in the order shown
    this.pool = [];  // row elements; item i is drawn in pool[i % pool.length]
    this.selected = '';
    this.box = $('box');
    this.box.onscroll = () => this.draw();
    this.box.onkeydown = (event) => this.onKey(event);
    $('rows').onclick = (event) => {
      const row = event.target.closest('.row');
      const item = row && this.items[row.index];
      if (item && item.path) this.pick(item.path);
    };
    new ResizeObserver(() => this.resize()).observe(this.box);
  }

  // Points were added.
  rebuild() {
    this.sorted = [...this.points.values()];
    placePoints(this.sorted);
    this.sorted.sort((a, b) =>
      collator.compare(a.group, b.group) || collator.compare(a.label, b.label));
    this.search();
  }

  search() {
    const terms = $('search').value.toLowerCase().split(/\s+/).filter(Boolean);
    this.items = [];
    let group = '';
    let count = 0;
    for (const point of this.sorted) {
      const path = point.path.toLowerCase();
      if (!terms.every((term) => path.includes(term))) continue;
      if (point.group !== group) this.items.push({ title: (group = point.group) });
      this.items.push(point);
      count += 1;
    }
    this.count = count;
    $('count').textContent = lang.t.points(count.toLocaleString(lang.code),
      this.points.size.toLocaleString(lang.code));
    this.showEmpty(count === 0);
    this.resize();
  }

  showEmpty(empty) {
    $('empty').hidden = !empty;
    $('box').hidden = $('head').hidden = empty;
    document.body.classList.toggle('empty', this.points.size === 0);
    if (!empty) return;
    if (this.points.size) return $('empty').replaceChildren(paragraph(lang.t.none));
    const title = document.createElement('h2');
    title.textContent = lang.t.empty;
    const code = document.createElement('pre');
    code.tabIndex = 0;
    code.textContent = `mosquitto_pub -h ${location.hostname} -t works/plc1/flow -m 12.5`;
    $('empty').replaceChildren(title, paragraph(lang.t.first), code);
  }

  first() {
    const item = this.items.find((one) => one.path);
    return item ? item.path : '';
  }

  resize() {
    const style = getComputedStyle(this.box);
    this.height = parseFloat(style.getPropertyValue('--row')) || 30;
    const need = Math.min(this.items.length, Math.ceil(this.box.clientHeight / this.height) + 8);
    while (this.pool.length < need) this.pool.push(makeRow(this.pool.length));
    this.pool.length = need;
    $('rows').replaceChildren(...this.pool);
    $('rows').style.height = `${this.items.length * this.height}px`;
    for (const row of this.pool) row.index = -1;
    this.draw();
  }

  // Brings the rows on the screen up to date; touches only what changed.
  draw() {
    const size = this.pool.length;
    if (!size) return;
    const top = Math.floor(this.box.scrollTop / this.height);
    const begin = Math.max(0, Math.min(top - 3, this.items.length - size));
    for (let i = begin; i < begin + size; ++i) this.drawRow(this.pool[i % size], i);
    const here = this.items[Math.min(top, this.items.length - 1)];
    const group = here.path ? here.group : here.title;
    const text = (this.box.scrollTop > 0 && group) || lang.t.point;
    if ($('here').textContent !== text) $('here').textContent = text;
    const active = this.pool.find((row) => row.index === this.activeIndex());
    if (active) this.box.setAttribute('aria-activedescendant', active.id);
    else this.box.removeAttribute('aria-activedescendant');
  }

  drawRow(row, index) {
    const item = this.items[index];
    if (row.index !== index) {
      row.index = index;
      row.style.transform = `translateY(${index * this.height}px)`;
      row.setAttribute('role', item.path ? 'option' : 'presentation');
      row.setAttribute('aria-posinset', index + 1);
      row.setAttribute('aria-setsize', this.items.length);
      row.title = item.path || item.title;
      row.dataset.path = item.path || '';
      row.state = '';
      const cut = item.path ? item.label.lastIndexOf('/') : item.title.lastIndexOf('/');
      const text = item.path ? item.label : item.title;
      row.children[0].replaceChildren(dim(text.slice(0, cut + 1)), text.slice(cut + 1));
    }
    if (!item.path) return setState(row, 'row group', '', '', '');
    const age = this.now() - item.time;
    const quality = family(item.quality);
    const chosen = item.path === this.selected;
    const value = showValue(item.value) + (item.unit ? ` ${item.unit}` : '');
    row.setAttribute('aria-selected', String(chosen));
    setState(row, `row ${quality}${age > 60000 ? ' stale' : ''}${chosen ? ' chosen' : ''}`,
      quality === 'good' ? '' : showQuality(item.quality), value, showAge(age));
  }

  activeIndex() {
    return this.items.findIndex((item) => item.path && item.path === this.selected);
  }

  choose(path) {
    this.selected = path;
    this.draw();
  }

  reveal() {
    const index = this.activeIndex();
    if (index < 0) return;
    const top = index * this.height;
    const box = this.box;
    if (top < box.scrollTop + this.height) box.scrollTop = Math.max(0, top - this.height);
    else if (top + this.height > box.scrollTop + box.clientHeight)
      box.scrollTop = top + this.height - box.clientHeight;
  }

  // Moves the choice by that many points; stops at the ends.
  move(step) {
    const active = this.activeIndex();
    const wanted = active < 0 && step > 0 ? 0 : active + step;
    let index = Math.max(0, Math.min(this.items.length - 1, wanted));
    // Over group names; at the top there is no point before the first name.
    const way = step < 0 && index > 0 ? -1 : 1;
    while (this.items[index] && !this.items[index].path) index += way;
    if (!this.items[index]) return;
    this.pick(this.items[index].path);
    this.reveal();
  }

  onKey(event) {
    const page = Math.max(1, Math.floor(this.box.clientHeight / this.height) - 1);
    const all = this.items.length;
    const steps = {
      ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -all, End: all,
    };
    if (!(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.move(steps[event.key]);
  }
}

function makeRow(number) {
  const row = document.createElement('div');
  row.id = `row-${number}`;
  for (const name of ['name', 'mark', 'value', 'age']) {
    const cell = document.createElement('span');
    cell.className = name;
    row.append(cell);
  }
  return row;
}

function setState(row, className, mark, value, age) {
  const state = `${className}|${mark}|${value}|${age}`;
  if (row.state === state) return;
  row.state = state;
  row.className = className;
  row.children[1].textContent = mark;
  row.children[2].textContent = value;
  row.children[3].textContent = age;
}

function dim(text) {
  const span = document.createElement('span');
  span.className = 'dim';
  span.textContent = text;
  return span;
}

function paragraph(text) {
  const p = document.createElement('p');
  p.textContent = text;
  return p;
}
