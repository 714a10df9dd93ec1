#!/usr/bin/env bash
# Checks that the simulator still gives the plays and tracks that data/demo was built from, and that data/demo stays small.
set -euo pipefail
cd "$(dirname "$0")/.."

kib_max=8192
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

npm run -s sim -- --seed 7 --tracks 5000 --listeners 2000 --plays 300000 --out "$out" >"$out/made"
grep -E '^[0-9a-f]{64}  ' data/demo/README.md >"$out/kept"
diff "$out/kept" "$out/made" || {
  echo "check-demo: the simulator gives other files than data/demo/README.md names: npm run demo:build, and name the new ones" >&2
  exit 1
}

kib=$(du -sk --apparent-size data/demo | cut -f1)
[ "$kib" -le "$kib_max" ] || {
  echo "check-demo: data/demo has $kib KiB, allowed are $kib_max" >&2
  exit 1
}
echo "data/demo is what the simulator gives, $kib KiB"
