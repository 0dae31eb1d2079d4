// Suggestions beside a CMS's own form. One script tag, no dependency; it touches nothing but the fields it is told of:
//
//   <script src="https://TAGGER/desk/static/widget.js" defer
//     data-title="#titre" data-text="#texte" data-lead="#descriptif"
//     data-keywords="input[name='mots[]']" data-place="#propositions" data-key="KEY"></script>
//
// data-text is required; data-place is where the suggestions stand (by default after the text's field);
// data-endpoint is the service's address (by default where the script comes from).

(() => {
  "use strict";

  const script = document.currentScript;
  const given = script.dataset;
  const endpoint = (given.endpoint ?? new URL(script.src).origin).replace(/\/$/, "");
  const LEAST_CANDIDATE = 0.1; // probability from which a keyword that is not suggested is shown

  const STYLE = `
    :host { all: initial; display: block; margin: 1rem 0; color-scheme: light dark;
      --ink: #1f2328; --faint: #5a6068; --paper: #fffefb; --rule: #878072; --accent: #0b5a66; --accent-ink: #fff; --soft: #dcedee; --yes: #1d6b3a; --yes-soft: #deefe2; --bad: #a1271f;
      color: var(--ink); font: 16px/1.45 -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif; }
    @media (prefers-color-scheme: dark) { :host {
      --ink: #e8e6e1; --faint: #a9afb6; --paper: #1c2024; --rule: #7d858e; --accent: #7fd0dc; --accent-ink: #06272c; --soft: #17383d; --yes: #83d29c; --yes-soft: #17351f; --bad: #ff9d92; } }
    section { padding: 1rem; border: 1px solid var(--rule); border-radius: 8px; background: var(--paper); }
    h2, h3 { margin: 0 0 .5rem; font-size: 1rem; } h3 { margin-top: 1rem; font-size: .9rem; color: var(--faint); }
    ul + p { margin-top: .6rem; }
    p { margin: 0 0 .5rem; } p:last-child { margin: 0; }
    ul { display: flex; flex-wrap: wrap; gap: .4rem; margin: 0; padding: 0; list-style: none; }
    button { min-height: 2.25rem; padding: .2rem .8rem; border: 1px solid var(--rule); border-radius: 6px; background: var(--paper); color: inherit; font: inherit; cursor: pointer; }
    button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
    button:disabled { opacity: .65; cursor: default; }
    .main { border-color: var(--accent); background: var(--accent); color: var(--accent-ink); font-weight: 600; }
    .chip { border-radius: 1.2rem; } .chip small { color: var(--faint); margin-left: .35rem; }
    .chip.suggested { border-color: var(--accent); background: var(--soft); } .chip.suggested small { color: inherit; }
    .chip[aria-pressed=true] { border-color: var(--yes); background: var(--yes-soft); font-weight: 600; }
    .chip[aria-pressed=true]::before { content: "✓ "; content: "✓ " / ""; color: var(--yes); }
    blockquote { margin: 0 0 .5rem; padding: .1rem 0 .1rem .8rem; border-left: 3px solid var(--accent); }
    .bad { color: var(--bad); } .faint { color: var(--faint); } .row { display: flex; flex-wrap: wrap; gap: .5rem; }
  `;

  /** A keyword's name as it is compared: without the rank that SPIP puts before it, accents and case. */
  const fold = (text) =>
    text.replace(/^\s*\d+\.\s*/, "").normalize("NFD").replace(/\p{M}/gu, "").replaceAll("’", "'").replace(/\s+/g, " ").trim().toLowerCase();

  const make = (tag, text = "", attributes = {}) => {
    const element = document.createElement(tag);
    element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };

  const field = (selector) => (selector ? document.querySelector(selector) : null);
  const percent = (share) => `${Math.round(share * 100)}\u00a0%`;

  /** The boxes and options of the form by the folded name of their keyword; each can be read and set. */
  function boxes() {
    const found = new Map();
    for (const element of given.keywords ? document.querySelectorAll(given.keywords) : []) {
      if (element instanceof HTMLSelectElement) {
        for (const option of element.options) found.set(fold(option.text), setter(element, option, "selected"));
      } else {
        const label = element.labels?.[0]?.textContent || element.getAttribute("aria-label") || element.value;
        found.set(fold(label), setter(element, element, "checked"));
      }
    }
    return found;
  }

  const setter = (element, target, property) => ({
    get: () => target[property],
    set(value) {
      target[property] = value;
      element.dispatchEvent(new Event("input", { bubbles: true }));
      element.dispatchEvent(new Event("change", { bubbles: true }));
    },
    element,
  });

  async function ask(text) {
    const headers = { "content-type": "application/json" };
    if (given.key) headers.authorization = `Bearer ${given.key}`;
    let answer;
    try {
      const body = JSON.stringify({ title: field(given.title)?.value ?? "", text });
      answer = await fetch(`${endpoint}/v1/annotate`, { method: "POST", headers, body, credentials: "omit" });
    } catch {
      throw new Error("Le service de propositions ne répond pas, ou n’admet pas ce site (TAGGER_ALLOWED_ORIGINS).");
    }
    if (answer.ok) return answer.json();
    if (answer.status === 401 || answer.status === 403) throw new Error("Le service refuse la clé de ce site.");
    if (answer.status === 429 || answer.status === 503) throw new Error("Le service est très occupé. Réessayez dans un instant.");
    if (answer.status === 413) throw new Error("Ce texte est trop long pour le service.");
    throw new Error(answer.status === 422 ? "Il n’y a pas encore de texte à lire." : `Le service a répondu par une erreur (${answer.status}).`);
  }

  function start() {
    const text = field(given.text);
    if (!text) {
      console.error(`tagger: data-text="${given.text ?? ""}" names no field of this page.`);
      return;
    }
    const host = make("tagger-suggestions");
    const place = field(given.place);
    if (place) place.append(host);
    else text.after(host);
    const root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];

    const section = make("section", "", { "aria-label": "Propositions pour cet article", lang: "fr" });
    const go = make("button", "Proposer mots-clés et chapô", { type: "button", class: "main" });
    const status = make("p", "", { role: "status" });
    const results = make("div");
    section.append(make("h2", "Propositions"), go, status, results);
    root.append(section);

    go.addEventListener("click", async () => {
      go.disabled = true;
      status.className = "faint";
      status.textContent = "L’article est lu, un instant…";
      results.replaceChildren();
      try {
        const annotation = await ask(text.value);
        results.append(...keywordList(annotation.keywords), ...leadOf(annotation.lead), ...entityList(annotation.entities));
        status.textContent = "Cliquez sur un mot-clé pour le cocher dans le formulaire.";
      } catch (error) {
        status.className = "bad";
        status.textContent = error.message;
      } finally {
        go.disabled = false;
        go.textContent = "Proposer de nouveau";
      }
    });
  }

  function keywordList(keywords) {
    const there = boxes();
    const list = make("ul");
    const chips = [];
    for (const item of keywords.filter((keyword) => keyword.suggested || keyword.probability >= LEAST_CANDIDATE)) {
      const box = there.get(fold(item.keyword));
      const chip = make("button", item.keyword, { type: "button", class: item.suggested ? "chip suggested" : "chip" });
      chip.append(make("small", box ? percent(item.probability) : "absent du formulaire"));
      chip.disabled = !box;
      const show = () => chip.setAttribute("aria-pressed", String(Boolean(box?.get())));
      show();
      box?.element.addEventListener("change", show);
      chip.addEventListener("click", () => box.set(!box.get()));
      chips.push([item, box]);
      const entry = make("li");
      entry.append(chip);
      list.append(entry);
    }
    if (!chips.length) return [make("h3", "Mots-clés"), make("p", "Aucun mot-clé n’est assez probable.", { class: "faint" })];
    const all = make("button", "Cocher tous les mots-clés proposés", { type: "button" });
    all.addEventListener("click", () => {
      for (const [item, box] of chips) if (item.suggested && box && !box.get()) box.set(true);
    });
    const row = make("p", "", { class: "row" });
    row.append(all);
    return [make("h3", "Mots-clés"), list, row];
  }

  function leadOf(lead) {
    if (!lead) return [];
    const parts = [make("h3", "Chapô"), make("blockquote", lead.text)];
    const target = field(given.lead);
    if (target) {
      const before = target.value;
      const take = make("button", target.value.trim() ? "Remplacer le chapô du formulaire" : "Reprendre dans le formulaire", { type: "button" });
      take.addEventListener("click", () => {
        const back = target.value === lead.text;
        target.value = back ? before : lead.text;
        target.dispatchEvent(new Event("input", { bubbles: true }));
        target.dispatchEvent(new Event("change", { bubbles: true }));
        take.textContent = back ? "Reprendre dans le formulaire" : "Remettre l’ancien texte";
      });
      parts.push(take);
    }
    return parts;
  }

  function entityList(entities) {
    if (!entities.length) return [];
    return [make("h3", "Noms cités"), make("p", entities.map((entity) => entity.name).join(", "))];
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
