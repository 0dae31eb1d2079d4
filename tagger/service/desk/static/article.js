// The page of an article. What the editor decides is a list of decisions (`pending`); the service shows what they
// make of the article (`refresh`), stores them (`save`) or takes back what was stored (`undo`).

import { combobox } from "./combobox.js";
import { Refused, announce, onKey, post } from "./desk.js";
import { free, occurrences, overlap, selected } from "./passage.js";

const main = document.getElementById("contenu");
const address = `/desk/articles/${main.dataset.article}`;
const draftKey = `tagger-draft-${main.dataset.article}`;
const leadText = document.getElementById("lead-text");
const picker = document.getElementById("picker");
const byId = (id) => document.getElementById(id);

let revision = Number(main.dataset.revision);
let pending = [];
let lead = leadText.value;
let isBusy = false;
let turns = 0; // how often the page was asked for anew
let isLeaving = false;
let picked = null;
const known = new Map();

// --- Decisions ------------------------------------------------------------------------------------------------

/** Note a decision, and show what it makes of the article. */
function decide(decision) {
  takeLead();
  pending.push(decision);
  changed();
  return refresh();
}

function changed() {
  if (pending.length) sessionStorage.setItem(draftKey, JSON.stringify(pending));
  else sessionStorage.removeItem(draftKey);
  const count = pending.length + (leadIsChanged() ? 1 : 0);
  const state = byId("state");
  const text = count ? `${count} changement${count > 1 ? "s" : ""} à enregistrer` : "Aucun changement";
  if (state.textContent !== text) state.textContent = text;
  state.classList.toggle("unsaved", count > 0);
}

const leadIsChanged = () => leadText.value.trim() !== lead.trim();

/** Make a decision of what was typed as the lead. */
function takeLead() {
  if (!leadIsChanged()) return;
  if (pending.at(-1)?.kind === "lead-edited") pending.pop();
  lead = leadText.value.trim();
  pending.push({ kind: "lead-edited", text: lead });
}

/** Ask the service what the pending decisions make of the article, and show it. */
async function refresh() {
  const turn = ++turns;
  try {
    const html = await post(`${address}/draft`, { revision, decisions: pending });
    if (turn !== turns) return null; // something newer is asked for already
    const draft = show(html);
    const refused = JSON.parse(draft.dataset.refused);
    if (refused.length) {
      pending = pending.filter((_, place) => !refused.includes(place));
      announce("Un changement ne correspond plus à l’article et a été laissé de côté.");
    }
    changed();
    return draft;
  } catch (error) {
    return complain(error);
  }
}

/** Put what the service rendered in the place of what is there; what had the focus or was open stays so. */
function show(html) {
  const draft = new DOMParser().parseFromString(html, "text/html").getElementById("draft");
  const restore = remember();
  for (const part of ["title", "keywords", "entities", "history", "reading"]) byId(part).replaceWith(document.adoptNode(draft.querySelector(`#${part}`)));
  main.dataset.reviewed = draft.dataset.reviewed;
  restore();
  enhance();
  return draft;
}

function remember() {
  const open = [...document.querySelectorAll(".entities [open], #history [open], #add-entity[open]")].map(nameOf);
  const focused = document.activeElement;
  const selector = focusSelector(focused);
  const give = focused.dataset.enter === "page" ? reach : (element) => element.focus({ preventScroll: true });
  return () => {
    for (const find of open) find()?.setAttribute("open", "");
    const again = selector && !focused.isConnected ? document.querySelector(selector) : null;
    if (again) give(again);
  };
}

function nameOf(details) {
  const item = details.closest("[data-places]");
  if (!item) return () => document.querySelector(details.id ? `#${details.id}` : "#history details");
  const places = item.dataset.places.split(" ");
  return () => entityAt(places)?.querySelector("details");
}

const entityAt = (places) =>
  [...document.querySelectorAll("[data-places]")].find((item) => places.some((place) => item.dataset.places.split(" ").includes(place)));

function focusSelector(element) {
  const chip = element.closest?.("[data-keyword]");
  if (chip) return `[data-keyword="${chip.dataset.keyword}"] .${["accept", "reject", "first"].find((name) => element.classList.contains(name)) ?? "name"}`;
  if (element.id) return `#${CSS.escape(element.id)}`;
  const item = element.closest?.("[data-places]");
  return item ? `[data-mention="${item.dataset.mention}"] summary, #entities .entities summary` : null;
}

// --- Saving ---------------------------------------------------------------------------------------------------

/** Send decisions; what the service stored is shown. Gives whether it did. */
async function store(decisions) {
  if (isBusy) return false;
  isBusy = true;
  try {
    const html = await post(`${address}/decisions`, { revision, decisions });
    turns += 1;
    settle(show(html));
    return true;
  } catch (error) {
    await complain(error);
    return false;
  } finally {
    isBusy = false;
  }
}

function settle(draft) {
  pending = [];
  revision = Number(draft.dataset.revision);
  lead = draft.dataset.lead;
  leadText.value = lead;
  countLead();
  changed();
}

async function save() {
  takeLead();
  if (!pending.length) return announce("Il n’y a rien à enregistrer.");
  if (await store(pending)) announce("Enregistré.");
  return undefined;
}

/** Accept what is still proposed, and be done with the article. */
async function review() {
  takeLead();
  const proposed = [...document.querySelectorAll(".chip[data-suggested=true][data-state=open]")];
  const accepted = proposed.map((chip) => ({ kind: "keyword-accepted", keyword_id: chip.dataset.keyword }));
  if (!(await store([...pending, ...accepted, { kind: "reviewed" }]))) return;
  if (main.dataset.next) {
    isLeaving = true;
    location.assign(main.dataset.next);
  } else {
    announce("Article validé.");
  }
}

async function undo() {
  takeLead();
  if (pending.length) {
    const last = pending.pop();
    const draft = await refresh();
    if (draft && last.kind === "lead-edited") {
      lead = draft.dataset.lead;
      leadText.value = lead;
      countLead();
    }
    changed();
    return announce("Dernier changement annulé.");
  }
  if (isBusy) return undefined;
  isBusy = true;
  try {
    const html = await post(`${address}/undo`, { revision });
    turns += 1;
    settle(show(html));
    announce("Le dernier enregistrement est annulé.");
  } catch (error) {
    if (error.kind === "decision-refused") announce("Il n’y a plus rien à annuler.");
    else await complain(error);
  } finally {
    isBusy = false;
  }
  return undefined;
}

async function complain(error) {
  if (!(error instanceof Refused)) throw error;
  if (error.kind === "edit-conflict") {
    byId("conflict-text").textContent = await whoWasQuicker();
    byId("conflict").showModal();
  } else if (error.status === 401) {
    announce("Votre session est close. Reconnectez-vous dans un autre onglet, rechargez : vos changements sont gardés ici.");
  } else {
    announce(error.message);
  }
}

async function whoWasQuicker() {
  try {
    const page = new DOMParser().parseFromString(await post(`${address}/draft`, { revision, decisions: [] }), "text/html");
    const [who, when] = page.querySelector("#history .history > li").querySelectorAll("strong, .faint");
    return `${who.textContent} a enregistré cet article pendant que vous y travailliez (${when.textContent}).`;
  } catch {
    return "Quelqu’un d’autre a enregistré cet article pendant que vous y travailliez.";
  }
}

byId("reload").addEventListener("click", () => {
  takeLead();
  changed();
  isLeaving = true;
  location.reload();
});
window.addEventListener("beforeunload", (event) => {
  takeLead();
  changed();
  if (pending.length && !isLeaving) event.preventDefault();
});

// --- Keywords -------------------------------------------------------------------------------------------------

const chips = () => [...document.querySelectorAll(".chip")];
const chipOf = (element) => element?.closest?.(".chip") ?? null;
const currentChip = () => chipOf(document.activeElement) ?? chips()[0] ?? null;

/** Accept or reject; the chip shows it at once, before the service has said what follows from it. */
function judge(chip, kind) {
  if (!chip) return undefined;
  const id = chip.dataset.keyword;
  const state = kind === "keyword-rejected" ? "rejected" : "accepted";
  const now = chip.dataset.state === "added" ? "accepted" : chip.dataset.state;
  if (now === state) {
    const place = pending.findLastIndex((decision) => decision.keyword_id === id);
    if (place < 0) return announce(state === "accepted" ? "Ce mot-clé est déjà accepté." : "Ce mot-clé est déjà refusé.");
    pending.splice(place, 1);
    changed();
    return refresh();
  }
  takeLead();
  pending.push({ kind, keyword_id: id });
  chip.dataset.state = state;
  chip.querySelector(".accept").setAttribute("aria-pressed", String(state === "accepted"));
  chip.querySelector(".reject").setAttribute("aria-pressed", String(state === "rejected"));
  changed();
  announce(`${chip.getAttribute("aria-label")} : ${state === "accepted" ? "accepté" : "refusé"}.`);
  return refresh();
}

/** File the article under a keyword first. */
function prefer(chip) {
  if (!chip || !["accepted", "added"].includes(chip.dataset.state)) return announce("Acceptez d’abord ce mot-clé.");
  announce(`${chip.getAttribute("aria-label")} : mot-clé principal.`);
  return decide({ kind: "primary-chosen", keyword_id: chip.dataset.keyword });
}

function moveChip(step) {
  const all = chips();
  const now = all.indexOf(chipOf(document.activeElement));
  const next = all[now < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(now + step, 0), all.length - 1)];
  const button = next?.querySelector(".name");
  if (button) reach(button);
}

/** Give a chip's button the focus as j and k do: Enter is the page's, not the button's. */
function reach(button) {
  button.dataset.enter = "page";
  button.addEventListener("blur", () => delete button.dataset.enter, { once: true });
  button.focus({ preventScroll: true });
  button.scrollIntoView({ block: "nearest" });
}

function explain(chip) {
  const why = chip?.querySelector(".why");
  if (!why) return announce("Aucun indice n’est connu pour ce mot-clé.");
  why.hidden = !why.hidden;
  chip.querySelector(".name").setAttribute("aria-expanded", String(!why.hidden));
  if (!why.hidden && matchMedia("(min-width: 62rem)").matches) {
    document.querySelector(`[data-field] [data-keywords~="${chip.dataset.keyword}"]`)?.scrollIntoView({ block: "center" });
  }
  return undefined;
}

let litKeyword = null;

/** Show in the text the words that speak for a keyword. */
function light(chip) {
  const id = chip?.dataset.keyword ?? null;
  if (id === litKeyword) return;
  litKeyword = id;
  for (const lit of document.querySelectorAll(".lit-evidence")) lit.classList.remove("lit-evidence");
  if (id) for (const piece of document.querySelectorAll(`[data-field] [data-keywords~="${id}"]`)) piece.classList.add("lit-evidence");
}

main.addEventListener("pointerover", (event) => light(chipOf(event.target) ?? chipOf(document.activeElement)));
main.addEventListener("focusin", (event) => light(chipOf(event.target)));

function addKeyword(option) {
  const chip = chips().find((other) => other.dataset.keyword === option.id);
  if (chip && chip.dataset.state !== "open" && chip.dataset.state !== "rejected") return announce("Ce mot-clé est déjà là.");
  if (chip) return judge(chip, "keyword-accepted");
  announce(`${option.name} : ajouté.`);
  return decide({ kind: "keyword-added", keyword_id: option.id, keyword: option.name });
}

const vocabulary = fetch("/desk/vocabulary", { headers: { accept: "application/json" } }).then((answer) => (answer.ok ? answer.json() : []));

// --- Entities -------------------------------------------------------------------------------------------------

const placeOf = (text) => {
  const [field, start, end] = text.split(":");
  return { field, start: Number(start), end: Number(end) };
};

const itemOf = (element) => element.closest("[data-mention]");
const mentionOf = (element) => placeOf(itemOf(element).dataset.mention);

/** What is known of a name that the editor chose among those offered. */
function named(name) {
  const clean = name.trim();
  const entry = known.get(clean);
  return entry ? { name: clean, id: entry.id, country: entry.country } : { name: clean };
}

main.addEventListener("submit", (event) => {
  const form = event.target;
  const given = new FormData(form);
  const deeds = {
    rename: () => ({ kind: "entity-renamed", mention: mentionOf(form), ...named(given.get("name")) }),
    merge: () => ({ kind: "entity-merged", mention: mentionOf(form), into: placeOf(given.get("into")) }),
    split: () => splitting(form, given),
    add: () => adding(given.get("words"), given.get("type"), given.get("name")),
  };
  const deed = Object.keys(deeds).find((name) => name in form.dataset);
  if (!deed) return;
  event.preventDefault();
  const decision = deeds[deed]();
  if (!decision) return;
  if (deed === "add") byId("add-entity").open = false;
  decide(decision);
});

// The other entities are offered once one is opened: a long article names hundreds.
main.addEventListener(
  "toggle",
  (event) => {
    const select = event.target.querySelector?.("[data-merge] select");
    if (!select || !event.target.open || select.options.length > 1) return;
    const own = itemOf(select);
    for (const item of document.querySelectorAll(".entities > [data-mention]")) {
      if (item === own) continue;
      const [name, kind] = [".name", ".kind"].map((part) => item.querySelector(`summary ${part}`).textContent);
      select.append(new Option(`${name} (${kind})`, item.dataset.mention));
    }
  },
  true,
);

function splitting(form, given) {
  const mentions = given.getAll("mention").map(placeOf);
  const all = form.querySelectorAll("[name=mention]").length;
  if (!mentions.length || mentions.length === all) {
    announce("Cochez les mentions à séparer, mais pas toutes.");
    return null;
  }
  return { kind: "entity-split", mentions, name: given.get("name").trim() };
}

function adding(words, type, name) {
  const there = occurrences(words.trim());
  const mentions = free(there).length ? free(there) : there;
  if (!mentions.length) {
    announce("Ces mots ne se trouvent pas dans le texte.");
    return null;
  }
  return { kind: "entity-added", name: name?.trim() || words.trim(), type, mentions };
}

main.addEventListener("click", (event) => {
  const target = event.target;
  const button = target.closest("button");
  const chip = chipOf(target);
  if (chip && button?.classList.contains("accept")) return judge(chip, "keyword-accepted");
  if (chip && button?.classList.contains("reject")) return judge(chip, "keyword-rejected");
  if (chip && button?.classList.contains("first")) return prefer(chip);
  if (chip && button?.classList.contains("name")) return explain(chip);
  if (button?.dataset.retype) {
    if (button.getAttribute("aria-pressed") === "true") return undefined;
    return decide({ kind: "entity-retyped", mention: mentionOf(button), type: button.dataset.retype });
  }
  if (button && "remove" in button.dataset) return decide({ kind: "entity-removed", mention: mentionOf(button) });
  if (button && "lead" in button.dataset) return takeOther(button);
  if (button && "reopen" in button.dataset) return decide({ kind: "reopened" });
  const mark = target.closest("[data-field] mark[data-entity]");
  if (mark && !selected()) openEntity(mark.dataset.entity);
  return undefined;
});

function openEntity(index) {
  const details = document.querySelector(`.entities [data-entity="${index}"] details`);
  if (!details) return;
  details.open = true;
  details.querySelector("summary").focus();
  details.scrollIntoView({ block: "nearest" });
}

for (const kind of ["pointerover", "focusin"]) {
  main.addEventListener(kind, (event) => {
    const index = event.target.closest?.("[data-entity]")?.dataset.entity;
    for (const mark of document.querySelectorAll("[data-field] mark")) mark.classList.toggle("lit", index !== undefined && mark.dataset.entity === index);
  });
}

// Words that are selected in the text can become an entity.
document.addEventListener("selectionchange", () => {
  picked = selected();
  picker.hidden = !picked;
  if (!picked) return;
  const box = getSelection().getRangeAt(0).getBoundingClientRect();
  picker.style.left = `${Math.max(8, Math.min(box.left, innerWidth - picker.offsetWidth - 8)) + scrollX}px`;
  picker.style.top = `${box.bottom + scrollY + 8}px`;
});
picker.addEventListener("pointerdown", (event) => event.preventDefault());
picker.addEventListener("click", (event) => {
  const type = event.target.closest("[data-pick]")?.dataset.pick;
  if (!type || !picked) return;
  const others = free(occurrences(picked.text)).filter((place) => !overlap(place, picked));
  decide({ kind: "entity-added", name: picked.text, type, mentions: [picked, ...others] });
  getSelection().removeAllRanges();
});

let asking = 0;
main.addEventListener("input", async (event) => {
  const input = event.target;
  if (input.getAttribute("list") !== "known-names" || input.value.trim().length < 2) return;
  const asked = ++asking;
  const answer = await fetch(`/desk/names?q=${encodeURIComponent(input.value)}`, { headers: { accept: "application/json" } });
  if (!answer.ok || asked !== asking) return;
  const names = await answer.json();
  for (const name of names) known.set(name.name, name);
  byId("known-names").replaceChildren(
    ...names.map((name) => {
      const option = document.createElement("option");
      option.value = name.name;
      option.label = [name.type, name.country].filter(Boolean).join(", ");
      return option;
    }),
  );
});

// --- Lead -----------------------------------------------------------------------------------------------------

function countLead() {
  const limit = Number(leadText.dataset.limit);
  const count = [...leadText.value].length;
  const output = document.querySelector("#lead-count output");
  output.textContent = count > limit ? `${count} / ${limit}, ${count - limit} de trop` : `${count} / ${limit}`;
  output.classList.toggle("over", count > limit);
}

function takeOther(button) {
  takeLead();
  leadText.value = button.dataset.lead;
  takeLead();
  countLead();
  changed();
  announce("Proposition reprise comme chapô.");
}

leadText.addEventListener("input", () => {
  countLead();
  changed();
});
leadText.addEventListener("change", () => {
  takeLead();
  changed();
});

// --- Copying --------------------------------------------------------------------------------------------------

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    takeLead();
    button.closest("details").open = false;
    try {
      const text = await post(`${address}/copy/${button.dataset.copy}`, { revision, decisions: pending });
      await toClipboard(text);
    } catch (error) {
      await complain(error);
    }
  });
}

async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    announce("Copié.");
  } catch {
    const dialog = byId("copied");
    dialog.querySelector("textarea").value = text;
    dialog.showModal();
    dialog.querySelector("textarea").select();
  }
}

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".copy[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const menu of document.querySelectorAll(".copy[open]")) menu.open = false;
  if (!(event.ctrlKey || event.metaKey)) return;
  const deed = { s: save, Enter: review }[event.key];
  if (!deed || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  deed();
});

// --- Keys and buttons -----------------------------------------------------------------------------------------

byId("save").addEventListener("click", save);
byId("undo").addEventListener("click", undo);
byId("review").addEventListener("click", review);
onKey("j", () => moveChip(1));
onKey("k", () => moveChip(-1));
onKey("a", () => judge(currentChip(), "keyword-accepted"));
onKey("r", () => judge(currentChip(), "keyword-rejected"));
onKey("p", () => prefer(currentChip()));
onKey("i", () => explain(currentChip()));
onKey("u", undo);
onKey("s", save);
onKey("Enter", review);
onKey("l", () => leadText.focus());
onKey("/", () => byId("other-keyword").focus());
onKey("e", () => document.querySelector(".entities summary")?.focus());
onKey("n", () => {
  if (main.dataset.next) location.assign(main.dataset.next);
});

/** What is rendered anew needs its behaviour anew. */
async function enhance() {
  const input = byId("other-keyword");
  combobox(input, await vocabulary, addKeyword);
}

enhance();
countLead();
sessionStorage.removeItem("tagger-draft-new"); // what was pasted has become an article
const kept = JSON.parse(sessionStorage.getItem(draftKey) ?? "[]");
if (kept.length) {
  pending = kept;
  const draft = await refresh();
  if (draft) {
    lead = draft.dataset.lead;
    leadText.value = lead;
    countLead();
    announce("Vos changements non enregistrés ont été repris. Vérifiez-les, puis enregistrez.");
  }
}
main.dataset.ready = "true";
