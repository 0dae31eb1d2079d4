// The form that takes an article: one tab for each form, a place to drop a file, and a note while models work.

const form = document.getElementById("annotate");
const tabs = [...form.querySelectorAll("[role=tab]")];
const drop = document.getElementById("drop");
const file = document.getElementById("file");

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
  for (const panel of form.querySelectorAll("[role=tabpanel]")) {
    for (const field of panel.querySelectorAll("input, textarea")) field.disabled = panel.hidden;
  }
  const go = document.getElementById("go");
  go.disabled = true;
  go.textContent = "Lecture en cours…";
  document.getElementById("toast").textContent = "L’article est lu, un instant…";
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
