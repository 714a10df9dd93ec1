#!/usr/bin/env bash
# Makes the demo world and its ranker again: simulate -> build -> export -> train. The same seed gives the same plays, byte for byte.
set -euo pipefail
cd "$(dirname "$0")/.."

seed=7
work=.demo
segue() { node --enable-source-maps dist/cli.js "$@"; }

npm run -s setup:python
npm run -s build
rm -rf "$work" && mkdir -p "$work"

npm run -s sim -- --seed "$seed" --tracks 5000 --listeners 2000 --plays 300000 --out "$work"
sha256sum "$work/plays.csv" "$work/tracks.csv"
segue build --plays "$work/plays.csv" --tracks "$work/tracks.csv" --out "$work/world"

# The ranker learns from two windows, each on a world that knows only the plays before it.
export SEGUE_DATA_DIR="$work/data" SEGUE_MODELS_DIR="$work/none"
examples=()
times=()
for share in 60 80 100; do
  times+=("$(tail -n +2 "$work/plays.csv" | cut -d, -f3 | LC_ALL=C sort | awk -v share="$share" '{ at[NR] = $0 } END { print at[int(NR * share / 100)] }')")
done
for i in 0 1; do
  from=${times[$i]}
  through=${times[$((i + 1))]}
  awk -F, -v from="$from" -v through="$through" 'NR == 1 || ($3 > from && $3 <= through)' "$work/plays.csv" >"$work/window-$i.csv"
  segue build --plays "$work/plays.csv" --tracks "$work/tracks.csv" --as-of "$from" --out "$work/world-$i"
  segue load "$work/world-$i"
  segue features export --plays "$work/window-$i.csv" --surface now-playing --sample-plays 8000 --out "$work/examples-$i"
  examples+=("$work/examples-$i")
done
npm run -s train -- --name next-track --examples "${examples[@]}" --bind "$work/world" --replace --out models/next-track/1.0.0

rm -rf data/demo/world && mkdir -p data/demo && cp -r "$work/world" data/demo/world
du -sk data/demo/world models/next-track/1.0.0
