// Khronos' glTF validator on a file: prints its counts and first messages as JSON.

import { readFileSync } from 'node:fs';
import validator from 'gltf-validator';

const bytes = new Uint8Array(readFileSync(process.argv[2]));
const report = await validator.validateBytes(bytes, { maxIssues: 20 });
console.log(JSON.stringify({ ...report.issues, meshes: report.info.drawCallCount,
  triangles: report.info.totalTriangleCount }));
