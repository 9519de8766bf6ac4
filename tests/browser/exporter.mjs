// Runs the exporter, with the demo or against a small service of our own whose answers a test writes.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const kDeadline = 60_000; // ms; ten times what a busy machine needs

// Polls until `condition` gives something that is not false.
export async function eventually(what, condition) {
  for (const end = Date.now() + kDeadline; ; await pause(50)) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not within ${kDeadline / 1000} s: ${what}`);
  }
}

// Resolves to { url, status(), stop() }; the port is chosen by the kernel.
export async function startExporter(command) {
  const process_ = spawn(process.env.MDCLOUD_EXPORTER_BINARY, [...command, "--web.listen-address=127.0.0.1:0"], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise((resolve) => process_.once("exit", resolve));
  let log = "";
  process_.stderr.on("data", (text) => (log += text));
  const address = await eventually("it listens", () => {
    if (process_.exitCode !== null) throw new Error(log);
    return log.match(/msg=listening address=(\S+)/)?.[1];
  });
  const url = `http://${address}/`;
  return {
    url,
    status: async () => (await fetch(`${url}api/v1/status`)).json(),
    stop: async () => {
      process_.kill("SIGTERM");
      await ended;
    },
  };
}

// An exporter for these keys ([{ name, labels }]); `info` is added to what the service says of each.
export async function startExporterFor(keys, info = {}, web = undefined) {
  const answers = {
    "/v4/apikey/": { limit_prevention: 1000, limit_sandbox: 50, mdc_license_type: "Professional", time_interval: "daily", expiration_date: "2099-01-01T00:00:00.000Z", ...info },
    "/v4/apikey/limits": { prevention_api: 900, sandbox_api: 1 },
    "/v4/apikey/limits/status": { prevention_api: 100, sandbox_api: 49 },
  };
  const service = createServer((request, response) => {
    const answer = answers[request.url];
    response.writeHead(answer ? 200 : 404, { "Content-Type": "application/json" });
    response.end(JSON.stringify(answer ?? {}));
  });
  await new Promise((resolve) => service.listen(0, "127.0.0.1", resolve));
  const folder = mkdtempSync(join(tmpdir(), "mdcloud-browser-"));
  const config = {
    global: { base_url: `http://127.0.0.1:${service.address().port}/v4`, max_requests_per_second: 2000 },
    keys: keys.map((key, i) => ({ name: key.name, apikey_file: `apikey-${i % 10}`, labels: key.labels ?? {} })),
  };
  for (let i = 0; i < 10; ++i) writeFileSync(join(folder, `apikey-${i}`), `00000000fake0000apikey000000000${i}`);
  writeFileSync(join(folder, "config.yaml"), JSON.stringify(config)); // JSON is YAML
  const command = [`--config.file=${join(folder, "config.yaml")}`];
  if (web) {
    writeFileSync(join(folder, "web.yml"), JSON.stringify(web));
    command.push(`--web.config.file=${join(folder, "web.yml")}`);
  }
  const exporter = await startExporter(command);
  return {
    ...exporter,
    stop: async () => {
      await exporter.stop();
      service.close();
      service.closeAllConnections?.();
      rmSync(folder, { recursive: true });
    },
  };
}
