// Microsoft's validator, with its rules for GitHub, takes what `waybill validate -o sarif` and `plan -o sarif` write.
// node sarif.mjs WAYBILL MULTITOOL
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [waybill, multitool] = process.argv.slice(2);
const dir = mkdtempSync(join(tmpdir(), "waybill-sarif-"));
mkdirSync(join(dir, "jobs"));
writeFileSync(join(dir, "jobs/bad 1.yaml"), `version: 1
name: bad
steps:
  - sendTxt: { to: +34612345678, body: Hello }
  - sendText: { to: 4.479E+11, body: "\${{ steps.helo.messageId }}" }
`);
writeFileSync(join(dir, "jobs/rows.yaml"), `version: 1
name: rows
steps:
  - forEach: { csv: people.csv }
    sendText: { to: "\${{ item.phone }}", body: "Hello \${{ item.name }}" }
`);
writeFileSync(join(dir, "jobs/people.csv"), "name,phone\nAna,+34612345678\nLuis,N/A\n");
for (const [cwd, args, uri] of [
  [dir, ["validate", "jobs/bad 1.yaml"], "jobs/bad%201.yaml"],
  [dir, ["validate", join(dir, "jobs/bad 1.yaml")], "file://" + dir + "/jobs/bad%201.yaml"],
  [join(dir, "jobs"), ["validate", "../jobs/bad 1.yaml"], "../jobs/bad%201.yaml"],
  [dir, ["plan", "jobs/rows.yaml", "--sandbox"], "jobs/people.csv"],
]) {
  const log = join(dir, "log.sarif");
  const { stdout } = spawnSync(waybill, [...args, "-o", "sarif"], { cwd, encoding: "utf8" });
  writeFileSync(log, stdout);
  const uris = JSON.parse(readFileSync(log)).runs[0].results.flatMap((r) => r.locations.map((l) => l.physicalLocation.artifactLocation.uri));
  assert.ok(uris.includes(uri), `${args}: ${uris}`);
  const said = execFileSync(multitool, ["validate", log, "--rule-kind", "Sarif;Ghas"], { encoding: "utf8" });
  // SARIF2005 asks for a home page, and for a version that a build from the sources does not have.
  const complaints = said.split("\n").filter((line) => /: (error|warning) /.test(line) && !line.includes("SARIF2005"));
  assert.deepEqual(complaints, [], args.join(" "));
  assert.match(said, /completed successfully/);
}
rmSync(dir, { recursive: true });
console.log("sarif-multitool: as wanted");
