/** Semantic versions by precedence: https://semver.org/#spec-item-11, pre-releases by their text. */

const COLLATOR = new Intl.Collator('en', { numeric: true });

/** Negative when `a` comes before `b`. */
export function compareVersions(a: string, b: string): number {
  const [aCore, aPre] = split(a);
  const [bCore, bPre] = split(b);
  for (let i = 0; i < 3; i++) {
    const difference = (aCore[i] ?? 0) - (bCore[i] ?? 0);
    if (difference !== 0) return difference;
  }
  if (aPre === bPre) return 0;
  if (aPre === '') return 1;
  if (bPre === '') return -1;
  return COLLATOR.compare(aPre, bPre);
}

function split(version: string): [core: number[], preRelease: string] {
  const dash = version.indexOf('-');
  const core = dash < 0 ? version : version.slice(0, dash);
  return [core.split('.').map(Number), dash < 0 ? '' : version.slice(dash + 1)];
}
