/* The table of files. Only the rows in view exist, however many files there are. */

const STATES = { ready: "Ready", waiting: "Waiting", failed: "Failed", excluded: "Excluded", skipped: "Left out" };
const SPARE = 8;  // rows kept above and below what is seen
const COLUMNS = [["name", "Name"], ["type", "Type"], ["state", "State"], ["pages", "Pages"], ["passages", "Passages"], ["size", "Size"], ["at", "Indexed"]];
Object.assign(ICONS, { dots: "M3.5 8h.01M8 8h.01M12.5 8h.01" });

class Listing {
  chosen = new Set();
  #list = []; #drawn = new Map(); #at = ""; #control = "name"; #last = ""; #asked = 0; #busy = new Set();
  #above = h("tr", { class: "pad", "aria-hidden": "true" }, h("td"));
  #below = this.#above.cloneNode(true);
  #body = h("tbody", {}, this.#above, this.#below);
  #all = h("input", { type: "checkbox", "aria-label": "Choose all that are listed", "data-do": "all" });
  #heads = COLUMNS.map(([name, says]) => h("th", { scope: "col", class: name }, h("button", { type: "button", "data-do": "sort", "data-by": name }, says)));
  node = h("table", { tabindex: "-1", "aria-label": "Documents", keydown: (event) => this.#keys(event) },
    h("thead", {}, h("tr", { "aria-rowindex": 1 }, h("th", { class: "pick" }, this.#all), this.#heads, h("th", { class: "more" }, h("span", { class: "unseen" }, "Actions")))), this.#body);

  constructor(chosen) {
    this.changed = chosen;
    this.#body.addEventListener("focusin", ({ target }) => this.#reached(target));
  }

  /** Draws this list of rows from now on, sorted by a column. */
  show(list, by, down) {
    this.#list = list;
    for (const [n, [name]] of COLUMNS.entries()) {
      if (name === by) this.#heads[n].setAttribute("aria-sort", down ? "descending" : "ascending"); else this.#heads[n].removeAttribute("aria-sort");
      this.#heads[n].firstChild.querySelector("svg")?.remove();
      if (name === by) this.#heads[n].firstChild.append(icon(down ? "down" : "up"));
    }
    this.node.setAttribute("aria-rowcount", list.length + 1);
    this.draw();
  }

  /** Marks rows with which something is being done. */
  busy(sources) {
    this.#busy = new Set(sources);
    for (const [source, { tr }] of this.#drawn) tr.setAttribute("aria-busy", this.#busy.has(source));
  }

  later() {
    this.#asked ||= requestAnimationFrame(() => { this.#asked = 0; this.draw(); });
  }

  get #high() { return Number(getComputedStyle(this.node).getPropertyValue("--high")) || 56; }

  draw() {
    const list = this.#list, high = this.#high, top = this.#body.getBoundingClientRect().top;
    const first = Math.max(0, Math.min(Math.floor(-top / high) - SPARE, list.length - 1)), last = Math.min(list.length, first + Math.ceil(innerHeight / high) + 2 * SPARE);
    this.#above.firstChild.style.height = `${first * high}px`;
    this.#below.firstChild.style.height = `${(list.length - last) * high}px`;
    if (list.length && !list.some(({ source }) => source === this.#at)) this.#at = list[0].source;
    const wanted = new Map(list.slice(first, last).map((row, n) => [row.source, { row, n: first + n }]));
    for (const [source, { row, tr }] of this.#drawn) if (wanted.get(source)?.row !== row) {
      if (tr.contains(tr.getRootNode().activeElement)) this.node.focus({ preventScroll: true });
      tr.remove();
      this.#drawn.delete(source);
    }
    let next = this.#above.nextSibling;
    for (const [source, { row, n }] of wanted) {
      const tr = this.#drawn.get(source)?.tr ?? this.#row(row);
      this.#drawn.set(source, { row, tr });
      tr.setAttribute("aria-rowindex", n + 2);
      tr.querySelector("input").checked = this.chosen.has(source);
      if (tr === next) next = next.nextSibling; else this.#body.insertBefore(tr, next);
    }
    const chosen = list.reduce((sum, { source }) => sum + this.chosen.has(source), 0);
    Object.assign(this.#all, { checked: chosen > 0 && chosen === list.length, indeterminate: chosen > 0 && chosen < list.length });
  }

  #row({ source, name, folder, type, state, reason, pages, passages, size, at }) {
    const reach = source === this.#at ? "0" : "-1", count = (n) => n == null ? "" : n.toLocaleString("en");
    const readable = state === "ready" || passages > 0;
    return h("tr", { class: state, "data-source": source, "aria-busy": String(this.#busy.has(source)) },
      h("td", { class: "pick" }, h("input", { type: "checkbox", "aria-label": `Choose ${name}`, tabindex: reach, "data-do": "pick" })),
      h("th", { scope: "row", class: "name" },
        readable ? h("button", { type: "button", class: "open", tabindex: reach, "data-do": "read", dir: "auto", title: source }, name) : h("span", { class: "open", dir: "auto", title: source }, name),
        h("div", { class: "under" }, h("span", { class: "meta" }, `${STATES[state]} · `, size != null && `${sized(size)} · `),
          reason && h("span", { class: "reason", title: reason }, reason, " · "), h("span", { dir: "auto" }, folder))),
      h("td", { class: "type" }, type && h("span", { class: "badge" }, type)),
      h("td", { class: "state" }, h("i", { class: "mark" }), STATES[state]),
      h("td", { class: "pages" }, count(pages)),
      h("td", { class: "passages" }, passages > 0 && count(passages)),
      h("td", { class: "size" }, sized(size)),
      h("td", { class: "at", title: at && new Date(at).toLocaleString("en") }, at && ago(at)),
      h("td", { class: "more" }, h("button", { type: "button", class: "dots", tabindex: reach, "data-do": "menu", "aria-haspopup": "menu", "aria-label": `Actions for ${name}`, title: "Actions" }, icon("dots"))));
  }

  /** A row was chosen or not; with Shift, all since the last one too. */
  pick(source, on, range) {
    const ends = range ? [this.#last, source].map((one) => this.#list.findIndex((row) => row.source === one)) : [];
    const rows = ends.length && !ends.includes(-1) ? this.#list.slice(Math.min(...ends), Math.max(...ends) + 1) : [{ source }];
    for (const row of rows) this.chosen[on ? "add" : "delete"](row.source);
    this.#last = source;
    this.draw();
    this.changed();
  }

  all(on) {
    for (const { source } of this.#list) this.chosen[on ? "add" : "delete"](source);
    this.draw();
    this.changed();
  }

  #reached(control) {
    const row = control.closest("tr[data-source]");
    if (!row) return;
    this.#control = control.dataset.do;
    for (const node of this.#body.querySelectorAll("[tabindex='0']")) node.tabIndex = -1;
    this.#at = row.dataset.source;
    for (const node of row.querySelectorAll("[data-do]")) node.tabIndex = 0;
  }

  #keys(event) {
    const list = this.#list, at = list.findIndex(({ source }) => source === this.#at);
    const page = Math.max(1, Math.floor(innerHeight / this.#high) - 4);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: list.length - 1 }[event.key];
    if (to === undefined || event.target.closest("thead") || !list.length || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.#go(Math.max(0, Math.min(to, list.length - 1)));
  }

  #go(n) {
    const { source } = this.#list[n], high = this.#high, y = this.#body.getBoundingClientRect().top + n * high;
    if (y < 220 || y > innerHeight - 2 * high) scrollBy({ top: y < 220 ? y - 220 : y - innerHeight + 2 * high, behavior: "instant" });
    this.draw();
    const tr = this.#drawn.get(source).tr;
    (tr.querySelector(`[data-do="${this.#control}"]`) ?? tr.querySelector(".dots")).focus({ preventScroll: true });
  }
}
