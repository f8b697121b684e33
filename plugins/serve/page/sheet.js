// The canvas: strokes and undo, as the server has them, and the pointer that draws them.

import { limit } from "./api.js";

const HEIGHT = 560; // of the canvas, in its own pixels; the width follows the window
const RATIOS = [0.8, 1.6];
const RESTING = 800; // milliseconds after a pen in which a hand is ignored
const MOST_POINTS = 5000; // of a stroke; the next one goes on from there
const RECENT = 50; // points that are drawn anew as a stroke goes on

/** Return the seconds since the page was opened. */
export const now = () => performance.now() / 1000;

const middle = (a, b) => a.map((value, axis) => (value + b[axis]) / 2);

/** Add a bend between points that have a radius, too: in halves, until it is as good as straight. */
function addBend(path, from, by, to) {
  const before = middle(from, by);
  const after = middle(by, to);
  const half = middle(before, after);
  if (Math.hypot(...middle(from, to).map((value, axis) => value - half[axis])) < 0.2) return addSpan(path, from, to);
  addBend(path, from, before, half);
  addBend(path, half, after, to);
}

/** Add discs around two points, and what lies between them. */
function addSpan(path, [x, y, radius], [toX, toY, to]) {
  const turn = Math.atan2(toY - y, toX - x);
  // where the edges touch the discs; if one hides the other, there are none
  const lean = Math.acos(limit((radius - to) / Math.hypot(toX - x, toY - y), -1, 1)) || 0;
  path.moveTo(x + radius * Math.cos(turn + lean), y + radius * Math.sin(turn + lean));
  path.arc(x, y, radius, turn + lean, turn - lean + 2 * Math.PI);
  path.arc(toX, toY, to, turn - lean, turn + lean);
}

export class Sheet {
  strokes = [];
  stroke = null; // the unfinished one
  #before = [];
  #kept = document.createElement("canvas"); // what is drawn up to a point of the stroke
  #from; // this one

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
      this.width = Math.round(HEIGHT * Math.max(ratio, 1));
      this.height = Math.round(HEIGHT / Math.min(ratio, 1));
      this.brush = Math.min(this.width, this.height) / 20;
    }
    this.scale = Math.min(width / this.width, height / this.height);
    const { style } = this.canvas;
    style.width = `${this.width * this.scale}px`;
    style.height = `${this.height * this.scale}px`;
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
    const pixels = this.scale * devicePixelRatio;
    canvas.width = Math.round(this.width * pixels); // clears it, too
    canvas.height = Math.round(this.height * pixels);
    const dense = canvas.width / this.width;
    context.scale(dense, dense);
    context.strokeStyle = context.fillStyle = getComputedStyle(canvas).color;
    context.lineCap = context.lineJoin = "round";
    for (const stroke of this.strokes) this.#line(stroke, 0);
    if (this.stroke) this.begin();
  }

  begin() {
    this.#keep(0);
    this.drawOn();
  }

  /** Draw the unfinished stroke's last points anew, over all before them, so that a long one costs no more. */
  drawOn() {
    const { stroke, context } = this;
    context.save();
    context.resetTransform();
    context.globalCompositeOperation = "copy";
    context.drawImage(this.#kept, 0, 0);
    context.restore();
    const end = stroke.points.length - 2;
    if (end > this.#from + RECENT) {
      this.#line(stroke, this.#from, end);
      this.#keep(end);
    }
    this.#line(stroke, this.#from);
  }

  /** Keep what is drawn, up to a point of the stroke. */
  #keep(from) {
    const { width, height } = this.canvas;
    this.#from = from;
    Object.assign(this.#kept, { width, height }).getContext("2d").drawImage(this.canvas, 0, 0);
  }

  /** Draw a stroke from a point on, before another one or to its end: bends between the middles of its segments. */
  #line({ points, widths, brush }, from, to = points.length - 1) {
    const { context } = this;
    const point = (at) => (widths ? [...points[at], widths[at] / 2] : points[at]);
    let here = from ? middle(point(from - 1), point(from)) : point(0);
    context.lineWidth = brush;
    context.beginPath();
    context.moveTo(...here);
    for (let at = from; at < to; at++) {
      const next = middle(point(at), point(at + 1));
      if (widths) addBend(context, here, point(at), next);
      else context.quadraticCurveTo(...point(at), ...next);
      here = next;
    }
    const end = points[to + 1] ? here : point(to);
    if (widths) {
      addSpan(context, here, end);
      context.fill();
    } else {
      context.lineTo(...end);
      context.stroke();
    }
  }

  /** Show what the model sees: 28×28 bytes, 255 for ink. */
  showSeen(canvas, encoded) {
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, 28, 28);
    if (!encoded) return;
    const image = context.createImageData(28, 28);
    const colour = getComputedStyle(canvas).color.match(/\d+/g);
    [...atob(encoded)].forEach((ink, at) => image.data.set([...colour, ink.charCodeAt()], at * 4));
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
    on("pointerup", (event) => this.#is(event) && (this.#move(event), this.lift()));
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
    const { sheet } = this;
    const { pointerType: type, pointerId: id, timeStamp: at } = event;
    if (event.button !== 0) return;
    if (type === "pen") {
      this.#penAt = at;
      if (sheet.stroke) this.#drop(); // the palm came first
    }
    if (sheet.stroke || (type === "touch" && at - this.#penAt < RESTING)) return;
    event.preventDefault();
    document.activeElement?.blur(); // or Enter would press the button that was used last
    sheet.canvas.setPointerCapture(id);
    this.#pointer = id;
    sheet.stroke = { at: now(), brush: sheet.brush, points: [], times: [], widths: type === "pen" ? [] : undefined };
    this.#add(event);
    sheet.begin();
    this.told.begin();
  }

  #move(event) {
    if (event.pointerType === "pen") this.#penAt = event.timeStamp;
    if (!this.#is(event)) return;
    const all = event.getCoalescedEvents?.() ?? [];
    for (const each of all.length ? all : [event]) this.#add(each);
    this.sheet.drawOn();
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
    const last = stroke.widths?.at(-1) ?? stroke.brush;
    // a pen that is being lifted has no pressure
    const width = stroke.widths && event.pressure ? round(stroke.brush * (0.4 + 1.2 * event.pressure)) : last;
    if (before?.[0] === x && before[1] === y && width === last) return;
    stroke.points.push([x, y]);
    stroke.widths?.push(width);
    const time = Math.max(now() - stroke.at, stroke.times.at(-1) ?? 0);
    stroke.times.push(Math.round(time * 10000) / 10000);
    if (stroke.points.length >= MOST_POINTS) {
      sheet.drawOn();
      this.told.end(stroke);
      sheet.stroke = { ...stroke, at: now(), points: [[x, y]], times: [0], widths: stroke.widths && [width] };
      sheet.begin();
    }
  }

  #drop() {
    this.sheet.stroke = this.#pointer = null;
    this.sheet.draw();
    this.told.drop();
  }
}
