/* The list of conversations that this browser keeps.
 *
 * <citewise-conversations>  .folder: the name of the documents it keeps conversations about; set once, it begins then.
 *     .current: the id of the open conversation, or null; .place: that, or the id that a new one will have, to which go(place)
 *     comes back. keep(exchange), one that has settled, into the open conversation;
 *     new(); show(id, exchange?).
 *     Listens on the page for "exchange" {exchange} and "new". Events: "new"; "open" {id, title, exchanges, exchange?}, the one to be
 *     shown; "merged" {exchange} that another tab added to the open conversation; "draft" {question} of a link, to be asked again;
 *     "place" when another one is open (place.js).
 * The address of the page names the open conversation: #/CONVERSATION/EXCHANGE?QUESTION. */

{
const TITLE = 60;  // characters of a title
const FOUND = 60;  // conversations that a search shows with the words around
const LAST = "citewise-conversation";
Object.assign(ICONS, { find: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.6 10.6L14 14" });
const ACTIONS = { rename: "Rename", markdown: "Export as Markdown", html: "Export as HTML", print: "Print or make a PDF", remove: "Delete" };
const UNKEPT = {
  QuotaExceededError: "There is no more room in this browser.",
  VersionError: "A newer Citewise has written this browser's conversations.",
};

/** The beginning of a question, up to a word. */
const titled = (question) => {
  const text = question.trim().replace(/\s+/g, " "), begin = [...text].slice(0, TITLE + 1);
  if (begin.length <= TITLE) return text;
  return `${begin.join("").match(/^(.{20,})\s/su)?.[1] ?? begin.slice(0, TITLE).join("")}…`;
};

/** The words around the first of `found`, which is marked. */
const excerpt = (text, found) => {
  const letters = [...text.replace(/\s+/g, " ")], folded = letters.map(fold), at = folded.join("").indexOf(found);
  if (at < 0) return [];
  const from = folded.flatMap((part, n) => Array(part.length).fill(n)), first = from[at], last = from[at + found.length - 1] + 1;
  const begin = Math.max(letters.lastIndexOf(" ", Math.max(0, first - 20)) + 1, first - 40), part = (a, b) => letters.slice(a, b).join("");
  return [begin > 0 && "…", part(begin, first), h("mark", {}, part(first, last)), part(last, last + 80)];
};

const dayOf = (time) => {
  const day = new Date().setHours(0, 0, 0, 0);
  return time >= day ? "Today" : time >= new Date(day).setDate(new Date(day).getDate() - 1) ? "Yesterday" : "Earlier";
};
const idOf = (node) => node.closest("[data-id]")?.dataset.id;

class Conversations extends Element {
  #kept = null;
  #list = new Map();
  #current = null;
  #fresh = token();
  #focused = null;
  #renaming = null;
  #query = [];
  #texts = null;
  #found = null;
  #request = 0;
  #last = "";
  #channel = null;
  #find = h("input", { type: "search", placeholder: "Search", "aria-label": "Search the conversations", autocomplete: "off", spellcheck: "false",
    input: () => this.#search(), keydown: (event) => { if (event.key === "ArrowDown") { event.preventDefault(); this.#step(0); } } });
  #notice = h("p", { class: "notice", role: "status", hidden: true });
  #count = h("p", { class: "count", role: "status" });
  #rows = h("div", { class: "rows", role: "group", "aria-label": "Conversations", click: (event) => this.#click(event), keydown: (event) => this.#keys(event),
    contextmenu: (event) => {
      const row = event.target.closest("li");
      if (!row) return;
      event.preventDefault();
      this.#menu.open(row.dataset.id, row.lastChild);
    } });
  #menu = new Menu("Conversation", ACTIONS, (name, id) => this.#act(name, id));

  constructor() {
    super();
    this.shadowRoot.adoptedStyleSheets.push(styled(STYLES_CONVERSATIONS));
    this.shadowRoot.append(h("button", { type: "button", class: "fresh", click: () => this.new() }, icon("fresh"), "New conversation"),
      h("label", { class: "find" }, icon("find"), this.#find), this.#notice, this.#count, this.#rows, this.#menu.node);
    document.addEventListener("exchange", ({ detail }) => this.keep(detail.exchange));
    // At the window, after all others on the page: what "new" or "open" puts an end to still belongs to the conversation before.
    addEventListener("new", () => this.#move(null));
    addEventListener("hashchange", () => history.state?.place || this.#follow());  // which is no step back
    addEventListener("visibilitychange", () => this.#draw());  // as the day may be another
  }

  mounted({ props }) { this.folder = props.value; }

  get current() { return this.#current?.id ?? null; }
  get place() { return this.current ?? this.#fresh; }

  set folder(folder) {
    if (this.#kept) return;
    this.#kept = new Kept(folder, (error) => this.#failed(error));
    this.#channel = new BroadcastChannel(`citewise ${folder}`);
    this.#channel.addEventListener("message", ({ data }) => this.#heard(data));
    this.ready = this.#begin(`${LAST} ${folder}`).then(() => this.emit("place"));
  }

  async #begin(last) {
    this.#last = last;
    this.#kept.sweep();
    await this.#reload();
    if (this.#current) return;  // a question was faster
    if (addressed().id) return this.#follow();
    const id = remembered(last);
    if (this.#list.has(id)) await this.show(id);
  }

  /** Adds an exchange that has settled to the open conversation, or replaces the one of its id. */
  async keep({ kind: _, ...exchange }) {
    if (!this.#kept) return;
    if (!this.#current) {
      const now = Date.now();
      this.#move({ id: this.#fresh, title: titled(exchange.question), at: now, changed: now });
    }
    const known = this.#current;
    const record = await this.#kept.keep(known, exchange);
    if (!record || record.deleted) return;
    this.#list.delete(record.id);
    this.#listed([record, ...this.#list.values()]);
    this.#channel.postMessage({ id: record.id, exchange: exchange.id });
  }

  new() { this.emit("new"); }

  /** Opens a conversation, at one of its exchanges. */
  async show(id, exchange) {
    const request = this.#request += 1, exchanges = await this.#kept.exchanges(id);
    if (request !== this.#request || !this.#list.has(id)) return;
    const at = exchanges.some((one) => one.id === exchange) ? exchange : undefined;
    this.emit("open", { id, title: this.#list.get(id).title, exchanges, exchange: at });
    this.#move(this.#list.get(id));
    if (exchange && !at) tell("This answer is not in the conversation any more.");
  }

  async go(place) {
    if (place === this.place) return;
    if (this.#list.has(place)) return this.show(place);
    this.emit("open", { exchanges: [] });
    this.#move(null);
  }

  async #follow() {
    const { id, exchange, question } = addressed();
    if (!id || (id === this.current && !exchange)) return;
    if (this.#list.has(id)) return this.show(id, exchange);
    this.emit("place");
    tell(`This browser does not keep that conversation.${question ? " Its question is in the box: ask it again." : ""}`);
    if (question) this.emit("draft", { question });
  }

  /** Makes a conversation the open one. */
  #move(conversation) {
    this.#request += 1;
    if (this.#current) this.#fresh = token();
    this.#current = conversation;
    this.#focused = this.current;
    remember(this.#last, this.current);
    this.emit("place");
    this.#draw();
  }

  async #reload() {
    const all = await this.#kept.conversations();
    await this.#listed(all.filter(({ deleted }) => !deleted).sort((a, b) => b.changed - a.changed));
  }

  #listed(conversations) {
    this.#list = new Map(conversations.map((one) => [one.id, one]));
    this.#current = this.#list.get(this.current) ?? this.#current;
    this.#texts = null;
    return this.#search();
  }

  /** What another tab did. */
  async #heard({ id, exchange }) {
    await this.#reload();
    if (id !== this.current) return;
    if (!this.#list.has(id)) return this.new();
    const other = exchange && (await this.#kept.exchanges(id)).find((one) => one.id === exchange);
    if (!other || id !== this.current) return;
    this.emit("merged", { exchange: other });
  }

  async #alter(conversation) {
    await this.#kept.alter(conversation);
    this.#channel.postMessage({ id: conversation.id });
    await this.#reload();
  }

  /** Says once that nothing can be kept, and takes it back when it could. */
  #failed(error) {
    if (this.#notice.hidden !== Boolean(error)) return;
    const says = error && `${UNKEPT[error.name] ?? "This browser does not let the page keep anything."} New answers stay only as long as this tab.`;
    this.#notice.hidden = !error;
    this.#notice.replaceChildren(...(error ? [icon("warn"), h("span", {}, says)] : []));
    if (error) tell(says);
  }

  async #search() {
    this.#query = fold(this.#find.value).split(/\s+/).filter(Boolean);
    if (this.#query.length && !this.#texts) {
      this.#texts = this.#kept.texts().then((texts) => texts.map((one) => ({ ...one, folded: fold(one.text) })));
      await this.#texts;
    }
    this.#found = this.#query.length ? this.#matches(await this.#texts) : null;
    this.#draw();
  }

  /** The conversations in which one exchange, or the title, has all words; with that exchange. */
  #matches(texts) {
    const titles = new Map([...this.#list.values()].map(({ id, title }) => [id, fold(title)])), found = new Map();
    for (const [id, title] of titles) if (this.#query.every((word) => title.includes(word))) found.set(id, {});
    for (const { conversation: id, id: exchange, text, folded } of texts) {
      if (found.get(id)?.exchange || !titles.has(id) || !this.#query.every((word) => folded.includes(word) || titles.get(id).includes(word))) continue;
      found.set(id, { exchange, text, word: this.#query.find((word) => !titles.get(id).includes(word)) });
    }
    return found;
  }

  #draw() {
    if (this.#renaming) return;
    const shown = this.#found ? [...this.#list.values()].filter(({ id }) => this.#found.has(id)) : [...this.#list.values()];
    if (this.#current && !this.#found && !this.#list.has(this.current)) shown.unshift(this.#current);  // which is being written
    const focus = this.#rows.contains(this.shadowRoot.activeElement) && this.shadowRoot.activeElement.className;
    if (!shown.some(({ id }) => id === this.#focused)) this.#focused = shown[0]?.id ?? null;
    const groups = Map.groupBy(shown, ({ changed }) => this.#found ? "" : dayOf(changed));
    this.#rows.replaceChildren(...[...groups].map(([name, rows], n) => h("section", {}, name && h("h2", { id: `group${n}` }, name),
      h("ul", { "aria-labelledby": name && `group${n}` }, rows.map((row, at) => this.#row(row, at < FOUND))))));
    this.#count.textContent = this.#found ? (shown.length ? `${shown.length.toLocaleString("en")} found` : "Nothing found") : shown.length ? "" : "Your conversations will be kept here, in this browser only.";
    if (focus) this.#rows.querySelector(`[data-id="${this.#focused}"] .${focus}`)?.focus();
  }

  #row({ id, title }, near) {
    const tabindex = id === this.#focused ? "0" : "-1", { text, word } = this.#found?.get(id) ?? {};
    return h("li", { "data-id": id },
      h("button", { type: "button", class: "open", tabindex, title: Export.shown(title), "aria-current": id === this.current && "true" },
        h("span", { class: "title", dir: "auto" }, title), near && word && h("span", { class: "excerpt", dir: "auto" }, excerpt(text, word))),
      h("button", { type: "button", class: "dots", tabindex, "aria-label": `Actions for ${Export.shown(title)}`, "aria-haspopup": "menu" }, "⋯"));
  }

  #click({ target }) {
    const id = idOf(target);
    if (!id || target.closest("input")) return;
    this.#focused = id;
    if (target.closest(".dots")) this.#menu.open(id, target);
    else this.show(id, this.#found?.get(id)?.exchange);
  }

  #keys(event) {
    const id = idOf(event.target), rows = [...this.#rows.querySelectorAll(".open")], at = rows.findIndex((row) => idOf(row) === id);
    const act = {
      ArrowDown: () => this.#step(at + 1), ArrowUp: () => at ? this.#step(at - 1) : this.#find.focus(), Home: () => this.#step(0), End: () => this.#step(rows.length - 1),
      F2: () => this.#rename(id), Delete: () => this.#remove(id),
    }[event.key];
    if (!act || event.target.closest("input") || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  }

  /** Gives a row the focus, which is the only one that the tab key then finds. */
  #step(at) {
    const row = this.#rows.querySelectorAll("li")[at];
    if (!row) return;
    for (const button of this.#rows.querySelectorAll("[tabindex='0']")) button.tabIndex = -1;
    for (const button of row.children) button.tabIndex = 0;
    this.#focused = row.dataset.id;
    row.firstChild.focus();
  }

  #of(id, part) { return this.#rows.querySelector(`[data-id="${id}"] ${part}`); }

  async #act(name, id) {
    const { title } = this.#list.get(id);
    if (name === "rename") return this.#rename(id);
    if (name === "remove") return this.#remove(id);
    const exchanges = await this.#kept.exchanges(id);
    if (name === "markdown") Export.save(title, "md", "text/markdown", Export.markdown(title, exchanges));
    if (name === "html") Export.save(title, "html", "text/html", Export.html(title, exchanges));
    if (name === "print") Export.print(title, exchanges);
  }

  /** Puts a box in the place of a title. */
  #rename(id) {
    const known = this.#list.get(id), row = this.#of(id, "");
    const end = async (keep) => {
      if (!this.#renaming) return;
      this.#renaming = null;
      const name = box.value.trim();
      if (keep && name && name !== known.title) await this.#alter({ ...known, title: name });
      else this.#draw();
      this.#of(id, ".open")?.focus();
    };
    const box = h("input", { class: "name", "aria-label": "Name of the conversation", maxlength: 200, blur: () => end(true), keydown: (event) => {
      if (event.key === "Enter" && !event.isComposing) end(true);
      if (event.key === "Escape") { event.preventDefault(); end(false); }
    } });
    this.#renaming = id;
    box.value = known.title;
    row.replaceChildren(box);
    box.select();
  }

  async #remove(id) {
    const known = this.#list.get(id), rows = [...this.#rows.querySelectorAll("li")], at = rows.findIndex((row) => row.dataset.id === id);
    this.#focused = (rows[at + 1] ?? rows[at - 1])?.dataset.id ?? null;
    const open = id === this.current;
    if (open) this.new();
    const deleted = Date.now();
    await this.#alter({ ...known, deleted });
    tell(`Deleted: ${known.title}`, {
      label: "Undo",
      act: () => this.#alter(known).then(() => open && this.show(id)),
      done: () => this.#kept.remove(id, deleted),
    });
  }
}

if (!customElements.get("citewise-conversations")) customElements.define("citewise-conversations", Conversations);
}
