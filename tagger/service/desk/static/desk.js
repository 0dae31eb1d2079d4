// What every page of the desk shares: messages, requests, single-key shortcuts and their help.

const ANNOUNCED_FOR = 6000;
const SEQUENCE_WITHIN = 1500;
const PLACES = { a: "/desk/annotate", q: "/desk/queue", s: "/desk/search", h: "/desk/health" };

const toast = document.getElementById("toast");
let forgetting;

/** Say something at the foot of the page, aloud to screen readers too. */
export function announce(text) {
  clearTimeout(forgetting);
  toast.textContent = text;
  forgetting = setTimeout(() => (toast.textContent = ""), ANNOUNCED_FOR);
}

/** What the service answered when it refused: the problem document, or what is known without one. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail);
    this.status = status;
    this.kind = (problem.type ?? "").split(":").pop();
    this.problem = problem;
  }
}

/** Post JSON and give back the answer's text. Throws `Refused`; its message is in French. */
export async function post(address, body) {
  let answer;
  try {
    answer = await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json", "x-csrf-token": document.querySelector("meta[name=csrf]").content },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Refused(0, { detail: "Le serveur ne répond pas. Vos changements restent ici ; réessayez dans un instant." });
  }
  const text = await answer.text();
  if (answer.ok) return text;
  let problem = { detail: `Le serveur a répondu par une erreur (${answer.status}).` };
  try {
    problem = JSON.parse(text);
  } catch {
    // A proxy's own page: its status is all there is to tell.
  }
  throw new Refused(answer.status, problem);
}

const handlers = new Map();
let prefix = "";
let prefixAt = 0;

/** Let a single key do something; `action` gets the event. The editor can switch all of these off. */
export function onKey(key, action) {
  handlers.set(key, action);
}

const switchOn = document.getElementById("keys-on");
const keysAreOn = () => localStorage.getItem("tagger-keys") !== "off";

function isTyping(target) {
  return target.closest("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])") !== null;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && isTyping(event.target) && !event.defaultPrevented) event.target.blur();
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !keysAreOn()) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (prefix === "g" && Date.now() - prefixAt < SEQUENCE_WITHIN && PLACES[event.key]) {
    location.assign(PLACES[event.key]);
    return;
  }
  prefix = event.key;
  prefixAt = Date.now();
  // Enter and space belong to the button or link that has the focus.
  if (event.key === "Enter" && event.target.closest("a, button, summary") && !event.target.closest("[data-enter=page]")) return;
  const action = handlers.get(event.key);
  if (!action) return;
  event.preventDefault();
  action(event);
});

const help = document.getElementById("help");
if (help) {
  onKey("?", () => help.showModal());
  switchOn.checked = keysAreOn();
  switchOn.addEventListener("change", () => localStorage.setItem("tagger-keys", switchOn.checked ? "on" : "off"));
}
for (const button of document.querySelectorAll("[data-help]")) button.addEventListener("click", () => help.showModal());
for (const dialog of document.querySelectorAll("dialog")) {
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });
}
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !confirm(question)) event.preventDefault();
});
