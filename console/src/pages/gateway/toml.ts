import { emptyTag, type Group, type SettingValue, type Tag } from './model';

// Devices as files of devices.d take them (docs/gateway.md): what is as usual is left out.
export interface DeviceSpec {
  name: string;
  driver: string;
  description?: string;
  enabled?: boolean;
  settings?: Record<string, SettingValue>;
  groups?: Group[];
}

function value(of: SettingValue): string {
  if (Array.isArray(of)) return `[${of.map(value).join(', ')}]`;
  if (typeof of !== 'string') return String(of);
  // JSON's escapes are TOML's too, but for DEL.
  return JSON.stringify(of).replaceAll('\u007f', '\\u007f');
}

const key = (name: string): string => (/^[A-Za-z0-9_-]+$/.test(name) ? name : value(name));

const tagLines = (tag: Tag): string[] => [
  '[[groups.tags]]',
  ...(Object.keys(emptyTag) as (keyof Tag)[]).flatMap((name) => {
    const is = tag[name];
    const always = name === 'name' || name === 'address' || name === 'type';
    return is === null || is === undefined || (!always && is === emptyTag[name])
      ? [] : [`${name} = ${value(is)}`];
  }),
  '',
];

export function deviceToml(device: DeviceSpec): string {
  const lines = [`name = ${value(device.name)}`, `driver = ${value(device.driver)}`];
  if (device.description) lines.push(`description = ${value(device.description)}`);
  if (device.enabled === false) lines.push('enabled = false');
  lines.push('', '[settings]');
  for (const [name, is] of Object.entries(device.settings ?? {}))
    lines.push(`${key(name)} = ${value(is)}`);
  lines.push('');
  for (const group of device.groups ?? []) {
    lines.push('[[groups]]', `name = ${value(group.name)}`, `interval_ms = ${group.interval_ms}`,
      '', ...group.tags.flatMap(tagLines));
  }
  return lines.join('\n');
}

// One text for all; a file of devices.d holds one device, and the marks say where to cut.
export const devicesToml = (devices: DeviceSpec[]): string => devices
  .map((device) => `# file: ${device.name.replaceAll('/', '_')}.toml\n${deviceToml(device)}`)
  .join('\n');
