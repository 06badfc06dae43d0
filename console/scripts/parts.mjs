// What the shell is made of: builds the console into a folder of its own and lists what the first
// page loads, packed as a browser gets it, and the modules in it by their size before packing.
//   node scripts/parts.mjs [--out FOLDER] [--top COUNT] [--chunk NAME]
// --chunk lists a part that is loaded later, by the beginning of its file's name.
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'vite';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(tmpdir(), 'headworks-console-parts') },
    top: { type: 'string', default: '40' },
    chunk: { type: 'string' },
  },
});
const kilo = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(10);

// Modules by package, ours by file.
const ownerOf = (id) => {
  const found = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id);
  return found ? found[1] : relative(process.cwd(), id.split('?')[0]);
};

const chunks = [];
await build({
  logLevel: 'warn',
  build: { outDir: values.out, emptyOutDir: true },
  plugins: [{
    name: 'parts',
    generateBundle(_, bundle) {
      for (const one of Object.values(bundle)) if (one.type === 'chunk') chunks.push(one);
    },
  }],
});

const packed = (file) => brotliCompressSync(readFileSync(join(values.out, file))).length;
const page = readFileSync(join(values.out, 'index.html'), 'utf8');
const first = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(([, file]) => file);
console.log(`shell: ${kilo(first.map(packed).reduce((sum, size) => sum + size, 0))}`);
for (const file of first) console.log(`${kilo(packed(file))}  ${file}`);

const sizes = new Map();
for (const chunk of chunks) {
  const wanted = values.chunk
    ? chunk.fileName.startsWith(`assets/${values.chunk}`) : first.includes(chunk.fileName);
  if (!wanted) continue;
  if (values.chunk) console.log(`${kilo(packed(chunk.fileName))}  ${chunk.fileName}`);
  for (const [id, { renderedLength }] of Object.entries(chunk.modules)) {
    const owner = values.chunk ? relative(process.cwd(), id) : ownerOf(id);
    sizes.set(owner, (sizes.get(owner) ?? 0) + renderedLength);
  }
}
const rows = [...sizes].sort((left, right) => right[1] - left[1]);
for (const [owner, size] of rows.slice(0, Number(values.top)))
  console.log(`${kilo(size)}  ${owner}`);
