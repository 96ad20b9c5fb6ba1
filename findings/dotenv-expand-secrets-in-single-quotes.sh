#!/usr/bin/env bash
# dotenv-expand 1000.0.0, @next/env 16.4.6, by which Next.js reads .env, and python-dotenv (0.21.0 here): a password with $ in it is cut, though it
# stands in single quotes. 'pa$ssword' is pa, and 'pa${ss}word' paword. In a shell nothing is put in the place of a $ within single quotes
# (POSIX, Shell Command Language, 2.2.2), and docker compose reads .env so (compose-go v2.16.2). dotenv takes the quotes off, and who expands afterwards
# does not know of them; python-dotenv expands ${ alone. Next cuts at $9 as well. The variable is set, so that nobody is told; the
# server refuses the password. \$ is the way around, which bash and compose leave as it stands: no line means the same to all.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
python=/usr/bin/python3
if ! "$python" -c 'import dotenv' 2>/dev/null && command -v apt-get >/dev/null; then
	apt-get update -qq && apt-get install -qq -y --no-install-recommends python3-dotenv >/dev/null
fi
"$python" -c 'import dotenv' 2>/dev/null || { echo "needs python-dotenv" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error dotenv@18.0.10 dotenv-expand@1000.0.0 @next/env@16.4.6 >/dev/null
cat >.env <<'ENV'
A='pa$ssword'
B='pa${ss}word'
C='pa$9word'
D='pa\$ssword'
ENV
cat >ask.mjs <<'JS'
import { readFileSync } from "node:fs";
import dotenv from "dotenv";
import dotenvExpand from "dotenv-expand";
import next from "@next/env";
const line = (name, { A, B, C, D }) => console.log(`${name}: ${A} ${B} ${C} ${D}`);
const parsed = dotenv.parse(readFileSync(".env"));
line("dotenv", parsed);
line("dotenv-expand", dotenvExpand.expand({ parsed: { ...parsed }, processEnv: {} }).parsed);
line("@next/env", next.loadEnvConfig(process.cwd(), true, { info() {}, error() {} }).parsedEnv);
JS
go mod init finding 2>/dev/null
go get github.com/compose-spec/compose-go/v2@v2.16.2 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"

	"github.com/compose-spec/compose-go/v2/dotenv"
)

func main() {
	read, err := dotenv.Read(".env")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("compose-go:", read["A"], read["B"], read["C"], read["D"])
}
GO
seen=$(
	bash -c '. ./.env; echo "bash: $A $B $C $D"'
	GOFLAGS=-mod=mod go run .
	node ask.mjs
	"$python" -c 'import dotenv; print("python-dotenv:", *dotenv.dotenv_values(".env").values())'
)
echo "version: dotenv 18.0.10, dotenv-expand 1000.0.0, @next/env 16.4.6, python-dotenv $("$python" -c 'import importlib.metadata as m; print(m.version("python-dotenv"))'), github.com/compose-spec/compose-go/v2 v2.16.2"
echo "source: https://github.com/motdotla/dotenv-expand, https://github.com/vercel/next.js, https://github.com/theskumar/python-dotenv"
echo "behaviour: a \$ within single quotes is the beginning of a variable"
echo "input:"
sed 's/^/  /' .env
echo "seen:"
echo "$seen"
want='bash: pa$ssword pa${ss}word pa$9word pa\$ssword
compose-go: pa$ssword pa${ss}word pa$9word pa\$ssword
dotenv: pa$ssword pa${ss}word pa$9word pa\$ssword
dotenv-expand: pa paword pa$9word pa$ssword
@next/env: pa paword pa pa$ssword
python-dotenv: pa$ssword paword pa$9word pa\$ssword'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
