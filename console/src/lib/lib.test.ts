import { describe, expect, it } from 'vitest';
import { query, seg } from './api';
import { formatDuration, parseTime, resolveTime } from './time';
import { convert, convertBack, formatNumber } from './units';

describe('units', () => {
  it('are written for people', () => {
    expect(convert(3, 'm3/h', 'si')).toEqual({ value: 3, unit: 'm³/h' });
    expect(convert(3, '1', 'si').unit).toBe('');
    expect(convert(3, 'furlong', 'us')).toEqual({ value: 3, unit: 'furlong' });
  });
  it('convert to US and back', () => {
    expect(convert(1, 'l/s', 'us').value).toBeCloseTo(15.8503, 3);
    expect(convert(1, 'L/s', 'us').unit).toBe('gpm');
    expect(convert(20, 'degC', 'us')).toEqual({ value: 68, unit: '°F' });
    expect(convert(1, 'bar', 'us').value).toBeCloseTo(14.5038, 3);
    for (const unit of ['l/s', 'm3', 'degC', 'bar', 'kW', 'kWh/m3', 'm'])
      expect(convertBack(convert(12.5, unit, 'us').value, unit, 'us')).toBeCloseTo(12.5, 9);
  });
  it('show figures that matter', () => {
    expect(formatNumber(1234.56)).toBe('1,235');
    expect(formatNumber(0.12345)).toBe('0.123');
    expect(formatNumber(-3.5)).toBe('−3.5');
    expect(formatNumber(NaN)).toBe('NaN');
    expect(formatNumber(2, 2)).toBe('2.00');
  });
});

describe('time', () => {
  it('reads what a URL may hold', () => {
    expect(resolveTime('now', 1000)).toBe(1000);
    expect(resolveTime('now-6h', 6 * 3600e3)).toBe(0);
    expect(resolveTime('1795739210661', 0)).toBe(1795739210661);
    expect(resolveTime('2026-11-27T00:00:00Z', 0)).toBe(Date.UTC(2026, 10, 27));
    expect(resolveTime('yesterday', 0)).toBeNaN();
  });
  it('reads nanoseconds', () =>
    expect(parseTime('2026-11-27T00:34:49.975511042Z')).toBe(
      Date.UTC(2026, 10, 27, 0, 34, 49, 975)));
  it('writes durations', () => {
    expect(formatDuration(3000)).toBe('3 s');
    expect(formatDuration(7200e3)).toBe('2 h');
  });
});

describe('addresses', () => {
  it('keep slashes of names', () => expect(seg('a/b c')).toBe('a%2Fb%20c'));
  it('leave out what is not there', () =>
    expect(query({ a: 1, b: undefined, c: '', d: ['x', 'y'] })).toBe('?a=1&d=x&d=y'));
});
