import {
  BufferAttribute, BufferGeometry, Group, LineSegments, LineBasicMaterial, Points, PointsMaterial,
  Vector3, type PerspectiveCamera,
} from 'three';
import type { UnitSet } from '~/lib/prefs';
import { convert, formatNumber } from '~/lib/units';
import { words } from './words';
import styles from './scene.module.css';

const length = (metres: number, set: UnitSet): string => {
  const shown = convert(metres, 'm', set);
  return `${formatNumber(shown.value, 2)} ${shown.unit}`;
};

// The distance, and where it is not level or upright, both parts of it.
export function tapeText(a: Vector3, b: Vector3, set: UnitSet): string {
  const up = Math.abs(b.y - a.y);
  const flat = Math.hypot(b.x - a.x, b.z - a.z);
  const all = length(a.distanceTo(b), set);
  if (up < 0.05 || flat < 0.05) return all;
  return `${all} (${words.now('apart', { flat: length(flat, set), up: length(up, set) })})`;
}

// The measuring tape: two clicks, one line, one text; a third click begins anew.
export class Tape {
  readonly group = new Group();
  private readonly ends: Vector3[] = [];
  private readonly label = document.createElement('div');
  private readonly geometry = new BufferGeometry();
  private readonly line = new LineBasicMaterial({ depthTest: false, transparent: true });
  private readonly dots = new PointsMaterial({
    size: 7, sizeAttenuation: false, depthTest: false, transparent: true,
  });
  private readonly middle = new Vector3();
  active = false;

  constructor(root: HTMLElement, private readonly set: () => UnitSet) {
    this.geometry.setAttribute('position', new BufferAttribute(new Float32Array(6), 3));
    const line = new LineSegments(this.geometry, this.line);
    const dots = new Points(this.geometry, this.dots);
    for (const one of [line, dots]) {
      one.frustumCulled = false;
      one.renderOrder = 200;
      this.group.add(one);
    }
    this.label.className = styles.tape ?? '';
    root.append(this.label);
    this.show();
  }

  setActive(active: boolean): void {
    this.active = active;
    this.clear();
  }

  setColour(hex: number): void {
    this.line.color.setHex(hex);
    this.dots.color.setHex(hex);
  }

  clear(): void {
    this.ends.length = 0;
    this.show();
  }

  add(point: Vector3): void {
    if (this.ends.length === 2) this.ends.length = 0;
    this.ends.push(point.clone());
    this.show();
  }

  private show(): void {
    const [a, b] = this.ends;
    const at = this.geometry.getAttribute('position');
    if (a) {
      a.toArray(at.array, 0);
      (b ?? a).toArray(at.array, 3);
      at.needsUpdate = true;
    }
    this.group.visible = this.active && a !== undefined;
    this.label.style.display = this.active ? '' : 'none';
    this.label.textContent = a && b ? tapeText(a, b, this.set())
      : words.now(a ? 'tapeSecond' : 'tape');
    this.label.classList.toggle(styles.hint ?? 'hint', !(a && b));
    if (!(a && b)) this.label.style.transform = '';
  }

  follow(camera: PerspectiveCamera, width: number, height: number): void {
    const [a, b] = this.ends;
    if (!this.active || !a || !b) return;
    this.middle.addVectors(a, b).multiplyScalar(0.5).project(camera);
    const x = Math.round(((this.middle.x + 1) / 2) * width);
    const y = Math.round(((1 - this.middle.y) / 2) * height);
    this.label.style.transform = `translate(${x}px,${y}px) translate(-50%,-140%)`;
  }

  dispose(): void {
    this.label.remove();
    this.geometry.dispose();
    this.line.dispose();
    this.dots.dispose();
  }
}
