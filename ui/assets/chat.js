/* The conversation: questions, answers with their chips, refusals, conflicts. */

class Chat extends Element {
  source = null;
  #turns = new Map();
  #ended = new Set();
  #examples = [];
  #welcome = h("section", { class: "welcome" });
  #thread = h("div", { class: "thread", role: "log", "aria-label": "Conversation" });
  #preview = h("div", { class: "preview", popover: "manual", role: "tooltip", id: "preview" });
  #panel = new Panel(this);
  #timer = 0;

  constructor() {
    super();
    this.shadowRoot.append(this.#welcome, this.#thread, this.#preview, this.#panel.dialog);
    this.#greet();
    addEventListener("scroll", () => this.#hidePreview(), { passive: true, capture: true });
  }

  show(message) {
    if (message?.kind === "exchange") this.#exchange(message);
    if (message?.kind === "clear") {
      this.#turns.clear();
      this.#thread.replaceChildren();
      this.#panel.close();
      this.#greet();
    }
  }

  /** Questions to begin with. */
  suggest(questions) {
    this.#examples = questions;
    this.#greet();
  }

  #greet() {
    this.#welcome.hidden = this.#turns.size > 0;
    this.#welcome.replaceChildren(...[
      h("h1", {}, "Ask your documents"),
      h("p", { class: "lead" }, "Every sentence of an answer shows where it stands. Click a number to read it there."),
      this.#examples.length > 0 && h("h2", {}, "Try one of these"),
      this.#examples.length > 0 && h("ul", { class: "examples" }, this.#examples.map((question) =>
        h("li", {}, h("button", { type: "button", click: () => this.emit("ask", { question }) }, h("span", {}, question), icon("next"))))),
    ].filter(Boolean));
  }

  /** Ends what is still being answered; updates of it that come later are ignored. */
  stop() {
    for (const { message } of this.#turns.values())
      if (message.state === "busy") this.#exchange({ ...message, state: "stopped" });
  }

  #exchange(message) {
    if (this.#ended.has(message.id)) return;
    if (message.state !== "busy") this.#ended.add(message.id);
    this.#welcome.hidden = true;
    let turn = this.#turns.get(message.id);
    if (!turn) {
      turn = { node: h("article", { class: "turn" }), body: h("div", { class: "answer" }) };
      turn.node.append(h("h2", { class: "question", dir: "auto" }, message.question), turn.body);
      this.#turns.set(message.id, turn);
      this.#thread.append(turn.node);
    }
    turn.message = message;
    const follow = turn.scrolled == null || Math.abs(turn.scrolled - scrollY) < 4;  // until the reader scrolls
    const focused = this.shadowRoot.activeElement?.dataset.key;
    turn.body.replaceChildren(...this.#answer(message));
    turn.node.setAttribute("aria-busy", String(message.state === "busy"));
    if (focused) turn.body.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    if (follow) {
      turn.node.scrollIntoView({ block: "start" });
      turn.scrolled = scrollY;
    }
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
        if (state !== "busy") parts.push(this.#sources(answer, id), this.#related("Read on", related, id));
      }
      parts.push(...this.#notices(answer));
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
        if (part) add(...nodes(part));
      }
    };
    let at = 0;
    for (const [index, statement] of statements.entries()) {
      const found = text.indexOf(statement.text, at);
      between(found < 0 ? (index ? " " : "") : text.slice(at, found));
      if (found >= 0) at = found + statement.text.length;
      const chips = statement.citations.map((number) => this.#chip(citations, number, id, `${index}.${number}`)).filter(Boolean)
        .flatMap((chip) => ["\u202f", chip]);
      const cut = statement.text.search(/\S{1,24}$/);  // a chip never begins a line: the last word stays with it
      const words = cut < 0 ? statement.text : statement.text.slice(0, cut), last = cut < 0 ? "" : statement.text.slice(cut);
      add(h("span", { class: `statement ${statement.support}` }, words, h("span", { class: "end" }, last, chips), statement.support === "not_found" && this.#doubt(statement, id, index)));
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

  #sources({ citations = [], statements = [] }, id) {
    if (!citations.length) return null;
    const verbatim = statements.length > 0 && statements.every(({ support }) => support === "verbatim");
    return h("section", { class: "sources", "aria-label": "Sources" },
      h("h3", {}, "Sources", verbatim && h("small", {}, "every sentence quoted word for word")),
      h("ul", {}, citations.map((citation, index) => this.#row(citations, index, id, "source", citation.number))));
  }

  #related(title, passages, id) {
    if (!passages.length) return null;
    return h("section", { class: "related" }, h("h3", {}, title),
      h("ul", {}, passages.map((passage, index) => this.#row(passages, index, id, "related"))));
  }

  #refusal({ text, searched, related = [] }, id) {
    return h("section", { class: "refusal" },
      h("p", { class: "verdict" }, icon("nothing"), "Not in the documents"),
      text && h("p", {}, text),
      searched && !/searched/i.test(text) && h("p", { class: "searched" }, `Searched: ${plural(searched.files, "file")}, ${plural(searched.passages, "passage")}`),
      this.#related("Nearest passages (they do not answer the question)", related, id));
  }

  /** What the search could not do in full. */
  #notices({ searched, text }) {
    if (!searched) return [];
    const says = [searched.pending > 0 && !/by words only/.test(text) && `Still indexing: ${plural(searched.pending, "passage")} could be found by words only.`, searched.note];
    return says.filter(Boolean).map((notice) => h("p", { class: "notice" }, icon("warn"), notice));
  }

  #conflict({ about, differs, sides }, citations, id) {
    return h("section", { class: "conflict", "aria-label": "Sources disagree" },
      h("p", { class: "verdict" }, icon("differ"), "Sources disagree"),
      h("p", { class: "about" }, [about, differs && `different ${differs}`].filter(Boolean).join(" · ")),
      h("div", { class: "sides" }, sides.map((side, index) => {
        const at = citations.findIndex((citation) => citation.number === side.citation);
        return h("div", { class: "side" }, h("b", { dir: "auto" }, side.value), side.date && h("small", {}, side.date),
          at >= 0 && h("p", {}, fileName(citations[at].source), " ", this.#chip(citations, side.citation, id, `side.${index}`)));
      })));
  }
}
