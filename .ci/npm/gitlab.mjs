// GitLab's own schema of pipelines, as gitlab-ci-local carries it, takes what `waybill init --with gitlab` writes.
// node gitlab.mjs SCHEMA.js PIPELINE
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import Ajv from "ajv";
import { parse } from "yaml";

const [schemaPath, pipelinePath] = process.argv.slice(2);
const { schema } = await import(schemaPath);
const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
const pipeline = parse(readFileSync(pipelinePath, "utf8"));
assert.ok(validate(pipeline), JSON.stringify(validate.errors, null, 1));
const broken = structuredClone(pipeline);
broken.apply.retry.when = ["sometimes"];
assert.ok(!validate(broken), "the schema takes everything");
for (const [name, job] of Object.entries(pipeline)) {
  if (!job.script) continue;
  assert.ok(pipeline.stages.includes(job.stage), name);
  // Not tried again by what the command ended with: only where the runner failed.
  assert.deepEqual(job.retry?.when ?? ["runner_system_failure"], ["runner_system_failure"], name);
}
console.log("gitlab: as wanted");
