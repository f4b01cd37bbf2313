/* The conversation: questions, answers with their chips, refusals, conflicts. */

/** What the check of a sentence found, in words. */
const SUPPORT = {
  verbatim: "Quoted word for word.",
  supported: "Checked: its names, numbers and dates stand in this passage, and most of its words.",
};
const LONG = 240;  // characters of a question, from which on it does not stand as a headline

/** The paragraphs of an answer: lists of its statements, each with its index, and of the words between them as {text};
 * without the markers, and while it is `growing` without half a one at its end. */
const paragraphs = ({ text = "", statements = [] }, growing = false) => {
  const found = [[]];
  const between = (gap) => gap.replace(/\s*\[\d+\](?=[\s.,;:!?\[]|$)/g, "").split(/\n\s*\n/).forEach((part, n) => {
    if (n) found.push([]);
    if (part) found.at(-1).push({ text: part });
  });
  let at = 0;
  for (const [index, statement] of statements.entries()) {
    const begin = text.indexOf(statement.text, at);
    between(begin < 0 ? (index ? " " : "") : text.slice(at, begin));
    if (begin >= 0) at = begin + statement.text.length;
    const marks = ` ${statement.citations.map((number) => `[${number}]`).join("")}`;  // "1" is not to be found in them
    if (marks.length > 1 && text.startsWith(marks, at)) at += marks.length;
    found.at(-1).push({ ...statement, index });
  }
  const rest = text.slice(at);
  between(growing ? rest.replace(/\[\d*$/, "") : rest.trimEnd());
  return found;
};
const TOOLS = [];  // of every conversation

class Chat extends Element {
  server = null;
  tools = TOOLS;
  correct = null;
  patience = 5000;
  scroller = document.scrollingElement;
  #turns = new Map();
  #examples = [];
  #invitation = null;
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
    if (message?.kind === "stored") this.#exchange(message, true);
    if (message?.kind === "clear") this.open([]);
  }

  /** Draws a conversation in place of what stands there, and shows one of its exchanges, or the last. */
  open(exchanges, id = exchanges.at(-1)?.id) {
    for (const { timer } of this.#turns.values()) clearTimeout(timer);
    this.#turns.clear();
    this.#thread.replaceChildren();
    this.#panel.close();
    for (const exchange of exchanges) this.#exchange(exchange, true);
    this.#greet();
    this.#turns.get(id)?.node.scrollIntoView({ block: "start" });
  }

  /** An exchange as it is now. */
  exchange(id) {
    return this.#turns.get(id)?.message;
  }

  /** Offers questions to go on with under an exchange, the last one. */
  offer(id, questions) {
    const turn = this.#turns.get(id);
    if (!turn || turn !== [...this.#turns.values()].at(-1)) return;
    turn.offers = questions;
    patch(turn.body, this.#answer(turn));
  }

  /** What was said before an exchange, or in all, as {question, answer}. */
  history(id) {
    const messages = [...this.#turns.values()].map(({ message }) => message), at = messages.findIndex((message) => message.id === id);
    return messages.slice(0, at < 0 ? undefined : at).filter(({ state, answer }) => state !== "busy" && answer?.text)
      .map(({ question, answer }) => ({ question, answer: answer.text }));
  }

  /** Shows a source that no answer cites. */
  read(item, opener) {
    const list = [{ start: 0, end: 0, quote: "", ...item }];
    this.#panel.open(() => list, 0, opener, "");
  }

  /** Shows the source again that was shown last, or closes it. */
  reading(open) {
    if (open) this.#panel.again(); else this.#panel.close();
  }

  /** Questions to begin with. */
  suggest(questions) {
    this.#examples = questions;
    this.#greet();
  }

  /** A node that the first page shows too, as where there is nothing to ask. */
  invite(node) {
    this.#invitation = node;
    this.#greet();
  }

  #greet() {
    const heading = this.getAttribute("heading") ?? "Ask your documents";
    this.#welcome.hidden = this.#turns.size > 0;
    this.#welcome.replaceChildren(...[
      heading && h("h1", {}, heading),
      h("p", { class: "lead" }, "Every sentence of an answer shows where it stands. Click a number to read it there."),
      this.#examples.length > 0 && h("h2", {}, "Try one of these"),
      this.#examples.length > 0 && this.#questions(this.#examples),
      this.#invitation,
    ].filter(Boolean));
  }

  #questions(questions) {
    return h("ul", { class: "examples" }, questions.map((question) =>
      h("li", {}, h("button", { type: "button", click: () => this.emit("ask", { question }) }, h("span", {}, question), icon("next")))));
  }

  /** Ends what is still being answered; updates of it that come later are ignored. */
  stop() {
    for (const { message } of this.#turns.values()) if (message.state === "busy") {
      this.emit("halt", { id: message.id, run: message.run });
      this.#exchange({ ...message, state: "stopped" });
    }
  }

  /** Answers a question from quotes instead of by a model that is being waited for. */
  #handOver(message) {
    this.emit("halt", { id: message.id, run: message.run, writer: "quotes" });
    this.#exchange({ ...message, model: "" });
  }

  /** Asks a question once more, in its place. */
  #again({ id, question }, writer) {
    this.emit("ask", { id, question, writer });
  }

  #exchange(message, stored = false) {
    let turn = this.#turns.get(message.id);
    const earlier = turn?.message;
    if (earlier && earlier.run === message.run) {
      if (earlier.state !== "busy") return;  // it has ended; what comes later was under way
      message = { ...earlier, ...message };
    } else if (earlier && message.state !== "busy" && !stored) return;  // of a run that was replaced
    this.#welcome.hidden = true;
    if (!turn) {
      turn = { node: h("article", { class: "turn", "data-turn": message.id }), head: h("h2", { class: "question", dir: "auto" }), body: h("div", { class: "answer" }) };
      turn.node.append(turn.head, turn.body);
      for (const other of this.#turns.values()) if (other.offers) { other.offers = null; patch(other.body, this.#answer(other)); }
      this.#turns.set(message.id, turn);
      this.#thread.append(turn.node);
    }
    patch(turn.head, nodes(message.question));
    turn.head.classList.toggle("long", message.question.length > LONG);
    if (earlier?.run !== message.run) turn.scrolled = turn.offers = null;
    turn.message = message;
    const waiting = message.state === "busy" && message.model && !message.answer;
    if (!waiting) { clearTimeout(turn.timer); turn.timer = null; turn.slow = false; }
    else turn.timer ??= setTimeout(() => { turn.slow = true; this.#exchange(turn.message); }, this.patience);
    const box = this.scroller, atEnd = () => box.scrollHeight - box.clientHeight - box.scrollTop < 4;  // as when the question box shrank
    const follow = !stored && (turn.scrolled == null || Math.abs(turn.scrolled - box.scrollTop) < 4  // until the reader scrolls
      || (atEnd() && turn.node.getBoundingClientRect().top > 0));
    patch(turn.body, this.#answer(turn));
    turn.node.setAttribute("aria-busy", String(message.state === "busy"));
    this.#panel.refresh();
    if (message.state !== "busy" && !stored) this.emit("exchange", { exchange: message });
    if (follow) {
      if (box === document.scrollingElement) turn.node.scrollIntoView({ block: "start" });
      else box.scrollTop += turn.node.getBoundingClientRect().top - box.getBoundingClientRect().top;
      turn.scrolled = box.scrollTop;
    }
  }

  #answer({ message, slow, offers }) {
    const { id, question, state, answer, error } = message, parts = [];
    if (answer) {
      const { understood_as: understood, status, conflicts = [] } = answer;
      if (understood && understood !== question)
        parts.push(h("p", { class: "understood" }, "Understood as ", h("q", { dir: "auto" }, understood),
          this.correct && h("button", { type: "button", class: "change", click: () => this.correct(id) }, "Change")));
      if (status === "not_in_documents") parts.push(this.#refusal(answer, id));
      else {
        parts.push(h("div", { class: "prose", dir: "auto" }, this.#prose(answer, id, state)));
        conflicts.forEach((conflict) => parts.push(this.#conflict(conflict, id, [question, understood])));
        if (state !== "busy") parts.push(this.#sources(answer, id), this.#related("Read on", id));
      }
      parts.push(...this.#notices(answer));
    }
    if (state === "busy") parts.push(h("p", { class: "working", role: "status" }, answer ? "" : "Reading the documents", h("i"), h("i"), h("i")));
    if (slow) parts.push(h("div", { class: "slow", role: "status" }, h("p", {}, "The language model takes its time."), this.#choices(id, [
      ["Stop", () => this.emit("stop")], ["Answer from quotes", (now) => this.#handOver(now)]])));
    if (state === "stopped") parts.push(h("p", { class: "notice" }, answer ? "Stopped. What stands above may be incomplete." : "Stopped."));
    if (error) parts.push(h("div", { class: "notice error", role: "alert" }, icon("warn"), h("div", {}, h("b", {}, error.message), " ", error.remedy,
      (error.avoidable || error.again) && this.#choices(id, [["Try again", (now) => this.#again(now)],
        ...(error.avoidable ? [["Answer from quotes", (now) => this.#again(now, "quotes")]] : [])]))));
    if (state !== "busy") {
      const tools = this.tools.map((tool) => tool(message, this)).filter(Boolean);
      if (tools.length) parts.push(h("div", { class: "tools" }, tools));
      if (offers?.length) parts.push(h("section", { class: "offers" }, h("h3", {}, answer?.status === "not_in_documents" ? "The documents do tell of these" : "Go on with"), this.#questions(offers)));
    }
    return parts.filter(Boolean);
  }

  /** Buttons that do something about an exchange, as it is when they are pressed. */
  #choices(id, choices) {
    return h("p", { class: "choices" }, choices.map(([says, act]) =>
      h("button", { type: "button", click: () => act(this.#turns.get(id).message) }, says)));
  }

  /** The answer's text: each statement where it stands in the text, its markers as chips after it; rows of tables as such. */
  #prose(answer, id, state) {
    return paragraphs(answer, state === "busy").flatMap((pieces) => {
      const blocks = [];
      for (const piece of pieces) {
        const said = "index" in piece ? this.#row(piece, id) ?? this.#statement(piece, id) : piece.text, rows = Boolean(said.cells);
        if (blocks.at(-1)?.rows && !piece.text.trim()) continue;
        if (blocks.at(-1)?.rows !== rows) blocks.push({ rows, parts: [] });
        blocks.at(-1).parts.push(said);
      }
      return blocks.flatMap(({ rows, parts }) => rows ? tabled(parts) : h("p", {}, parts));
    });
  }

  /** A statement that is a row of a table, as that; or null. */
  #row(statement, id) {
    const row = rowOf(statement, this.#list("citations", id).find(({ number }) => number === statement.citations[0]));
    return row && { ...row, chips: this.#chips(statement, id) };
  }

  #chips({ index, citations, support }, id) {
    return citations.map((number) => this.#chip(number, id, `${index}.${number}`, support)).filter(Boolean);
  }

  #statement(statement, id) {
    const { text, support } = statement, chips = this.#chips(statement, id).flatMap((chip) => ["\u202f", chip]);
    const cut = text.search(/\S{1,24}$/);  // a chip never begins a line: the last word stays with it
    const words = cut < 0 ? text : text.slice(0, cut), last = cut < 0 ? "" : text.slice(cut);
    return h("span", { class: `statement ${support}` }, words, h("span", { class: "end" }, last, chips), support === "not_found" && this.#doubt(statement));
  }

  /** The citations or related passages of an exchange, as they are now: a node may be older. */
  #list(kind, id) {
    return this.#turns.get(id)?.message.answer?.[kind] ?? [];
  }

  #chip(number, id, key, support) {
    const list = this.#list("citations", id), index = list.findIndex((citation) => citation.number === number);
    if (index < 0) return null;
    const citation = list[index];
    return this.#opener(`chip ${support ?? ""}`, "citations", index, id, `chip.${key}`, String(number),
      `Source ${number}: ${fileName(citation.source)}${place(citation) && ", " + place(citation)}${SUPPORT[support] ? `. ${SUPPORT[support]}` : ""}`, SUPPORT[support]);
  }

  /** The mark of a sentence that was not found, which says why when it is hovered, focused or pressed. */
  #doubt({ problems = [] }) {
    const says = `Not found in the documents${problems.length ? `: ${problems.join("; ")}` : ""}.`;
    const node = h("button", { type: "button", class: "doubt", "aria-label": `Unverified. ${says}` }, "unverified");
    node.addEventListener("click", this.#hover(node, () => [h("p", {}, says)]));
    return node;
  }

  /** A button that opens a citation or passage, and shows its words when hovered or focused. */
  #opener(style, kind, index, id, key, content, label, support) {
    const item = () => this.#list(kind, id)[index];
    const node = h("button", { type: "button", class: style, "data-key": `${id}.${key}`, "aria-label": label,
      "aria-haspopup": "dialog", click: () => { this.#hidePreview(); this.#panel.open(() => this.#list(kind, id), index, node, `${id}.${key}`); } }, content);
    if (style.startsWith("chip")) this.#hover(node, () => [
      h("blockquote", { dir: "auto" }, item().quote),
      h("p", { class: "where" }, h("b", {}, fileName(item().source)), place(item()) && ` ${place(item())}`),
      support && h("p", { class: "support" }, support),
    ]);
    return node;
  }

  #hover(node, content) {
    const show = () => {
      if (!node.isConnected) return;
      this.#preview.replaceChildren(...content());
      this.#preview.showPopover();
      const anchor = node.getBoundingClientRect(), box = this.#preview.getBoundingClientRect();
      const left = Math.max(12, Math.min(anchor.left - 24, innerWidth - box.width - 12));
      const above = anchor.top - box.height - 8;
      Object.assign(this.#preview.style, { left: `${left}px`, top: `${above > 12 ? above : anchor.bottom + 8}px` });
    };
    node.setAttribute("aria-describedby", "preview");
    node.addEventListener("pointerenter", (event) => { if (event.pointerType === "mouse") this.#timer = setTimeout(show, 140); });
    node.addEventListener("focus", () => { if (node.matches(":focus-visible")) show(); });
    for (const leave of ["pointerleave", "blur"]) node.addEventListener(leave, () => this.#hidePreview());
    node.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.#preview.matches(":popover-open")) return;
      event.stopPropagation();
      this.#hidePreview();
    });
    return show;
  }

  #hidePreview() {
    clearTimeout(this.#timer);
    if (this.#preview.matches(":popover-open")) this.#preview.hidePopover();
    this.#preview.replaceChildren();
  }

  /** The element that opened the panel, or the one that took its place in a redraw. */
  opener(node, key) {
    return node.isConnected ? node : this.shadowRoot.querySelector(`[data-key="${CSS.escape(key)}"]`);
  }

  #entry(kind, item, index, id, number, chips) {
    const node = this.#opener("row", kind, index, id, `${kind}.${index}`, [
      number != null && !chips && h("span", { class: "number" }, number),
      h("span", { class: "name" }, h("b", {}, fileName(item.source)), " ", h("span", { class: "where" }, place(item))),
      number == null && h("span", { class: "snippet", dir: "auto" }, item.text.replace(/^#{1,6} /gm, "")),
    ]);
    return h("li", { class: chips && "together" }, chips, node);
  }

  #sources({ citations = [], statements = [], writer, confidence }, id) {
    const checked = statements.filter(({ support }) => support !== "none");
    const found = checked.filter(({ support }) => support !== "not_found");
    if (!checked.length) return null;
    const says = [writer !== "quotes" && `written by ${writer}`,
      found.length < checked.length ? `${found.length} of ${plural(checked.length, "sentence")} found in the documents`
        : checked.every(({ support }) => support === "verbatim") ? "every sentence quoted word for word" : "every sentence checked",
      confidence != null && `confidence ${confidence < .5 ? "low" : confidence < .8 ? "fair" : "high"}`];
    return h("section", { class: "sources", "aria-label": "Sources" },
      h("h3", {}, "Sources", h("small", {}, says.filter(Boolean).join(", "))),
      h("ul", {}, [...Map.groupBy(citations, (one) => `${one.source}\n${place(one)}`).values()].map(([first, ...others]) =>
        this.#entry("citations", first, citations.indexOf(first), id, first.number,
          others.length > 0 && [first, ...others].map(({ number }) => this.#chip(number, id, `sources.${number}`))))));
  }

  #related(title, id) {
    const passages = this.#list("related", id);
    if (!passages.length) return null;
    return h("section", { class: "related" }, h("h3", {}, title),
      h("ul", {}, passages.map((passage, index) => this.#entry("related", passage, index, id))));
  }

  #refusal({ text, searched }, id) {
    return h("section", { class: "refusal" },
      h("p", { class: "verdict" }, icon("nothing"), "Not in the documents"),
      text && h("p", {}, text),
      searched && !/searched/i.test(text) && h("p", { class: "searched" }, `Searched: ${plural(searched.files, "file")}, ${plural(searched.passages, "passage")}`),
      this.#related("Nearest passages (they do not answer the question)", id));
  }

  /** What the search could not do in full. */
  #notices({ searched, text }) {
    if (!searched) return [];
    const says = [searched.pending > 0 && !/by words only/.test(text) && `Still indexing: ${plural(searched.pending, "passage")} could be found by words only.`, searched.note];
    return says.filter(Boolean).map((notice) => h("p", { class: "notice" }, icon("warn"), notice));
  }

  #conflict({ about, differs, sides }, id, asked) {
    const citations = this.#list("citations", id);
    return h("section", { class: "conflict", "aria-label": "Sources disagree" },
      h("p", { class: "verdict" }, icon("differ"), "Sources disagree"),
      h("p", { class: "about" }, [!asked.includes(about) && about, differs && `different ${differs}`].filter(Boolean).join(" · ")),
      h("div", { class: "sides" }, sides.map((side, index) => {
        const at = citations.findIndex((citation) => citation.number === side.citation);
        return h("div", { class: "side" }, h("b", { dir: "auto" }, side.value), side.date && h("small", {}, `as of ${day(side.date)}`),
          at >= 0 && h("p", {}, fileName(citations[at].source), " ", this.#chip(side.citation, id, `side.${index}`)));
      })));
  }
}
