// Pictures: dropped, pasted, chosen or photographed; each shows what was read, to be corrected.

import { $, ApiError, call, frame, isTaken, make, percent, post } from "./api.js";
import { refresh } from "./learn.js";

const AT_ONCE = 3;
const STATUS = {
  blank: "Nothing is written there.",
  no_number: "No number was found.",
  several: "These are several digits.",
};

const items = [];
const waiting = [];
let running = 0;
let stream = null;

function add(files) {
  const mode = document.querySelector("#mode input:checked").value;
  for (const file of files) {
    const item = { file, name: file.name || `picture-${items.length + 1}.png`, mode, state: "waiting" };
    item.element = make("li", { class: "card" });
    items.push(item);
    waiting.push(item);
    $("cards").prepend(item.element);
    render(item);
  }
  next();
}

function next() {
  while (running < AT_ONCE && waiting.length) read(waiting.shift());
}

async function read(item) {
  running++;
  try {
    const form = new FormData();
    form.append("file", item.file, item.name);
    const [found] = await call(`api/read?mode=${item.mode}&picture=1`, form);
    const failed = !["ok", "unsure", ...Object.keys(STATUS)].includes(found.status);
    if (failed) throw new ApiError(415, { error: found.remark, status: found.status });
    Object.assign(item, { state: "read", found, numbers: numbersOf(item, found) });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    Object.assign(item, { state: "failed", message: error.message, status: error.content.status ?? "failed" });
  }
  running--;
  if (items.includes(item)) render(item);
  next();
}

/** Return numbers of digits that can be corrected, in the same form for both modes. */
function numbersOf(item, found) {
  if (item.mode === "number")
    return found.numbers.map((number) => ({ ...number, digits: number.digits.map((digit) => ({ ...digit, is: digit.digit })) }));
  if (found.digit == null) return [];
  const { digit, confidence, sure, sample } = found;
  return [{ text: String(digit), confidence, sure, digits: [{ digit, is: digit, sample }] }];
}

/** Return a number as it is written, with its corrections. */
function textOf(number) {
  const left = number.digits.map((digit) => digit.is);
  return number.text.replace(/\d/g, () => left.shift() ?? "");
}

/** Return digits as they were read, "digit", or as they are, "is". */
const digitsOf = (numbers, kind) => numbers.map(({ digits }) => digits.map((each) => each[kind]).join("")).filter(Boolean).join(" ");
const isCorrected = (item) => item.numbers?.some((number) => number.digits.some((digit) => digit.is !== digit.digit));

// What is shown

function render(item) {
  const { element, found, numbers = [] } = item;
  const remark = item.message ?? STATUS[found?.status] ?? "";
  const note = found?.remark ?? "";
  element.dataset.status = item.state === "read" ? found.status : item.state;
  const figure = make("div", { class: "figure" });
  if (item.state === "read") {
    const source = found.picture ?? (item.url ??= URL.createObjectURL(item.file));
    const image = make("img", { src: source, alt: item.name });
    image.addEventListener("error", () => image.remove());
    figure.append(image);
    if (found.size) numbers.forEach((number) => figure.append(...boxes(item, number)));
  } else if (item.state === "waiting") figure.append(make("span", { class: "wait", role: "status" }, "reading …"));
  const texts = numbers.map((number) =>
    make(
      "p",
      { class: `number${number.sure ? "" : " unsure"}` },
      ...[...textOf(number)].map(((at) => (sign) => (/\d/.test(sign) ? digitButton(item, number, at++) : sign))(0)),
      make("small", {}, number.sure ? percent(number.confidence) : `not sure (${percent(number.confidence)})`),
    ),
  );
  element.replaceChildren(
    figure,
    make("div", { class: "said" }, ...texts, make("p", { class: "remark" }, [...new Set([remark, note])].join(" ")), make("p", { class: "name" }, item.name)),
  );
  const read = items.filter((each) => each.state !== "waiting").length;
  $("table-tools").hidden = !items.length;
  $("count").textContent = read < items.length ? `${read} of ${items.length} read` : `${read} ${read === 1 ? "picture" : "pictures"}`;
}

function boxes(item, number) {
  const [width, height] = item.found.size;
  return number.digits.map((digit, place) => {
    const box = frame(number.sure ? "" : "unsure", digit.box, { width, height });
    box.addEventListener("click", () => edit(item, number, place));
    return box;
  });
}

function digitButton(item, number, place) {
  const digit = number.digits[place];
  const attributes = {
    class: digit.is === digit.digit ? "" : "corrected",
    "data-place": place,
    title: "Correct it: click, or type a digit",
    onclick: () => edit(item, number, place),
    onkeydown: (event) => {
      if (!/^\d$/.test(event.key)) return;
      set(item, number, place, Number(event.key));
      event.preventDefault();
      event.stopPropagation();
    },
  };
  return make("button", attributes, digit.is);
}

/** Offer the ten digits below the picture. */
function edit(item, number, place) {
  item.element.querySelector(".pad")?.remove();
  const pad = make(
    "div",
    { class: "pad", role: "group", "aria-label": "It is a …" },
    ...[...Array(10).keys()].map((value) => make("button", { onclick: () => set(item, number, place, value) }, value)),
    make("button", { onclick: () => render(item), "aria-label": "Leave it" }, "✕"),
  );
  item.element.append(pad);
  pad.querySelector("button").focus();
}

async function set(item, number, place, value) {
  number.digits[place].is = value;
  render(item);
  const row = item.element.querySelectorAll(".number")[item.numbers.indexOf(number)];
  row.querySelectorAll("button")[Math.min(place + 1, number.digits.length - 1)].focus();
  const [read, truth] = ["digit", "is"].map((kind) => digitsOf(item.numbers, kind));
  const body = { path: item.name, read, truth, sample: number.digits[place].sample, shows: String(value) };
  const { saved, message } = await post("api/corrections", body).catch((error) => error);
  if (saved) refresh();
  if (saved || message) $("count").textContent = message ?? `saved as a ${value}`;
}

// The table

function rows() {
  return items.map((item) => ({
    path: item.name,
    status: item.state === "read" ? item.found.status : (item.status ?? item.state),
    number: digitsOf(item.numbers ?? [], "digit"),
    confidence: item.numbers?.length ? Math.min(...item.numbers.map((number) => number.confidence)) : "",
    count: item.numbers?.length ?? 0,
    truth: isCorrected(item) ? digitsOf(item.numbers, "is") : "",
  }));
}

function table(separator) {
  const field = (value) => {
    // a spreadsheet would take such a name for a formula
    const text = /^[=+@-]/.test(value) ? `'${value}` : String(value);
    return /[",\r\n\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const all = rows();
  const lines = [Object.keys(all[0]), ...all.map(Object.values)];
  return lines.map((line) => `${line.map(field).join(separator)}\n`).join("");
}

function download(name, text, type) {
  const href = URL.createObjectURL(new Blob([text], { type }));
  make("a", { download: name, href }).click();
  setTimeout(() => URL.revokeObjectURL(href), 1000);
}

async function copy() {
  try {
    await navigator.clipboard.writeText(table("\t"));
    $("count").textContent = "copied";
  } catch {
    $("count").textContent = "The browser doesn't allow copying; CSV saves a file.";
  }
}

function empty() {
  for (const item of items) if (item.url) URL.revokeObjectURL(item.url);
  items.length = waiting.length = 0;
  $("cards").replaceChildren();
  $("table-tools").hidden = true;
}

// The camera

async function live() {
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1920 } } });
  } catch (error) {
    $("live").textContent = error.name === "NotFoundError" ? "There is no camera" : "The camera can't be used";
    return;
  }
  $("camera").hidden = false;
  $("video").srcObject = stream;
  await $("video").play();
  $("shoot").focus();
}

function stop() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  $("camera").hidden = true;
}

function shoot() {
  const { videoWidth: width, videoHeight: height } = $("video");
  const canvas = make("canvas", { width, height });
  canvas.getContext("2d").drawImage($("video"), 0, 0);
  const name = `photo-${new Date().toISOString().slice(11, 19).replaceAll(":", "")}.jpg`;
  canvas.toBlob((blob) => add([new File([blob], name, { type: "image/jpeg" })]), "image/jpeg", 0.92);
}

export function key(event) {
  if (!isTaken(event) && event.key === "Escape") stop();
}

export function start() {
  const dragging = (on) => (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    $("drop").classList.toggle("over", on);
    if (on) location.hash = "pictures";
  };
  addEventListener("dragover", dragging(true));
  addEventListener("dragleave", dragging(false));
  addEventListener("drop", (event) => {
    dragging(false)(event);
    if (event.dataTransfer?.files.length) add(event.dataTransfer.files);
  });
  addEventListener("paste", (event) => {
    const files = event.clipboardData?.files;
    if (!files?.length) return;
    location.hash = "pictures";
    add(files);
  });
  for (const id of ["choose", "photo"])
    $(id).addEventListener("change", ({ target }) => {
      add(target.files);
      target.value = "";
    });
  $("live").hidden = !navigator.mediaDevices?.getUserMedia;
  const csv = () => download("answers.csv", table(","), "text/csv");
  const json = () => download("answers.json", JSON.stringify(rows(), null, 2), "application/json");
  for (const [id, does] of Object.entries({ live, stop, shoot, copy, csv, json, empty })) $(id).addEventListener("click", does);
}

export function show(visible) {
  if (!visible) stop();
}
