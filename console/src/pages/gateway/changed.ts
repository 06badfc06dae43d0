// What differs between the two sides of a record, member by member: "port: 502 → 503".
const flat = (value: unknown, head = ''): Record<string, string> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.assign({}, ...Object.entries(value).map(([name, one]) =>
      flat(one, head ? `${head}.${name}` : name))) as Record<string, string>
    : { [head]: value === null || value === undefined ? '' : JSON.stringify(value) };

const bare = (text: string | undefined) => (text ?? '').replace(/^"(.*)"$/, '$1');

export function changedMembers(old: unknown, next: unknown): string {
  if (old === null || old === undefined || next === null || next === undefined) return '';
  const [was, is] = [flat(old), flat(next)];
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter((name) => was[name] !== is[name])
    .map((name) => `${name ? `${name}: ` : ''}${bare(was[name])} → ${bare(is[name])}`).join(', ');
}
