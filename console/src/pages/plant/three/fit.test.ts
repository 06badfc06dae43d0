import { PerspectiveCamera, Vector3 } from 'three';
import { describe, expect, it } from 'vitest';
import { fitView, type Ball } from './fit';

const view = { id: 'site', position: [16, 112, 206] as [number, number, number],
  target: [38, 0, 22] as [number, number, number], fov: 48 };
const balls: Ball[] = [
  { at: [-90, 0, 0], radius: 6 }, { at: [210, 4, 60], radius: 12 },
  { at: [150, 35, -40], radius: 9 },
  { at: [60, 2, 30], radius: 20 }, { at: [0, 0, -30], radius: 5 },
];
const free = { left: 0.05, right: 0.1, top: 0.2, bottom: 0.1 };

describe('the first view', () => {
  for (const aspect of [1.6, 1.8, 3])
    it(`shows all that has values, as large as can be, at an aspect of ${aspect}`, () => {
      const fitted = fitView(view, balls, aspect, free);
      const camera = new PerspectiveCamera(fitted.fov, aspect, 0.1, 5000);
      camera.position.set(...fitted.position);
      camera.lookAt(new Vector3(...fitted.target));
      camera.updateMatrixWorld();
      const tall = Math.tan((view.fov * Math.PI) / 360);
      // How near each ball comes to each side, as a share of what it may.
      const sides = [0, 0, 0, 0];
      for (const { at, radius } of balls) {
        const p = new Vector3(...at).applyMatrix4(camera.matrixWorldInverse);
        [[-p.x, tall * aspect * (1 - free.left)], [p.x, tall * aspect * (1 - free.right)],
          [-p.y, tall * (1 - free.bottom)], [p.y, tall * (1 - free.top)]].forEach((pair, i) => {
          const [along = 0, slope = 1] = pair;
          sides[i] = Math.max(sides[i] as number,
            (along + radius * Math.hypot(1, slope)) / (-p.z * slope));
        });
      }
      expect(Math.max(...sides)).toBeCloseTo(1, 6);
      // Two sides that face each other are both touched.
      const touched = sides.map((one) => one > 0.999999);
      expect((touched[0] && touched[1]) || (touched[2] && touched[3])).toBe(true);
    });

  it('goes not too far away in a narrow window, and keeps the middle', () => {
    const far = ({ position, target }: typeof view) =>
      new Vector3(...position).distanceTo(new Vector3(...target));
    const narrow = fitView(view, balls, 0.4, free);
    expect(far(narrow)).toBeCloseTo(far(view) * 1.5, 6);
    // The middle is on the ground, and one stands above it.
    const ground = balls.reduce((sum, { at }) => sum + at[1], 0) / balls.length;
    expect(narrow.target[1]).toBeCloseTo(ground, 6);
    expect(narrow.position[1]).toBeGreaterThan(50);
  });

  it('keeps the way and the angle of the view, and the view where there is nothing', () => {
    const { position, target, fov } = fitView(view, balls, 1.6, free);
    const way = new Vector3(...target).sub(new Vector3(...position)).normalize();
    const given = new Vector3(...view.target).sub(new Vector3(...view.position)).normalize();
    expect(way.distanceTo(given)).toBeLessThan(1e-6);
    expect(fov).toBe(48);
    expect(fitView(view, [], 1.6, free)).toBe(view);
  });
});
