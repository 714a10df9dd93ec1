#!/usr/bin/env bash
# Whether `npm run evaluate:radio` goes all its way, on a sample: of the radio plays where they are, else of simulated ones.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ -f ../shared/data/radio/plays.csv ]; then
  data=../shared/data/radio
else
  echo '../shared/data/radio is absent: a sample of simulated plays is evaluated instead'
  data=$work/data
  npm run -s sim -- --seed 11 --tracks 800 --listeners 60 --plays 30000 --out "$data"
fi

npm run -s segue -- evaluate-split --data "$data" --dir "$work/run" --sample --json "$work/quality.json"
npx node -e '
const { readFileSync } = require("node:fs");
const { hitRate20, requests, baselines } = JSON.parse(readFileSync(process.argv[1], "utf8"));
if (!(requests > 0 && hitRate20 > baselines.popularity.hitRate20)) {
  console.error(`hit rate at 20: given ${hitRate20} over ${requests} requests; allowed: above that of popularity, ${baselines.popularity.hitRate20}`);
  process.exit(1);
}' "$work/quality.json"
