import {
  BufferAttribute, BufferGeometry, CanvasTexture, Color, LinearFilter, LinearMipmapLinearFilter,
  Mesh, ShaderMaterial, UniformsLib, UniformsUtils, Vector3, type WebGLRenderer,
} from 'three';
import { mixColours, parseColour } from '../model/colour';
import type { Item } from './model';

// The texts that stand in the scene (shape "label"): all in one texture and one draw call. Those of
// face "camera" turn to who looks.
interface Placed { item: Item; x: number; y: number; width: number; height: number; metres: number }

const pixels = 72; // of a line in the texture
const pad = 8;

function textOf(item: Item): { text: string; size: number; fixed: boolean; colour: number } {
  const shape = item.shape ?? { kind: 'label' };
  return {
    text: typeof shape.text === 'string' ? shape.text : '',
    size: typeof shape.size === 'number' ? shape.size : 1,
    fixed: shape.face === 'fixed',
    colour: parseColour(typeof shape.colour === 'string' ? shape.colour : '#2b3138'),
  };
}

const vertexShader = /* glsl */ `
attribute vec2 corner;
attribute float facing;
attribute vec3 tint;
attribute vec2 place;
varying vec2 vPlace;
varying vec3 vTint;
#include <fog_pars_vertex>
void main() {
  vPlace = place;
  vTint = tint;
  vec4 mvPosition = viewMatrix * vec4(position, 1.0);
  mvPosition.xy += corner * facing;
  gl_Position = projectionMatrix * mvPosition;
  gl_Position.z -= 0.00004 * gl_Position.w;
  #include <fog_vertex>
}`;

const fragmentShader = /* glsl */ `
uniform sampler2D letters;
varying vec2 vPlace;
varying vec3 vTint;
#include <common>
#include <fog_pars_fragment>
void main() {
  float alpha = texture2D(letters, vPlace).a * 0.78;
  if (alpha < 0.02) discard;
  gl_FragColor = vec4(vTint, alpha);
  #include <tonemapping_fragment>
  #include <colorspace_fragment>
  #include <fog_fragment>
}`;

export class Signs {
  readonly mesh: Mesh | null = null;
  private readonly items: Item[];
  private texture: CanvasTexture | null = null;

  constructor(items: readonly Item[], renderer: WebGLRenderer) {
    this.items = items.filter((item) => item.shape?.kind === 'label' && textOf(item).text);
    if (this.items.length === 0) return;
    const canvas = document.createElement('canvas');
    const placed = this.arrange(canvas);
    this.texture = new CanvasTexture(canvas);
    this.texture.minFilter = LinearMipmapLinearFilter;
    this.texture.magFilter = LinearFilter;
    this.texture.anisotropy = Math.min(8, renderer.capabilities.getMaxAnisotropy());
    this.mesh = this.build(placed, canvas);
  }

  // In rows of a texture at most 2,048 wide; letters are white, the colour comes later.
  private arrange(canvas: HTMLCanvasElement): Placed[] {
    const font = `600 ${pixels}px ${getComputedStyle(document.body).fontFamily || 'sans-serif'}`;
    const pen = canvas.getContext('2d');
    if (!pen) return [];
    pen.font = font;
    const placed: Placed[] = [];
    const row = pixels * 1.35;
    let [x, y] = [pad, pad];
    for (const item of this.items) {
      const { text, size } = textOf(item);
      const width = Math.min(2000, Math.ceil(pen.measureText(text).width));
      if (x + width + pad > 2048) [x, y] = [pad, y + row + pad];
      // A capital letter is about 0.72 of the font's size.
      placed.push({ item, x, y, width, height: row, metres: size / (pixels * 0.72) });
      x += width + pad * 2;
    }
    canvas.width = 2048;
    canvas.height = Math.min(8192, 2 ** Math.ceil(Math.log2(y + row + pad)));
    pen.font = font;
    pen.fillStyle = '#fff';
    pen.textBaseline = 'middle';
    for (const one of placed)
      pen.fillText(textOf(one.item).text, one.x, one.y + row / 2, one.width);
    return placed;
  }

  private build(placed: Placed[], canvas: HTMLCanvasElement): Mesh {
    const [positions, corners, facings, places, tints, indices] =
      [[], [], [], [], [], []] as number[][] as [number[], number[], number[], number[], number[],
        number[]];
    const at = new Vector3();
    for (const one of placed) {
      const { fixed } = textOf(one.item);
      const w = one.width * one.metres;
      const h = one.height * one.metres;
      const first = positions.length / 3;
      for (const [u, v] of [[0, 0], [1, 0], [1, 1], [0, 1]] as const) {
        const [cx, cy] = [(u - 0.5) * w, v * h - h * 0.23];
        at.set(fixed ? cx : 0, fixed ? cy : 0, 0).applyMatrix4(one.item.world);
        positions.push(at.x, at.y, at.z);
        corners.push(cx, cy);
        facings.push(fixed ? 0 : 1);
        places.push((one.x + u * one.width) / canvas.width,
          1 - (one.y + (1 - v) * one.height) / canvas.height);
        tints.push(0, 0, 0);
      }
      indices.push(first, first + 1, first + 2, first, first + 2, first + 3);
    }
    const geometry = new BufferGeometry();
    const set = (name: string, list: number[], size: number) =>
      geometry.setAttribute(name, new BufferAttribute(new Float32Array(list), size));
    set('position', positions, 3);
    set('corner', corners, 2);
    set('facing', facings, 1);
    set('place', places, 2);
    set('tint', tints, 3);
    geometry.setIndex(indices);
    const uniforms = UniformsUtils.merge([UniformsLib.fog]);
    const mesh = new Mesh(geometry, new ShaderMaterial({
      vertexShader, fragmentShader, transparent: true, depthWrite: false, fog: true, side: 2,
      uniforms: { ...uniforms, letters: { value: this.texture } },
    }));
    mesh.frustumCulled = false;
    mesh.renderOrder = 1;
    return mesh;
  }

  // Dark letters are light ones at dusk.
  apply(dark: boolean): void {
    const tints = this.mesh?.geometry.getAttribute('tint');
    if (!tints) return;
    const colour = new Color();
    this.items.forEach((item, i) => {
      const own = textOf(item).colour;
      colour.setHex(dark ? mixColours(own, 0xd5dde4, 0.75) : own);
      for (let k = 0; k < 4; k += 1) tints.setXYZ(i * 4 + k, colour.r, colour.g, colour.b);
    });
    tints.needsUpdate = true;
  }

  // Only those of layers that are shown.
  show(shown: (item: Item) => boolean): void {
    if (!this.mesh) return;
    const indices: number[] = [];
    this.items.forEach((item, i) => {
      const f = i * 4;
      if (item.visible && shown(item)) indices.push(f, f + 1, f + 2, f, f + 2, f + 3);
    });
    this.mesh.geometry.setIndex(indices);
  }

  dispose(): void {
    this.texture?.dispose();
    this.mesh?.geometry.dispose();
    (this.mesh?.material as ShaderMaterial | undefined)?.dispose();
  }
}
