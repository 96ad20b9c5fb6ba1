#!/usr/bin/env bash
# parse-prometheus-text-format 1.1.1 (npm): of a histogram with a label one series is left, the last, without its label, its count and its sum. A
# dashboard that asks how long "remind" takes is given the times of "invoice". The same holds for a summary. The format has any number of
# labels beside le and quantile (Prometheus, exposition formats), a counter keeps its labels here, and the README aims at prom2json's
# output, which has each series with its labels. A histogram without a label, as in the README's example, comes whole.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error parse-prometheus-text-format@1.1.1 prom-client@15.1.3 >/dev/null
cat >ask.mjs <<'JS'
import client from "prom-client";
import parse from "parse-prometheus-text-format";
const labelNames = ["step"];
const send = new client.Histogram({ name: "send_seconds", help: "Sending", labelNames, buckets: [1] });
const wait = new client.Summary({ name: "wait_seconds", help: "Waiting", labelNames, percentiles: [0.5] });
const sent = new client.Counter({ name: "sent_total", help: "Sent", labelNames });
const bare = new client.Histogram({ name: "plan_seconds", help: "Planning", buckets: [1] });
for (const [step, seconds] of [["remind", 0.5], ["invoice", 3], ["invoice", 3]]) {
  send.observe({ step }, seconds);
  wait.observe({ step }, seconds);
  sent.inc({ step });
}
bare.observe(3);
for (const { name, metrics } of parse(await client.register.metrics())) console.log(name, JSON.stringify(metrics));
JS
seen=$(node ask.mjs)
echo "version: parse-prometheus-text-format 1.1.1, prom-client 15.1.3"
echo "source: https://github.com/yunyu/parse-prometheus-text-format"
echo "behaviour: of the series of a histogram or a summary the last is left, without labels, count and sum"
echo "input: step remind took 0.5 s, step invoice 3 s, twice; written by prom-client"
echo "seen:"
echo "$seen"
want='send_seconds [{"buckets":{"1":"0","+Inf":"2"}}]
wait_seconds [{"quantiles":{"0.5":"3"}}]
sent_total [{"value":"1","labels":{"step":"remind"}},{"value":"2","labels":{"step":"invoice"}}]
plan_seconds [{"buckets":{"1":"0","+Inf":"1"},"count":"1","sum":"3"}]'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
