// The canvas: strokes and undo, as the server has them, and the pointer that draws them.

import { limit } from "./api.js";

const HEIGHT = 560; // of the canvas, in its own pixels; the width follows the window
const RATIOS = [0.8, 1.6];
const RESTING = 800; // milliseconds after a pen in which a hand is ignored
const MOST_POINTS = 5000; // of a stroke; the next one goes on from there

const opened = performance.now();
/** Return the seconds since the page was opened. */
export const now = () => (performance.now() - opened) / 1000;

export class Sheet {
  strokes = [];
  stroke = null; // the unfinished one
  #before = [];

  constructor(canvas, board) {
    this.canvas = canvas;
    this.board = board;
    this.width = this.height = HEIGHT;
    this.brush = 0;
    this.context = canvas.getContext("2d");
    new ResizeObserver(() => this.layout()).observe(board);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  get isEmpty() {
    return !this.strokes.length && !this.stroke;
  }

  /** Fit the canvas into its board; an unused one takes the board's shape. */
  layout() {
    const { clientWidth: width, clientHeight: height } = this.board;
    if (!width || !height) return;
    if (this.isEmpty && !this.#before.length) {
      const ratio = limit(width / height, ...RATIOS);
      this.width = Math.round(ratio < 1 ? HEIGHT : HEIGHT * ratio);
      this.height = Math.round(ratio < 1 ? HEIGHT / ratio : HEIGHT);
      this.brush = Math.min(this.width, this.height) / 20;
    }
    this.scale = Math.min(width / this.width, height / this.height);
    const { style } = this.canvas;
    style.width = `${this.width * this.scale}px`;
    style.height = `${this.height * this.scale}px`;
    const dense = this.scale * (devicePixelRatio || 1);
    this.canvas.width = Math.round(this.width * dense);
    this.canvas.height = Math.round(this.height * dense);
    this.draw();
  }

  add(stroke) {
    this.#before.push(this.strokes);
    this.strokes = [...this.strokes, stroke];
  }

  clear() {
    if (this.isEmpty) return false;
    this.#before.push(this.strokes);
    this.strokes = [];
    this.draw();
    return true;
  }

  undo() {
    if (!this.#before.length) return false;
    this.strokes = this.#before.pop();
    this.draw();
    return true;
  }

  resizeBrush(steps) {
    const side = Math.min(this.width, this.height);
    this.brush = limit(this.brush * 1.15 ** steps, side / 100, side / 6);
  }

  /** Draw everything anew. */
  draw() {
    const { context, canvas } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    const dense = canvas.width / this.width;
    context.setTransform(dense, 0, 0, dense, 0, 0);
    context.strokeStyle = getComputedStyle(canvas).color;
    context.lineCap = context.lineJoin = "round";
    for (const stroke of [...this.strokes, this.stroke]) if (stroke?.points.length) this.drawStroke(stroke);
  }

  /** Draw a stroke from one of its points on: bends between the middles of its segments. */
  drawStroke({ points, brush }, from = 0) {
    const { context } = this;
    const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    const first = Math.max(from - 2, 0);
    context.lineWidth = brush;
    context.beginPath();
    context.moveTo(...(first ? middle(points[first - 1], points[first]) : points[0]));
    for (let at = Math.max(first, 1); at < points.length - 1; at++)
      context.quadraticCurveTo(...points[at], ...middle(points[at], points[at + 1]));
    context.lineTo(...points.at(-1));
    context.stroke();
  }

  /** Show what the model sees: 28×28 bytes, 255 for ink. */
  showSeen(canvas, encoded) {
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, 28, 28);
    if (!encoded) return;
    const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
    const image = context.createImageData(28, 28);
    const [red, green, blue] = getComputedStyle(canvas).color.match(/\d+/g).map(Number);
    bytes.forEach((ink, at) => image.data.set([red, green, blue, ink], at * 4));
    context.putImageData(image, 0, 0);
  }
}

/** Follows one pointer at a time; a pen's pressure makes its stroke thicker or thinner. */
export class Pen {
  #pointer = null;
  #penAt = -Infinity;

  constructor(sheet, told) {
    this.sheet = sheet;
    this.told = told;
    const { canvas } = sheet;
    const on = (name, act) => canvas.addEventListener(name, act);
    on("pointerdown", (event) => this.#down(event));
    on("pointermove", (event) => this.#move(event));
    on("pointerup", (event) => this.#is(event) && (this.#add(event), this.lift()));
    on("pointercancel", (event) => this.#is(event) && this.#drop());
    on("contextmenu", (event) => {
      event.preventDefault();
      if (event.pointerType !== "touch" && !sheet.stroke) told.answer();
    });
    on("wheel", (event) => {
      event.preventDefault();
      sheet.resizeBrush(event.deltaY < 0 ? 1 : -1);
    });
    on("touchstart", (event) => event.preventDefault());
  }

  /** Finish the stroke. */
  lift() {
    const { stroke } = this.sheet;
    if (!stroke) return;
    this.sheet.stroke = this.#pointer = null;
    this.told.end(stroke);
  }

  #is(event) {
    return event.pointerId === this.#pointer;
  }

  #down(event) {
    if (event.button !== 0) return;
    if (event.pointerType === "pen") {
      this.#penAt = event.timeStamp;
      if (this.sheet.stroke) this.#drop(); // the palm came first
    }
    if (this.sheet.stroke || (event.pointerType === "touch" && event.timeStamp - this.#penAt < RESTING)) return;
    event.preventDefault();
    document.activeElement?.blur(); // or Enter would press the button that was used last
    this.sheet.canvas.setPointerCapture(event.pointerId);
    this.#pointer = event.pointerId;
    const pressure = event.pointerType === "pen" && event.pressure ? 0.6 + 0.8 * event.pressure : 1;
    this.sheet.stroke = { at: now(), brush: this.sheet.brush * pressure, points: [], times: [] };
    this.#add(event);
    this.told.begin();
  }

  #move(event) {
    if (event.pointerType === "pen") this.#penAt = event.timeStamp;
    if (!this.#is(event)) return;
    const all = event.getCoalescedEvents?.() ?? [];
    for (const each of all.length ? all : [event]) this.#add(each);
    this.told.move();
  }

  #add(event) {
    const { sheet } = this;
    const { stroke } = sheet;
    const box = sheet.canvas.getBoundingClientRect();
    const round = (value) => Math.round(value * 100) / 100;
    const x = round((event.clientX - box.left) / sheet.scale);
    const y = round((event.clientY - box.top) / sheet.scale);
    const before = stroke.points.at(-1);
    if (before && before[0] === x && before[1] === y) return;
    stroke.points.push([x, y]);
    const time = Math.max(now() - stroke.at, stroke.times.at(-1) ?? 0);
    stroke.times.push(Math.round(time * 10000) / 10000);
    sheet.drawStroke(stroke, stroke.points.length - 1);
    if (stroke.points.length >= MOST_POINTS) {
      this.told.end(stroke);
      sheet.stroke = { at: now(), brush: stroke.brush, points: [[x, y]], times: [0] };
    }
  }

  #drop() {
    this.sheet.stroke = this.#pointer = null;
    this.sheet.draw();
    this.told.drop();
  }
}
