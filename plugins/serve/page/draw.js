// Draw: strokes are drawn here at once, and go to the server as points, which reads them.

import { $, act, ApiError, frame, help, limit, make, percent, post, sleep } from "./api.js";
import * as bars from "./bars.js";
import { refresh } from "./learn.js";
import { now, Pen, Sheet } from "./sheet.js";

const KEYS = [
  ["Right_button Enter", "answer, then clear"],
  ["0–9", "it was this digit: save it as a sample"],
  ["← →", "choose a digit of a number"],
  ["C", "clear"],
  ["U Ctrl+Z", "undo"],
  ["[ ]", "thinner and thicker brush"],
  ["S", "save as PNG"],
];

const page = String(Math.random());
const sheet = new Sheet($("canvas"), $("board"));
const pen = new Pen(sheet, { begin, end, drop, move: changed, answer });

let queue = []; // events that the server hasn't confirmed
let confirmed = 0; // how many it has
let sent = null; // the unfinished stroke whose points have been sent, and how many
let dropped = false;
let lost = false; // whether the server doesn't know what is drawn
let reading = null;
let last = null; // the answer that digit keys correct
let chosen = 0; // which of its digits
let saved = 0;

// What people do

function begin() {
  if (!sheet.strokes.length) last = null;
  chosen = 0;
  say("");
  changed();
}

function end(stroke) {
  sheet.add(stroke);
  push({ ...stroke, do: "stroke" });
}

function drop() {
  dropped = true;
  changed();
}

function answer() {
  pen.lift();
  if (sheet.isEmpty) return say("There is nothing to read yet: draw a digit first.");
  last = null;
  sheet.clear();
  push({ do: "answer", at: now() });
}

function clear() {
  pen.lift();
  last = null;
  if (sheet.clear()) {
    push({ do: "clear", at: now() });
    say("Cleared. Undo brings it back.");
  }
}

function undo() {
  pen.lift();
  last = null;
  if (!sheet.undo()) return say("There is nothing to undo.");
  push({ do: "undo", at: now() });
  say("");
}

function label(digit) {
  if (!sheet.isEmpty) answer();
  else if (!last) return say("Draw a digit first, then say what it was.");
  push({ do: "label", at: now(), digit, place: chosen || undefined });
}

function choose(step) {
  const count = digits().length;
  if (count > 1) chosen = limit(chosen + step, 0, count - 1);
  changed();
  render();
}

function save() {
  make("a", { download: "drawing.png", href: sheet.canvas.toDataURL() }).click();
}

// The server

function push(event) {
  queue.push(event);
  changed();
}

let busy = false;
let dirty = false;
let pending = false; // whether a number is being read

function changed() {
  $("hint").hidden = !sheet.isEmpty;
  dirty = true;
  if (!busy) sync();
}

async function sync() {
  busy = true;
  while (dirty || pending) {
    const wait = !dirty;
    dirty = pending = false;
    await sleep(); // events of the same moment go together
    const { stroke, width, height, strokes } = sheet;
    const body = { page, width, height, first: confirmed, chosen, events: queue.slice(), strokes: strokes.length, wait, drop: dropped };
    if (lost) {
      body.restore = strokes.map((each) => ({ ...each, do: "stroke" }));
      body.events = [];
      body.first = confirmed + queue.length;
      if (queue.some((event) => event.do === "label")) say("The server was started anew; the last drawing isn't saved.");
      sent = null;
    }
    if (stroke) {
      const from = sent?.stroke === stroke ? sent.count : 0;
      const points = stroke.points.slice(from);
      const widths = stroke.widths?.slice(from);
      if (points.length) body.pen = { ...stroke, from, points, times: stroke.times.slice(from), widths };
      sent = { stroke, count: stroke.points.length };
    }
    const count = queue.length;
    const begin = now();
    try {
      const found = await post("api/strokes", body);
      if (found.lost && !lost) {
        lost = dirty = true;
        continue;
      }
      queue = queue.slice(count);
      confirmed = body.first + (lost ? 0 : count);
      lost = dropped = false;
      take(found);
      // where many people draw, each of them asks less often
      if (sheet.stroke) await sleep(Math.min(2000 * (now() - begin), 250));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      queue = queue.slice(count);
      lost = true;
      say(error.message, true);
    }
  }
  busy = false;
}

function take(found) {
  const before = last;
  reading = found.status === "empty" ? null : found;
  pending = found.pending;
  if (found.last && sheet.isEmpty) {
    last = found.last;
    const place = chosen;
    if (labelled(last) > (last.id === before?.id ? labelled(before) : 0)) chosen = Math.min(chosen + 1, last.digits.length - 1);
    if (chosen !== place) changed(); // what the model sees of this one
  }
  if (found.saved > saved) {
    saved = found.saved;
    refresh();
  }
  $("model").textContent = found.title;
  if (found.message) say(found.message, found.trouble);
  render();
}

const labelled = (answer) => (answer ? answer.digits.filter((digit) => digit.label != null).length : 0);

// What is shown

const digits = () => (reading ?? last)?.digits ?? [];

function render() {
  const shown = reading ?? last;
  const list = digits();
  const digit = list[Math.min(chosen, list.length - 1)];
  const sure = shown?.sure;
  const { classList } = document.querySelector(".panel");
  classList.toggle("unsure", list.length > 0 && !sure);
  classList.toggle("past", !reading && !!last);
  $("answer").classList.toggle("long", list.length > 3);
  $("answer").replaceChildren(...(list.length > 1 ? list.map(chip) : list.map((each) => each.label ?? each.digit)));
  $("sure").textContent = sentence(shown, list, digit);
  bars.show(digit);
  sheet.showSeen($("seen"), digit?.seen ?? (list.length === 1 ? shown?.seen : null));
  const kind = (at, sure) => `${at === chosen ? "chosen" : ""} ${sure ? "" : "unsure"}`;
  const framed = reading && list.length > 1 ? list : [];
  $("boxes").replaceChildren(...framed.map((each, at) => frame(kind(at, each.sure), each.box, sheet)));
}

function chip(digit, place) {
  const attributes = {
    class: digit.label == null ? "" : "labelled",
    "aria-pressed": String(place === chosen),
    "aria-label": `${digit.label ?? digit.digit}, digit ${place + 1}`,
    onclick: () => choose(place - chosen),
  };
  return make("button", attributes, digit.label ?? digit.digit);
}

function sentence(shown, list, digit) {
  if (!list.length) {
    if (sheet.isEmpty) return "waiting for a digit";
    return shown?.status === "several" ? "several digits" : "not a digit yet";
  }
  if (!reading && last) {
    if (digit.label != null) return digit.label === digit.digit ? "saved: it was right" : `saved: it was a ${digit.label}`;
    return "what was it?";
  }
  if (shown.sure) return `${percent(shown.confidence)} sure`;
  if (list.length === 1) return `not sure: ${digit.digit} or ${shown.second}?`;
  return `not sure (${percent(shown.confidence)})`;
}

export function say(text, trouble = false) {
  $("status").textContent = text;
  $("status").classList.toggle("trouble", trouble);
}

// Keys and buttons

const ACTIONS = {
  enter: answer,
  c: clear,
  u: undo,
  s: save,
  "[": () => sheet.resizeBrush(-1),
  "]": () => sheet.resizeBrush(1),
  arrowleft: () => choose(-1),
  arrowright: () => choose(1),
  h: () => help(KEYS),
};

export const key = (event) => act(event, ACTIONS, label);

export function start() {
  bars.start(label);
  const buttons = { answer, clear, undo, save, thinner: ACTIONS["["], thicker: ACTIONS["]"], help: ACTIONS.h };
  for (const [id, does] of Object.entries(buttons)) $(`do-${id}`).addEventListener("click", does);
  render();
}

export function show(visible) {
  if (visible) sheet.layout();
}
