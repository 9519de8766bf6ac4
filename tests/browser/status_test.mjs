// The status page in a real browser. Each case prints one line, as `go test -v` does.
import assert from "node:assert/strict";

import { AxeBuilder, launch } from "./browser.mjs";
import { eventually, startExporter, startExporterFor } from "./exporter.mjs";

const kHostile = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>"'&\u202e`;

const demo = await startExporter(["demo"]);
const browser = await launch();
let failures = 0;

async function test(name, run) {
  try {
    await run();
    console.log(`--- PASS: ${name}`);
  } catch (error) {
    failures += 1;
    console.log(`--- FAIL: ${name}\n${error.stack}`);
  }
}

// A page whose every complaint is written down: `settle` says that there was none.
async function open(url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints = [];
  const requests = [];
  page.on("console", (message) => complaints.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => complaints.push(`dialog: ${dialog.message()}`));
  page.on("request", (request) => {
    requests.push(request.url());
    if (new URL(request.url()).origin !== new URL(url).origin) complaints.push(`request: ${request.url()}`);
  });
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  if (options.clock) await page.clock.install();
  await page.goto(url);
  return {
    page,
    requests,
    names: () => page.locator("tbody .name").allTextContents(),
    settle: async () => {
      if (options.javaScriptEnabled !== false) {
        assert.deepEqual(await page.evaluate(() => window.violations), []);
        assert.equal(await page.evaluate(() => window.hacked), undefined);
      }
      assert.deepEqual(complaints, []);
      await context.close();
    },
  };
}

async function accessible(page) {
  const found = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
  const told = found.violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.map((node) => node.target).join(" ")}`);
  assert.deepEqual(told, []);
}

await eventually("the demo has keys of every kind", async () => {
  const { summary, keys } = await demo.status();
  return summary.critical >= 4 && summary.warning >= 3 && summary.ok >= 3 && keys.find((key) => key.key === "mail-gateway").quotas.some((quota) => quota.runs_out_in_seconds !== null);
});

for (const width of [360, 1440]) {
  for (const colorScheme of ["light", "dark"]) {
    await test(`nothing for axe, the console or the policy to complain of: ${width} px, ${colorScheme}`, async () => {
      const { page, settle } = await open(demo.url, { viewport: { width, height: 800 }, colorScheme });
      await accessible(page);
      for (const summary of await page.locator("summary").all()) await summary.click();
      await accessible(page);
      await page.locator("#pause").click();
      await accessible(page);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
      // The stylesheet is there, in this theme.
      const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      assert.equal(background, colorScheme === "dark" ? "rgb(16, 22, 28)" : "rgb(244, 246, 248)");
      await settle();
    });
  }
}

await test("every number of the page is that of the JSON", async () => {
  const { page, settle } = await open(`${demo.url}?q=organization-member`);
  const { keys } = await demo.status();
  const feed = keys.find((key) => key.key === "organization-member").quotas.find((quota) => quota.api === "feed");
  const row = page.getByRole("row", { name: /^feed / });
  assert.deepEqual(await row.getByRole("cell").allTextContents(), [`0 %0 / ${feed.limit.toLocaleString("en")}`, feed.remaining.toLocaleString("en"), "unknown", "not used"]);
  assert.equal(await page.getByRole("meter", { name: "feed used by organization-member" }).getAttribute("aria-valuenow"), "0.00");
  await settle();
});

await test("without JavaScript: complete, filtered and sorted by the server, with a link to reload", async () => {
  const { page, names, settle } = await open(demo.url, { javaScriptEnabled: false });
  assert.equal((await names()).length, 14);
  assert.equal(await page.locator("#pause").count(), 0);
  await page.getByLabel("Find").fill("TEAM=mail");
  await page.getByLabel("Sort").selectOption("name");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.waitForURL(/q=TEAM%3Dmail/);
  assert.deepEqual(await names(), ["exhausted", "mail-gateway"]);
  await page.getByRole("link", { name: "Reload" }).click();
  assert.deepEqual(await names(), ["exhausted", "mail-gateway"]);
  await page.goto(`${demo.url}?show=ok&sort=name`);
  assert.ok((await names()).every((name, i, all) => i === 0 || all[i - 1] < name));
  await settle();
});

await test("the filter follows the typing, and its address can be kept", async () => {
  const { page, names, settle } = await open(demo.url);
  await page.getByLabel("Find").pressSequentially("mail");
  await page.waitForFunction(() => document.querySelectorAll("tbody").length === 2);
  await page.getByLabel("Sort").selectOption("name");
  await page.waitForURL(/sort=name/);
  await eventually("sorted by name", async () => (await names()).join() === "exhausted,mail-gateway");
  assert.match(await page.locator("#news").textContent(), /^Keys 1 to 2 of 2/);
  await page.reload();
  assert.equal(await page.getByLabel("Find").inputValue(), "mail");
  assert.deepEqual(await names(), ["exhausted", "mail-gateway"]);
  await settle();
});

await test("the keyboard reaches everything, and stays where it is when the page renews itself", async () => {
  const { page, requests, settle } = await open(demo.url, { clock: true });
  const focused = () => page.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.name);
  const expected = ["Pause", "Reload", "q", /all keys/, /worst first/, /critical/, /warning/, /unknown/, /OK/, /keys/, "Details of exhausted"];
  for (const name of expected) {
    await page.keyboard.press("Tab");
    if (name instanceof RegExp) assert.match(await focused(), name);
    else assert.equal(await focused(), name);
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.notEqual(outline, "none");
  }
  await page.keyboard.press("Enter");
  const details = page.locator('details[data-key="exhausted"]');
  assert.ok(await details.evaluate((element) => element.open));
  const before = requests.length;
  const mark = await page.locator("tbody").first().evaluate((element) => (element.dataset.old = "1"));
  assert.equal(mark, "1");
  await page.clock.runFor(6000);
  await page.waitForFunction(() => !document.querySelector("[data-old]"));
  assert.ok(requests.length > before);
  assert.equal(await focused(), "Details of exhausted");
  assert.ok(await details.evaluate((element) => element.open));
  await settle();
});

await test("it renews itself every five seconds, and not while it is paused or a text is selected", async () => {
  const { page, requests, settle } = await open(demo.url, { clock: true });
  const renewals = () => requests.filter((url) => url === demo.url).length - 1;
  const run = async (ms) => {
    await page.clock.runFor(ms);
    await page.evaluate(() => fetch("-/healthy")); // what was asked before it has been sent
  };
  await run(5500);
  assert.equal(renewals(), 1);
  await page.getByRole("button", { name: "Pause" }).click();
  assert.equal(await page.getByRole("button", { name: "Paused" }).getAttribute("aria-pressed"), "true");
  await run(60_000);
  assert.equal(renewals(), 1);
  await page.locator("tbody").first().evaluate((element) => element.setAttribute("data-old", ""));
  await page.getByRole("button", { name: "Paused" }).click();
  await page.waitForFunction(() => !document.querySelector("[data-old]"));
  assert.equal(renewals(), 2);
  await page.locator("tbody .name").first().selectText();
  await run(60_000);
  assert.equal(renewals(), 2);
  await settle();
});

await test("an exporter that has gone is told of, and what it said last stays", async () => {
  const exporter = await startExporterFor([{ name: "a" }]);
  const { page } = await open(exporter.url, { clock: true });
  await exporter.stop();
  await page.clock.runFor(6000);
  await page.locator(".moment.old").waitFor();
  assert.match(await page.locator(".moment").textContent(), /does not answer/);
  assert.equal(await page.locator("#news").textContent(), "The exporter does not answer");
  assert.equal(await page.locator("tbody").count(), 1);
  await accessible(page);
  await page.context().close();
});

await test("hostile labels and answers of the service stay text", async () => {
  const exporter = await startExporterFor([{ name: "a", labels: { team: kHostile } }], {
    mdc_license_type: kHostile,
    organization: { organization_id: kHostile, limit_prevention: 1000, mdc_license_type: kHostile, licenseLimitsTimeInterval: kHostile },
  });
  try {
    await eventually("it was asked", async () => (await exporter.status()).keys[0].organization_id);
    for (const query of ["", `?q=${encodeURIComponent(kHostile)}`]) {
      const { page, settle } = await open(exporter.url + query, { clock: true });
      await page.locator("summary").click();
      assert.equal(await page.locator("tbody .tag").textContent(), `team=${kHostile}`);
      assert.ok((await page.locator("details").textContent()).includes("<img src=x"));
      await page.clock.runFor(6000);
      await page.evaluate(() => fetch("-/healthy"));
      assert.equal(await page.locator("main img, main script").count(), 0);
      await settle();
    }
  } finally {
    await exporter.stop();
  }
});

await test("1,000 keys: fifty a page, and quick", async () => {
  const keys = Array.from({ length: 1000 }, (_, i) => ({ name: `key-${String(i).padStart(4, "0")}`, labels: { team: `team-${i % 7}` } }));
  const exporter = await startExporterFor(keys);
  try {
    await eventually("ten were asked", async () => (await exporter.status()).summary.warning >= 10);
    const start = performance.now();
    const { page, names, settle } = await open(`${exporter.url}?sort=name`);
    const loaded = performance.now() - start;
    console.log(`    1,000 keys were there after ${Math.round(loaded)} ms`);
    assert.ok(loaded < 10_000); // 300 ms on two idle cores
    assert.equal((await names()).length, 50);
    await page.getByRole("link", { name: "Next" }).click();
    await page.waitForURL(/page=2/);
    assert.equal((await names())[0], "key-0050");
    await page.getByLabel("Find").fill("key-0777");
    await page.waitForFunction(() => document.querySelectorAll("tbody").length === 1);
    assert.deepEqual(await names(), ["key-0777"]);
    await accessible(page);
    await settle();
  } finally {
    await exporter.stop();
  }
});

await test("a password protects the page, its data and its files, and all of it works with one", async () => {
  const hash = "$2y$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy";
  const exporter = await startExporterFor([{ name: "a" }], {}, { basic_auth_users: { alice: hash } });
  try {
    for (const path of ["", "?q=a", "api/v1/status", "assets/status.css", "assets/status.js", "assets/icon.svg"]) {
      assert.equal((await fetch(exporter.url + path)).status, 401);
    }
    const { page, names, settle } = await open(exporter.url, { httpCredentials: { username: "alice", password: "open sesame" } });
    await page.getByLabel("Find").fill("a");
    await page.waitForURL(/q=a/);
    assert.deepEqual(await names(), ["a"]);
    await settle();
  } finally {
    await exporter.stop();
  }
});

await browser.close();
await demo.stop();
process.exit(failures > 0 ? 1 : 0);
