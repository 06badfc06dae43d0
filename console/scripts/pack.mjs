// Makes a built console part of a C++ program: OUT/files.cpp with each file's bytes, plain and
// packed by Brotli. The bytes come by the assembler's .incbin, which costs the compiler nothing.
//   node scripts/pack.mjs DIST OUT
import { readFileSync, readdirSync, writeFileSync, mkdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const [dist, out] = process.argv.slice(2);
const packed = join(out, 'packed');
mkdirSync(packed, { recursive: true });

const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(dist, join(entry.parentPath ?? entry.path, entry.name)))
  .sort();

const entries = [];
for (const file of files) {
  const bytes = readFileSync(join(dist, file));
  const name = file.split(sep).join('/');
  entries.push([name, join(dist, file)]);
  if (!/\.(html|js|css|svg|json|txt)$/.test(file)) continue;
  const small = brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  if (small.length >= bytes.length) continue;
  const path = join(packed, `${name.replaceAll('/', '_')}.br`);
  writeFileSync(path, small);
  entries.push([`${name}.br`, path]);
}

const lines = ['#include "base/embedded.h"', ''];
entries.forEach(([, path], i) => {
  lines.push(`asm(".section .rodata\\n.global hw_console_${i}\\nhw_console_${i}:\\n"`,
    `    ".incbin \\"${path}\\"\\n.global hw_console_${i}_end\\nhw_console_${i}_end:\\n.byte 0\\n"`,
    '    ".previous\\n");',
    `extern "C" const char hw_console_${i}[], hw_console_${i}_end[];`);
});
lines.push('', 'namespace hw {', '', 'std::span<const EmbeddedFile> console_files() {',
  '    static const EmbeddedFile files[] = {');
entries.forEach(([name], i) => lines.push(
  `        {${JSON.stringify(name)}, {hw_console_${i}, hw_console_${i}_end}},`));
lines.push('    };', '    return files;', '}', '', '}  // namespace hw', '');
writeFileSync(join(out, 'files.cpp'), lines.join('\n'));
