// Renews the status page while it is looked at, and filters it while one types. What is shown is
// made by the server alone: this takes over the part of the page that changes.
"use strict";

const kRenewEvery = 5000; // ms
const kTypingPause = 250; // ms
const content = document.getElementById("content");
const form = document.getElementById("filter");
const news = document.getElementById("news");
let address = location.href;
let paused = false;
let asked = 0; // requests so far: an answer that a later one overtook is not shown

const pause = document.createElement("button");
pause.type = "button";
pause.id = "pause";
pause.textContent = "Pause";
pause.setAttribute("aria-pressed", "false");
document.getElementById("bar").prepend(pause);
form.classList.add("live");

function say(text) {
  if (news.textContent !== text) news.textContent = text;
}

// Where the focus stands within the content, in words that find it in the next one.
function placeOf(element) {
  if (!content.contains(element)) return null;
  if (element.tagName === "SUMMARY") {
    return `details[data-key="${CSS.escape(element.parentElement.dataset.key)}"] > summary`;
  }
  if (!element.classList.length) return null;
  if (element.rel) return `a[rel="${element.rel}"]`;
  return "." + [...element.classList].filter((name) => name !== "none").join(".");
}

function show(page) {
  const next = page.getElementById("content");
  if (!next) throw new Error("not the status page");
  const place = placeOf(document.activeElement);
  const opened = [...content.querySelectorAll("details[open]")].map((one) => one.dataset.key);
  const before = content.dataset.summary;
  content.replaceChildren(...next.childNodes);
  content.dataset.summary = next.dataset.summary;
  for (const one of content.querySelectorAll("details")) one.open = opened.includes(one.dataset.key);
  if (place) content.querySelector(place)?.focus({ preventScroll: true });
  document.title = page.title;
  document.getElementById("reload").href = page.getElementById("reload").getAttribute("href");
  if (before !== content.dataset.summary) say(`Keys now: ${content.dataset.summary}`);
}

function showFailure() {
  const moment = content.querySelector(".moment");
  if (moment.classList.contains("old")) return;
  moment.classList.add("old");
  moment.append(" - the exporter does not answer, this is what it said last");
  say("The exporter does not answer");
}

function isSelecting() {
  const selection = getSelection();
  return !selection.isCollapsed && content.contains(selection.anchorNode);
}

// `unasked`: nobody waits for it, so that a text that is being selected stays.
async function renew(unasked = false) {
  const mine = ++asked;
  try {
    const answer = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(10000) });
    if (!answer.ok) throw new Error(String(answer.status));
    const text = await answer.text();
    if (mine === asked && !(unasked && isSelecting())) show(new DOMParser().parseFromString(text, "text/html"));
  } catch (error) {
    if (mine === asked) showFailure();
  }
}

async function renewForEver() {
  if (!paused && !document.hidden && !isSelecting()) await renew(true);
  setTimeout(renewForEver, kRenewEvery);
}

function setPaused(on) {
  paused = on;
  pause.textContent = on ? "Paused" : "Pause";
  pause.setAttribute("aria-pressed", String(on));
}

pause.addEventListener("click", () => {
  setPaused(!paused);
  if (!paused) renew();
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && !paused) renew(true);
});

let typing = 0;
function filter() {
  clearTimeout(typing);
  const query = new URLSearchParams(new FormData(form));
  address = new URL("./?" + query, location.href).href;
  history.replaceState(null, "", address);
  renew().then(() => say(content.querySelector(".moment").textContent));
}
form.addEventListener("submit", (event) => {
  event.preventDefault();
  filter();
});
form.addEventListener("change", filter);
form.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(filter, kTypingPause);
});

setTimeout(renewForEver, kRenewEvery);
