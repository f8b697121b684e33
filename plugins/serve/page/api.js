// Talks to the server, and waits for it while it doesn't answer.

export const $ = (id) => document.getElementById(id);

export class ApiError extends Error {
  constructor(status, content) {
    super(content.error ?? `The server answered with ${status}.`);
    this.status = status;
    this.content = content;
  }
}

export const sleep = (time) => new Promise((done) => setTimeout(done, time));

/** Send a request until there is an answer; throws ApiError where that is an error. */
export async function call(path, body, headers = {}) {
  const options = body === undefined ? {} : { method: "POST", body, headers };
  for (let attempt = 0; ; attempt++) {
    const pause = [200, 500, 1000][attempt] ?? 2000;
    let answer, content;
    try {
      answer = await fetch(path, options);
      content = await answer.json().catch(() => !answer.ok && {});
    } catch {}
    // none, or a part
    if (!content) {
      $("offline").hidden = attempt < 1;
      await sleep(pause);
      continue;
    }
    $("offline").hidden = true;
    if (answer.status === 503 && attempt < 20) {
      await sleep(pause * (0.5 + Math.random()));
      continue;
    }
    if (!answer.ok) throw new ApiError(answer.status, content);
    return content;
  }
}

export const post = (path, value) => call(path, JSON.stringify(value), { "content-type": "application/json" });

/** Make an element with attributes and children. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Frame a digit whose box is in a picture's pixels. */
export function frame(kind, [x, y, w, h], { width, height }) {
  const element = make("div", { class: `box ${kind}` });
  const share = (part, whole) => `${(100 * part) / whole}%`;
  Object.assign(element.style, { left: share(x, width), top: share(y, height), width: share(w, width), height: share(h, height) });
  return element;
}

export const limit = (value, least, most) => Math.min(Math.max(value, least), most);
export const percent = (share) => `${Math.floor(share * 100)} %`;

/** Show what the keys of a view do. */
export function help(keys) {
  $("help").querySelector("dl").replaceChildren(
    ...[...keys, ["H", "this help"]].flatMap(([names, does]) => [
      make("dt", {}, ...names.split(" ").map((name) => make("kbd", {}, name.replaceAll("_", " ")))),
      make("dd", {}, does),
    ]),
  );
  $("help").showModal();
}

/** Tell whether a key is meant for a field or a dialog, or belongs to the browser. */
export function isTaken(event) {
  const { target } = event;
  if (event.altKey || event.metaKey || $("help").open) return true;
  if (target.matches("input:not([type=radio]), textarea, select")) return true;
  return target.matches("button, a, label") && (event.key === "Enter" || event.key === " ");
}

/** Do what a key is for: a digit, an action, help, or undo. */
export function act(event, actions, digit) {
  if (isTaken(event)) return;
  const name = event.key.toLowerCase();
  const key = event.ctrlKey ? name === "z" && "u" : name === "?" ? "h" : name;
  if (/^\d$/.test(key)) digit(Number(key));
  else if (actions[key]) actions[key]();
  else return;
  event.preventDefault();
}
