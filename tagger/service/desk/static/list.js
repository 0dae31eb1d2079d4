// A list of articles by keyboard: j and k move, Enter opens what has the focus.

import { onKey } from "./desk.js";

const items = [...document.querySelectorAll(".list .item")];

function move(step) {
  const now = items.indexOf(document.activeElement);
  const next = now < 0 ? (step > 0 ? 0 : items.length - 1) : Math.min(Math.max(now + step, 0), items.length - 1);
  items[next]?.focus();
}

onKey("j", () => move(1));
onKey("k", () => move(-1));
onKey("/", () => document.querySelector("input[type=search]")?.focus());
// The first article of the queue is ready for Enter, unless the editor is elsewhere already.
if (document.querySelector(".list[data-focus]") && document.activeElement === document.body) items[0]?.focus({ preventScroll: true });

// On a phone the facets would push the results far down: there they wait to be opened.
if (matchMedia("(max-width: 62rem)").matches) {
  for (const facet of document.querySelectorAll(".facets details:not(:has([aria-current]))")) facet.open = false;
}
