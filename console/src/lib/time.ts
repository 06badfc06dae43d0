import { usePrefs } from './prefs';
import { languageNow } from './words';

// Times are epoch milliseconds (number) in the page; the server's are RFC 3339 text.
export const parseTime = (text: string | null | undefined): number =>
  text ? Date.parse(text.replace(/(\.\d{3})\d+/, '$1')) : NaN;

const units: Record<string, number> = {
  ms: 1, s: 1e3, m: 60e3, h: 3600e3, d: 86400e3, w: 604800e3,
};

// "now", "now-6h", RFC 3339 or epoch milliseconds; NaN for anything else.
export function resolveTime(text: string, now: number): number {
  const relative = /^now(?:([+-])(\d+(?:\.\d+)?)(ms|s|m|h|d|w))?$/.exec(text);
  if (relative) {
    const [, sign, count, unit] = relative;
    if (!sign || !count || !unit) return now;
    return now + (sign === '-' ? -1 : 1) * Number(count) * (units[unit] ?? NaN);
  }
  return /^\d{10,}$/.test(text) ? Number(text) : parseTime(text);
}

const known = new Map<string, boolean>([['browser', true]]);
// A zone that this browser does not have (one that the server knows, a mistyped one) must not
// break the page: the browser's is taken then, and its name shown.
export function usableZone(zone: string): string {
  let good = known.get(zone);
  if (good === undefined) {
    try {
      new Intl.DateTimeFormat('en', { timeZone: zone });
      good = true;
    } catch {
      good = false;
    }
    known.set(zone, good);
  }
  return good ? zone : 'browser';
}

export const zoneOf = (zone: string): string =>
  usableZone(zone) === 'browser' ? Intl.DateTimeFormat().resolvedOptions().timeZone : zone;

const cache = new Map<string, Intl.DateTimeFormat>();
function formatter(zone: string, style: TimeStyle): Intl.DateTimeFormat {
  // Not day/month/year: half of the readers would take 03/04 for another day. Swedish has the
  // order of ISO 8601.
  const language = languageNow() === 'zh' ? 'zh-CN' : 'sv-SE';
  const key = `${language} ${zone} ${style}`;
  let found = cache.get(key);
  if (!found) {
    const place = usableZone(zone);
    found = new Intl.DateTimeFormat(language, {
      timeZone: place === 'browser' ? undefined : place, hourCycle: 'h23', ...styles[style],
    });
    cache.set(key, found);
  }
  return found;
}

export type TimeStyle = 'clock' | 'minute' | 'full' | 'date' | 'ms';
const styles: Record<TimeStyle, Intl.DateTimeFormatOptions> = {
  clock: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
  minute: { hour: '2-digit', minute: '2-digit' },
  full: {
    year: 'numeric', month: '2-digit', day: '2-digit',
    hour: '2-digit', minute: '2-digit', second: '2-digit',
  },
  date: { year: 'numeric', month: '2-digit', day: '2-digit' },
  ms: {
    year: 'numeric', month: '2-digit', day: '2-digit',
    hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3,
  },
};

export function formatTime(time: number, style: TimeStyle, zone: string): string {
  if (!Number.isFinite(time)) return '–';
  const text = formatter(zone, style).format(time);
  return style === 'ms' ? text.replace(',', '.') : text;
}

// "3 s", "12 min", "4 h": how long, roughly.
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  const zh = languageNow() === 'zh';
  const size = Math.abs(ms);
  if (size < 1000) return `${Math.round(ms)} ${zh ? '毫秒' : 'ms'}`;
  if (size < 100e3) return `${Math.round(ms / 1e3)} ${zh ? '秒' : 's'}`;
  if (size < 100 * 60e3) return `${Math.round(ms / 60e3)} ${zh ? '分钟' : 'min'}`;
  if (size < 48 * 3600e3) return `${Math.round(ms / 3600e3)} ${zh ? '小时' : 'h'}`;
  return `${Math.round(ms / 86400e3)} ${zh ? '天' : 'd'}`;
}

export const useZone = (): string => usePrefs((prefs) => usableZone(prefs.zone));
