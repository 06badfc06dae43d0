import { Matrix4, PerspectiveCamera, Sphere, Spherical, Vector3 } from 'three';
import { OrbitControls } from 'three/examples/jsm/controls/OrbitControls.js';
import type { Pose } from './link';
import type { View } from './model';

// How one looks at the scene: mouse and touch by OrbitControls, keys and flights here.
const flightMs = 600;
export const ease = (t: number): number => (t < 0.5 ? 4 * t ** 3 : 1 - (-2 * t + 2) ** 3 / 2);

interface Flight {
  start: number;
  fromAt: Vector3;
  toAt: Vector3;
  fromTarget: Vector3;
  toTarget: Vector3;
  fromFov: number;
  toFov: number;
}

export class CameraMan {
  readonly camera = new PerspectiveCamera(45, 1, 0.5, 4000);
  readonly controls: OrbitControls;
  private flight: Flight | null = null;
  private readonly offset = new Vector3();
  private readonly spherical = new Spherical();
  private readonly stood = new Matrix4();
  private stoodFov = 0;
  calm = false; // reduced motion

  constructor(
    canvas: HTMLElement, private readonly radius: number, private readonly wake: () => void,
  ) {
    this.controls = new OrbitControls(this.camera, canvas);
    Object.assign(this.controls, {
      zoomToCursor: true, dampingFactor: 0.14, screenSpacePanning: false, minDistance: 1.5,
      maxDistance: Math.max(60, radius * 6), maxPolarAngle: Math.PI / 2 - 0.02, zoomSpeed: 1.1,
    });
    this.controls.addEventListener('change', this.wake);
    this.controls.addEventListener('start', this.stop);
  }

  private readonly stop = (): void => {
    this.flight = null;
  };

  setCalm(calm: boolean): void {
    this.calm = calm;
    this.controls.enableDamping = !calm;
  }

  get distance(): number {
    return this.camera.position.distanceTo(this.controls.target);
  }

  get flying(): boolean {
    return this.flight !== null;
  }

  fly(at: Vector3, target: Vector3, fov = this.camera.fov, atOnce = this.calm): void {
    if (atOnce) {
      this.flight = null;
      this.camera.position.copy(at);
      this.controls.target.copy(target);
      this.camera.fov = fov;
      this.camera.updateProjectionMatrix();
      this.controls.update();
    } else
      this.flight = {
        start: performance.now(), fromAt: this.camera.position.clone(), toAt: at.clone(),
        fromTarget: this.controls.target.clone(), toTarget: target.clone(),
        fromFov: this.camera.fov, toFov: fov,
      };
    this.wake();
  }

  toView(view: View, atOnce = this.calm): void {
    this.fly(new Vector3(...view.position), new Vector3(...view.target), view.fov, atOnce);
  }

  // How large a sphere is seen, px of its radius.
  pixelsOf({ radius, center }: Sphere, height: number): number {
    const perRadian = height / (2 * Math.tan((this.camera.fov * Math.PI) / 360));
    return (radius * perRadian) / this.camera.position.distanceTo(center);
  }

  // From where one stands now, but never from below and not too flat.
  toSphere(sphere: Sphere, atOnce = this.calm): void {
    const way = this.offset.subVectors(this.camera.position, this.controls.target);
    this.spherical.setFromVector3(way);
    this.spherical.phi = Math.min(1.1, Math.max(0.35, this.spherical.phi));
    const half = Math.tan((this.camera.fov * Math.PI) / 360);
    this.spherical.radius = Math.max(5, (sphere.radius * 2.4) / half);
    const at = new Vector3().setFromSpherical(this.spherical).add(sphere.center);
    this.fly(at, sphere.center, this.camera.fov, atOnce);
  }

  // Radians about the target; and a factor of the distance.
  orbit(across: number, up: number, zoom = 1): void {
    this.flight = null;
    this.offset.subVectors(this.camera.position, this.controls.target);
    this.spherical.setFromVector3(this.offset);
    this.spherical.theta += across;
    const { maxPolarAngle } = this.controls;
    this.spherical.phi = Math.min(maxPolarAngle, Math.max(0.01, this.spherical.phi + up));
    this.spherical.radius *= zoom;
    this.camera.position.setFromSpherical(this.spherical).add(this.controls.target);
    this.controls.update();
    this.wake();
  }

  get pose(): Pose {
    const { camera, controls } = this;
    return { position: camera.position, target: controls.target, fov: camera.fov };
  }

  // Stands where another does; true where that was a change.
  adopt({ position, target, fov }: Pose): boolean {
    const { camera, controls } = this;
    if (camera.position.equals(position) && controls.target.equals(target) && camera.fov === fov)
      return false;
    this.flight = null;
    camera.position.copy(position);
    controls.target.copy(target);
    camera.fov = fov;
    this.wake();
    return true;
  }

  // True while it moves.
  step(now: number): boolean {
    const { flight, camera, controls } = this;
    if (flight) {
      const t = Math.min(1, (now - flight.start) / flightMs);
      const by = ease(t);
      camera.position.lerpVectors(flight.fromAt, flight.toAt, by);
      controls.target.lerpVectors(flight.fromTarget, flight.toTarget, by);
      camera.fov = flight.fromFov + (flight.toFov - flight.fromFov) * by;
      if (t >= 1) this.flight = null;
    }
    controls.update();
    camera.updateMatrixWorld();
    const moving = flight !== null || !this.stood.equals(camera.matrixWorld)
      || this.stoodFov !== camera.fov;
    if (!moving) return false;
    this.stood.copy(camera.matrixWorld);
    this.stoodFov = camera.fov;
    // As much depth as is needed, so that flat things do not fight.
    const { distance } = this;
    camera.near = Math.min(3, Math.max(0.2, distance * 0.012));
    camera.far = distance * 3 + this.radius * 8;
    camera.updateProjectionMatrix();
    return true;
  }

  resize(width: number, height: number): void {
    this.camera.aspect = width / Math.max(1, height);
    this.camera.updateProjectionMatrix();
  }

  dispose(): void {
    this.controls.removeEventListener('change', this.wake);
    this.controls.removeEventListener('start', this.stop);
    this.controls.dispose();
  }
}
