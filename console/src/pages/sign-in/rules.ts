export interface Rule {
  rule: 'length' | 'name' | 'guess';
  kept: boolean;
}

// The first of those that the server knows; it has the last word.
const guessed = new Set(['password', 'passw', 'qwertyuiop', 'qwerty', 'administrator', 'admin',
  'welcome', 'letmein', 'iloveyou', 'operator', 'engineer', 'headworks', 'waterworks', 'changeme',
  'secret', 'default', 'computer', 'master']);

// "Password123!" is "password" to whoever guesses.
const coreOf = (password: string): string =>
  password.toLowerCase().replace(/^[^a-z]+/, '').replace(/[^a-z]+$/, '');

// One letter again and again, or one run such as 1234567890 or abcdefghijkl.
function isRun(text: string): boolean {
  const codes = [...text.toLowerCase()].map((letter) => letter.codePointAt(0) ?? 0);
  if (codes.length < 2) return true;
  const steps = codes.slice(1).map((code, i) => code - (codes[i] ?? 0));
  const first = steps[0] ?? 0;
  return Math.abs(first) <= 1
    && steps.every((step, i) => step === first || (text[i] === '9' && text[i + 1] === '0'));
}

// As check_password() of the server has them; the length in characters, as it counts.
export function rulesOf(password: string, name: string, least: number): Rule[] {
  const user = name.trim().toLowerCase();
  const core = coreOf(password);
  return [
    { rule: 'length', kept: [...password].length >= least },
    { rule: 'name', kept: password !== ''
      && !(user !== '' && (password.toLowerCase() === user || core === user)) },
    { rule: 'guess', kept: password !== '' && !isRun(password) && !guessed.has(core) },
  ];
}

export const rulesKept = (password: string, name: string, least: number): boolean =>
  rulesOf(password, name, least).every(({ kept }) => kept);

// Caps lock at the last key: browsers tell it with an event of the keyboard only.
export const capsOn = (event: { getModifierState?: (key: 'CapsLock') => boolean }): boolean =>
  event.getModifierState?.('CapsLock') ?? false;
