// Writes src/generated/openapi.d.ts from the description of a running server, or of a file.
//   node scripts/types.mjs http://127.0.0.1:8080 | openapi.json
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';

const from = process.argv[2] ?? 'http://127.0.0.1:8080';
const text = from.startsWith('http')
  ? await (await fetch(new URL('/openapi.json', from))).text() : readFileSync(from, 'utf8');
const folder = fileURLToPath(new URL('../src/generated/', import.meta.url));
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}openapi.d.ts`, astToString(await openapiTS(JSON.parse(text))));
