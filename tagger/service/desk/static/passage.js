// Places in the article: between what the browser selects and the offsets of the contract, which count code points.

const length = (text) => [...text].length;
const LETTER = /[\p{L}\p{N}]/u;
const ELISION = /^(?:[dlns]|qu)['’](?=.)/;

/** Where a paragraph begins in its field. */
const startOf = (paragraph) => Number(paragraph.querySelector("[data-start]").dataset.start);

function mention(paragraph, text, from, to) {
  const start = startOf(paragraph) + length(text.slice(0, from));
  const words = text.slice(from, to);
  return { field: paragraph.dataset.field, start, end: start + length(words), text: words };
}

/** The title and the paragraphs, each with its field and its text. */
function* paragraphs() {
  for (const paragraph of document.querySelectorAll("[data-field]")) {
    if (paragraph.querySelector("[data-start]")) yield [paragraph, paragraph.textContent];
  }
}

/** The mention that is selected, if words of one paragraph are. */
export function selected() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  const paragraph = closest(range.startContainer, "[data-field]");
  if (!paragraph?.querySelector("[data-start]") || paragraph !== closest(range.endContainer, "[data-field]")) return null;
  const text = paragraph.textContent;
  let from = offset(paragraph, range.startContainer, range.startOffset);
  let to = offset(paragraph, range.endContainer, range.endOffset);
  while (from < to && /\s/.test(text[from])) from += 1;
  from += ELISION.exec(text.slice(from, to))?.[0].length ?? 0; // a double click takes « l’administration » whole
  while (from < to && /\s/.test(text[to - 1])) to -= 1;
  return from < to && LETTER.test(text.slice(from, to)) ? mention(paragraph, text, from, to) : null;
}

/** Every place where words stand by themselves. */
export function occurrences(words) {
  const asked = words.replaceAll("’", "'");
  const found = [];
  for (const [paragraph, text] of paragraphs()) {
    const searched = text.replaceAll("’", "'");
    for (let at = searched.indexOf(asked); at >= 0; at = searched.indexOf(asked, at + asked.length)) {
      const before = text.slice(0, at).at(-1) ?? "";
      const after = text[at + asked.length] ?? "";
      if (!LETTER.test(before) && !LETTER.test(after)) found.push(mention(paragraph, text, at, at + asked.length));
    }
  }
  return found;
}

/** Those of some mentions that belong to no entity yet. */
export function free(mentions) {
  const taken = [...document.querySelectorAll("mark[data-start]")].map((mark) => {
    const start = Number(mark.dataset.start);
    return { field: mark.closest("[data-field]").dataset.field, start, end: start + length(mark.textContent) };
  });
  return mentions.filter((one) => !taken.some((other) => overlap(one, other)));
}

export const overlap = (one, other) => one.field === other.field && one.start < other.end && other.start < one.end;

function offset(paragraph, node, place) {
  const range = document.createRange();
  range.setStart(paragraph, 0);
  range.setEnd(node, place);
  return range.toString().length;
}

function closest(node, selector) {
  return (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest(selector);
}
