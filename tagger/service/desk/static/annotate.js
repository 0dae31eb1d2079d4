// The form that takes an article: one tab for each form, a place to drop a file, and a note while models work.

const form = document.getElementById("annotate");
const tabs = [...form.querySelectorAll("[role=tab]")];
const drop = document.getElementById("drop");
const file = document.getElementById("file");
const fields = [...form.querySelectorAll("[name=title], textarea")];
const draftKey = "tagger-draft-new"; // what was sent, until an article comes of it

function show(chosen, focus = false) {
  for (const tab of tabs) {
    const is = tab === chosen;
    tab.setAttribute("aria-selected", String(is));
    tab.tabIndex = is ? 0 : -1;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = !is;
  }
  if (focus) chosen.focus();
}

for (const [place, tab] of tabs.entries()) {
  tab.addEventListener("click", () => show(tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) show(tabs[(place + step + tabs.length) % tabs.length], true);
  });
}
show(tabs.find((tab) => tab.getAttribute("aria-selected") === "true"));

// A file may be dropped anywhere on the page.
for (const kind of ["dragover", "drop"]) {
  document.addEventListener(kind, (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    show(document.getElementById("tab-file"));
    drop.classList.toggle("over", kind === "dragover");
    if (kind === "drop") {
      file.files = event.dataTransfer.files;
      form.requestSubmit();
    }
  });
}
drop.addEventListener("dragleave", () => drop.classList.remove("over"));

// Only what stands in the tab that is open is sent.
form.addEventListener("submit", () => {
  keep();
  for (const panel of form.querySelectorAll("[role=tabpanel]")) {
    for (const field of panel.querySelectorAll("input, textarea")) field.disabled = panel.hidden;
  }
  const go = document.getElementById("go");
  go.disabled = true;
  go.textContent = "Lecture en cours…";
  document.getElementById("toast").textContent = "L’article est lu, un instant…";
});

// The session may have ended while the editor was pasting: after the login all stands here again.
function keep() {
  try {
    sessionStorage.setItem(draftKey, JSON.stringify(Object.fromEntries(fields.map((field) => [field.name, field.value]))));
  } catch {
    sessionStorage.removeItem(draftKey); // it is larger than the browser keeps
  }
}

function restore() {
  const kept = JSON.parse(sessionStorage.getItem(draftKey) ?? "{}");
  if (fields.some((field) => field.value)) return;
  for (const field of fields) field.value = kept[field.name] ?? "";
  if (kept.html) show(document.getElementById("tab-html"));
}
restore();

window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
