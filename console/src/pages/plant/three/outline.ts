import {
  AlwaysStencilFunc, BufferAttribute, BufferGeometry, Color, Group, KeepStencilOp, Mesh,
  MeshBasicMaterial, NotEqualStencilFunc, ReplaceStencilOp, ShaderMaterial, Vector2, Vector3,
} from 'three';
import { Mesh as Triangles } from './mesh';
import type { Drawn } from './world';

// The outline of what is selected or under the pointer: first its shape into the stencil, then the
// same a few pixels larger around it. It is seen through what stands before it.
const vertexShader = /* glsl */ `
uniform vec2 screen;
uniform float wide;
void main() {
  vec4 at = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
  vec3 n = normalize(normalMatrix * normal);
  vec2 way = (projectionMatrix * vec4(n, 0.0)).xy;
  float size = length(way);
  if (size > 1e-6) at.xy += way / size * wide * 2.0 / screen * at.w;
  gl_Position = at;
}`;

// One normal a place, so that the larger shape has no gaps at its edges.
function rounded(mesh: Triangles): BufferGeometry {
  const sums = new Map<string, Vector3>();
  const keyAt = (i: number) => [0, 1, 2]
    .map((k) => Math.round((mesh.positions[3 * i + k] ?? 0) * 1000)).join();
  const normal = new Vector3();
  for (let i = 0; i < mesh.vertices; i += 1) {
    normal.fromArray(mesh.normals, 3 * i);
    const sum = sums.get(keyAt(i));
    if (sum) sum.add(normal);
    else sums.set(keyAt(i), normal.clone());
  }
  const normals = new Float32Array(mesh.normals.length);
  for (let i = 0; i < mesh.vertices; i += 1)
    (sums.get(keyAt(i)) as Vector3).toArray(normals, 3 * i);
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new BufferAttribute(new Float32Array(mesh.positions), 3));
  geometry.setAttribute('normal', new BufferAttribute(normals, 3));
  geometry.setIndex(mesh.indices);
  return geometry;
}

export class Outline {
  readonly group = new Group();
  private readonly mask: MeshBasicMaterial;
  private readonly line: ShaderMaterial;
  readonly screen = new Vector2(1, 1);
  private geometries: BufferGeometry[] = [];

  constructor(reference: number, wide: number) {
    const common = {
      depthTest: false, depthWrite: false, stencilWrite: true, stencilRef: reference,
    };
    this.mask = new MeshBasicMaterial({
      ...common, colorWrite: false, stencilFunc: AlwaysStencilFunc, stencilZPass: ReplaceStencilOp,
      side: 2,
    });
    this.line = new ShaderMaterial({
      ...common, vertexShader, stencilFunc: NotEqualStencilFunc, stencilZPass: KeepStencilOp,
      side: 2, transparent: true,
      uniforms: {
        colour: { value: new Color() }, wide: { value: wide }, screen: { value: this.screen },
      },
      fragmentShader: 'uniform vec3 colour; void main() { gl_FragColor = vec4(colour, 1.0);\n' +
        '#include <colorspace_fragment>\n}',
    });
  }

  set(list: readonly Drawn[], hex: number): void {
    this.clear();
    this.line.uniforms.colour?.value.setHex(hex);
    for (const drawn of list) {
      const all = new Triangles();
      for (const { mesh } of drawn.model.body) all.add(mesh);
      for (const { mesh } of drawn.model.rotor)
        all.add(mesh.copy().moved(...drawn.model.rotorAt));
      const geometry = rounded(all);
      this.geometries.push(geometry);
      for (const [material, order] of [[this.mask, 100], [this.line, 101]] as const) {
        const mesh = new Mesh(geometry, material);
        mesh.matrixAutoUpdate = false;
        mesh.matrix.copy(drawn.item.world);
        mesh.matrixWorldNeedsUpdate = true;
        mesh.renderOrder = order;
        this.group.add(mesh);
      }
    }
  }

  clear(): void {
    this.group.clear();
    for (const one of this.geometries) one.dispose();
    this.geometries = [];
  }

  dispose(): void {
    this.clear();
    this.mask.dispose();
    this.line.dispose();
  }
}
