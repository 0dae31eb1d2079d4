// A field that finds a keyword among all of them: by name, synonym or group, without regard to accents.

const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replaceAll("’", "'").replaceAll("œ", "oe").toLowerCase();

const INSIDE_WORDS = 3; // letters; what is shorter is looked for where words begin

/** How well a keyword matches: 0 best, Infinity not at all. « IA » is a synonym, not a part of « Entreprenariat ». */
function rank(option, asked) {
  const names = [option.name_, ...option.synonyms_];
  if (names.includes(asked)) return 0;
  if (option.name_.startsWith(asked)) return 1;
  if (names.some((name) => beginsWord(name, asked))) return 2;
  if (beginsWord(option.group_, asked)) return 3;
  return asked.length >= INSIDE_WORDS && names.some((name) => name.includes(asked)) ? 4 : Infinity;
}

function beginsWord(text, asked) {
  return ` ${text.replace(/[^\p{L}\p{N}]+/gu, " ")}`.includes(` ${asked.replace(/[^\p{L}\p{N}]+/gu, " ")}`);
}

/**
 * Make an input a combobox (WAI-ARIA 1.2). `options` are {id, name, group, synonyms}; `choose` gets the chosen one.
 */
export function combobox(input, options, choose) {
  const list = document.getElementById(input.getAttribute("aria-controls"));
  const folded = options.map((option) => ({
    ...option,
    name_: fold(option.name),
    group_: fold(option.group),
    synonyms_: option.synonyms.map(fold),
  }));
  let found = [];
  let active = -1;

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    active = -1;
  }

  function move(to) {
    active = to;
    for (const [place, item] of [...list.children].entries()) item.setAttribute("aria-selected", String(place === active));
    const item = list.children[active];
    if (item) {
      input.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    }
  }

  function show() {
    const asked = fold(input.value.trim());
    found = folded
      .map((option) => [rank(option, asked), option])
      .filter(([how]) => how < Infinity)
      .sort(([one], [two]) => one - two)
      .map(([, option]) => option);
    list.replaceChildren(
      ...found.map((option, place) => {
        const item = document.createElement("li");
        item.id = `${list.id}-${place}`;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", "false");
        const group = document.createElement("small");
        group.textContent = option.group;
        item.append(option.name, group);
        item.addEventListener("pointerdown", (event) => event.preventDefault());
        item.addEventListener("click", () => take(option));
        return item;
      }),
    );
    if (!found.length) {
      const none = document.createElement("li");
      none.className = "none";
      none.setAttribute("role", "option");
      none.setAttribute("aria-disabled", "true");
      none.setAttribute("aria-selected", "false");
      none.textContent = "Aucun mot-clé de ce nom";
      list.append(none);
    }
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    move(found.length && asked ? 0 : -1);
  }

  function take(option) {
    input.value = "";
    close();
    choose(option);
  }

  input.addEventListener("input", show);
  input.addEventListener("click", show);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) return show();
      const step = event.key === "ArrowDown" ? 1 : -1;
      move((active + step + found.length) % Math.max(found.length, 1));
    } else if (event.key === "Enter" && !list.hidden) {
      event.preventDefault();
      if (found[active]) take(found[active]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      input.value = "";
      close();
    }
    return undefined;
  });
}
