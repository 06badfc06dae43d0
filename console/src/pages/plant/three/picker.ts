import { Raycaster, Vector2, Vector3, type Intersection, type PerspectiveCamera } from 'three';
import type { Assets } from './assets';
import type { Item } from './model';
import type { Surroundings } from './surroundings';
import { batchNames, type World } from './world';

export interface Hit { item: Item | null; point: Vector3 }

// What is under a place of the screen. One looks through what is translucent, and what cannot be
// selected is passed over; a node without a click of its own gives way to its nearest parent.
export class Picker {
  private readonly caster = new Raycaster();
  private readonly spot = new Vector2();
  private readonly hits: Intersection[] = [];

  constructor(
    private readonly world: World, private readonly assets: Assets,
    private readonly around: Surroundings,
  ) {}

  private cast(x: number, y: number, camera: PerspectiveCamera): Intersection[] {
    this.caster.setFromCamera(this.spot.set(x, y), camera);
    this.hits.length = 0;
    this.caster.intersectObject(this.world.group, true, this.hits);
    this.caster.intersectObject(this.assets.group, true, this.hits);
    return this.hits.sort((a, b) => a.distance - b.distance);
  }

  private itemOf(hit: Intersection): { item: Item; clear: boolean } | null {
    for (const name of batchNames)
      if (hit.object === this.world.batches[name]) {
        const drawn = this.world.owners[name][hit.batchId ?? -1];
        return drawn ? { item: drawn.item, clear: name === 'clear' } : null;
      }
    const item = this.assets.ownerOf(hit.object, hit.instanceId);
    return item ? { item, clear: false } : null;
  }

  // x and y from -1 to 1.
  node(x: number, y: number, camera: PerspectiveCamera): Item | null {
    let behindGlass: Item | null = null;
    for (const hit of this.cast(x, y, camera)) {
      const found = this.itemOf(hit);
      if (!found) continue;
      if (found.item.selectable && !found.clear) return found.item;
      if (found.item.selectable && found.clear) behindGlass ??= found.item;
      else if (!found.clear) break;
    }
    return behindGlass;
  }

  point(x: number, y: number, camera: PerspectiveCamera): Vector3 | null {
    const hit = this.cast(x, y, camera).find((one) => !this.itemOf(one)?.clear);
    const ground = this.around.groundMesh;
    const below = ground ? this.caster.intersectObject(ground, false)[0] : undefined;
    if (hit && (!below || hit.distance < below.distance)) return hit.point.clone();
    return below?.point.clone() ?? null;
  }
}
