#!/usr/bin/env bash
# @microsoft/sarif-multitool 5.7.0: validate ends with exit status 0 although it found errors, and says "Analysis completed
# successfully." A step of CI that relies on the status passes whatever the log holds; the lines with ": error " count.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @microsoft/sarif-multitool@5.7.0 >/dev/null
tool=$(ls -d node_modules/@microsoft/sarif-multitool-*/Sarif.Multitool | head -1)
chmod u+x "$tool"
cat >log.sarif <<'JSON'
{ "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [ {
  "tool": { "driver": { "name": "a", "version": "1", "informationUri": "https://example.com" } }, "columnKind": "unicodeCodePoints",
  "results": [ { "ruleId": "A1", "level": "error", "message": { "text": "It is wrong." }, "locations": [ { "physicalLocation": {
    "artifactLocation": { "uri": "/a.yaml" }, "region": { "startLine": 1 } } } ] } ] } ] }
JSON
status=0
said=$("$tool" validate log.sarif) || status=$?
errors=$(grep -o 'error SARIF[0-9]*' <<<"$said" | sort -u | tr '\n' ' ')
echo "version: @microsoft/sarif-multitool 5.7.0"
echo "source: https://www.npmjs.com/package/@microsoft/sarif-multitool"
echo "behaviour: validate exits with 0 although it found errors"
echo "input: validate of a log whose file is /a.yaml, which is no URI"
echo "seen: $errors, exit status $status"
[ "$status" = 0 ] && [[ "$errors" == *"error SARIF1004"* ]] || { echo "CHANGED: expected error SARIF1004, exit status 0" >&2; exit 1; }
