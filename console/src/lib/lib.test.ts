import { afterEach, describe, expect, it } from 'vitest';
import { query, seg } from './api';
import { formatDuration, formatTime, parseTime, resolveTime, usableZone, zoneOf } from './time';
import { convert, convertBack, convertDelta, formatNumber } from './units';
import { setLanguage } from './words';

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
  it('are found in any spelling', () => {
    expect(convert(10, 'ML/d', 'us')).toEqual({ value: expect.closeTo(2.6417, 4), unit: 'MGD' });
    expect(convert(1, 'm³/h', 'us').unit).toBe('gpm');
    expect(convert(1, 'µS/cm', 'us')).toEqual({ value: 1, unit: 'µS/cm' });
    expect(convert(1, 'μS/cm', 'si').unit).toBe('µS/cm');
    expect(convert(4, 'mmol/L', 'si').unit).toBe('mmol/L');
    expect(convert(9.80665, 'kPa/m', 'us').value).toBeCloseTo(0.43353, 5);
    expect(convert(1, 'm3/h/m2', 'us').value).toBeCloseTo(0.40901, 4);
  });
  it('of differences have no offset', () => {
    expect(convertDelta(10, 'degC', 'us')).toEqual({ value: 18, unit: '°F' });
    expect(convertDelta(10, 'degC', 'si')).toEqual({ value: 10, unit: '°C' });
    expect(convertDelta(-1, 'm', 'us').value).toBeCloseTo(-3.28084, 4);
    expect(convert(3, 'degC/h', 'us')).toEqual({ value: expect.closeTo(5.4), unit: '°F/h' });
  });
  it('never write a small number as none', () => {
    expect(formatNumber(0.000234)).toBe('0.000234');
    expect(formatNumber(0.00512)).toBe('0.00512');
    expect(formatNumber(-0.0000001)).toBe('−1E−7');
    expect(formatNumber(6.02e23)).toBe('6.02E23');
    expect(formatNumber(0)).toBe('0');
    expect(formatNumber(-0)).toBe('0');
    expect(formatNumber(-0.001, 2)).toBe('0.00');
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
  it('is written in one order, in any zone', () => {
    const time = Date.UTC(2026, 3, 3, 20, 5, 7, 89);
    expect(formatTime(time, 'full', 'UTC')).toBe('2026-04-03 20:05:07');
    expect(formatTime(time, 'ms', 'UTC')).toBe('2026-04-03 20:05:07.089');
    expect(formatTime(time, 'minute', 'Asia/Kolkata')).toBe('01:35');
    expect(formatTime(time, 'date', 'Australia/Adelaide')).toBe('2026-04-04');
    expect(formatTime(time, 'clock', 'Asia/Kathmandu')).toBe('01:50:07');
    expect(formatTime(NaN, 'full', 'UTC')).toBe('–');
  });
  it('knows summer from winter', () => {
    const before = Date.UTC(2026, 9, 25, 0, 30);
    expect(formatTime(before, 'minute', 'Europe/London')).toBe('01:30');
    expect(formatTime(before + 3600e3, 'minute', 'Europe/London')).toBe('01:30');
    expect(formatTime(before + 7200e3, 'minute', 'Europe/London')).toBe('02:30');
  });
  it('of a zone that is not known here is that of the browser', () => {
    expect(usableZone('Mars/Olympus')).toBe('browser');
    expect(zoneOf('Mars/Olympus')).toBe(zoneOf('browser'));
    expect(formatTime(0, 'full', 'Mars/Olympus')).toBe(formatTime(0, 'full', 'browser'));
  });
  describe('in Chinese', () => {
    afterEach(() => setLanguage('en'));
    it('has its own order', () => {
      setLanguage('zh');
      expect(formatTime(Date.UTC(2026, 3, 3), 'full', 'UTC')).toBe('2026/04/03 00:00:00');
      expect(formatDuration(120e3)).toBe('2 分钟');
    });
  });
  it('writes durations', () => {
    expect(formatDuration(NaN)).toBe('–');
    expect(formatDuration(3000)).toBe('3 s');
    expect(formatDuration(7200e3)).toBe('2 h');
  });
});

describe('addresses', () => {
  it('keep slashes of names', () => expect(seg('a/b c')).toBe('a%2Fb%20c'));
  it('leave out what is not there', () =>
    expect(query({ a: 1, b: undefined, c: '', d: ['x', 'y'] })).toBe('?a=1&d=x&d=y'));
});
