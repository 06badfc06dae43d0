import type { Vector3 } from 'three';

// Two scenes that are looked at from the same place: whoever moves tells the others.
export interface Pose { position: Vector3; target: Vector3; fov: number }

export interface Follower { adopt: (pose: Pose) => void }

export class CameraLink {
  private readonly all = new Set<Follower>();
  private last: Pose | null = null;

  // A scene that joins stands where the others do.
  join(one: Follower): () => void {
    this.all.add(one);
    if (this.last) one.adopt(this.last);
    return () => this.all.delete(one);
  }

  tell(from: Follower, { position, target, fov }: Pose): void {
    this.last = { position: position.clone(), target: target.clone(), fov };
    for (const one of this.all) if (one !== from) one.adopt(this.last);
  }
}
