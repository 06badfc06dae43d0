import { Vector3 } from 'three';
import { describe, expect, it } from 'vitest';
import { CameraLink, type Pose } from './link';

const pose = (x: number): Pose =>
  ({ position: new Vector3(x, 2, 3), target: new Vector3(), fov: 45 });

describe('linked cameras', () => {
  it('follow each other, but never themselves', () => {
    const link = new CameraLink();
    const [a, b] = [[], []] as [number[], number[]];
    const first = { adopt: (to: Pose) => void a.push(to.position.x) };
    const second = { adopt: (to: Pose) => void b.push(to.position.x) };
    link.join(first);
    const leave = link.join(second);
    link.tell(first, pose(1));
    link.tell(second, pose(2));
    expect([a, b]).toEqual([[2], [1]]);
    leave();
    link.tell(first, pose(3));
    expect(b).toEqual([1]);
    // Who joins again stands where the other does.
    link.join(second);
    expect(b).toEqual([1, 3]);
  });
});
