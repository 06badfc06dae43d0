import {
  BatchedMesh, Box3, BufferAttribute, BufferGeometry, Color, DoubleSide, FrontSide, Group, Matrix4,
  MeshStandardMaterial, Quaternion, Sphere, Vector3, Vector4, type Material,
} from 'three';
import { greyed, hatch, mixColours, parseColour } from '../model/colour';
import type { Detail, Mesh } from './mesh';
import { middleOf } from './drawings';
import { boxRadius, tellOnce, type Item, type Model } from './model';
import {
  colourOf, geometryKey, isDrawn, Maker, shapeModel, type Shape, type ShapeModel, type Surface,
} from './shapes';

// All built-in shapes of a scene in six draw calls: one batch for each kind of surface. A node's
// surfaces are instances of it, and a value changes an instance's colour, matrix or visibility,
// which are texels, never an object of the scene graph.
export const batchNames = ['matte', 'metal', 'flat', 'rotor', 'water', 'clear'] as const;
export type BatchName = (typeof batchNames)[number];
export const details: readonly Detail[] = ['low', 'medium', 'high'];

export interface Part {
  batch: BatchName;
  id: number;
  geometry: [number, number, number]; // by detail; -1: not drawn at it
  base: number; // colour before any binding
  tint: Surface['tint'];
  alpha: number;
}

export interface Drawn {
  item: Item;
  parts: Part[];
  rotors: Part[];
  water: Part | null;
  model: ShapeModel; // at medium detail
  sphere: Sphere; // in the world
  anchor: Vector3; // where its label stands
  detail: number; // -1: too small to be seen
  shown: boolean;
}

interface Planned {
  drawn: Drawn;
  part: Part;
  geometries: (BufferGeometry | null)[];
}

function toGeometry(mesh: Mesh): BufferGeometry {
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new BufferAttribute(new Float32Array(mesh.positions), 3));
  geometry.setAttribute('normal', new BufferAttribute(new Float32Array(mesh.normals), 3));
  const shades = new Uint8Array(mesh.shades.length * 3);
  mesh.shades.forEach((shade, i) =>
    shades.fill(Math.round(Math.min(1, shade) * 255), 3 * i, 3 * i + 3));
  geometry.setAttribute('color', new BufferAttribute(shades, 3, true));
  geometry.setIndex(new BufferAttribute(new Uint32Array(mesh.indices), 1));
  return geometry;
}

const same = (a: Surface, b: Surface): boolean =>
  a.tint === b.tint && a.colour === b.colour && a.finish === b.finish && a.opacity === b.opacity;

type ByDetail = (BufferGeometry | null)[];
interface MadeShape { model: ShapeModel; list: Map<Surface, ByDetail> }

// The geometries of a shape at each detail, shared by all nodes of that shape.
class Shapes {
  private known = new Map<string, MadeShape>();
  constructor(private readonly zUp: boolean) {}

  of(shape: Shape): MadeShape | null {
    const key = geometryKey(shape);
    const done = this.known.get(key);
    if (done) return done;
    const models = details.map((detail) => shapeModel(shape, detail, this.zUp));
    const [low, medium, high] = models;
    if (!low || !medium || !high) return null;
    const list = new Map<Surface, ByDetail>();
    const add = (pick: (model: ShapeModel) => Surface[]) => {
      for (const surface of pick(high)) {
        let before: Mesh | null = null;
        let last: BufferGeometry | null = null;
        list.set(surface, [low, medium, high].map((model) => {
          const its = pick(model).find((one) => same(one, surface));
          if (!its || its.mesh.indices.length === 0) return null;
          // Boxes are the same at every detail.
          if (before && before.vertices === its.mesh.vertices) return last;
          before = its.mesh;
          last = toGeometry(its.mesh);
          return last;
        }));
      }
    };
    add((model) => model.body);
    add((model) => model.rotor);
    add((model) => (model.water ? [model.water] : []));
    const made = { model: high, list };
    this.known.set(key, made);
    return made;
  }
}

const batchOf = (surface: Surface): BatchName =>
  surface.opacity < 1 ? 'clear' : surface.finish;

// What is hatched has an alpha above 1, which no colour has: diagonal stripes of the screen then,
// the same as in the drawing and in the tables.
const hatched = (shader: { fragmentShader: string }): void => {
  shader.fragmentShader = shader.fragmentShader.replace('#include <color_fragment>', `
    #include <color_fragment>
    #if defined( USE_COLOR_ALPHA )
      float hatching = step(1.5, vColor.a);
      diffuseColor.a -= 2.0 * hatching * opacity;
      float across = fract((gl_FragCoord.x + gl_FragCoord.y) / 9.0);
      float stripe = smoothstep(0.0, 0.12, across) * (1.0 - smoothstep(0.44, 0.56, across));
      diffuseColor.rgb *= 1.0 - 0.42 * hatching * stripe;
    #endif`);
};

function materialOf(name: BatchName): MeshStandardMaterial {
  const clear = name === 'clear' || name === 'water';
  const material = new MeshStandardMaterial({
    vertexColors: true,
    roughness: name === 'water' ? 0.18 : name === 'metal' || name === 'rotor' ? 0.5 : 0.92,
    metalness: name === 'metal' || name === 'rotor' ? 0.15 : 0,
    envMapIntensity: name === 'water' ? 1 : 0.55,
    transparent: clear, depthWrite: name !== 'clear',
    side: name === 'flat' ? DoubleSide : FrontSide,
    polygonOffset: name === 'flat', polygonOffsetFactor: -1, polygonOffsetUnits: -1,
  });
  material.onBeforeCompile = hatched;
  return material;
}

const scratch = new Matrix4();
const turn = new Quaternion();
const place = new Vector3();
const ones = new Vector3(1, 1, 1);
const colour = new Color();
const rgba = new Vector4();

export class World {
  readonly group = new Group();
  readonly drawn: Drawn[] = [];
  readonly byItem = new Map<string, Drawn>();
  readonly batches: Partial<Record<BatchName, BatchedMesh>> = {};
  readonly bounds = new Box3(); // of what stands, without lands and rivers

  constructor(model: Model) {
    const shapes = new Shapes(model.zUp);
    const planned: Planned[] = [];
    for (const item of model.items) this.plan(item, shapes, model.zUp, planned);
    this.build(planned);
    if (this.bounds.isEmpty()) for (const one of this.drawn) this.widen(one.sphere);
  }

  private widen(sphere: Sphere): void {
    this.bounds.union(sphere.getBoundingBox(new Box3()));
  }

  private plan(item: Item, shapes: Shapes, zUp: boolean, planned: Planned[]): void {
    const { shape } = item;
    if (!shape || shape.kind === 'label' || shape.kind === 'asset') return;
    if (!isDrawn(shape.kind)) {
      tellOnce(`shape "${shape.kind}"`);
      return;
    }
    const made = shapes.of(shape);
    if (!made) return;
    const { model, list } = made;
    const drawn: Drawn = {
      item, parts: [], rotors: [], water: null, model,
      sphere: new Sphere(), anchor: new Vector3(), detail: 1, shown: true,
    };
    const box = new Box3();
    const add = (surface: Surface, batch: BatchName): Part => {
      const geometries = list.get(surface) ?? [];
      const part: Part = {
        batch, id: -1, geometry: [-1, -1, -1], tint: surface.tint, alpha: surface.opacity,
        base: this.baseOf(item, parseColour(colourOf(shape, surface.colour))),
      };
      planned.push({ drawn, part, geometries });
      return part;
    };
    for (const surface of model.body) {
      drawn.parts.push(add(surface, batchOf(surface)));
      box.union(boxOf(surface.mesh));
    }
    for (const surface of model.rotor) {
      drawn.rotors.push(add(surface, 'rotor'));
      box.union(boxOf(surface.mesh).translate(place.set(...model.rotorAt)));
    }
    if (model.water) drawn.water = add(model.water, 'water');
    this.placeAnchor(drawn, box, zUp);
    const flatLand = shape.kind === 'area' || shape.kind === 'river';
    if (!flatLand && shape.kind !== 'tree') this.widen(drawn.sphere);
    this.drawn.push(drawn);
    this.byItem.set(item.id, drawn);
  }

  // Houses and trees are there to know the place by; the eye is for the plant.
  private baseOf({ shape, bindings }: Item, colour: number): number {
    if (bindings.length > 0) return colour;
    if (shape?.kind === 'tree') return greyed(colour, 0.45);
    return shape?.kind === 'building' ? mixColours(greyed(colour, 0.65), 0xd4d4d0, 0.3) : colour;
  }

  private placeAnchor(drawn: Drawn, box: Box3, zUp: boolean): void {
    const { item } = drawn;
    box.getBoundingSphere(drawn.sphere).applyMatrix4(item.world);
    box.getCenter(drawn.anchor);
    if (item.shape && (item.shape.kind === 'pipe' || item.shape.kind === 'river'))
      drawn.anchor.set(...middleOf(new Maker(item.shape, 'low', zUp).points()));
    const up = item.shape?.kind === 'pipe' ? drawn.anchor.y : box.max.y;
    drawn.anchor.y = up;
    drawn.anchor.applyMatrix4(item.world);
  }

  private build(planned: Planned[]): void {
    for (const name of batchNames) {
      const mine = planned.filter(({ part }) => part.batch === name);
      if (mine.length === 0) continue;
      const geometries = new Set<BufferGeometry>();
      for (const one of mine) for (const g of one.geometries) if (g) geometries.add(g);
      let vertices = 0;
      let indices = 0;
      for (const g of geometries) {
        vertices += g.getAttribute('position').count;
        indices += g.getIndex()?.count ?? 0;
      }
      const mesh = new BatchedMesh(mine.length, vertices, indices, materialOf(name));
      const ids = new Map<BufferGeometry, number>();
      for (const g of geometries) ids.set(g, mesh.addGeometry(g));
      mesh.sortObjects = name === 'clear';
      mesh.frustumCulled = false; // its instances are
      mesh.castShadow = name === 'matte' || name === 'metal';
      mesh.receiveShadow = name !== 'clear';
      mesh.renderOrder = name === 'clear' ? 4 : name === 'water' ? 3 : name === 'flat' ? -4 : 0;
      for (const { drawn, part, geometries: its } of mine) {
        part.geometry = its.map((g) => (g ? ids.get(g) ?? -1 : -1)) as Part['geometry'];
        const first = part.geometry.find((one) => one >= 0) ?? 0;
        part.id = mesh.addInstance(part.geometry[1] >= 0 ? part.geometry[1] : first);
        mesh.setMatrixAt(part.id, drawn.item.world);
      }
      this.batches[name] = mesh;
      this.group.add(mesh);
      for (const g of geometries) g.dispose();
    }
    for (const drawn of this.drawn) {
      for (const part of drawn.parts) this.paint(part, part.base);
      for (const part of drawn.rotors) this.paint(part, part.base);
      if (drawn.water) this.paint(drawn.water, drawn.water.base);
      this.turn(drawn, 0);
      this.fill(drawn, drawn.model.level);
    }
  }

  paint(part: Part, to: number): void {
    colour.setHex(to & 0xffffff);
    rgba.set(colour.r, colour.g, colour.b, part.alpha + (to >= hatch ? 2 : 0));
    this.batches[part.batch]?.setColorAt(part.id, rgba);
  }

  // The colour of a part of the shape; -1 gives it its own back.
  colour(drawn: Drawn, part: 'body' | 'water', to: number): void {
    if (part === 'water') {
      if (drawn.water) this.paint(drawn.water, to < 0 ? drawn.water.base : to);
      return;
    }
    for (const one of drawn.parts)
      if (one.tint === 'body') this.paint(one, to < 0 ? one.base : to);
    for (const one of drawn.rotors)
      if (one.tint === 'body') this.paint(one, to < 0 ? one.base : to);
  }

  turn(drawn: Drawn, angle: number): void {
    if (drawn.rotors.length === 0) return;
    turn.setFromAxisAngle(place.fromArray(drawn.model.rotorAxis), angle);
    scratch.compose(place.fromArray(drawn.model.rotorAt), turn, ones).premultiply(drawn.item.world);
    for (const part of drawn.rotors) this.batches.rotor?.setMatrixAt(part.id, scratch);
  }

  fill(drawn: Drawn, share: number): void {
    const { water, model } = drawn;
    if (!water) return;
    const height = Math.max(0.004, share) * model.waterHeight;
    scratch.makeScale(1, height, 1).setPosition(place.fromArray(model.waterAt))
      .premultiply(drawn.item.world);
    this.batches.water?.setMatrixAt(water.id, scratch);
  }

  // Visibility and detail together say what is drawn of a node.
  show(drawn: Drawn, shown: boolean, detail: number): boolean {
    if (drawn.shown === shown && drawn.detail === detail) return false;
    const changed = drawn.shown !== shown;
    drawn.shown = shown;
    drawn.detail = detail;
    for (const part of drawn.parts) this.showPart(part, shown, detail);
    for (const part of drawn.rotors) this.showPart(part, shown, detail);
    if (drawn.water) this.showPart(drawn.water, shown, detail);
    return changed;
  }

  private showPart(part: Part, shown: boolean, detail: number): void {
    const mesh = this.batches[part.batch];
    const geometry = detail < 0 ? -1 : part.geometry[detail] ?? -1;
    mesh?.setVisibleAt(part.id, shown && geometry >= 0);
    if (geometry >= 0) mesh?.setGeometryIdAt(part.id, geometry);
  }

  get sphere(): Sphere {
    return new Sphere(this.bounds.getCenter(new Vector3()), boxRadius(this.bounds));
  }

  dispose(): void {
    for (const name of batchNames) {
      const mesh = this.batches[name];
      (mesh?.material as Material | undefined)?.dispose();
      mesh?.dispose();
    }
  }
}

function boxOf(mesh: Mesh): Box3 {
  return new Box3().setFromArray(mesh.positions);
}
