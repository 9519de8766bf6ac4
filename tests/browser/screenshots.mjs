// docs/images/status-{light,dark}.png: the demo after its first minute. See tests/browser/run.
import { mkdirSync } from "node:fs";

import { launch } from "./browser.mjs";
import { eventually, startExporter } from "./exporter.mjs";

const exporter = await startExporter(["demo"]);
const browser = await launch();
try {
  await eventually("every key was asked", async () => (await exporter.status()).exporter.uptime_seconds > 45);
  mkdirSync("docs/images", { recursive: true });
  for (const colorScheme of ["light", "dark"]) {
    const page = await browser.newPage({ viewport: { width: 1100, height: 760 }, colorScheme });
    await page.goto(exporter.url);
    await page.screenshot({ path: `docs/images/status-${colorScheme}.png` });
  }
} finally {
  await browser.close();
  await exporter.stop();
}
