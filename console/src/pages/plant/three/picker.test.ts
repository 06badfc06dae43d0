import { Ray, Vector3 } from 'three';
import { describe, expect, it } from 'vitest';
import { boxMesh } from './mesh';
import { meet } from './picker';

describe('picking', () => {
  const box = boxMesh(2, 2, 2);
  const ray = (from: number[], way: number[]) =>
    new Ray(new Vector3().fromArray(from), new Vector3().fromArray(way).normalize());

  it('finds the nearest place in front', () => {
    const at = meet(ray([0, 1, 10], [0, 0, -1]), box, false, new Vector3());
    expect(at?.toArray()).toEqual([0, 1, 1]);
  });

  it('finds nothing beside it, behind it, or from inside', () => {
    expect(meet(ray([5, 1, 10], [0, 0, -1]), box, false, new Vector3())).toBeNull();
    expect(meet(ray([0, 1, 10], [0, 0, 1]), box, false, new Vector3())).toBeNull();
    expect(meet(ray([0, 1, 0], [0, 0, -1]), box, false, new Vector3())).toBeNull();
    expect(meet(ray([0, 1, 0], [0, 0, -1]), box, true, new Vector3())).not.toBeNull();
  });
});
