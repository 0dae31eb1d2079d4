
/* The articles that are ticked, each with all the reasons for which it is, as lines of JSON. */
const picks = Array.from(document.querySelectorAll(".pick"));

function selection() {
  const reasons = new Map();
  for (const pick of picks.filter((each) => each.checked)) {
    for (const id of JSON.parse(pick.dataset.ids)) {
      reasons.set(id, [...new Set([...(reasons.get(id) ?? []), pick.dataset.reason])]);
    }
  }
  return Array.from(reasons, ([id, why]) => ({ id, reasons: why }));
}

function showPicked() {
  const size = selection().length;
  document.getElementById("picked").textContent =
    size === 0 ? "nothing ticked" : size === 1 ? "1 article ticked" : `${size} articles ticked`;
  document.getElementById("download").disabled = size === 0;
  document.getElementById("all").textContent = picks.some((each) => !each.checked) ? "Tick all" : "Tick none";
}

function download() {
  const lines = selection().map((each) => JSON.stringify(each) + "\n");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(lines, { type: "application/x-ndjson" }));
  link.download = "selection.jsonl";
  link.click();
  URL.revokeObjectURL(link.href);
}

picks.forEach((pick) => pick.addEventListener("change", showPicked));
document.getElementById("download").addEventListener("click", download);
document.getElementById("all").addEventListener("click", () => {
  const checked = picks.some((each) => !each.checked);
  picks.forEach((pick) => { pick.checked = checked; });
  showPicked();
});
showPicked();
