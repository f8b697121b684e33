// A bar for each digit, with its probability; a click says that it was this one.

import { $, make, percent } from "./api.js";

let all;

export function start(label) {
  all = [...Array(10).keys()].map((value) => {
    const fill = make("span", { class: "fill" });
    const share = make("span", { class: "share" });
    const track = make("span", { class: "track" }, fill);
    const button = make("button", { onclick: () => label(value) }, make("span", {}, value), track, share);
    $("bars").append(make("li", {}, button));
    return { button, fill, share };
  });
}

export function show(digit) {
  all.forEach(({ button, fill, share }, value) => {
    const chance = digit?.probabilities?.[value] ?? 0;
    const text = chance >= 0.01 ? percent(chance) : "";
    button.classList.toggle("best", value === (digit?.label ?? digit?.digit));
    button.ariaLabel = `It was a ${value}${text && ` (${text})`}`;
    fill.style.setProperty("--share", chance);
    share.textContent = text;
  });
}
