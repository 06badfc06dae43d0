import { joined } from './gaps';
import { lookOf, symbolPaths } from './looks';
import { bad, isStep, uncertain, type ShownPen, type Track } from './types';

// Lines of pens on the plot's canvas. All in device pixels; x() and y() come from uPlot's scales.
export interface Plot {
  context: CanvasRenderingContext2D;
  left: number;
  top: number;
  width: number;
  height: number;
  ratio: number; // device pixels a CSS pixel
  dark: boolean;
  from: number; // of the window, epoch ms
  to: number;
  x: (time: number) => number;
}

export const colourOf = (look: number, dark: boolean): string =>
  dark ? lookOf(look).dark : lookOf(look).light;

const symbolEvery = 110;
const symbols = symbolPaths.map((path) =>
  typeof Path2D === 'undefined' ? null : new Path2D(path));

// First and last row that the window shows, with one beyond each edge.
function rowsIn(track: Track, from: number, to: number): [number, number] {
  const { times } = track;
  let first = 0;
  let end = times.length;
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) < from) low = middle + 1;
    else high = middle;
  }
  first = Math.max(0, low - 1);
  high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) <= to) low = middle + 1;
    else high = middle;
  }
  end = Math.min(times.length, low + 1);
  return [first, end];
}

interface Paths {
  sure: Path2D;
  doubtful: Path2D; // of uncertain rows
  band: Path2D | null;
}

function bandOf(track: Track, x: (time: number) => number, y: (value: number) => number,
  first: number, end: number): Path2D {
  const band = new Path2D();
  let begin = first;
  for (let i = first; i <= end; ++i) {
    if (i < end && i > begin && joined(track, i)) continue;
    if (i === begin) continue;
    for (let k = begin; k < i; ++k)
      band.lineTo(x(track.times[k] as number), y(track.high[k] as number));
    for (let k = i - 1; k >= begin; --k)
      band.lineTo(x(track.times[k] as number), y(track.low[k] as number));
    band.closePath();
    if (i < end) band.moveTo(x(track.times[i] as number), y(track.high[i] as number));
    begin = i;
  }
  return band;
}

function lineOf(track: Track, side: number[], step: boolean, x: (time: number) => number,
  y: (value: number) => number, first: number, end: number, paths: Paths): void {
  let pen = false;
  let before = 0;
  for (let i = first; i < end; ++i) {
    if (track.quality[i] === bad) {
      pen = false;
      continue;
    }
    const px = x(track.times[i] as number);
    const py = y(side[i] as number);
    const path = track.quality[i] === uncertain ? paths.doubtful : paths.sure;
    if (!pen || !joined(track, i)) {
      path.moveTo(px, py);
      // A lonely sample is seen too.
      path.lineTo(px + 0.01, py);
    } else {
      const px0 = x(track.times[i - 1] as number);
      // Each stretch has the look of its end; a change of look begins a new piece.
      if (track.quality[i] !== track.quality[i - 1]) path.moveTo(px0, before);
      if (step) path.lineTo(px, before);
      path.lineTo(px, py);
    }
    pen = true;
    before = py;
  }
}

function holdLast(plot: Plot, track: Track, y: (value: number) => number, paths: Paths): void {
  const last = track.times.length - 1;
  if (last < 0 || track.quality[last] === bad || track.kind === 'buckets') return;
  const time = track.times[last] as number;
  // Held until now, not into the future.
  const until = Math.min(plot.to, Date.now() + track.shiftMs);
  if (until <= time || until - time > track.gapMs) return;
  const path = track.quality[last] === uncertain ? paths.doubtful : paths.sure;
  const py = y(track.high[last] as number);
  path.moveTo(plot.x(time), py);
  path.lineTo(plot.x(until), py);
}

export function drawPen(plot: Plot, shown: ShownPen, y: (value: number) => number,
  strong: boolean): void {
  const { pen, info, track } = shown;
  if (!track || track.times.length === 0) return;
  const { context, ratio } = plot;
  const colour = colourOf(pen.look, plot.dark);
  const step = isStep(pen, info) || (track.kind === 'buckets' && pen.draw !== 'line');
  const [first, end] = rowsIn(track, plot.from, plot.to);
  const paths: Paths = { sure: new Path2D(), doubtful: new Path2D(), band: null };
  lineOf(track, track.high, step, plot.x, y, first, end, paths);
  if (track.kind === 'slices') {
    lineOf(track, track.low, step, plot.x, y, first, end, paths);
    context.globalAlpha = strong ? 0.4 : 0.22;
    context.fillStyle = colour;
    context.fill(bandOf(track, plot.x, y, first, end));
    context.globalAlpha = 1;
  } else if (step) holdLast(plot, track, y, paths);
  context.strokeStyle = colour;
  context.lineJoin = 'round';
  context.lineWidth = ratio * (strong ? 2.4 : 1.4);
  context.setLineDash(lookOf(pen.look).dash.map((one) => one * ratio));
  context.stroke(paths.sure);
  context.setLineDash([1.5 * ratio, 3 * ratio]);
  context.stroke(paths.doubtful);
  context.setLineDash([]);
  drawSymbols(plot, shown, track, y, first, end);
}

// A symbol now and then along the line, at places that differ from pen to pen.
function drawSymbols(plot: Plot, { pen }: ShownPen, track: Track, y: (value: number) => number,
  first: number, end: number): void {
  const symbol = symbols[lookOf(pen.look).symbol];
  if (!symbol) return;
  const { context, ratio } = plot;
  const every = symbolEvery * ratio;
  let next = plot.left + ((pen.look * 37) % symbolEvery) * ratio;
  context.fillStyle = colourOf(pen.look, plot.dark);
  for (let i = first; i < end; ++i) {
    const px = plot.x(track.times[i] as number);
    if (px < next || track.quality[i] === bad) continue;
    if (px > plot.left + plot.width) break;
    context.save();
    context.translate(px, y(track.high[i] as number));
    context.scale(ratio * 0.85, ratio * 0.85);
    context.fill(symbol);
    context.restore();
    next = px + every - ((px - next) % every);
  }
}

export interface LimitLine {
  value: number;
  text: string;
  look: number;
  kind: 'own' | 'tag' | 'model'; // a person's, the range of the tag, of the twin that it feeds
}

const limitDashes = { own: [7, 3, 2, 3], tag: [2, 5], model: [9, 4] };

export function drawLimit(plot: Plot, line: LimitLine, y: number): void {
  if (y < plot.top || y > plot.top + plot.height) return;
  const { context, ratio } = plot;
  context.strokeStyle = colourOf(line.look, plot.dark);
  context.globalAlpha = line.kind === 'tag' ? 0.5 : 0.9;
  context.lineWidth = ratio;
  context.setLineDash(limitDashes[line.kind].map((dash) => dash * ratio));
  context.beginPath();
  context.moveTo(plot.left, y);
  context.lineTo(plot.left + plot.width, y);
  context.stroke();
  context.setLineDash([]);
  context.fillStyle = colourOf(line.look, plot.dark);
  context.font = `${11 * ratio}px system-ui, sans-serif`;
  context.textAlign = 'right';
  context.textBaseline = 'bottom';
  context.fillText(line.text, plot.left + plot.width - 4 * ratio, y - 2 * ratio);
  context.globalAlpha = 1;
}
