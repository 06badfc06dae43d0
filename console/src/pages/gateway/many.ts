import type { Device, Group, Tag } from './model';

// One change of many tags: members that are not given stay as they are; `group` moves them.
export interface TagChange {
  group?: string;
  access?: string;
  scale?: number;
  offset?: number;
  precision?: number;
  deadband?: number;
  unit?: string;
}

// What PUT takes of a device, so that a change of many tags is one, and can be taken back whole.
export const specOfDevice = (
  { name, driver, description, enabled, settings, groups }: Device,
): Pick<Device, 'name' | 'driver' | 'description' | 'enabled' | 'settings' | 'groups'> =>
  ({ name, driver, description, enabled, settings, groups });

export const tagKey = (group: string, tag: string): string => `${group}\n${tag}`;

// The device's groups with the chosen tags changed, or without them.
export function changeTags(
  groups: Group[], chosen: ReadonlySet<string>, change: TagChange | 'remove',
): Group[] {
  const moved: Tag[] = [];
  const to = change === 'remove' ? undefined : change.group;
  const next = groups.map((group) => ({
    ...group,
    tags: group.tags.flatMap((tag) => {
      if (!chosen.has(tagKey(group.name, tag.name))) return [tag];
      if (change === 'remove') return [];
      const { group: _, ...members } = change;
      const changed = { ...tag, ...members };
      if (to === undefined || to === group.name) return [changed];
      moved.push(changed);
      return [];
    }),
  }));
  if (moved.length === 0 || to === undefined) return next;
  return next.some((group) => group.name === to)
    ? next.map((group) => (group.name === to
      ? { ...group, tags: [...group.tags, ...moved] } : group))
    : [...next, { name: to, interval_ms: 1000, tags: moved }];
}

export interface TagChangeDraft {
  group: string;
  access: string;
  unit: string;
  clearUnit: boolean;
  numbers: Record<'scale' | 'offset' | 'precision' | 'deadband', string>;
}

export const emptyChange: TagChangeDraft = {
  group: '', access: '', unit: '', clearUnit: false,
  numbers: { scale: '', offset: '', precision: '', deadband: '' },
};

// What was filled in; null where a number is none.
export function changeOf(draft: TagChangeDraft): TagChange | null {
  const change: TagChange = {};
  if (draft.group.trim()) change.group = draft.group.trim();
  if (draft.access) change.access = draft.access;
  if (draft.clearUnit) change.unit = '';
  else if (draft.unit.trim()) change.unit = draft.unit.trim();
  for (const [name, text] of Object.entries(draft.numbers)) {
    if (!text.trim()) continue;
    const value = Number(text);
    if (!Number.isFinite(value)) return null;
    change[name as keyof TagChangeDraft['numbers']] = value;
  }
  return change;
}

// The settings that differ between devices that are alike, as far as a driver has them.
const own = ['host', 'port', 'path', 'address', 'device'];

// A device as a template: where its link leads becomes a parameter, with its own as the default.
export function templateOf(device: Device) {
  const parameters = own.filter((name) => device.settings[name] !== undefined).slice(0, 2)
    .map((name) => ({ name, description: '', default: String(device.settings[name]) }));
  return {
    name: device.name.slice(device.name.lastIndexOf('/') + 1), description: device.description,
    parameters,
    device: {
      driver: device.driver,
      settings: { ...device.settings,
        ...Object.fromEntries(parameters.map(({ name }) => [name, `\${${name}}`])) },
      // Points of its own would be the same in each device.
      groups: device.groups.map((group) => ({
        ...group, tags: group.tags.map((tag) => ({ ...tag, point: '' })) })),
    },
  };
}
