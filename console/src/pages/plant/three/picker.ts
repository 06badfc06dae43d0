import { Matrix4, Ray, Raycaster, Vector2, Vector3, type PerspectiveCamera } from 'three';
import type { Assets } from './assets';
import type { Mesh } from './mesh';
import type { Item } from './model';
import type { Surroundings } from './surroundings';
import type { Drawn, World } from './world';

interface Hit { item: Item; distance: number; clear: boolean }

const inverse = new Matrix4();
const local = new Ray();
const [a, b, c, at] = [new Vector3(), new Vector3(), new Vector3(), new Vector3()];

// Where the ray meets a mesh from its front, as near as it can; null where it does not.
export function meet(ray: Ray, mesh: Mesh, bothSides: boolean, to: Vector3): Vector3 | null {
  let best = Infinity;
  const { positions, indices } = mesh;
  for (let i = 0; i < indices.length; i += 3) {
    a.fromArray(positions, 3 * (indices[i] ?? 0));
    b.fromArray(positions, 3 * (indices[i + 1] ?? 0));
    c.fromArray(positions, 3 * (indices[i + 2] ?? 0));
    if (!ray.intersectTriangle(a, b, c, !bothSides, at)) continue;
    const distance = at.distanceToSquared(ray.origin);
    if (distance >= best) continue;
    best = distance;
    to.copy(at);
  }
  return best < Infinity ? to : null;
}

// What is under a place of the screen. Spheres first, then the triangles of those that are hit: a
// batch's own ray cast would look at every triangle of every instance. One looks through what is
// translucent, and what cannot be selected is passed over.
export class Picker {
  private readonly caster = new Raycaster();
  private readonly spot = new Vector2();
  private readonly near: { drawn: Drawn; from: number }[] = [];
  private readonly point3 = new Vector3();

  constructor(
    private readonly world: World, private readonly assets: Assets,
    private readonly around: Surroundings,
  ) {}

  // x and y from -1 to 1; nearest first.
  private hits(x: number, y: number, camera: PerspectiveCamera): Hit[] {
    this.caster.setFromCamera(this.spot.set(x, y), camera);
    const { ray } = this.caster;
    const { near, point3 } = this;
    near.length = 0;
    for (const drawn of this.world.drawn) {
      if (!drawn.shown || drawn.detail < 0 || !ray.intersectsSphere(drawn.sphere)) continue;
      near.push({ drawn, from: ray.origin.distanceTo(drawn.sphere.center) - drawn.sphere.radius });
    }
    near.sort((one, other) => one.from - other.from);
    const hits: Hit[] = [];
    let solid = Infinity;
    for (const { drawn, from } of near) {
      if (from > solid) break;
      local.copy(ray).applyMatrix4(inverse.copy(drawn.item.world).invert());
      for (const surface of drawn.model.body) {
        if (!meet(local, surface.mesh, surface.finish === 'flat', point3)) continue;
        const distance = point3.applyMatrix4(drawn.item.world).distanceTo(ray.origin);
        // The thin frame of a translucent house is as clear as the house.
        const clear = drawn.model.body.some(({ opacity }) => opacity < 1);
        hits.push({ item: drawn.item, distance, clear });
        if (!clear && drawn.item.selectable) solid = Math.min(solid, distance);
      }
    }
    for (const hit of this.caster.intersectObject(this.assets.group, true)) {
      const item = this.assets.ownerOf(hit.object, hit.instanceId);
      if (item) hits.push({ item, distance: hit.distance, clear: false });
    }
    return hits.sort((one, other) => one.distance - other.distance);
  }

  node(x: number, y: number, camera: PerspectiveCamera): Item | null {
    let behindGlass: Item | null = null;
    for (const { item, clear } of this.hits(x, y, camera)) {
      if (item.selectable && !clear) return item;
      if (item.selectable) behindGlass ??= item;
      else if (!clear) break;
    }
    return behindGlass;
  }

  point(x: number, y: number, camera: PerspectiveCamera): Vector3 | null {
    const hit = this.hits(x, y, camera).find(({ clear }) => !clear);
    const ground = this.around.groundMesh;
    const below = ground ? this.caster.intersectObject(ground, false)[0] : undefined;
    const distance = Math.min(hit?.distance ?? Infinity, below?.distance ?? Infinity);
    return distance < Infinity ? this.caster.ray.at(distance, new Vector3()) : null;
  }
}
