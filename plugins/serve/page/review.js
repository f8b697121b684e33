// Review: one picture after another, those that need a look first; one key each.

import { $, act, ApiError, call, help, limit, make, percent, post, sleep } from "./api.js";
import { fetchPicture, showPicture } from "./shown.js";

const HEIGHT = 44; // of a row in the list, in pixels
const BLOCK = 200; // rows that are fetched at a time
const AHEAD = 4; // pictures that are fetched before they are needed
const NONE = "none";
const KEYS = [
  ["0–9", "type what it shows"],
  ["Enter", "accept what was typed, or what was read"],
  ["X", "it shows no digit"],
  ["← →", "the row before and the next one"],
  ["Backspace", "take back a digit that was typed"],
  ["U Ctrl+Z", "undo"],
];
const SAID = {
  ok: "", unsure: "not sure", several: "several digits", blank: "blank", no_number: "no number", decoder_crash: "can't be read",
  corrupt: "damaged", truncated: "cut off", empty: "empty", not_image: "no image", too_large: "too large", unreadable: "can't be read",
};

const rows = new Map(); // by their place in the order
const places = new Map(); // of rows, by their number
const asked = new Map(); // blocks
const accepted = []; // places answered here, what was known before, and when
const queue = []; // answers on their way
let table = null;
let here = 0;
let typed = "";
let revision = 0;
let done = 0;
let sending = false;
let active = false;

// Rows

async function fetchBlock(block) {
  const address = `api/review?start=${block * BLOCK}&count=${BLOCK}&since=${revision}`;
  if (!asked.has(block)) asked.set(block, call(address).then(take).then(list));
  return asked.get(block);
}

function take(found) {
  found.rows?.forEach((row, at) => {
    rows.set(found.start + at, row);
    places.set(row.row, found.start + at);
  });
  for (const [number, truth] of found.changes) {
    const row = rows.get(places.get(number));
    // what is on its way from here is newer
    if (row && !queue.some((each) => each.row === row)) row.truth = truth;
  }
  ({ revision, done } = found);
}

const blockOf = (place) => Math.floor(place / BLOCK);

async function go(place) {
  here = limit(place, 0, table.count - 1);
  typed = "";
  await Promise.all([fetchBlock(blockOf(here)), fetchBlock(blockOf(Math.min(here + AHEAD, table.count - 1)))]);
  render();
}

/** Go to the next row that nobody has looked at, or the first one. */
async function onward() {
  for (let step = 1; step <= table.count; step++) {
    const place = (here + step) % table.count;
    if (!rows.has(place)) await fetchBlock(blockOf(place));
    if (!rows.get(place).truth) return go(place);
  }
  await go(here + 1);
}

// Answers

function accept(truth) {
  const row = rows.get(here);
  if (!row) return;
  accepted.push({ place: here, was: row.truth, at: performance.now() });
  answer(row, truth);
  onward();
}

function answer(row, truth) {
  if (row.truth !== truth) {
    queue.push({ row, truth, was: row.truth });
    done += !!truth - !!row.truth;
    row.truth = truth;
  }
  if (!sending) send();
}

/** Send answers in order, each until the server has it. */
async function send() {
  sending = true;
  while (queue.length) {
    const [{ row, truth, was }] = queue;
    try {
      const found = await post("api/review", { row: row.row, truth, was, since: revision });
      queue.shift();
      take(found);
      status();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 503) {
        tell(error.message);
        await sleep(2000);
        continue;
      }
      queue.shift();
      if (error.status === 409) row.truth = error.content.truth;
      tell(error.message);
    }
    list();
  }
  sending = false;
}

function enter() {
  const row = rows.get(here);
  if (typed) return accept(typed);
  if (row?.truth) return onward();
  if (row?.read) return accept(row.read);
  tell("Nothing was read here: type what it shows, or X for no digit.");
}

function type(digit) {
  if (table.kind === "digit") return accept(String(digit));
  typed = `${typed}${digit}`.slice(0, 40);
  render();
}

async function undo() {
  if (typed) {
    typed = "";
    return render();
  }
  const before = accepted.pop();
  if (!before) return tell("There is nothing to undo.");
  await go(before.place);
  answer(rows.get(here), before.was);
  render();
}

// What is shown

function render() {
  const row = rows.get(here);
  if (!row) return;
  showPicture(row.row);
  $("shown").alt = `Row ${row.row + 1}: ${row.path}`;
  $("row-name").textContent = row.path;
  const truth = row.truth === NONE ? "no digit" : row.truth;
  $("typed").textContent = typed || truth || row.read || "–";
  $("typed").className = typed ? "typing" : row.truth ? "known" : row.status === "ok" ? "" : "unsure";
  const sure = row.confidence == null ? "" : percent(row.confidence);
  const label = row.label && `labelled ${row.label}`;
  const said = [label, SAID[row.status] ?? row.status, sure].filter(Boolean).join(", ");
  const changed = row.truth && row.truth !== row.read && row.read ? `, read as ${row.read}` : "";
  $("row-status").textContent = row.truth ? `${row.truth === row.read ? "right" : "corrected"}${changed}` : said;
  status();
  list(true);
  for (let ahead = 1; ahead <= AHEAD; ahead++) {
    const next = rows.get(here + ahead);
    if (next) fetchPicture(next.row);
  }
}

function status() {
  $("bar").max = table.count;
  $("bar").value = done;
  const recent = accepted.filter(({ at }) => at > performance.now() - 120_000);
  const minutes = Math.max((performance.now() - recent[0]?.at) / 60_000, 0.05);
  const speed = recent.length > 2 ? ` · ${Math.round(recent.length / minutes)} a minute` : "";
  const all = table.count.toLocaleString("en");
  tell(done === table.count ? `All ${all} are looked at${speed}` : `${done.toLocaleString("en")} of ${all}${speed}`, false);
}

function tell(text, trouble = true) {
  $("progress").textContent = text;
  $("progress").classList.toggle("trouble", trouble);
}

/** Show the rows of the list that can be seen; the others are only room. */
function list(follow = false) {
  const box = $("list");
  $("rows").style.height = `${table.count * HEIGHT}px`;
  if (follow) {
    const top = here * HEIGHT;
    if (top < box.scrollTop || top + HEIGHT > box.scrollTop + box.clientHeight) box.scrollTop = top - box.clientHeight / 3;
  }
  const first = Math.max(Math.floor(box.scrollTop / HEIGHT) - 5, 0);
  const end = Math.min(Math.ceil((box.scrollTop + box.clientHeight) / HEIGHT) + 5, table.count);
  const shown = [];
  for (let place = first; place < end; place++) {
    const row = rows.get(place);
    if (!row) fetchBlock(blockOf(place));
    shown.push(line(place, row));
  }
  $("rows").replaceChildren(...shown);
}

function line(place, row) {
  const state = row?.truth ? (row.truth === row.read ? "right" : "corrected") : row?.status === "ok" ? "" : "doubt";
  const truth = row?.truth === NONE ? "✕" : row?.truth;
  const element = make(
    "button",
    { class: `line ${state}`, tabindex: -1, "aria-current": place === here && "true", onclick: () => go(place) },
    make("b", {}, truth || row?.read || "–"),
    make("span", {}, row?.path ?? "…"),
    make("small", {}, row?.truth ? "✓" : (SAID[row?.status] || (row?.confidence == null ? "" : percent(row.confidence)))),
  );
  element.style.top = `${place * HEIGHT}px`;
  return element;
}

// Keys

const back = () => go(here - 1);
const forth = () => go(here + 1);
const ACTIONS = {
  enter,
  x: () => accept(NONE),
  arrowleft: back,
  arrowup: back,
  arrowright: forth,
  arrowdown: forth,
  backspace: () => {
    typed = typed.slice(0, -1);
    render();
  },
  u: undo,
  h: () => help(KEYS),
};

export const key = (event) => table && act(event, ACTIONS, type);

export async function start() {
  table = await call(`api/review?count=${BLOCK}`);
  asked.set(0);
  take(table);
  $("kept").textContent = `kept in ${table.kept}`;
  const press = (text, does, label) => make("button", { onclick: does, "aria-label": label }, text);
  $("keys").append(
    ...[..."1234567890"].map((digit) => press(digit, () => type(digit))),
    press("✕", () => accept(NONE), "no digit"),
    press("↶", undo, "undo"),
    press("Enter", enter, "accept"),
  );
  $("list").addEventListener("scroll", () => list(), { passive: true });
  new ResizeObserver(() => active && list()).observe($("list"));
  setInterval(refresh, 3000);
  await go(table.first);
}

/** Hear what other windows answered. */
async function refresh() {
  if (!active || document.hidden || sending) return;
  const found = await call(`api/review?count=0&since=${revision}`);
  // what is wrong stays until the next key
  if (!found.changes.length || sending || $("progress").matches(".trouble")) return;
  take(found);
  render();
}

export function show(visible) {
  active = visible && !!table;
  if (active) render();
}
