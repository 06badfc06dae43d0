import type { Plot } from './draw';
import type { Marker } from './types';

// Notes of people: a flag at a moment, a bar with two ends over a range; behind the lines of the
// plot they are a hair line or a band.
function edges(plot: Plot, { time, to }: Marker): [number, number] | null {
  const right = plot.left + plot.width;
  const from = plot.x(time);
  const end = to === undefined ? from : plot.x(to);
  return end < plot.left || from > right ? null
    : [Math.max(plot.left, from), Math.min(right, end)];
}

export function drawNotesBehind(plot: Plot, markers: Marker[], strong: string | null,
  colour: string): void {
  const { context, ratio, top, height } = plot;
  context.save();
  context.fillStyle = context.strokeStyle = colour;
  context.lineWidth = ratio;
  for (const marker of markers) {
    const at = marker.kind === 'note' ? edges(plot, marker) : null;
    if (!at) continue;
    const raised = marker.id === strong;
    if (at[1] > at[0]) {
      context.globalAlpha = raised ? 0.2 : 0.09;
      context.fillRect(at[0], top, at[1] - at[0], height);
    }
    context.globalAlpha = raised ? 1 : 0.5;
    context.setLineDash(raised ? [] : [2 * ratio, 4 * ratio]);
    for (const x of new Set(at)) {
      context.beginPath();
      context.moveTo(x, top);
      context.lineTo(x, top + height);
      context.stroke();
    }
  }
  context.restore();
}

export function drawNotes(plot: Plot, markers: Marker[], strong: string | null, top: number,
  height: number, colours: { accent: string; soft: string }): void {
  const { context, ratio } = plot;
  const y = top + 3 * ratio;
  const bottom = top + height - 3 * ratio;
  context.save();
  context.lineWidth = 1.3 * ratio;
  context.strokeStyle = colours.accent;
  for (const marker of markers) {
    const at = marker.kind === 'note' ? edges(plot, marker) : null;
    if (!at) continue;
    const [from, to] = at;
    context.fillStyle = marker.id === strong ? colours.accent : colours.soft;
    if (to > from) {
      context.fillRect(from, y + 3 * ratio, to - from, 6 * ratio);
      context.strokeRect(from, y + 3 * ratio, to - from, 6 * ratio);
    }
    context.beginPath();
    context.moveTo(from, bottom);
    context.lineTo(from, y);
    context.lineTo(from + 8 * ratio, y + 3 * ratio);
    context.lineTo(from, y + 6 * ratio);
    context.fill();
    context.stroke();
  }
  context.restore();
}
