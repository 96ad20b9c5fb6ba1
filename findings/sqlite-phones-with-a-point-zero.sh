#!/usr/bin/env bash
# sql.js 1.16.0, @libsql/client 0.18.0 and modernc.org/sqlite v1.62.0: a telephone number that is a number, put into a column of text, becomes 34600000001.0.
# JavaScript has one kind of number, and so has what encoding/json makes of an any; the drivers bind it as REAL, and a column declared TEXT
# keeps a REAL with its point (SQLite, Datatypes, 3). sql.js binds as INTEGER what fits into 32 bits, so that national numbers are
# right and those with a country code are not. WHERE phone = '34600000001', and another table's number, do not find it; asked
# with the number, it is found, which hides it. node-sqlite3-wasm 0.8.60 binds whole numbers as INTEGER. String(phone) is the way around.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error sql.js@1.16.0 @libsql/client@0.18.0 node-sqlite3-wasm@0.8.60 >/dev/null
cat >ask.mjs <<'JS'
import { createClient } from "@libsql/client";
import wasm from "node-sqlite3-wasm";
import initSqlJs from "sql.js";
const phones = [600000001, 34600000001];
const made = "CREATE TABLE people (phone TEXT)";
const put = "INSERT INTO people VALUES (?)";
const all = "SELECT phone FROM people";
const sqljs = new (await initSqlJs()).Database();
sqljs.run(made);
for (const phone of phones) sqljs.run(put, [phone]);
const count = (where, args) => sqljs.exec(`SELECT count(*) FROM people WHERE ${where}`, args)[0].values[0][0];
console.log(`sql.js: ${sqljs.exec(all)[0].values.join(" ")}; found by the text ${count("phone = '34600000001'")}, by the number ${count("phone = ?", [phones[1]])}`);
const libsql = createClient({ url: ":memory:" });
await libsql.execute(made);
for (const phone of phones) await libsql.execute({ sql: put, args: [phone] });
console.log(`libsql: ${(await libsql.execute(all)).rows.map(({ phone }) => phone).join(" ")}`);
const other = new wasm.Database(":memory:");
other.run(made);
for (const phone of phones) other.run(put, [phone]);
console.log(`node-sqlite3-wasm: ${other.all(all).map(({ phone }) => phone).join(" ")}`);
JS
go mod init finding 2>/dev/null
go get modernc.org/sqlite@v1.62.0 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"log"

	_ "modernc.org/sqlite"
)

func main() {
	db, err := sql.Open("sqlite", ":memory:")
	check(err)
	db.SetMaxOpenConns(1) // one memory
	_, err = db.Exec("CREATE TABLE people (phone TEXT)")
	check(err)
	var phones []any
	check(json.Unmarshal([]byte(`[600000001, 34600000001]`), &phones))
	for _, phone := range phones {
		_, err = db.Exec("INSERT INTO people VALUES (?)", phone)
		check(err)
	}
	var all string
	check(db.QueryRow("SELECT group_concat(phone, ' ') FROM people").Scan(&all))
	fmt.Println("modernc:", all)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
seen=$(timeout 60 node ask.mjs && GOFLAGS=-mod=mod go run .)
echo "version: sql.js 1.16.0, @libsql/client 0.18.0, modernc.org/sqlite v1.62.0, node-sqlite3-wasm 0.8.60"
echo "source: https://github.com/sql-js/sql.js, https://github.com/tursodatabase/libsql-client-ts, https://gitlab.com/cznic/sqlite"
echo "behaviour: a number in a column of text ends in .0"
echo "input: 600000001 and 34600000001, numbers, into a TEXT column"
echo "seen: the column:"
echo "$seen"
want='sql.js: 600000001 34600000001.0; found by the text 0, by the number 1
libsql: 600000001.0 34600000001.0
node-sqlite3-wasm: 600000001 34600000001
modernc: 600000001.0 34600000001.0'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
