import { Sphere, type Scene as Objects } from 'three';
import type { Assets } from './assets';
import type { Item } from './model';
import { Outline } from './outline';
import type { Drawn, World } from './world';

// What is selected and what is under the pointer: their outlines and where they are.
export class Focus {
  selected: string | null = null;
  hovered: string | null = null;
  private readonly chosen = new Outline(1, 2.5);
  private readonly hover = new Outline(2, 1.5);

  constructor(
    private readonly world: World, private readonly assets: Assets, objects: Objects,
  ) {
    objects.add(this.chosen.group, this.hover.group);
  }

  resize(width: number, height: number): void {
    this.chosen.screen.set(width, height);
    this.hover.screen.set(width, height);
  }

  draw(accent: number): void {
    const of = (id: string | null) => (id === null ? [] : this.drawnOf(id));
    this.chosen.set(of(this.selected), accent);
    this.hover.set(this.hovered === this.selected ? [] : of(this.hovered), accent);
  }

  // The node's own shape, or those of all below it where it is a group.
  private drawnOf(id: string): Drawn[] {
    const own = this.world.byItem.get(id);
    if (own) return [own];
    const below = (item: Item | null): boolean =>
      item !== null && (item.id === id || below(item.parent));
    return this.world.drawn.filter(({ item }) => below(item.parent));
  }

  sphereOf(id: string): Sphere | null {
    const place = this.assets.places.find(({ item }) => item.id === id);
    if (place) return place.sphere;
    const [first, ...rest] = this.drawnOf(id).map(({ sphere }) => sphere);
    return first ? rest.reduce((sum, one) => sum.union(one), first.clone()) : null;
  }

  dispose(): void {
    this.chosen.dispose();
    this.hover.dispose();
  }
}
