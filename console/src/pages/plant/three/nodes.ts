import type { Trust } from '~/lib/live';
import type { PointValue } from '~/lib/live';
import type { Reading, ValueSource } from '../contract';
import { colourFor, doubtGrey, hatch } from '../model/colour';
import { doubtful, fillShare, holds, rateOf } from '../model/rules';
import type { Bound } from '../model/scene';
import type { AssetPlace } from './assets';
import type { Carrier, FlowMarks } from './flow';
import { shownTurns } from './turns';
import type { Item, Model } from './model';
import type { Drawn, World } from './world';

// What the values have made of a node, and what is still on its way there.
interface Seen { value: PointValue | undefined; trust: Trust }

export interface NodeState {
  item: Item;
  drawn: Drawn | null;
  asset: AssetPlace | null;
  carrier: Carrier | null;
  looks: Bound[]; // all but labels and badges
  seen: Seen[];
  body: number;
  water: number;
  fill: number; // as it is drawn
  fillTo: number;
  turns: number; // a minute, as drawn
  angle: number;
  byValue: boolean; // shown, as far as values say
}

const dynamic = new Set(['colour', 'fill', 'spin', 'visible', 'flow']);

// Binds values to what is drawn. Values are read when the source says that some have changed; a
// node is looked at again only where one of its own has.
export class Nodes {
  readonly states: NodeState[] = [];
  readonly byId = new Map<string, NodeState>();
  readonly spinning = new Set<NodeState>();
  readonly filling = new Set<NodeState>();
  private readonly bound: NodeState[] = [];
  private next = 0;
  private waiting = 0; // to be looked at, from `next` on
  private again = false;
  private heard = false;
  private hidden: ReadonlySet<string> = new Set();
  source: ValueSource | null = null;

  constructor(
    model: Model, private readonly world: World, private readonly flow: FlowMarks,
  ) {
    const carriers = new Map(flow.carriers.map((one) => [one.drawn, one]));
    for (const item of model.items) {
      const drawn = world.byItem.get(item.id) ?? null;
      const looks = item.bindings.filter(({ kind }) => dynamic.has(kind));
      const level = drawn?.model.level ?? 0;
      const state: NodeState = {
        item, drawn, asset: null, carrier: (drawn && carriers.get(drawn)) ?? null, looks,
        seen: looks.map(() => ({ value: undefined, trust: 'none' })),
        body: -1, water: -1, fill: level, fillTo: level, turns: 0, angle: 0, byValue: true,
      };
      this.states.push(state);
      this.byId.set(item.id, state);
      if (looks.length > 0) this.bound.push(state);
    }
  }

  // Some values have changed: all nodes are looked at once more.
  tell(): void {
    // A round that goes on is ended first, so that rounds do end where values never rest.
    if (this.waiting > 0) this.again = true;
    else this.waiting = this.bound.length;
  }

  get busy(): boolean {
    return this.waiting > 0;
  }

  // Looks at the next nodes, `most` of them, so that no frame waits for all; `done` at the end of a
  // round, `shadows` where the shadows have changed.
  take(atOnce: boolean, most = Infinity): { done: boolean; shadows: boolean } {
    const { source } = this;
    let hiding = false;
    if (source && !this.heard) this.heard = this.anyHeard(source);
    // Before the first value comes nothing is known yet, which is not the same as bad.
    if (!source || !this.heard) {
      this.waiting = 0;
      return { done: true, shadows: false };
    }
    for (let left = Math.min(most, this.waiting); left > 0; left -= 1) {
      const state = this.bound[this.next] as NodeState;
      this.next = (this.next + 1) % this.bound.length;
      this.waiting -= 1;
      if (this.hasNews(state, source) && this.look(state, source, atOnce)) hiding = true;
    }
    const done = this.waiting === 0;
    if (done && this.again) this.waiting = this.bound.length;
    if (done) this.again = false;
    return { done, shadows: hiding && this.refresh() };
  }

  private anyHeard(source: ValueSource): boolean {
    for (const { looks } of this.bound)
      for (const one of looks) {
        const reading = source.read(one.twin, one.property);
        if (reading && reading.trust !== 'none') return true;
      }
    return false;
  }

  private hasNews(state: NodeState, source: ValueSource): boolean {
    let news = false;
    for (let i = 0; i < state.looks.length; i += 1) {
      const one = state.looks[i] as Bound;
      const seen = state.seen[i] as Seen;
      const reading = source.read(one.twin, one.property);
      const value = reading?.value ?? null;
      const trust = reading?.trust ?? 'none';
      if (seen.value === value && seen.trust === trust) continue;
      seen.value = value;
      seen.trust = trust;
      news = true;
    }
    return news;
  }

  // True where it comes or goes.
  private look(state: NodeState, source: ValueSource, atOnce: boolean): boolean {
    let [body, water, turns, flow] = [-1, -1, 0, 0];
    let fill = NaN;
    let shown = true;
    for (const one of state.looks) {
      const reading: Reading | undefined = source.read(one.twin, one.property);
      const doubt = doubtful(reading);
      if (one.kind === 'colour') {
        const colour = colourFor(one, reading);
        if (colour >= 0 && one.part !== 'water') body = colour;
        if (colour >= 0 && one.part && one.part !== 'body') water = colour;
      } else if (one.kind === 'fill') {
        const share = fillShare(one, reading?.value);
        if (Number.isFinite(share)) fill = share;
        if (doubt && water < 0) water = hatch | doubtGrey;
      } else if (one.kind === 'spin') turns = rateOf(one, reading) || 0;
      else if (one.kind === 'flow') {
        flow = rateOf(one, reading) || 0;
        if (doubt && body < 0) body = hatch | doubtGrey;
      } else shown = shown && (!one.when || holds(one.when, reading?.value));
    }
    this.apply(state, body, water, turns, flow);
    if (Number.isFinite(fill)) this.fillTo(state, fill, atOnce);
    const comes = state.byValue !== shown;
    state.byValue = shown;
    return comes;
  }

  private apply(state: NodeState, body: number, water: number, turns: number, flow: number): void {
    const { drawn } = state;
    if (drawn && body !== state.body) this.world.colour(drawn, 'body', body);
    if (drawn && water !== state.water) this.world.colour(drawn, 'water', water);
    if (body !== state.body) state.asset?.colour(body);
    state.body = body;
    state.water = water;
    state.turns = shownTurns(turns);
    if (drawn && drawn.rotors.length > 0 && state.turns !== 0) this.spinning.add(state);
    else this.spinning.delete(state);
    if (state.carrier) this.flow.set(state.carrier, flow);
  }

  private fillTo(state: NodeState, share: number, atOnce: boolean): void {
    if (!state.drawn?.water) return;
    state.fillTo = share;
    if (atOnce) {
      state.fill = share;
      this.world.fill(state.drawn, share);
    } else if (Math.abs(state.fill - share) > 1e-4) this.filling.add(state);
  }

  // Water rises and falls within a second.
  moveWater(seconds: number): void {
    const share = 1 - Math.exp(-seconds * 5);
    for (const state of this.filling) {
      state.fill += (state.fillTo - state.fill) * share;
      if (Math.abs(state.fillTo - state.fill) < 1e-4) {
        state.fill = state.fillTo;
        this.filling.delete(state);
      }
      if (state.drawn) this.world.fill(state.drawn, state.fill);
    }
  }

  turnRotors(seconds: number, inView: (drawn: Drawn) => boolean): boolean {
    let any = false;
    for (const state of this.spinning) {
      const { drawn } = state;
      if (!drawn || !drawn.shown || drawn.detail < 1 || !inView(drawn)) continue;
      state.angle = (state.angle + (state.turns / 60) * 2 * Math.PI * seconds) % (2 * Math.PI);
      this.world.turn(drawn, state.angle);
      any = true;
    }
    return any;
  }

  hide(layers: ReadonlySet<string>): boolean {
    this.hidden = layers;
    return this.refresh();
  }

  isShown(item: Item): boolean {
    if (!item.visible || (item.layer !== undefined && this.hidden.has(item.layer))) return false;
    for (let at: Item | null = item; at; at = at.parent)
      if (this.byId.get(at.id)?.byValue === false) return false;
    return true;
  }

  private refresh(): boolean {
    let changed = false;
    for (const { item, drawn, asset, carrier } of this.states) {
      if (!drawn && !asset) continue;
      const shown = this.isShown(item);
      if (drawn && this.world.show(drawn, shown, drawn.detail)) changed = true;
      if (carrier) this.flow.strength(carrier);
      if (asset?.show(shown)) changed = true;
    }
    return changed;
  }
}
