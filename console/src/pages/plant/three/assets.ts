import {
  Box3, Color, Group, InstancedMesh, Matrix4, Mesh, Sphere, type BufferGeometry, type Material,
  type MeshStandardMaterial, type Object3D,
} from 'three';
import { GLTFLoader } from 'three/examples/jsm/loaders/GLTFLoader.js';
import { seg, send } from '~/lib/api';
import type { Item } from './model';

// glTF files of one's own. A file is loaded once; each of its meshes is drawn once for all places
// where it stands.
export class AssetPlace {
  readonly sphere = new Sphere();
  private shown = true;
  private meshes: { mesh: InstancedMesh; index: number; matrix: Matrix4 }[] = [];
  private tint = -1;

  constructor(readonly item: Item) {}

  add(mesh: InstancedMesh, index: number, matrix: Matrix4): void {
    this.meshes.push({ mesh, index, matrix });
    mesh.setMatrixAt(index, matrix);
    mesh.setColorAt(index, new Color(0xffffff));
    if (this.tint >= 0) this.colour(this.tint);
    if (!this.shown) this.write(false);
  }

  // A colour binding tints the whole of it; -1 gives its own colours back.
  colour(to: number): void {
    const hex = to < 0 ? to : to & 0xffffff;
    this.tint = hex;
    const colour = new Color(hex < 0 ? 0xffffff : hex);
    for (const { mesh, index } of this.meshes) {
      mesh.setColorAt(index, colour);
      if (mesh.instanceColor) mesh.instanceColor.needsUpdate = true;
    }
  }

  private write(shown: boolean): void {
    const none = new Matrix4().makeScale(0, 0, 0);
    for (const { mesh, index, matrix } of this.meshes) {
      mesh.setMatrixAt(index, shown ? matrix : none);
      mesh.instanceMatrix.needsUpdate = true;
    }
  }

  show(shown: boolean): boolean {
    if (this.shown === shown) return false;
    this.shown = shown;
    this.write(shown);
    return true;
  }
}

async function load(name: string, signal: AbortSignal): Promise<Object3D> {
  const answer = await send(`/api/v1/twin/assets/${seg(name)}`, { signal });
  const bytes = await answer.arrayBuffer();
  const gltf = await new GLTFLoader().parseAsync(bytes, '');
  return gltf.scene;
}

export class Assets {
  readonly group = new Group();
  readonly places: AssetPlace[];
  private readonly owners = new Map<InstancedMesh, Item[]>();
  private readonly ending = new AbortController();
  private readonly held: { dispose: () => void }[] = [];

  constructor(items: readonly Item[], private readonly ready: () => void) {
    this.places = items.filter((item) => item.shape?.kind === 'asset')
      .map((item) => new AssetPlace(item));
    const byFile = grouped(this.places);
    for (const places of byFile.values()) void this.put(places);
  }

  private async put(places: AssetPlace[]): Promise<void> {
    const shape = places[0]?.item.shape;
    if (!shape) return;
    try {
      const scene = await load(String(shape.asset), this.ending.signal);
      if (this.ending.signal.aborted) return;
      const root = typeof shape.node === 'string' ? scene.getObjectByName(shape.node) : scene;
      if (root) this.place(root, places);
      else console.debug(`plant: asset ${String(shape.asset)} has no node ${String(shape.node)}`);
      this.ready();
    } catch (error) {
      // A missing file leaves an empty place; the page's check of the scene says so in words.
      if (!this.ending.signal.aborted) console.debug(`plant: asset ${String(shape.asset)}`, error);
    }
  }

  private place(root: Object3D, places: AssetPlace[]): void {
    root.updateWorldMatrix(true, true);
    const back = root.matrixWorld.clone().invert();
    const bounds = new Box3().setFromObject(root).applyMatrix4(back);
    root.traverse((one) => {
      if (!(one instanceof Mesh)) return;
      const mesh = one as Mesh<BufferGeometry, Material | Material[]>;
      const many = new InstancedMesh(mesh.geometry, mesh.material, places.length);
      const own = back.clone().multiply(mesh.matrixWorld);
      places.forEach((place, index) => {
        place.add(many, index, place.item.world.clone().multiply(own));
        bounds.getBoundingSphere(place.sphere).applyMatrix4(place.item.world);
      });
      many.castShadow = true;
      many.receiveShadow = true;
      many.frustumCulled = false;
      this.owners.set(many, places.map(({ item }) => item));
      this.group.add(many);
      this.keep(mesh);
      this.held.push(many);
    });
  }

  private keep(mesh: Mesh<BufferGeometry, Material | Material[]>): void {
    this.held.push(mesh.geometry);
    for (const material of [mesh.material].flat()) {
      this.held.push(material);
      const { map, normalMap, roughnessMap, emissiveMap, aoMap } = material as MeshStandardMaterial;
      for (const texture of [map, normalMap, roughnessMap, emissiveMap, aoMap])
        if (texture) this.held.push(texture);
    }
  }

  ownerOf(object: Object3D, index: number | undefined): Item | undefined {
    return this.owners.get(object as InstancedMesh)?.[index ?? -1];
  }

  dispose(): void {
    this.ending.abort();
    for (const one of this.held) one.dispose();
  }
}

const keyOf = ({ item }: AssetPlace): string =>
  `${String(item.shape?.asset)}\n${String(item.shape?.node ?? '')}`;

function grouped(places: AssetPlace[]): Map<string, AssetPlace[]> {
  const out = new Map<string, AssetPlace[]>();
  for (const place of places) out.set(keyOf(place), [...(out.get(keyOf(place)) ?? []), place]);
  return out;
}
