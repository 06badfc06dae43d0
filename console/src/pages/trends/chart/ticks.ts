import { languageNow } from '~/lib/words';
import { zoneOf } from '~/lib/time';

// Labels of the time axis in a zone: the time, and below it the day where a day begins.
const formats = new Map<string, Intl.DateTimeFormat>();
function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const language = languageNow() === 'zh' ? 'zh-CN' : 'en-GB';
  const key = `${language} ${zone} ${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(language, {
      timeZone: zoneOf(zone), hourCycle: 'h23', ...options,
    });
    formats.set(key, found);
  }
  return found;
}

const clock: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' };
const day: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short' };
const year: Intl.DateTimeFormatOptions = { year: 'numeric' };

export function timeLabels(splits: number[], stepMs: number, zone: string): string[] {
  let lastDay = '';
  let lastYear = '';
  return splits.map((time) => {
    const thisYear = format(zone, year).format(time);
    if (stepMs >= 27 * 86400e3) {
      const text = format(zone, { month: 'short' }).format(time);
      const below = thisYear === lastYear ? '' : `\n${thisYear}`;
      lastYear = thisYear;
      return text + below;
    }
    const thisDay = format(zone, day).format(time);
    if (stepMs >= 86400e3) {
      const below = thisYear === lastYear ? '' : `\n${thisYear}`;
      lastYear = thisYear;
      return thisDay + below;
    }
    const text = format(zone, stepMs < 1000
      ? { ...clock, second: '2-digit', fractionalSecondDigits: 3 }
      : stepMs < 60e3 ? { ...clock, second: '2-digit' } : clock).format(time);
    const below = thisDay === lastDay ? '' : `\n${thisDay}`;
    lastDay = thisDay;
    return text + below;
  });
}
