import { colourOf, type Plot } from './draw';
import { doubtOf } from './gaps';
import { lookOf, symbolPaths } from './looks';
import { drawNotes } from './noteDraw';
import { bad, type Marker, type ShownPen, type Track } from './types';

// The strips below the plot: what is not a line over numbers. Notes, marks of events, a lane for
// each state (on/off, texts), and a thin lane for each pen that is not good all the time.
export const noteLane = 18;
export const eventLane = 18;
export const stateLane = 20;
export const qualityLane = 11;

export interface LaneColours {
  text: string;
  dim: string;
  line: string;
  hatch: string;
  warn: string;
  accent: string;
  soft: string;
}

export interface Lane {
  kind: 'notes' | 'events' | 'state' | 'quality';
  height: number;
  index: number; // of the pen; -1 for notes and events
}

export function lanesOf(shown: ShownPen[], states: boolean[], plot: { from: number; to: number },
  markers: Marker[]): Lane[] {
  const lanes: Lane[] = [];
  if (markers.some(({ kind }) => kind === 'note'))
    lanes.push({ kind: 'notes', height: noteLane, index: -1 });
  if (markers.some(({ kind }) => kind !== 'note'))
    lanes.push({ kind: 'events', height: eventLane, index: -1 });
  shown.forEach(({ pen }, index) => {
    if (states[index] && !pen.hidden) lanes.push({ kind: 'state', height: stateLane, index });
  });
  shown.forEach(({ pen, track }, index) => {
    if (states[index] || pen.hidden || !track) return;
    if (doubtOf(track, plot).length > 0)
      lanes.push({ kind: 'quality', height: qualityLane, index });
  });
  return lanes;
}

export const heightOf = (lanes: Lane[]): number =>
  lanes.reduce((sum, lane) => sum + lane.height, 0);

function hatch(context: CanvasRenderingContext2D, x: number, y: number, width: number,
  height: number, colour: string, ratio: number): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = colour;
  context.lineWidth = 1.6 * ratio;
  context.beginPath();
  for (let at = x - height; at < x + width; at += 5 * ratio) {
    context.moveTo(at, y + height);
    context.lineTo(at + height, y);
  }
  context.stroke();
  context.restore();
}

function drawSign(plot: Plot, look: number, y: number): void {
  const { context, ratio } = plot;
  context.save();
  context.translate(plot.left - 10 * ratio, y);
  context.scale(ratio * 0.85, ratio * 0.85);
  context.fillStyle = colourOf(look, plot.dark);
  context.fill(new Path2D(symbolPaths[lookOf(look).symbol]));
  context.restore();
}

interface Box {
  x: number;
  width: number;
  row: number;
}

// Rows of a state as boxes; equal neighbours are one.
function boxesOf(plot: Plot, track: Track): Box[] {
  const boxes: Box[] = [];
  const now = Date.now() + track.shiftMs;
  const same = (a: number, b: number) => track.texts
    ? track.texts[a] === track.texts[b] && track.quality[a] === track.quality[b]
    : track.low[a] === track.low[b] && track.high[a] === track.high[b]
      && track.quality[a] === track.quality[b];
  for (let i = 0; i < track.times.length;) {
    let k = i + 1;
    while (k < track.times.length && same(i, k)) ++k;
    const begin = (track.times[i] as number) - (track.stepMs ? track.stepMs / 2 : 0);
    const end = k < track.times.length
      ? (track.times[k] as number) - (track.stepMs ? track.stepMs / 2 : 0)
      : Math.min(plot.to, now);
    const from = Math.max(plot.left, plot.x(begin));
    const to = Math.min(plot.left + plot.width, plot.x(end));
    if (to > from) boxes.push({ x: from, width: to - from, row: i });
    i = k;
  }
  return boxes;
}

function drawState(plot: Plot, { pen, track }: ShownPen, top: number, height: number,
  colours: LaneColours, onText: string, offText: string): void {
  if (!track) return;
  const { context, ratio } = plot;
  const colour = colourOf(pen.look, plot.dark);
  const y = top + 3 * ratio;
  const tall = height - 6 * ratio;
  for (const { x, width, row } of boxesOf(plot, track)) {
    if (track.quality[row] === bad) {
      hatch(context, x, y, width, tall, colours.hatch, ratio);
      continue;
    }
    const low = track.low[row] as number;
    const high = track.high[row] as number;
    const text = track.texts && !Number.isFinite(high);
    // On is a full box, off a line, both in one slice half of it; texts are boxes with the word.
    const on = text || high > 0;
    context.fillStyle = colour;
    context.globalAlpha = text ? 0.28 : low !== high ? 0.35 : 0.75;
    if (on) context.fillRect(x, y, Math.max(ratio, width - ratio), tall);
    else context.fillRect(x, y + tall - 2 * ratio, width, 2 * ratio);
    context.globalAlpha = 1;
    const word = text ? track.texts?.[row] ?? '' : low !== high ? '' : on ? onText : offText;
    context.font = `${11 * ratio}px system-ui, sans-serif`;
    if (!word || context.measureText(word).width > width - 6 * ratio) continue;
    context.fillStyle = on && !text ? (plot.dark ? '#10161b' : '#ffffff') : colours.text;
    context.textAlign = 'left';
    context.textBaseline = 'middle';
    context.fillText(word, x + 4 * ratio, top + height / 2 + (on ? 0 : -ratio));
  }
}

function drawQuality(plot: Plot, { track }: ShownPen, top: number, height: number,
  colours: LaneColours): void {
  if (!track) return;
  const { context, ratio } = plot;
  const y = top + 2 * ratio;
  const tall = height - 4 * ratio;
  for (const { from, to, quality } of doubtOf(track, plot)) {
    const x = Math.max(plot.left, plot.x(from));
    const width = Math.max(2 * ratio, Math.min(plot.left + plot.width, plot.x(to)) - x);
    if (quality === bad) hatch(context, x, y, width, tall, colours.text, ratio);
    else {
      context.strokeStyle = colours.warn;
      context.lineWidth = ratio;
      context.setLineDash([2 * ratio, 2 * ratio]);
      context.strokeRect(x, y, width, tall);
      context.setLineDash([]);
    }
  }
}

function drawMarkers(plot: Plot, markers: Marker[], top: number, height: number,
  colours: LaneColours): void {
  const { context, ratio } = plot;
  const middle = top + height / 2;
  for (const marker of markers) {
    if (marker.kind === 'note') continue;
    const x = plot.x(marker.time);
    if (x < plot.left || x > plot.left + plot.width) continue;
    context.beginPath();
    if (marker.kind === 'twin') {
      context.moveTo(x, middle - 5 * ratio);
      context.lineTo(x + 5 * ratio, middle);
      context.lineTo(x, middle + 5 * ratio);
      context.lineTo(x - 5 * ratio, middle);
      context.closePath();
    } else context.rect(x - 4 * ratio, middle - 4 * ratio, 8 * ratio, 8 * ratio);
    context.strokeStyle = marker.failed ? colours.warn : colours.text;
    context.fillStyle = colours.line;
    context.lineWidth = 1.3 * ratio;
    context.fill();
    context.stroke();
  }
}

export interface LaneScene {
  shown: ShownPen[];
  markers: Marker[];
  strongNote: string | null;
  onText: string;
  offText: string;
}

export function drawLanes(plot: Plot, scene: LaneScene, lanes: Lane[],
  colours: LaneColours): void {
  const { markers } = scene;
  let top = 0;
  for (const lane of lanes) {
    const height = lane.height * plot.ratio;
    const pen = scene.shown[lane.index];
    if (lane.kind === 'notes')
      drawNotes(plot, markers, scene.strongNote, top, height, colours);
    else if (lane.kind === 'events') drawMarkers(plot, markers, top, height, colours);
    else if (pen) {
      drawSign(plot, pen.pen.look, top + height / 2);
      if (lane.kind === 'state')
        drawState(plot, pen, top, height, colours, scene.onText, scene.offText);
      else drawQuality(plot, pen, top, height, colours);
    }
    top += height;
  }
}
