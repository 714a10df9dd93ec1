#!/usr/bin/env bash
# Lints the chart, and checks what it renders, for each set of example values, against Kubernetes' schemas of its oldest and
# newest version. Needs helm (HELM names another) and Python 3.10 or later (PYTHON names another).
set -euo pipefail
cd "$(dirname "$0")/.."

chart=helm/segue
versions=(1.30 1.37)
helm=${HELM:-helm}
venv=.venv-chart

command -v "$helm" >/dev/null || {
  echo "check-chart: $helm is missing: go install helm.sh/helm/v3/cmd/helm@v3.22.0" >&2
  exit 1
}
if ! "$venv/bin/python" -c 'import kubernetes_validate' 2>/dev/null; then
  "${PYTHON:-python3}" -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement test/chart/requirements.txt
fi

manifests=$(mktemp)
trap 'rm -f "$manifests"' EXIT
for values in "$chart/values.yaml" "$chart"/examples/*.yaml; do
  for version in "${versions[@]}"; do
    "$helm" lint "$chart" --strict --quiet --kube-version "$version.0" --values "$values"
    "$helm" template segue "$chart" --kube-version "$version.0" --values "$values" >"$manifests"
    "$venv/bin/kubernetes-validate" --strict --quiet --kubernetes-version "$version" "$manifests"
    echo "$values: $(grep -c '^kind:' "$manifests") manifests fit Kubernetes $version"
  done
done
