import type { Schemas } from '~/lib/api';
import type { PointValue, Trust } from '~/lib/live';
import type { CameraLink } from './three/link';

// As the API gives them, in the person's language (model/local.ts).
export type SceneNode = Omit<Schemas['SceneNode'], 'name'> & { name?: string };
export type Scene = Omit<Schemas['Scene'], 'name' | 'description' | 'nodes'>
  & { name?: string; description?: string; nodes?: SceneNode[] };
// The value of one binding at the moment that is shown.
export interface Reading {
  value: PointValue;
  unit?: string;
  trust: Trust;
  quality?: string;
  ageMs?: number;
  change?: number; // how much it differs from what a what-if is compared with, stored unit
}
// Where values come from: live, a moment of the past, a what-if. `read` is cheap (a map look-up)
// and may be called each frame.
export interface ValueSource {
  read: (twin: string, property: string) => Reading | undefined;
  compares?: true; // readings may have a `change`
  subscribe: (listener: () => void) => () => void;   // called at most ten times a second
}
export interface Trouble {
  kind: 'alarm' | 'warn' | 'note';
  text: string;
  ofTrust?: boolean; // that values may not be believed, which is said beside each of them
}
export interface SceneViewProps {
  scene: Scene;
  source: ValueSource;
  // Shown as a badge (shape + colour + text) at the equipment.
  trouble: (node: SceneNode) => Trouble | undefined;
  selected: string | null;          // node id
  onSelect: (id: string | null) => void;
  hiddenLayers: ReadonlySet<string>;
  view: string | null;              // id of scene.views to fly to
  // A node to fly to; a new object is a new wish.
  flyTo: { id: string } | null;
  measure: boolean;                 // measuring tape: two clicks show the distance
  label: string;                    // for aria
  link?: CameraLink | null;         // other scenes that are looked at from the same place
}
