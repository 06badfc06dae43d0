// The page's languages, and how values, times and qualities are written in them.

const words = {
  en: {
    search: 'Search points', point: 'Point', value: 'Value', age: 'Age', list: 'Points',
    on: 'Live', off: 'No connection', connecting: 'Connecting',
    points: (shown, all) => shown === all ? `${all} points` : `${shown} of ${all} points`,
    lost: (time) => `The server does not answer. Values are those of ${time}. Trying again …`,
    lostAtOnce: 'The server does not answer. Trying again …',
    empty: 'No points yet', first: 'Publish a reading and it appears here. The topic is the point:',
    none: 'No point matches this search.', pick: 'Pick a point to see its history.',
    back: 'Points', all: 'all', rate: (n) => `${n} samples/s`, just: 'now', range: 'Range',
    type: 'Type', count: 'Samples kept', firstTime: 'First sample',
    min: 'Lowest', max: 'Highest', mean: 'Mean', nothing: 'No samples in this range.',
    chart: (path, name) => `Chart of ${path}, ${name}. Arrow keys read single samples.`,
    save: 'Save this range as', failed: 'Failed: ', other: '中文', otherCode: 'zh',
    quality: { good: 'good', uncertain: 'uncertain', bad: 'bad' },
    types: {},
  },
  zh: {
    search: '搜索测点', point: '测点', value: '数值', age: '时龄', list: '测点',
    on: '实时', off: '连接中断', connecting: '连接中',
    points: (shown, all) => shown === all ? `${all} 个测点` : `${shown} / ${all} 个测点`,
    lost: (time) => `服务器没有响应，显示的是 ${time} 的数值。正在重试……`,
    lostAtOnce: '服务器没有响应。正在重试……',
    empty: '还没有测点', first: '发布一个读数，它就会出现在这里。主题即测点：',
    none: '没有匹配的测点。', pick: '选择一个测点查看历史。',
    back: '测点', all: '全部', rate: (n) => `${n} 样本/秒`, just: '刚刚', range: '时间范围',
    type: '类型', count: '已存样本', firstTime: '最早样本',
    min: '最小', max: '最大', mean: '平均', nothing: '此区间没有样本。',
    chart: (path, name) => `${path} 的曲线，${name}。方向键逐个读取样本。`,
    save: '将此区间保存为', failed: '失败：', other: 'English', otherCode: 'en',
    quality: { good: '良好', uncertain: '不确定', bad: '坏' },
    types: { bool: '布尔', int64: '整数', double: '浮点', string: '文本', bytes: '字节' },
  },
};

export const lang = { code: 'en', t: words.en };

let formats = null;
export function setLanguage(code) {
  lang.code = words[code] ? code : 'en';
  lang.t = words[lang.code];
  const time = (options) => new Intl.DateTimeFormat(lang.code, { hourCycle: 'h23', ...options });
  formats = {
    whole: new Intl.NumberFormat(lang.code),
    part: new Intl.NumberFormat(lang.code, { maximumSignificantDigits: 6 }),
    tiny: new Intl.NumberFormat(lang.code, { maximumSignificantDigits: 6, notation: 'scientific' }),
    full: time({ dateStyle: 'medium', timeStyle: 'medium' }),
    clock: time({ hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    minutes: time({ hour: '2-digit', minute: '2-digit' }),
    day: time({ month: 'short', day: 'numeric' }),
    month: time({ year: 'numeric', month: 'short' }),
  };
}
setLanguage('en');

export function showNumber(value) {
  if (Number.isInteger(value)) return formats.whole.format(value + 0 === 0 ? 0 : value);
  const size = Math.abs(value);
  return (size < 1e-4 || size >= 1e15 ? formats.tiny : formats.part).format(value);
}

export function showValue(value) {
  if (value === null || value === undefined) return '–';
  return typeof value === 'number' ? showNumber(value) : String(value);
}

export const showTime = (ms) => formats.full.format(ms);
export const showClock = (ms) => formats.clock.format(ms);
export const showMinutes = (ms) => formats.minutes.format(ms);
export const showMonth = (ms) => formats.month.format(ms);
export const showDay = (ms) => formats.day.format(ms);

export const family = (quality) => quality.split('.', 1)[0];

export function showQuality(quality) {
  const [name, reason] = quality.split('.');
  const word = lang.t.quality[name] || name;
  return reason ? `${word} · ${reason.replaceAll('_', ' ')}` : word;
}

export function showAge(ms) {
  const s = Math.floor(ms / 1000);
  if (s < 5) return lang.t.just;
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 172800) return `${Math.floor(s / 3600)} h`;
  return `${Math.floor(s / 86400)} d`;
}
