import uPlot from 'uplot';
import { zoneOf } from '~/lib/time';
import { formatNumber } from '~/lib/units';
import { axisRange, type Axis } from './axes';
import { colourOf, drawLimit, drawPen, type Plot } from './draw';
import { drawLanes, heightOf, lanesOf, type Lane, type LaneColours } from './lanes';
import type { PenLine } from './limits';
import { drawNotesBehind } from './noteDraw';
import { timeLabels } from './ticks';
import { extent } from './tracks';
import type { Marker, Range, ShownPen } from './types';

// Axes, scales, selection and cursor are uPlot's; the lines are drawn here, each pen from its own
// rows, so that sixteen pens with sixteen rhythms need no common table.
export interface Scene {
  shown: ShownPen[];
  states: boolean[];
  axes: Axis[];
  window: Range;
  limits: PenLine[];
  markers: Marker[];
  strong: number;
  strongNote: string | null;
  zone: string;
  dark: boolean;
  onText: string;
  offText: string;
}

export interface EngineCalls {
  onSelect: (range: Range) => void;
  onCursor: (time: number | null) => void;
  onReset: () => void;
  onLanes: (height: number) => void;
}

const axesDrawn = 6;

export class ChartEngine {
  private plot: uPlot | null = null;
  private lanes: Lane[] = [];
  private scene: Scene;
  private shape = '';
  private width = 0;
  private height = 0;
  private ranges = new Map<string, [number, number]>();

  constructor(readonly root: HTMLElement, private readonly strip: HTMLCanvasElement,
    private readonly cursor: HTMLElement, private readonly calls: EngineCalls, scene: Scene) {
    this.scene = scene;
  }

  destroy(): void {
    this.plot?.destroy();
    this.plot = null;
  }

  get over(): HTMLElement | null {
    return this.plot?.over ?? null;
  }

  resize(width: number, height: number): void {
    if (width < 40 || height < 40 || (width === this.width && height === this.height)) return;
    this.width = width;
    this.height = height;
    if (this.plot) this.plot.setSize({ width, height: this.plotHeight() });
    else this.show(this.scene);
  }

  // CSS pixels that the time axis has for drawing: what the server is asked for.
  get pixels(): number {
    return Math.max(100, this.plot ? this.plot.over.clientWidth : this.width - 120);
  }

  timeAt(left: number): number {
    return this.plot ? this.plot.posToVal(left, 'x') : NaN;
  }

  show(scene: Scene): void {
    this.scene = scene;
    if (this.width === 0) return;
    const lanes = lanesOf(scene.shown, scene.states, scene.window, scene.markers);
    const tall = heightOf(lanes);
    const grew = tall !== heightOf(this.lanes);
    this.lanes = lanes;
    if (grew) this.calls.onLanes(tall);
    const shape = JSON.stringify([
      scene.axes.map(({ id, unit, side, log, pens }) => [id, unit, side, log,
        pens.length === 1 ? scene.shown[pens[0] as number]?.pen.look : -1]),
      scene.dark, scene.zone, scene.onText, this.width < 560,
    ]);
    if (shape !== this.shape || !this.plot) {
      this.shape = shape;
      this.plot?.destroy();
      this.root.textContent = '';
      this.plot = this.make(scene);
    } else if (grew) this.plot.setSize({ width: this.width, height: this.plotHeight() });
    this.apply();
  }

  private plotHeight(): number {
    return Math.max(80, this.height - heightOf(this.lanes));
  }

  private apply(): void {
    const { plot, scene } = this;
    if (!plot) return;
    for (const axis of scene.axes) this.ranges.set(axis.id, this.rangeOf(axis));
    plot.batch(() => {
      plot.setScale('x', { min: scene.window.from, max: scene.window.to });
      for (const axis of scene.axes) {
        const [min, max] = this.ranges.get(axis.id) as [number, number];
        plot.setScale(axis.id, { min, max });
      }
    });
    plot.redraw(false, false);
  }

  private rangeOf(axis: Axis): [number, number] {
    let least = Infinity;
    let most = -Infinity;
    const { from, to } = this.scene.window;
    for (const index of axis.pens) {
      const { track } = this.scene.shown[index] as ShownPen;
      if (track) {
        const [low, high] = extent(track, from, to, axis.log ? 0 : -Infinity);
        least = Math.min(least, low);
        most = Math.max(most, high);
      }
      for (const { pen, value, stretch } of this.scene.limits) {
        if (pen !== index || !stretch) continue;
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
    }
    return axisRange(axis, least, most);
  }

  private make(scene: Scene): uPlot {
    const colours = this.colours();
    const narrow = this.width < 560;
    const font = '11px system-ui, sans-serif';
    const scales: uPlot.Scales = { x: { time: true, auto: false } };
    for (const axis of scene.axes)
      scales[axis.id] = { auto: false, distr: axis.log ? 3 : 1, log: 10 };
    const shownAxes = scene.axes.slice(0, narrow ? 2 : axesDrawn);
    const axes: uPlot.Axis[] = [
      {
        scale: 'x', stroke: colours.dim, font, grid: { stroke: colours.line, width: 1 },
        ticks: { stroke: colours.line, width: 1 }, space: 76, size: 42,
        values: (_self, splits, _axis, _space, step) => timeLabels(splits, step, scene.zone),
      },
      ...shownAxes.map((axis, i): uPlot.Axis => ({
        scale: axis.id, side: axis.side === 'left' ? 3 : 1, font,
        label: axis.unit || undefined, labelFont: font, labelSize: 18, labelGap: 0,
        size: narrow ? 42 : 54,
        stroke: axis.pens.length === 1
          ? colourOf(scene.shown[axis.pens[0] as number]?.pen.look ?? 0, scene.dark) : colours.dim,
        grid: { show: i === 0, stroke: colours.line, width: 1 },
        ticks: { stroke: colours.line, width: 1, size: 5 },
        values: (_self, splits) => numberLabels(splits),
      })),
    ];
    const plot = new uPlot({
      width: this.width, height: this.plotHeight(), ms: 1, pxAlign: 1,
      tzDate: (time) => uPlot.tzDate(new Date(time), zoneOf(scene.zone)),
      padding: [10, shownAxes.some(({ side }) => side === 'right') ? null : 14, 0,
        shownAxes.some(({ side }) => side === 'left') ? null : 26],
      legend: { show: false }, scales, axes,
      series: [{}, ...scene.axes.map((axis): uPlot.Series => ({
        scale: axis.id, show: true, paths: () => null, points: { show: false },
      }))],
      cursor: {
        x: false, y: false, points: { show: false },
        drag: { x: true, y: false, setScale: false, dist: 4 },
        bind: {
          mousedown: (_self, _target, handler) => (event) => {
            if (event.button === 0 && !event.shiftKey) handler(event);
            return null;
          },
          dblclick: () => () => {
            this.calls.onReset();
            return null;
          },
        },
      },
      hooks: {
        draw: [() => this.draw()],
        setCursor: [(self) => this.moveCursor(self)],
        setSelect: [(self) => {
          const { left, width } = self.select;
          if (width < 4) return;
          const range = { from: self.posToVal(left, 'x'), to: self.posToVal(left + width, 'x') };
          self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          this.calls.onSelect(range);
        }],
      },
    }, [[0, 4e12], ...scene.axes.map(() => [null, null])] as uPlot.AlignedData, this.root);
    return plot;
  }

  private moveCursor(self: uPlot): void {
    const left = self.cursor.left ?? -1;
    const hidden = left < 0;
    this.cursor.style.display = hidden ? 'none' : 'block';
    if (!hidden)
      this.cursor.style.transform = `translateX(${self.bbox.left / uPlot.pxRatio + left}px)`;
    this.calls.onCursor(hidden ? null : self.posToVal(left, 'x'));
  }

  // By the keys; in CSS pixels along the plot.
  setCursor(left: number): void {
    if (!this.plot) return;
    const width = this.plot.over.clientWidth;
    const at = left < -5 ? -10 : Math.min(width, Math.max(0, left));
    this.plot.setCursor({ left: at, top: 10 }, true);
  }

  cursorTo(time: number): void {
    if (this.plot) this.setCursor(this.plot.valToPos(time, 'x'));
  }

  get cursorLeft(): number {
    return this.plot?.cursor.left ?? -1;
  }

  private plotOf(context: CanvasRenderingContext2D): Plot {
    const self = this.plot as uPlot;
    const { left, top, width, height } = self.bbox;
    const { from, to } = this.scene.window;
    const scale = width / Math.max(1, to - from);
    return {
      context, left, top, width, height, ratio: uPlot.pxRatio, dark: this.scene.dark, from, to,
      x: (time) => left + (time - from) * scale,
    };
  }

  private draw(): void {
    const { plot, scene } = this;
    if (!plot) return;
    const at = this.plotOf(plot.ctx);
    const { context } = at;
    context.save();
    context.beginPath();
    context.rect(at.left, at.top, at.width, at.height);
    context.clip();
    drawNotesBehind(at, scene.markers, scene.strongNote, this.colours().accent);
    for (const limit of scene.limits) {
      const axis = scene.axes.find(({ pens }) => pens.includes(limit.pen));
      if (axis) drawLimit(at, limit, plot.valToPos(limit.value, axis.id, true));
    }
    for (const axis of scene.axes)
      for (const index of axis.pens) {
        const shown = scene.shown[index] as ShownPen;
        drawPen(at, shown, this.yOf(axis, at), index === scene.strong);
      }
    context.restore();
    this.drawStrip();
  }

  // As plot.valToPos(), without its look-ups: it is called for each row.
  private yOf(axis: Axis, at: Plot): (value: number) => number {
    const [least, most] = this.ranges.get(axis.id) as [number, number];
    const bottom = at.top + at.height;
    if (!axis.log) {
      const scale = at.height / (most - least);
      return (value) => bottom - (value - least) * scale;
    }
    const low = Math.log10(least);
    const scale = at.height / (Math.log10(most) - low);
    return (value) => value > 0 ? bottom - (Math.log10(value) - low) * scale : bottom + 10;
  }

  private drawStrip(): void {
    const tall = heightOf(this.lanes);
    const ratio = uPlot.pxRatio;
    const { strip } = this;
    strip.style.height = `${tall}px`;
    strip.style.width = `${this.width}px`;
    strip.width = Math.round(this.width * ratio);
    strip.height = Math.round(tall * ratio);
    const context = strip.getContext('2d');
    if (!context || tall === 0) return;
    drawLanes(this.plotOf(context), this.scene, this.lanes, this.colours());
  }

  // The mark under a place of the strip, for its tooltip. Notes have places of their own.
  markerAt(x: number, y: number): Marker | null {
    let top = 0;
    const lane = this.lanes.find(({ height }) => (top += height) > y);
    if (!this.plot || lane?.kind !== 'events') return null;
    const at = this.plotOf(this.plot.ctx);
    let best: Marker | null = null;
    let away = 8;
    for (const marker of this.scene.markers) {
      if (marker.kind === 'note') continue;
      const distance = Math.abs(at.x(marker.time) / at.ratio - x);
      if (distance < away) {
        away = distance;
        best = marker;
      }
    }
    return best;
  }

  // Where the plot lies within the box, and the first lane below it; CSS pixels.
  get frame(): { left: number; width: number; top: number } | null {
    if (!this.plot) return null;
    const { left, width } = this.plot.bbox;
    return { left: left / uPlot.pxRatio, width: width / uPlot.pxRatio, top: this.plotHeight() };
  }

  private colours(): LaneColours {
    const style = getComputedStyle(this.root);
    const of = (name: string) => style.getPropertyValue(name).trim() || '#888';
    return {
      text: of('--hw-text'), dim: of('--hw-dim'), line: of('--hw-line'), hatch: of('--hw-dim'),
      warn: of('--hw-warn'), accent: of('--hw-accent'), soft: of('--hw-accent-soft'),
    };
  }

  // The chart as it stands, on the colour of the page, with a line of text for each pen and, below
  // these, further lines.
  picture(legend: { text: string; look: number }[], lines: string[]): HTMLCanvasElement | null {
    if (!this.plot) return null;
    const ratio = uPlot.pxRatio;
    const { canvas } = this.plot.ctx;
    const row = 18 * ratio;
    const picture = document.createElement('canvas');
    picture.width = canvas.width;
    picture.height = canvas.height + this.strip.height + row * (legend.length + lines.length + 0.5);
    const context = picture.getContext('2d') as CanvasRenderingContext2D;
    context.fillStyle = getComputedStyle(document.body).backgroundColor;
    context.fillRect(0, 0, picture.width, picture.height);
    context.drawImage(canvas, 0, 0);
    if (this.strip.height) context.drawImage(this.strip, 0, canvas.height);
    context.font = `${12 * ratio}px system-ui, sans-serif`;
    context.textBaseline = 'middle';
    legend.forEach(({ text, look }, i) => {
      const y = canvas.height + this.strip.height + row * (i + 0.5);
      context.fillStyle = colourOf(look, this.scene.dark);
      context.fillRect(10 * ratio, y - ratio, 24 * ratio, 2 * ratio);
      context.fillText(text, 42 * ratio, y);
    });
    context.fillStyle = this.colours().text;
    lines.forEach((text, i) => context.fillText(text, 10 * ratio,
      canvas.height + this.strip.height + row * (legend.length + i + 0.5), picture.width));
    return picture;
  }
}

// As many digits behind the point as the step between labels needs.
function numberLabels(splits: (number | null)[]): string[] {
  const known = splits.filter((one): one is number => one !== null);
  const step = known.length > 1 ? Math.abs((known[1] as number) - (known[0] as number)) : 1;
  const digits = Math.min(6, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  return splits.map((one) => one === null ? '' : formatNumber(one, digits));
}
