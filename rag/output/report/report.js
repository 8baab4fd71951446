
// Finds and filters the answers that stand in the page, and goes from one to the next. What is
// looked at is kept behind the # of the address, so that a reload or a link comes back to it.
"use strict";
(() => {
  const by = (id) => document.getElementById(id);
  const [bar, find, count, note, main, help] = ["bar", "find", "count", "note", "answers", "help"].map(by);
  const field = bar.elements;
  const rows = [...document.querySelectorAll("article")].map((element, index) => ({
    element,
    number: index + 1,
    status: element.dataset.status,
    documents: new Set(element.dataset.documents.split(" ")),
    differ: element.dataset.flags.includes("differ"),
    wrong: element.dataset.flags.includes("wrong"),
    fits: true,
    text: null,
  }));
  let current = null; // the row that was gone to last
  let at = 0; // its number, as long as the address says so

  // --- searching: case, accents and runs of white space do not count -----------------------

  const OTHER = { ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ı: "i", ς: "σ" };
  const known = new Map();

  function foldedSign(sign) {
    let folded = known.get(sign);
    if (folded === undefined) {
      folded = sign.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/\p{M}/gu, "");
      folded = folded.replace(/[ßæœøłđıς]/g, (letter) => OTHER[letter]).replace(/\s/g, " ");
      known.set(sign, folded);
    }
    return folded;
  }

  // The folded text and, where wanted, the place in the text that each of its letters comes from.
  function fold(text, places) {
    let folded = "";
    let place = 0;
    for (const sign of text) {
      let part = foldedSign(sign);
      if (part === " " && (folded === "" || folded.endsWith(" "))) part = "";
      if (places) for (let n = 0; n < part.length; n++) places.push(place);
      folded += part;
      place += sign.length;
    }
    return folded;
  }

  const findable = (row) => row.element.querySelectorAll("[data-find]");

  function textOf(row) {
    row.text ??= [...findable(row)].map((element) => fold(element.textContent)).join("\n");
    return row.text;
  }

  const MOST = 2000; // ranges that are painted

  function paint(wanted) {
    if (!window.CSS?.highlights) return;
    CSS.highlights.delete("found");
    if (!wanted) return;
    const ranges = [];
    for (const row of rows) {
      if (!row.fits) continue;
      for (const element of findable(row)) {
        ranges.push(...rangesIn(element, wanted));
        if (ranges.length > MOST) break;
      }
    }
    CSS.highlights.set("found", new Highlight(...ranges.slice(0, MOST)));
  }

  function rangesIn(element, wanted) {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const nodes = [];
    let text = "";
    while (walker.nextNode()) {
      nodes.push([text.length, walker.currentNode]);
      text += walker.currentNode.data;
    }
    const places = [];
    const folded = fold(text, places);
    const ranges = [];
    for (let found = folded.indexOf(wanted); found >= 0; found = folded.indexOf(wanted, found + wanted.length)) {
      const range = new Range();
      const [start, end] = [places[found], places[found + wanted.length] ?? text.length];
      const [first, last] = [nodes.findLast(([from]) => from <= start), nodes.findLast(([from]) => from < end)];
      range.setStart(first[1], start - first[0]);
      range.setEnd(last[1], end - last[0]);
      ranges.push(range);
    }
    return ranges;
  }

  // --- filtering ---------------------------------------------------------------------------

  function apply() {
    const wanted = fold(find.value).trim();
    const [status, named] = [field.status.value, field.document.value];
    const [differ, wrong] = [field.differ.checked, Boolean(field.wrong?.checked)];
    let shown = 0;
    for (const row of rows) {
      row.fits =
        (!status || row.status === status) &&
        (!named || row.documents.has(named)) &&
        (!differ || row.differ) &&
        (!wrong || row.wrong) &&
        (!wanted || textOf(row).includes(wanted));
      row.element.hidden = !row.fits;
      shown += row.fits;
    }
    count.textContent = count.dataset.said.replace("{n}", shown).replace("{total}", rows.length);
    by("none").hidden = shown > 0 || rows.length === 0;
    by("clear").hidden = !(wanted || status || named || differ || wrong);
    note.textContent = "";
    paint(wanted);
    remember();
  }

  let waiting = 0;

  function changed() {
    clearTimeout(waiting);
    apply();
    // Who filters far down in the page wants to see what is left from its beginning.
    if (bar.getBoundingClientRect().top <= 0) main.scrollIntoView({ block: "start" });
  }

  function clear() {
    bar.reset();
    changed();
    find.focus();
  }

  // --- the address ---------------------------------------------------------------------------

  let saving = 0;

  function remember() {
    clearTimeout(saving);
    saving = setTimeout(() => {
      const state = new URLSearchParams();
      const only = ["differ", "wrong"].filter((name) => field[name]?.checked);
      if (field.status.value) state.set("status", field.status.value);
      if (field.document.value) state.set("document", field.document.selectedOptions[0].dataset.name);
      if (only.length) state.set("only", only.join());
      if (find.value.trim()) state.set("find", find.value);
      if (at) state.set("at", at);
      const hash = String(state);
      if (hash === location.hash.slice(1) || (!hash && !location.hash.includes("="))) return;
      try {
        history.replaceState(null, "", `#${hash}`);
      } catch {
        // Some browsers limit how often; the address is then a little behind.
      }
    }, 200);
  }

  // An address without "=" is that of an answer or a source, and says nothing about filters.
  function recall() {
    if (!location.hash.includes("=")) return;
    const state = new URLSearchParams(location.hash.slice(1));
    const only = (state.get("only") ?? "").split(",");
    bar.reset();
    for (const radio of field.status) radio.checked = radio.value === (state.get("status") ?? "");
    if (!field.status.value) field.status[0].checked = true;
    for (const option of field.document.options) {
      if (option.value && option.dataset.name === state.get("document")) option.selected = true;
    }
    for (const name of ["differ", "wrong"]) if (field[name]) field[name].checked = only.includes(name);
    find.value = state.get("find") ?? "";
    const row = rows[Number(state.get("at")) - 1];
    at = row ? row.number : 0;
    apply();
    if (row?.fits) go(row);
  }

  // --- going from answer to answer -------------------------------------------------------------

  function go(row) {
    current?.element.removeAttribute("aria-current");
    row.element.setAttribute("aria-current", "true");
    current = row;
    at = row.number;
    row.element.focus({ preventScroll: true });
    row.element.scrollIntoView({ block: "start" });
    remember();
  }

  // The answer at hand: the one gone to last while it is to be seen, else none.
  function here(shown) {
    if (!current?.fits) return -1;
    const { top, bottom } = current.element.getBoundingClientRect();
    const seen = bottom > bar.getBoundingClientRect().bottom && top < innerHeight;
    return seen ? shown.indexOf(current) : -1;
  }

  // The first answer of which anything is to be seen below the bar.
  function first(shown) {
    const edge = bar.getBoundingClientRect().bottom + 8;
    const found = shown.findIndex((row) => row.element.getBoundingClientRect().bottom > edge);
    return found < 0 ? shown.length : found;
  }

  function step(by) {
    const shown = rows.filter((row) => row.fits);
    const place = here(shown);
    const next = place >= 0 ? place + by : first(shown) + (by < 0 ? -1 : 0);
    note.textContent = "";
    if (shown[next]) go(shown[next]);
    else say(!shown.length ? "none" : by > 0 ? "last" : "first");
  }

  function unanswered() {
    const shown = rows.filter((row) => row.fits);
    const place = here(shown);
    const start = place >= 0 ? place + 1 : first(shown);
    const order = [...shown.slice(start), ...shown.slice(0, start)];
    const found = order.find((row) => row.status !== "answered");
    note.textContent = "";
    if (!found) return say("unanswered");
    const before = shown.indexOf(found) < start;
    go(found);
    if (found === shown[place]) say("only");
    else if (before) say("again");
  }

  let fading = 0;

  // What is said stands in the page, in the language that it is in.
  function say(name) {
    clearTimeout(fading);
    note.textContent = note.dataset[name];
    fading = setTimeout(() => (note.textContent = ""), 6000);
  }

  function follow(link) {
    const target = by(link.hash.slice(1));
    const row = rows.find(({ element }) => element === target);
    if (row) return go(row);
    document.querySelector("li.shown")?.classList.remove("shown");
    target.classList.add("shown");
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "nearest" });
  }

  // --- what the person does ---------------------------------------------------------------------

  function showHelp() {
    if (help.open) return help.close();
    help.showModal();
    by("close").focus();
  }

  const KEYS = {
    j: () => step(1),
    n: () => step(1),
    k: () => step(-1),
    p: () => step(-1),
    u: unanswered,
    "/": () => find.select(),
    "?": showHelp,
  };

  function typing(element) {
    return element.isContentEditable || element.matches?.("select, textarea, input:not([type=radio], [type=checkbox])");
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.key === "Escape" && event.target === find) {
      event.preventDefault(); // which would empty it
      find.blur();
    } else if (Object.hasOwn(KEYS, event.key) && by("single").checked && !typing(event.target)) {
      if (help.open && event.key !== "?") return;
      event.preventDefault();
      KEYS[event.key]();
    }
  });

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const link = event.target.closest?.("main a");
    if (!link) return;
    event.preventDefault(); // which would put its target in place of the filters
    follow(link);
  });

  bar.addEventListener("submit", (event) => {
    event.preventDefault();
    changed();
    const row = rows.find(({ fits }) => fits);
    if (row) go(row);
  });
  bar.addEventListener("change", (event) => event.target !== find && changed());
  find.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(changed, 150);
  });
  by("clear").addEventListener("click", clear);
  by("all").addEventListener("click", clear);
  by("unanswered").addEventListener("click", unanswered);
  by("keys").addEventListener("click", showHelp);
  by("skip").addEventListener("click", (event) => {
    event.preventDefault();
    main.focus({ preventScroll: true });
    main.scrollIntoView({ block: "start" });
  });
  addEventListener("hashchange", recall);

  bar.hidden = false;
  new ResizeObserver(() => {
    // On a narrow screen the bar stays from its search on; the rest goes up with the page.
    const stick = matchMedia("(max-width: 40rem)").matches ? 5 - find.parentElement.offsetTop : 0;
    document.documentElement.style.setProperty("--stick", `${stick}px`);
    document.documentElement.style.setProperty("--bar", `${bar.offsetHeight + stick}px`);
  }).observe(bar);
  apply();
  recall();
})();
