import type { Assets } from './assets';
import type { Anchor } from './labels';
import type { Item } from './model';
import type { World } from './world';

// Where the labels of a scene stand.
export function anchorsOf(items: readonly Item[], world: World, assets: Assets,
  isShown: (item: Item) => boolean): Anchor[] {
  return items.flatMap((item): Anchor[] => {
    const drawn = world.byItem.get(item.id);
    if (drawn)
      return [{
        item, at: drawn.anchor, radius: drawn.sphere.radius,
        shown: () => drawn.shown && item.visible,
      }];
    const place = assets.places.find((one) => one.item === item);
    return place ? [{ item, at: place.sphere.center, radius: 2, shown: () => isShown(item) }] : [];
  });
}
