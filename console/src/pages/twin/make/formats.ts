// An editor of more than this much text is no help.
export const shownLimit = 2_000_000;

// By the file's name, else by how the text begins; the server has the last word.
export function formatOf(file: string, text: string): string {
  const end = file.slice(file.lastIndexOf('.') + 1).toLowerCase();
  if (['ndjson', 'csv', 'jsonl'].includes(end)) return end;
  const start = text.trimStart();
  if (!start.startsWith('{') && !start.startsWith('[')) return 'csv';
  const [first = '', second = ''] = start.split('\n', 2);
  try {
    JSON.parse(first);
    if (first.includes('"Section"')) return 'jsonl';
    return second.trim() || !/"(twins|digitalTwins)/.test(first) ? 'ndjson' : 'json';
  } catch {
    return 'json';
  }
}

export const startTemplate = `{
  "name": "pumps",
  "description": "Pumps and the stations they stand in",
  "parameters": {"site": {"default": "bluewater", "description": "first level of every point"}},
  "twins": [
    {"points": "{site}/{works}/{station}/pump{n:digits}/{rest...}",
     "id": "{site}/{works}/{station}", "model": "dtmi:headworks:water:PumpStation;1",
     "name": "Pump station {station}"}
  ],
  "rules": [
    {"points": "{site}/{works}/{station}/pump{n:digits}/{property...}",
     "id": "{site}/{works}/{station}/pump{n}",
     "model": "dtmi:headworks:water:VariableSpeedPump;1", "name": "Pump {n}",
     "relationships": [{"name": "partOf", "target": "{site}/{works}/{station}"},
                       {"name": "pumps", "source": "{site}/{works}/{station}"}]}
  ]
}
`;
