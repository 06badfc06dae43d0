import { describe, expect, it } from 'vitest';
import { timeLabels } from './chart/ticks';
import { relativeFrom, timeText } from './state';
import { fromZone, inZone } from './zone';

describe('wall clocks of a zone', () => {
  it('go there and back, in summer and winter', () => {
    for (const zone of ['UTC', 'Asia/Shanghai', 'Europe/Berlin', 'America/St_Johns'])
      for (const text of ['2026-01-15T08:30:00Z', '2026-07-15T23:59:59Z']) {
        const time = Date.parse(text);
        expect(fromZone(inZone(time, zone), zone)).toBe(time);
      }
    expect(inZone(Date.parse('2026-01-15T20:00:00Z'), 'Asia/Shanghai')).toBe('2026-01-16T04:00:00');
    expect(fromZone('nonsense', 'UTC')).toBeNaN();
  });

  it('have the day below the first label and where it begins', () => {
    const day = Date.parse('2026-03-01T00:00:00Z');
    const hours = [22, 23, 24, 25].map((hour) => day + hour * 3600e3);
    expect(timeLabels(hours, 3600e3, 'UTC')).toEqual(
      ['22:00\n1 Mar', '23:00', '00:00\n2 Mar', '01:00']);
  });
});

describe('windows in the address', () => {
  it('are written short', () => {
    expect(relativeFrom(7_200_000)).toBe('now-2h');
    expect(relativeFrom(172_800_000)).toBe('now-2d');
    expect(relativeFrom(90_000)).toBe('now-90s');
    expect(timeText(Date.parse('2026-01-01T00:00:00Z'))).toBe('2026-01-01T00:00:00Z');
  });
});
