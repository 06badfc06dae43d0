import { Vector3, type PerspectiveCamera } from 'three';
import type { PointValue, Trust } from '~/lib/live';
import type { SceneNode, Trouble, ValueSource } from '../contract';
import { changeText, fillFormat, type FormatContext } from '../model/format';
import type { Bound } from '../model/scene';
import { LabelBox } from './labelBox';
import { layLabels, sizeOf, stand, Taken, type Candidate } from './layout';
import { isVessel, levelOf, markBinding, markOf, type Mark } from './marks';
import type { Item } from './model';
import { words } from './words';

// The labels over the equipment: HTML, so that letters are crisp, in a pool that grows to what is
// shown at once. Texts change with values, places with the camera; React has no part in it.
export interface Anchor { item: Item; at: Vector3; radius: number; shown: () => boolean }

interface Seen {
  value: PointValue | undefined;
  trust: Trust;
  change: number | undefined;
  text: string;
  delta: string; // how it differs from what it is compared with
}

interface Entry {
  anchor: Anchor;
  bindings: Bound[];
  seen: Seen[];
  trouble: Trouble | undefined;
  lines: number; // of values that are shown; -1: not laid out yet
  place: Candidate;
  mark: Mark | null; // whether it runs, is open
  level: number; // share of what is in it, NaN: none, or not known
  box: LabelBox | null;
}

const most = 60; // with words at once: more is not read
const lineHeight = 17;
const letters = document.createElement('canvas').getContext('2d');
const widths = new Map<string, number>();

function widthOf(text: string, bold: boolean): number {
  const key = `${bold ? 'b' : ''}${text.replace(/[0-9]/g, '0')}`;
  let width = widths.get(key);
  if (width === undefined) {
    const { fontFamily } = getComputedStyle(document.body);
    if (letters) letters.font = `${bold ? 600 : 400} 12px ${fontFamily}`;
    width = Math.ceil(letters?.measureText(key.slice(bold ? 1 : 0)).width ?? text.length * 7);
    if (widths.size > 5000) widths.clear();
    widths.set(key, width);
  }
  return width;
}

export class Labels {
  private readonly entries: Entry[];
  private readonly byId = new Map<string, Entry>();
  private readonly candidates: Candidate[];
  private readonly owners = new Map<Candidate, Entry>();
  private readonly free: LabelBox[] = [];
  private readonly taken = new Taken();
  private readonly point = new Vector3();
  private width = 1;
  private height = 1;
  source: ValueSource | null = null;
  trouble: (node: SceneNode) => Trouble | undefined = () => undefined;
  context: FormatContext | null = null;
  selected: string | null = null;
  hovered: string | null = null;

  constructor(private readonly root: HTMLElement, anchors: readonly Anchor[]) {
    this.entries = anchors.map((anchor) => {
      const bindings = anchor.item.bindings.filter(({ kind }) => kind === 'label');
      const place: Candidate = {
        x: 0, y: 0, width: 0, height: 0, distance: 0, weight: 0, standing: false,
        mark: markBinding(anchor.item) !== undefined, placed: false, form: 'words', left: 0, top: 0,
      };
      const entry: Entry = {
        anchor, bindings, trouble: undefined, lines: -1, place, mark: null, level: NaN, box: null,
        seen: bindings.map(() => ({
          value: undefined, trust: 'none', change: undefined, text: '–', delta: '',
        })),
      };
      this.byId.set(anchor.item.id, entry);
      this.owners.set(place, entry);
      return entry;
    });
    this.candidates = [];
  }

  resize(width: number, height: number): void {
    this.width = width;
    this.height = height;
  }

  // All texts anew, e.g. in another language or other units.
  forget(): void {
    for (const entry of this.entries) {
      entry.lines = -1;
      for (const seen of entry.seen) seen.value = undefined;
    }
  }

  lookForTrouble(): boolean {
    let changed = false;
    for (const entry of this.entries) {
      const now = this.trouble(entry.anchor.item.node);
      if (now?.kind === entry.trouble?.kind && now?.text === entry.trouble?.text) continue;
      entry.trouble = now;
      entry.lines = -1;
      changed = true;
    }
    return changed;
  }

  // Texts of what is shown; those of others when they come.
  takeValues(): void {
    for (const entry of this.entries)
      if (entry.place.placed) {
        this.readTexts(entry);
        if (entry.box) this.write(entry, entry.box);
      }
  }

  private readTexts(entry: Entry): void {
    const { source, context } = this;
    if (!source || !context) return;
    entry.mark = markOf(entry.anchor.item, source);
    entry.level = levelOf(entry.anchor.item, source);
    entry.bindings.forEach((one, i) => {
      const seen = entry.seen[i];
      const reading = source.read(one.twin, one.property);
      const value = reading?.value ?? null;
      const trust = reading?.trust ?? 'none';
      if (!seen || (seen.value === value && seen.trust === trust
        && seen.change === reading?.change)) return;
      seen.value = value;
      seen.trust = trust;
      seen.change = reading?.change;
      seen.text = fillFormat(one.format, reading, {
        ...context, unit: one.unit, twin: one.twin, name: entry.anchor.item.name,
      });
      seen.delta = changeText(reading, one.format, one.unit, context.set);
    });
  }

  private measure(entry: Entry, lines: number): void {
    this.readTexts(entry);
    const { place, anchor, trouble } = entry;
    const values = entry.seen.slice(0, lines).map(({ text, trust, delta }) => widthOf(text, true)
      + (delta ? 10 + widthOf(`Δ ${delta}`, true) : 0)
      + (trust === 'good' ? 0 : 8 + widthOf(words.now(trust), false)));
    const name = widthOf(anchor.item.name, Boolean(trouble)) + (trouble ? 18 : 0)
      + (place.mark ? 19 : 0);
    const beside = lines === 1 && !trouble;
    place.width = beside ? name + 8 + (values[0] ?? 0) + 16
      : Math.max(name, trouble ? Math.min(220, widthOf(trouble.text, false)) : 0, ...values) + 16;
    if (isVessel(anchor.item)) place.width += 9;
    place.height = (beside ? 1 : 1 + lines + (trouble ? 1 : 0)) * lineHeight + 7;
    entry.lines = lines;
  }

  // Chooses and places; called when the camera has moved or something else may have changed.
  lay(camera: PerspectiveCamera): void {
    const pixels = this.height / (2 * Math.tan((camera.fov * Math.PI) / 360));
    this.candidates.length = 0;
    for (const entry of this.entries) {
      const { anchor, place } = entry;
      place.standing = place.placed;
      place.placed = false;
      const chosen = anchor.item.id === this.selected || anchor.item.id === this.hovered;
      if (!anchor.shown() || (entry.bindings.length === 0 && !entry.trouble && !chosen)) continue;
      if (!this.project(entry, camera)) continue;
      const seen = (anchor.radius / place.distance) * pixels;
      // What is a speck needs no words yet.
      if (!chosen && !entry.trouble && seen < (place.standing ? 4 : 5)) continue;
      place.weight = chosen ? 2 : entry.trouble || this.differs(entry) ? 1 : 0;
      const all = Math.min(6, entry.bindings.length);
      const lines = Math.min(all, chosen ? all : seen > 170 ? 4 : seen > 60 ? 2 : 1);
      if (lines !== entry.lines) this.measure(entry, lines);
      this.candidates.push(place);
    }
    layLabels(this.candidates, this.width, this.height, this.taken, most);
    for (const entry of this.entries) this.dress(entry);
  }

  private differs(entry: Entry): boolean {
    return entry.bindings.some((one) =>
      this.source?.read(one.twin, one.property)?.change !== undefined);
  }

  private project(entry: Entry, camera: PerspectiveCamera): boolean {
    const { point } = this;
    point.copy(entry.anchor.at).applyMatrix4(camera.matrixWorldInverse);
    entry.place.distance = -point.z;
    if (point.z > -camera.near) return false;
    point.applyMatrix4(camera.projectionMatrix);
    entry.place.x = ((point.x + 1) / 2) * this.width;
    entry.place.y = ((1 - point.y) / 2) * this.height;
    return true;
  }

  // Only the places of those that stand, between two layings.
  follow(camera: PerspectiveCamera): void {
    for (const entry of this.entries) {
      const { place, box } = entry;
      if (!place.placed || !box || !this.project(entry, camera)) continue;
      stand(place, this.width, this.height);
      box.put(place);
    }
  }

  private dress(entry: Entry): void {
    const { place } = entry;
    if (!place.placed) {
      if (entry.box) {
        entry.box.hide();
        this.free.push(entry.box);
        entry.box = null;
      }
      return;
    }
    entry.box ??= this.free.pop() ?? new LabelBox(this.root);
    this.readTexts(entry);
    this.write(entry, entry.box);
    entry.box.put(place);
    entry.box.raise(place.weight * 100000
      + Math.max(0, 90000 - Math.round(place.distance * 10)));
  }

  private write(entry: Entry, box: LabelBox): void {
    const { anchor, trouble, lines, place, seen, mark, level } = entry;
    box.write({
      name: anchor.item.name, trouble, form: place.form, mark, level,
      vessel: isVessel(anchor.item), chosen: anchor.item.id === this.selected,
      values: seen.slice(0, lines),
    });
  }

  // The node whose label is at that place of the screen.
  at(x: number, y: number): string | null {
    for (const [id, { place }] of this.byId) {
      const [w, h] = sizeOf(place);
      if (place.placed && x >= place.left && x <= place.left + w && y >= place.top
        && y <= place.top + h) return id;
    }
    return null;
  }

  dispose(): void {
    this.root.replaceChildren();
  }
}
