// A button with the number of new samples, which the server learns from, and one step back.

import { $, call, make, post } from "./api.js";
import { say } from "./draw.js";

let learning = false;
let timer;

function show(found) {
  const { new: count, other } = found;
  const button = $("samples");
  const text = `${count} new sample${count === 1 ? "" : "s"}`;
  if (learning && !found.learning) say(found.said);
  learning = found.learning;
  button.hidden = !count && !learning;
  button.disabled = learning;
  button.replaceChildren(...(learning ? ["learning …"] : [make("span", {}, "learn from "), text]));
  $("back").hidden = !other || learning;
  $("back").title = `Read with ${other} again`;
  $("model").textContent = found.title;
  clearTimeout(timer);
  if (learning) timer = setTimeout(refresh, 1000);
}

export async function refresh() {
  show(await call("api/learning"));
}

async function act(what) {
  const found = await post("api/learning", { do: what }).catch((error) => say(error.message, true));
  if (!found) return;
  say(found.said);
  show(found);
}

export function start() {
  $("samples").addEventListener("click", () => act("learn"));
  $("back").addEventListener("click", () => act("back"));
  return refresh();
}
