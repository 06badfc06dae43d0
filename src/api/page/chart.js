// Draws one series on a canvas: axes, the line with its gaps, qualities, the sample pointed at.

import { showClock, showDay, showMinutes, showMonth, showNumber } from './words.js';

const day = 86400000;
const top = 10;
const right = 14;
const bottom = 26;

function niceStep(span, count) {
  const raw = span / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const digit = raw / power;
  return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
}

// Samples further apart than this have a gap between them: five times what nine in ten stay under,
// so that an outage shows in a regular series, and one reported by exception stays whole.
function gapOf(times) {
  if (times.length < 3) return Infinity;
  const steps = [];
  for (let i = 1; i < times.length; ++i) steps.push(times[i] - times[i - 1]);
  steps.sort((a, b) => a - b);
  return Math.max(2500, 5 * steps[Math.floor(steps.length * 0.9)]);
}

function bounds(values, steps) {
  if (steps) return { least: -0.15, most: 1.15 };
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const pad = most > least ? (most - least) * 0.08 : Math.abs(most) * 0.02 || 1;
  return { least: least - pad, most: most + pad };
}

// Sizes the canvas to its box at the screen's resolution; returns the pen and the box.
export function preparePen(canvas) {
  const scale = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  const pixels = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== pixels[0]) canvas.width = pixels[0];
  if (canvas.height !== pixels[1]) canvas.height = pixels[1];
  const pen = canvas.getContext('2d');
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  const style = getComputedStyle(canvas);
  pen.font = `12px ${style.fontFamily}`;
  return { pen, width, height, colour: (name) => style.getPropertyValue(name).trim() };
}

// series: {times, values, grades}: ms, numbers, 0 good, 1 uncertain, 2 bad; steps: drawn as on and
// off; hover: index or -1. Returns what turns a pixel into a time, or null where nothing was drawn.
export function drawChart(canvas, { series, from, to, steps, hover }) {
  const a = preparePen(canvas);
  const { pen, colour } = a;
  if (!series || !series.times.length || a.width < 120 || a.height < 80) return null;
  Object.assign(a, bounds(series.values, steps), { from, to, steps });
  const ticks = valueTicks(a);
  a.left = 14 + Math.max(24, ...ticks.map(([, text]) => pen.measureText(text).width));
  a.x = (time) => a.left + ((time - from) / (to - from)) * (a.width - a.left - right);
  a.y = (value) =>
    top + ((a.most - value) / (a.most - a.least)) * (a.height - top - bottom);
  drawAxes(a, ticks);
  pen.save();
  pen.beginPath();
  pen.rect(a.left, 0, a.width - a.left - right + 6, a.height - bottom);
  pen.clip();
  drawLine(a, series);
  pen.restore();
  if (hover >= 0 && hover < series.times.length) drawHover(a, series, hover);
  else drawEnd(a, series, colour);
  return {
    left: a.left, right: a.width - right, width: a.width,
    x: a.x, y: a.y, timeAt: (x) => from + ((x - a.left) / (a.width - a.left - right)) * (to - from),
  };
}

function valueTicks(a) {
  if (a.steps) return [[0, 'false'], [1, 'true']];
  const step = niceStep(a.most - a.least, Math.max(2, (a.height - top - bottom) / 52));
  const ticks = [];
  for (let n = Math.ceil(a.least / step); n * step <= a.most; ++n)
    ticks.push([n * step, showNumber(Number((n * step).toPrecision(12)))]);
  return ticks;
}

function drawAxes(a, ticks) {
  const { pen, colour } = a;
  pen.strokeStyle = colour('--line');
  pen.fillStyle = colour('--quiet');
  pen.lineWidth = 1;
  pen.textAlign = 'right';
  pen.textBaseline = 'middle';
  for (const [value, text] of ticks) {
    const y = Math.round(a.y(value)) + 0.5;
    pen.beginPath();
    pen.moveTo(a.left, y);
    pen.lineTo(a.width - right, y);
    pen.stroke();
    pen.fillText(text, a.left - 8, y);
  }
  drawTimes(a);
}

const timeSteps = [1, 2, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200,
  86400, 172800, 604800, 2592000, 7776000, 31536000, 157680000].map((s) => s * 1000);

function drawTimes(a) {
  const { pen, colour } = a;
  const room = Math.max(2, (a.width - a.left - right) / 88);
  const step = timeSteps.find((s) => s >= (a.to - a.from) / room) || timeSteps.at(-1);
  const zone = new Date(a.to).getTimezoneOffset() * 60000;
  pen.textAlign = 'center';
  pen.textBaseline = 'alphabetic';
  pen.strokeStyle = colour('--line');
  for (let m = Math.ceil((a.from - zone) / step) * step + zone; m <= a.to; m += step) {
    const x = Math.round(a.x(m)) + 0.5;
    pen.beginPath();
    pen.moveTo(x, a.height - bottom);
    pen.lineTo(x, a.height - bottom + 4);
    pen.stroke();
    const midnight = (m - zone) % day === 0;
    const show = step > 8 * day ? showMonth : midnight ? showDay
      : step < 60000 ? showClock : showMinutes;
    const text = show(m);
    const half = pen.measureText(text).width / 2;
    if (x - half < a.left - 8 || x + half > a.width) continue;
    pen.fillStyle = colour(midnight ? '--ink' : '--quiet');
    pen.fillText(text, x, a.height - 8);
  }
}

// One path for each run of samples with the same quality and no gap; a run starts where the one
// before ended, so that the line has no holes. What is not good is dashed and has its own colour.
function drawLine(a, series) {
  const { pen, colour } = a;
  const { times, values, grades } = series;
  const strokes = [[colour('--accent'), []], [colour('--uncertain'), [5, 3]],
    [colour('--bad'), [2, 3]]];
  const gap = gapOf(times);
  pen.lineWidth = 1.5;
  pen.lineJoin = 'round';
  for (let begin = 0; begin < times.length;) {
    let end = begin + 1;
    const grade = end < times.length ? Math.max(grades[begin], grades[end]) : grades[begin];
    const joins = (i) => times[i] - times[i - 1] <= gap &&
      Math.max(grades[i - 1], grades[i]) === grade;
    while (end < times.length && joins(end)) end += 1;
    [pen.strokeStyle] = strokes[grade];
    pen.setLineDash(strokes[grade][1]);
    if (end - begin === 1) {
      pen.fillStyle = strokes[grade][0];
      if (isAlone(times, begin, gap)) dot(a, times[begin], values[begin], 1.6);
    } else {
      if (grade === 2) shade(a, times[begin], times[end - 1]);
      trace(a, series, begin, end);
    }
    const joined = end < times.length && times[end] - times[end - 1] <= gap;
    begin = joined && end - begin > 1 ? end - 1 : end;
  }
  pen.setLineDash([]);
}

function isAlone(times, i, gap) {
  return !(i > 0 && times[i] - times[i - 1] <= gap) &&
    !(i + 1 < times.length && times[i + 1] - times[i] <= gap);
}

function trace(a, { times, values }, begin, end) {
  const { pen } = a;
  pen.beginPath();
  pen.moveTo(a.x(times[begin]), a.y(values[begin]));
  for (let i = begin + 1; i < end; ++i) {
    if (a.steps) pen.lineTo(a.x(times[i]), a.y(values[i - 1]));
    pen.lineTo(a.x(times[i]), a.y(values[i]));
  }
  pen.stroke();
}

function shade(a, begin, end) {
  const { pen, colour } = a;
  pen.fillStyle = colour('--bad-soft');
  const x = a.x(begin);
  pen.fillRect(x, top, Math.max(2, a.x(end) - x), a.height - top - bottom);
}

function dot(a, time, value, radius) {
  a.pen.beginPath();
  a.pen.arc(a.x(time), a.y(value), radius, 0, 7);
  a.pen.fill();
}

const gradeColours = ['--accent', '--uncertain', '--bad'];

// The newest sample, where it is near the end of the range.
function drawEnd(a, series, colour) {
  const last = series.times.length - 1;
  if (a.to - series.times[last] > (a.to - a.from) / 20) return;
  a.pen.fillStyle = colour(gradeColours[series.grades[last]]);
  dot(a, series.times[last], series.values[last], 3);
}

function drawHover(a, series, i) {
  const { pen, colour } = a;
  const x = Math.round(a.x(series.times[i])) + 0.5;
  pen.strokeStyle = colour('--quiet');
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(x, top);
  pen.lineTo(x, a.height - bottom);
  pen.stroke();
  pen.fillStyle = colour('--panel');
  dot(a, series.times[i], series.values[i], 6);
  pen.fillStyle = colour(gradeColours[series.grades[i]]);
  dot(a, series.times[i], series.values[i], 4);
}
