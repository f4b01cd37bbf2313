/* The one renderer of citations: a conversation with its source panel, and the state of an index.
 *
 * <citewise-chat>    show(message) draws one message of the wire: welcome, exchange, clear.
 *                    .source = async ({source, start, end, quote, all}) => {before, quote, after, ...} reads a source.
 *                    Events: "ask" {question}, "panel" {open}.
 * <citewise-index>   show(state) draws what is indexed; with the attribute "line", one line of it.
 *                    Events: "documents".
 * No framework, no markup from data: every word of a document reaches the page as a text node.
 * Texts are cut on the server, whose offsets count code points; here they are only put together. */
(() => {
  "use strict";
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(globalThis.citewiseStyles ?? "");

  /** An element; strings among the children become text nodes. Attributes are set by our own code, never named by data. */
  const h = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value == null || value === false) continue;
      if (typeof value === "function") node.addEventListener(name, value);
      else node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.flat(Infinity).filter((child) => child != null && child !== false && child !== ""));
    return node;
  };

  const SVG = "http://www.w3.org/2000/svg";
  const ICONS = {
    close: "M4 4l8 8M12 4l-8 8",
    previous: "M10 3L5 8l5 5",
    next: "M6 3l5 5-5 5",
    nothing: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.6 10.6L14 14M5.2 7h3.6",
    differ: "M2 5h9l-2.5-2.5M14 11H5l2.5 2.5",
    warn: "M8 2.2L14.5 13.5H1.5zM8 6.5v3.2M8 11.6v.1",
  };
  const icon = (name) => {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 16 16");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", ICONS[name]);
    svg.append(path);
    return svg;
  };

  const fileName = (source) => source.split("/").pop();
  const plural = (n, one, many = one + "s") => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
  /** Where in its file a citation or passage stands, in words. */
  const place = ({ page, heading, line }) =>
    [page != null && `page ${page}`, heading, line != null && `line ${line}`].filter(Boolean).join(" · ");
  const ago = (iso) => {
    const minutes = Math.round((Date.now() - Date.parse(iso)) / 60000);
    if (!(minutes >= 1)) return "just now";
    if (minutes < 60) return `${minutes} min ago`;
    if (minutes < 36 * 60) return `${plural(Math.round(minutes / 60), "hour")} ago`;
    return new Date(iso).toLocaleDateString("en", { day: "numeric", month: "short", year: "numeric" });
  };

  class Element extends HTMLElement {
    constructor() {
      super();
      this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
    }
    emit(name, detail = {}) {
      this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
    }
  }

  class Chat extends Element {
    source = null;
    #turns = new Map();
    #welcome = h("section", { class: "welcome" });
    #thread = h("div", { class: "thread", role: "log", "aria-label": "Conversation" });
    #preview = h("div", { class: "preview", popover: "manual", role: "tooltip", id: "preview" });
    #panel = new Panel(this);
    #timer = 0;

    constructor() {
      super();
      this.shadowRoot.append(this.#welcome, this.#thread, this.#preview, this.#panel.dialog);
      addEventListener("scroll", () => this.#hidePreview(), { passive: true, capture: true });
    }

    show(message) {
      if (!message) return;
      if (message.kind === "exchange") this.#exchange(message);
      else {
        this.#turns.clear();
        this.#thread.replaceChildren();
        this.#panel.close();
        this.#greet(message);
      }
    }

    #greet({ title, examples = [] }) {
      this.#welcome.hidden = false;
      this.#welcome.replaceChildren(
        h("h1", {}, "Ask your documents"),
        h("p", { class: "lead" }, title || "Every sentence of an answer shows where it stands. Click a number to read it there."),
        examples.length > 0 && h("h2", {}, "Try one of these"),
        h("ul", { class: "examples" }, examples.map((question) =>
          h("li", {}, h("button", { type: "button", click: () => this.emit("ask", { question }) }, h("span", {}, question), icon("next"))))),
      );
    }

    #exchange(message) {
      this.#welcome.hidden = true;
      let turn = this.#turns.get(message.id);
      if (!turn) {
        turn = { node: h("article", { class: "turn" }), body: h("div", { class: "answer" }) };
        turn.node.append(h("h2", { class: "question", dir: "auto" }, message.question), turn.body);
        this.#turns.set(message.id, turn);
        this.#thread.append(turn.node);
        turn.node.scrollIntoView({ block: "start" });
      }
      const focused = this.shadowRoot.activeElement?.dataset.key;
      turn.body.replaceChildren(...this.#answer(message));
      turn.node.setAttribute("aria-busy", String(message.state === "busy"));
      if (focused) turn.body.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    }

    #answer({ id, question, state, answer, error }) {
      const parts = [];
      if (answer) {
        const { understood_as: understood, status, citations = [], related = [], conflicts = [] } = answer;
        if (understood && understood !== question)
          parts.push(h("p", { class: "understood" }, "Understood as ", h("q", { dir: "auto" }, understood)));
        if (status === "not_in_documents") parts.push(this.#refusal(answer, id));
        else {
          parts.push(h("div", { class: "prose", dir: "auto" }, this.#prose(answer, id, state)));
          conflicts.forEach((conflict) => parts.push(this.#conflict(conflict, citations, id)));
          if (state !== "busy") parts.push(this.#sources(citations, id), this.#related("Read on", related, id));
        }
        for (const notice of answer.notices ?? []) parts.push(h("p", { class: "notice" }, icon("warn"), notice));
      }
      if (state === "busy") parts.push(h("p", { class: "working", role: "status" }, answer ? "" : "Reading the documents", h("i"), h("i"), h("i")));
      if (state === "stopped") parts.push(h("p", { class: "notice" }, "Stopped. What stands above may be incomplete."));
      if (error) parts.push(h("div", { class: "notice error", role: "alert" }, icon("warn"), h("span", {}, h("b", {}, error.message), " ", error.remedy)));
      return parts.filter(Boolean);
    }

    /** The answer's text: each statement where it stands in the text, its markers as chips after it. */
    #prose({ text = "", statements = [], citations = [] }, id, state) {
      const paragraphs = [h("p")];
      const add = (...nodes) => paragraphs.at(-1).append(...nodes);
      const between = (gap) => {
        for (const [index, part] of gap.replace(/\s*\[\d+\](?=[\s.,;:!?\[]|$)/g, "").split(/\n\s*\n/).entries()) {
          if (index) paragraphs.push(h("p"));
          if (part) add(part);
        }
      };
      let at = 0;
      for (const [index, statement] of statements.entries()) {
        const bare = statement.text.replace(/(\s*\[\d+\])+\s*$/, "");
        const found = text.indexOf(bare, at);
        between(found < 0 ? (index ? " " : "") : text.slice(at, found));
        if (found >= 0) at = found + bare.length;
        const chips = statement.citations.map((number) => this.#chip(citations, number, id, `${index}.${number}`)).filter(Boolean);
        add(h("span", { class: `statement ${statement.support}` }, bare, chips, statement.support === "not_found" && this.#doubt(statement, id, index)));
      }
      const rest = text.slice(at);
      between(state === "busy" ? rest.replace(/\[\d*$/, "") : rest.trimEnd());
      return paragraphs;
    }

    #chip(list, number, id, key) {
      const index = list.findIndex((citation) => citation.number === number);
      if (index < 0) return null;
      const citation = list[index];
      return this.#opener("chip", list, index, id, `chip.${key}`, String(number),
        `Source ${number}: ${fileName(citation.source)}${place(citation) && ", " + place(citation)}`);
    }

    #doubt({ problems = [] }, id, index) {
      const says = problems.length ? `Not found in the cited text: ${problems.join(", ")}` : "Not found in the cited text";
      const node = h("button", { type: "button", class: "doubt", "data-key": `${id}.doubt.${index}`, "aria-label": says }, "unverified");
      this.#hover(node, () => [h("p", {}, says)]);
      return node;
    }

    /** A button that opens a citation or passage, and shows its words when hovered or focused. */
    #opener(style, list, index, id, key, content, label) {
      const item = list[index];
      const words = item.quote ?? item.text;
      const node = h("button", { type: "button", class: style, "data-key": `${id}.${key}`, "aria-label": label,
        "aria-haspopup": "dialog", click: () => { this.#hidePreview(); this.#panel.open(list, index, node, `${id}.${key}`); } }, content);
      if (style === "chip") this.#hover(node, () => [
        h("blockquote", { dir: "auto" }, words),
        h("p", { class: "where" }, h("b", {}, fileName(item.source)), place(item) && ` ${place(item)}`),
      ]);
      return node;
    }

    #hover(node, content) {
      const show = () => {
        this.#preview.replaceChildren(...content());
        node.setAttribute("aria-describedby", "preview");
        this.#preview.showPopover();
        const anchor = node.getBoundingClientRect(), box = this.#preview.getBoundingClientRect();
        const left = Math.max(12, Math.min(anchor.left - 24, innerWidth - box.width - 12));
        const above = anchor.top - box.height - 8;
        Object.assign(this.#preview.style, { left: `${left}px`, top: `${above > 12 ? above : anchor.bottom + 8}px` });
      };
      node.addEventListener("pointerenter", (event) => { if (event.pointerType === "mouse") this.#timer = setTimeout(show, 140); });
      node.addEventListener("focus", () => { if (node.matches(":focus-visible")) show(); });
      for (const leave of ["pointerleave", "blur"]) node.addEventListener(leave, () => this.#hidePreview());
      node.addEventListener("keydown", (event) => { if (event.key === "Escape") this.#hidePreview(); });
    }

    #hidePreview() {
      clearTimeout(this.#timer);
      if (this.#preview.matches(":popover-open")) this.#preview.hidePopover();
    }

    /** The element that opened the panel, or the one that took its place in a redraw. */
    opener(node, key) {
      return node.isConnected ? node : this.shadowRoot.querySelector(`[data-key="${CSS.escape(key)}"]`);
    }

    #row(list, index, id, key, number) {
      const item = list[index];
      const node = this.#opener("row", list, index, id, `${key}.${index}`, [
        number != null && h("span", { class: "number" }, number),
        h("span", { class: "name" }, h("b", {}, fileName(item.source)), " ", h("span", { class: "where" }, place(item))),
        number == null && h("span", { class: "snippet", dir: "auto" }, item.text),
      ]);
      return h("li", {}, node);
    }

    #sources(citations, id) {
      if (!citations.length) return null;
      return h("section", { class: "sources", "aria-label": "Sources" }, h("h3", {}, "Sources"),
        h("ul", {}, citations.map((citation, index) => this.#row(citations, index, id, "source", citation.number))));
    }

    #related(title, passages, id) {
      if (!passages.length) return null;
      return h("section", { class: "related" }, h("h3", {}, title),
        h("ul", {}, passages.map((passage, index) => this.#row(passages, index, id, "related"))));
    }

    #refusal({ text, searched, related = [] }, id) {
      const said = Array.isArray(searched) ? searched.join(", ") : searched;
      return h("section", { class: "refusal" },
        h("p", { class: "verdict" }, icon("nothing"), "Not in the documents"),
        text && h("p", {}, text),
        said && h("p", { class: "searched" }, "Searched: ", said),
        this.#related("Nearest passages (they do not answer the question)", related, id));
    }

    #conflict({ about, differs, sides }, citations, id) {
      return h("section", { class: "conflict", "aria-label": "Sources disagree" },
        h("p", { class: "verdict" }, icon("differ"), "Sources disagree", about && [": ", h("span", {}, about)],
          differs && h("small", {}, `differs in ${differs}`)),
        h("div", { class: "sides" }, sides.map((side, index) => {
          const at = citations.findIndex((citation) => citation.number === side.citation);
          return h("div", { class: "side" }, h("b", { dir: "auto" }, side.value), side.date && h("small", {}, side.date),
            at >= 0 && h("p", {}, fileName(citations[at].source), " ", this.#chip(citations, side.citation, id, `side.${index}`)));
        })));
    }
  }

  /** The source beside the chat: a dialog, modal where it covers everything. */
  class Panel {
    #chat; #list = []; #index = 0; #opener = null; #key = ""; #request = 0; #from = null;
    #title = h("h2", { id: "panel-title" });
    #where = h("p", { class: "where" });
    #count = h("span", { class: "count", role: "status" });
    #text = h("div", { class: "text", tabindex: "0", "aria-label": "Text of the source" });
    #previous = h("button", { type: "button", "aria-label": "Previous citation (left arrow)", title: "Previous citation  ←", click: () => this.#step(-1) }, icon("previous"));
    #next = h("button", { type: "button", "aria-label": "Next citation (right arrow)", title: "Next citation  →", click: () => this.#step(1) }, icon("next"));
    dialog = h("dialog", { class: "panel", "aria-labelledby": "panel-title" },
      h("header", {}, h("div", { class: "titles" }, this.#title, this.#where),
        h("nav", { "aria-label": "Citations" }, this.#previous, this.#count, this.#next,
          h("button", { type: "button", class: "close", "aria-label": "Close the source (Escape)", title: "Close  Esc", click: () => this.close() }, icon("close")))),
      this.#text);

    constructor(chat) {
      this.#chat = chat;
      this.dialog.addEventListener("cancel", (event) => { event.preventDefault(); this.close(); });
      addEventListener("keydown", (event) => this.#keys(event));
    }

    open(list, index, opener, key) {
      this.#list = list; this.#index = index; this.#opener = opener; this.#key = key;
      if (!this.dialog.open) {
        if (matchMedia("(max-width: 999px)").matches) this.dialog.showModal(); else this.dialog.show();
        this.#chat.emit("panel", { open: true });
      }
      this.#text.focus({ preventScroll: true });
      this.#load(false);
    }

    close() {
      if (!this.dialog.open) return;
      this.#request += 1;
      this.dialog.close();
      this.#chat.emit("panel", { open: false });
      (this.#chat.opener(this.#opener, this.#key))?.focus();
    }

    #keys(event) {
      if (!this.dialog.open || event.altKey || event.ctrlKey || event.metaKey) return;
      const typing = event.composedPath()[0].matches?.("input, textarea, [contenteditable]");
      if (event.key === "Escape") { event.preventDefault(); this.close(); }
      else if (!typing && event.key === "ArrowRight") this.#step(1);
      else if (!typing && event.key === "ArrowLeft") this.#step(-1);
    }

    #step(by) {
      const index = this.#index + by;
      if (index < 0 || index >= this.#list.length) return;
      this.#index = index;
      this.#load(false);
    }

    async #load(all) {
      const item = this.#list[this.#index], request = (this.#request += 1);
      const quote = item.quote ?? item.text;
      this.#title.textContent = item.title || fileName(item.source);
      this.#where.replaceChildren(h("b", {}, item.source), place(item) && ` ${place(item)}`);
      this.#count.textContent = `${this.#index + 1} of ${this.#list.length}`;
      this.#previous.disabled = this.#index === 0;
      this.#next.disabled = this.#index === this.#list.length - 1;
      if (!all) this.#draw({ before: item.before ?? "", quote, after: item.after ?? "" });
      if (!this.#chat.source) return;
      const view = await this.#chat.source({ source: item.source, start: item.start, end: item.end, quote, all }).catch(
        () => ({ error: "The source could not be read: the server does not answer." }));
      if (request === this.#request) this.#draw({ before: item.before ?? "", quote, after: item.after ?? "", ...view });
    }

    /** One text with one mark. What does not fit the window is offered above and below. */
    #draw({ before, quote, after, more_before: above, more_after: below, error, notice }) {
      const mark = h("mark", {}, quote);
      const more = (n) => n > 0 && h("button", { type: "button", class: "more", click: () => this.#load(true) },
        `${plural(n, "more character")} · show all`);
      this.#text.replaceChildren(...[
        (error || notice) && h("p", { class: error ? "notice error" : "notice" }, icon("warn"), error || notice),
        more(above), h("div", { class: "extract", dir: "auto" }, before, mark, after), more(below),
      ].filter(Boolean));
      const space = this.#text.clientHeight - mark.offsetHeight;
      this.#text.scrollTop = mark.offsetTop - this.#text.offsetTop - Math.max(16, space / 2.5);
    }
  }

  class Index extends Element {
    show(state) {
      if (!state) return;
      this.shadowRoot.replaceChildren(this.hasAttribute("line") ? this.#line(state) : this.#detail(state));
    }

    #line({ files, passages, failed, pending, changed, indexed_at: at, progress, error }) {
      const counts = files ? [h("b", {}, plural(files, "file")), h("span", { class: "wide" }, ` · ${plural(passages, "passage")}`)] : ["No documents yet"];
      const news = progress ? [h("span", { class: "live" }, "indexing", progress.total > 0 && ` ${progress.done}/${progress.total}`)]
        : at ? [h("span", { class: "wide" }, `indexed ${ago(at)}`)] : [];
      const flaws = [pending > 0 && `${pending.toLocaleString("en")} pending`, changed > 0 && `${changed} changed`, failed.length > 0 && `${failed.length} failed`].filter(Boolean);
      return h("button", { type: "button", class: "line", "aria-label": "State of the index; shows the documents", click: () => this.emit("documents") },
        h("i", { class: `dot ${error ? "bad" : progress || pending ? "live" : flaws.length ? "flawed" : "good"}` }),
        h("span", {}, counts, news.length > 0 && [h("span", { class: "wide" }, " · "), h("span", { class: "narrow" }, progress && " · "), news]),
        flaws.map((flaw) => h("span", { class: "flaw" }, flaw)));
    }

    #detail({ failed, skipped = [], outcomes, progress, pending, report, error, roots }) {
      const wrong = (rows, one, many) => rows.length > 0 && h("details", { class: "wrong" }, h("summary", {}, plural(rows.length, one, many)),
        h("ul", {}, rows.map(([source, reason]) => h("li", {}, h("b", { dir: "auto" }, source), h("span", {}, reason)))));
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

  if (!customElements.get("citewise-chat")) {
    customElements.define("citewise-chat", Chat);
    customElements.define("citewise-index", Index);
  }
})();
