// The picture of the row that is reviewed; the next ones are fetched before they are needed.

import { $, sleep } from "./api.js";

const KEPT = 20;
const pictures = new Map(); // by their rows' numbers
const image = $("shown");
let here; // the row whose picture is shown, or is to be

/** Return a promise of a picture, or of the sentence why there is none; the last few are kept. */
export function fetchPicture(row) {
  if (!pictures.has(row)) {
    pictures.set(row, load(`api/review/pictures/${row}?sentence=1`));
    if (pictures.size > KEPT) forget(pictures.keys().next().value);
  }
  return pictures.get(row);
}

async function load(address) {
  try {
    const answer = await fetch(address);
    if (answer.headers.get("content-type") === "application/json") return { why: (await answer.json()).error };
    return { url: URL.createObjectURL(await answer.blob()) };
  } catch {
    return {};
  }
}

async function forget(row) {
  const found = pictures.get(row);
  pictures.delete(row);
  URL.revokeObjectURL((await found).url);
}

export async function showPicture(row) {
  if (here === row) return;
  here = row;
  const { url, why } = await fetchPicture(row);
  if (here !== row) return;
  image.hidden = !url;
  $("why").hidden = !why;
  if (url) image.src = url;
  else if (why) $("why").textContent = why;
  else {
    pictures.delete(row); // the server doesn't answer
    await sleep(1000);
    if (here !== row) return;
    here = null;
    showPicture(row);
  }
}

image.addEventListener("load", () => {
  image.classList.toggle("small", image.naturalWidth < 200 && image.naturalHeight < 200);
});
