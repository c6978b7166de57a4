/** Why this Node cannot run the package, or undefined when it can. Imports nothing, so that any Node can load it. */
export function unsupportedNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 15)) return undefined;
  return `costspan needs Node 22.15 or newer; this is ${version}. Install a newer Node, or run the command line with: npx -p node@24 -p costspan costspan`;
}
