// Debian's Chromium, driven by the pinned modules that tests/browser/run has installed.
import { createRequire } from "node:module";

const require = createRequire(process.env.MDCLOUD_BROWSER_MODULES);
const { chromium } = require("playwright-core");
export const AxeBuilder = require("@axe-core/playwright").default;

// In a container without rights there is no sandbox; nothing is loaded but our own pages.
export function launch() {
  return chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"],
  });
}
