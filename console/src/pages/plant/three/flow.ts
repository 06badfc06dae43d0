import {
  BufferAttribute, BufferGeometry, Color, DataTexture, DoubleSide, FloatType, Mesh, NearestFilter,
  RGBAFormat, ShaderMaterial, UniformsLib, UniformsUtils, Vector3,
} from 'three';
import type { Drawn } from './world';

// Marks that move along pipes, rivers and arrows: one draw call for all of them. Each carrier has a
// texel with the phase, the strength and the direction of its marks; moving them is adding to it.
// Marks stand further apart from far, so that they stay marks and never shimmer.
export const markSpan = 1024; // the phase wraps here: all distances between marks divide it

// The next phase of a flow; v in m/s as it is shown. Never so far at once that the eye takes the
// next mark for this one, which then seems to flow back.
export function nextPhase(phase: number, v: number, seconds: number, base: number): number {
  const span = base * markSpan;
  const most = base * 0.4;
  const next = (phase + Math.max(-most, Math.min(most, v * seconds))) % span;
  return next < 0 ? next + span : next;
}

// The whole site is seen from afar as in a time lapse, so that the eye sees the direction; from
// near it is true. The same for all, so what is twice as fast looks so.
export const lapseOf = (distance: number): number =>
  Math.min(14, Math.max(1.5, distance / 18));

const vertexShader = /* glsl */ `
attribute float along;
attribute float around;
attribute float slot;
attribute float base;
uniform sampler2D states;
varying float vAlong;
varying float vAround;
varying float vBase;
varying vec4 vState;
#include <fog_pars_vertex>
void main() {
  int width = textureSize(states, 0).x;
  int i = int(slot + 0.5);
  vState = texelFetch(states, ivec2(i % width, i / width), 0);
  vAlong = along;
  vAround = around;
  vBase = base;
  vec4 mvPosition = viewMatrix * vec4(position, 1.0);
  gl_Position = projectionMatrix * mvPosition;
  // Nearer to the eye by a hair, so that the pipe itself does not fight with it.
  gl_Position.z -= 0.00006 * gl_Position.w;
  if (vState.y <= 0.0) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
  #include <fog_vertex>
}`;

// x phase (m), y strength (0 to 1), z direction (-1, 1).
const fragmentShader = /* glsl */ `
uniform vec3 colour;
varying float vAlong;
varying float vAround;
varying float vBase;
varying vec4 vState;
#include <common>
#include <fog_pars_fragment>
float mark(float spacing) {
  // Four points of an arrow around, so that one is seen from every side.
  float v = abs(fract(vAround * 4.0) - 0.5) * 2.0;
  float lead = v * vBase * 0.55 * vState.z;
  float x = fract((vAlong + lead - vState.x) / spacing);
  float soft = fwidth((vAlong - vState.x) / spacing) * 1.2 + 0.01;
  float wide = 0.3;
  return smoothstep(0.0, soft, x) * (1.0 - smoothstep(wide, wide + soft, x));
}
void main() {
  float metre = fwidth(vAlong);
  float wanted = max(1.0, metre * 13.0 / vBase);
  float step = log2(wanted);
  float low = floor(step);
  float blend = smoothstep(0.35, 0.65, step - low);
  float spacing = vBase * exp2(low);
  float alpha = mix(mark(spacing), mark(spacing * 2.0), blend) * vState.y;
  if (alpha < 0.01) discard;
  gl_FragColor = vec4(colour, alpha);
  #include <tonemapping_fragment>
  #include <colorspace_fragment>
  #include <fog_fragment>
}`;

export interface Carrier {
  drawn: Drawn;
  slot: number;
  base: number; // m between marks from near
  v: number; // m/s, by the value
}

export class FlowMarks {
  readonly mesh: Mesh | null;
  readonly carriers: Carrier[] = [];
  private readonly states: Float32Array;
  private readonly texture: DataTexture;

  constructor(drawn: readonly Drawn[]) {
    for (const one of drawn)
      if (one.model.flow && one.item.bindings.some(({ kind }) => kind === 'flow'))
        this.carriers.push({ drawn: one, slot: this.carriers.length, base: baseOf(one), v: 0 });
    const width = 64;
    const height = Math.max(1, Math.ceil(this.carriers.length / width));
    this.states = new Float32Array(width * height * 4);
    this.texture = new DataTexture(this.states, width, height, RGBAFormat, FloatType);
    this.texture.minFilter = NearestFilter;
    this.texture.magFilter = NearestFilter;
    this.texture.needsUpdate = true;
    this.mesh = this.carriers.length > 0 ? this.build() : null;
  }

  private build(): Mesh {
    const positions: number[] = [];
    const [along, around, slots, bases, indices] = [[], [], [], [], []] as
      [number[], number[], number[], number[], number[]];
    const at = new Vector3();
    for (const { drawn, slot, base } of this.carriers) {
      const skin = drawn.model.flow;
      if (!skin) continue;
      const first = positions.length / 3;
      for (let i = 0; i < skin.along.length; i += 1) {
        at.fromArray(skin.mesh.positions, i * 3).applyMatrix4(drawn.item.world);
        positions.push(at.x, at.y, at.z);
        along.push(skin.along[i] ?? 0);
        around.push(skin.around[i] ?? 0);
        slots.push(slot);
        bases.push(base);
      }
      for (const index of skin.mesh.indices) indices.push(first + index);
    }
    const geometry = new BufferGeometry();
    const set = (name: string, list: number[], size: number) =>
      geometry.setAttribute(name, new BufferAttribute(new Float32Array(list), size));
    set('position', positions, 3);
    set('along', along, 1);
    set('around', around, 1);
    set('slot', slots, 1);
    set('base', bases, 1);
    geometry.setIndex(new BufferAttribute(new Uint32Array(indices), 1));
    const uniforms = UniformsUtils.merge([UniformsLib.fog, { colour: { value: new Color() } }]);
    const material = new ShaderMaterial({
      vertexShader, fragmentShader, transparent: true, depthWrite: false, fog: true,
      side: DoubleSide, uniforms: { ...uniforms, states: { value: this.texture } },
    });
    const mesh = new Mesh(geometry, material);
    mesh.frustumCulled = false;
    mesh.renderOrder = 2;
    return mesh;
  }

  setColour(hex: number): void {
    if (this.mesh) (this.mesh.material as ShaderMaterial).uniforms.colour?.value.setHex(hex);
  }

  set(carrier: Carrier, v: number): void {
    carrier.v = v;
    this.strength(carrier);
  }

  // No marks where nothing flows; faint ones where little does.
  strength(carrier: Carrier): void {
    const size = Math.abs(carrier.v);
    const shown = carrier.drawn.shown && carrier.drawn.item.visible && size > 0.003;
    this.states[carrier.slot * 4 + 1] = shown ? Math.min(0.75, 0.36 + size * 0.3) : 0;
    this.states[carrier.slot * 4 + 2] = carrier.v < 0 ? -1 : 1;
    this.texture.needsUpdate = true;
  }

  anyMoves(inView: (drawn: Drawn) => boolean): boolean {
    for (const { v, drawn } of this.carriers)
      if (v !== 0 && drawn.shown && inView(drawn)) return true;
    return false;
  }

  strengthOf(carrier: Carrier): number {
    return this.states[carrier.slot * 4 + 1] ?? 0;
  }

  move(seconds: number, lapse: number): void {
    for (const carrier of this.carriers) {
      if (carrier.v === 0) continue;
      const i = carrier.slot * 4;
      this.states[i] = nextPhase(this.states[i] ?? 0, carrier.v * lapse, seconds, carrier.base);
    }
    this.texture.needsUpdate = true;
  }

  dispose(): void {
    this.texture.dispose();
    this.mesh?.geometry.dispose();
    (this.mesh?.material as ShaderMaterial | undefined)?.dispose();
  }
}

function baseOf(drawn: Drawn): number {
  const shape = drawn.item.shape;
  const wide = shape?.kind === 'river' ? Number(shape.width ?? 20) * 0.25
    : Number(shape?.diameter ?? 0.5);
  return Math.max(0.4, wide * 2.4);
}
