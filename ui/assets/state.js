/* What is indexed, what failed and why, what is going on. */

class Index extends Element {
  #state = null;
  #opened = new Set();
  #clock = 0;

  connectedCallback() { this.#clock = setInterval(() => this.show(this.#state), 60_000); }
  disconnectedCallback() { clearInterval(this.#clock); }

  mounted({ props, watch }) {
    watch("value", () => this.show(props.value));
    this.show(props.value);
  }

  /** How many files could not be read. */
  get failed() { return this.#state?.failed.length ?? 0; }

  show(state) {
    if (!state) return;
    const finished = state.indexed_at && !state.progress && state.indexed_at !== this.#state?.indexed_at;
    if (finished && this.hasAttribute("line")) this.emit("indexed");
    this.#state = state;
    const focused = this.shadowRoot.activeElement?.dataset.key;
    this.shadowRoot.replaceChildren(this.hasAttribute("line") ? this.#line(state) : this.#detail(state));
    if (focused) this.shadowRoot.querySelector(`[data-key="${focused}"]`)?.focus();
  }

  #line({ files, passages, failed, pending, changed, indexed_at: at, progress, error }) {
    const counts = files ? [h("b", {}, plural(files, "file")), h("span", { class: "wide" }, ` · ${plural(passages, "passage")}`)] : ["No documents yet"];
    const news = progress ? [h("span", { class: "live" }, "indexing", progress.total > 0 && ` ${progress.done}/${progress.total}`)]
      : at ? [h("span", { class: "wide" }, `indexed ${ago(at)}`)] : [];
    const flaws = [pending > 0 && `${pending.toLocaleString("en")} pending`, changed > 0 && `${changed} changed`, failed.length > 0 && `${failed.length} failed`].filter(Boolean);
    return h("button", { type: "button", class: "line", "data-key": "line", title: "State of the index: show or hide the documents", click: () => this.emit("documents") },
      h("i", { class: `dot ${error ? "bad" : progress || pending ? "live" : flaws.length ? "flawed" : "good"}` }),
      h("span", {}, counts, news.length > 0 && [h("span", { class: "wide" }, " · "), h("span", { class: "narrow" }, progress && " · "), news]),
      flaws.map((flaw) => h("span", { class: progress ? "flaw wide" : "flaw" }, flaw)));
  }

  #detail({ failed, skipped = [], outcomes, progress, pending, report, error, roots }) {
    const wrong = (rows, one, many) => {
      if (!rows.length) return null;
      const details = h("details", { class: "wrong", open: this.#opened.has(one), toggle: () => this.#opened[details.open ? "add" : "delete"](one) },
        h("summary", { "data-key": one }, plural(rows.length, one, many)),
        h("ul", {}, rows.map(([source, reason]) => h("li", {}, h("b", { dir: "auto" }, source), h("span", {}, reason)))));
      return details;
    };
    const part = progress && progress.total > 0 ? progress.done / progress.total : null;
    return h("div", { class: "detail" },
      h("ul", { class: "roots" }, roots.map(([name, path]) => h("li", { title: path }, h("b", {}, name), h("span", { dir: "auto" }, path)))),
      progress && h("div", { class: "progress" },
        h("p", { role: "status" }, `${progress.says} `, progress.total > 0 && h("b", {}, `${progress.done.toLocaleString("en")} of ${progress.total.toLocaleString("en")}`),
          progress.seconds_left > 1 && ` · ${Math.ceil(progress.seconds_left)} s left`),
        h("progress", part == null ? { "aria-label": "Indexing" } : { value: part, max: 1, "aria-label": "Indexing" }),
        progress.source && h("p", { class: "file", dir: "auto" }, progress.source)),
      pending > 0 && h("p", { class: "notice" }, icon("warn"), `${plural(pending, "passage")} not embedded yet: found by their words only.`),
      error && h("p", { class: "notice error", role: "alert" }, icon("warn"), error),
      !progress && report && h("p", { class: "report", role: "status" }, report),
      outcomes.length > 0 && h("ul", { class: "outcomes" }, outcomes.map(({ name, ok, says }) =>
        h("li", { class: ok ? "good" : ok === false ? "bad" : "" }, h("b", { dir: "auto" }, name), h("span", {}, says)))),
      wrong(failed, "file could not be read", "files could not be read"),
      wrong(skipped, "file left out", "files left out"));
  }
}

if (!customElements.get("citewise-index")) customElements.define("citewise-index", Index);
