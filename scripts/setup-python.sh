#!/usr/bin/env bash
# Makes .venv with pinned packages: dbt for `segue build`, and what trains rankers where models/training is there.
# Does nothing when they are installed already. PYTHON names another python3 (3.11 or later).
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
venv=.venv

fail() {
  echo "setup:python: $1" >&2
  exit 1
}

command -v "$python" >/dev/null || fail "$python is missing: install Python 3.11 or later, or name one as PYTHON"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  fail "$("$python" --version) is too old: install Python 3.11 or later, or name one as PYTHON"
"$python" -c 'import venv, ensurepip' 2>/dev/null ||
  fail "$python has no venv: install it (Debian and Ubuntu: apt-get install python3-venv)"

requirements=(pipelines/requirements.txt)
[ -f models/training/requirements.txt ] && requirements+=(models/training/requirements.txt)

stamp=$( ("$python" --version && cat "${requirements[@]}") | "$python" -c \
  'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())')
if [ -x "$venv/bin/python" ] && [ "$(cat "$venv/.stamp" 2>/dev/null)" = "$stamp" ]; then
  echo "$venv is up to date"
  exit 0
fi

# Another Python's environment cannot be mended.
if [ -x "$venv/bin/python" ] && [ "$("$venv/bin/python" --version 2>/dev/null)" != "$("$python" --version)" ]; then
  rm -rf "$venv"
fi
rm -f "$venv/.stamp"
"$python" -m venv "$venv"
for file in "${requirements[@]}"; do
  echo "installing $file"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$file" ||
    fail "pip could not install $file; see above"
done
echo "$stamp" >"$venv/.stamp"
echo "$venv is ready"
