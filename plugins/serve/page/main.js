// Which of the three views is shown, and what they share.

import { $, call } from "./api.js";
import * as draw from "./draw.js";
import * as learn from "./learn.js";
import * as pictures from "./pictures.js";
import * as review from "./review.js";

const VIEWS = { draw, pictures, review };
const links = document.querySelectorAll("nav a");

function show() {
  let name = location.hash.slice(1);
  if (!(name in VIEWS)) name = document.body.dataset.first ?? "draw";
  if (name === "review" && $("to-review").hidden) name = "draw";
  for (const [other, view] of Object.entries(VIEWS)) {
    $(other).hidden = other !== name;
    view.show(other === name);
  }
  document.body.dataset.view = name;
  for (const link of links) link.ariaCurrent = link.hash === `#${name}` ? "page" : null;
}

document.addEventListener("keydown", (event) => VIEWS[document.body.dataset.view]?.key(event));
addEventListener("hashchange", show);

draw.start();
pictures.start();
show();

const model = await call("api/model");
await learn.start();
if (model.review) {
  $("to-review").hidden = false;
  document.body.dataset.first = "review";
  await review.start();
  show();
}
