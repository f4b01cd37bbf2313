/* The documents: all of them in one list, what became of each, and what can be done with it.
 *
 * <citewise-documents>  .server: the functions of ui/page/library.py. .send = as `upload` (sending.js) sends a file.
 *                       .read = (source, opener) opens a source. poke() looks at once.
 *                       Events: "library" {what the server says of the index}, "scope" {only}: patterns that alone may answer,
 *                       "view" {name} shows another view. */

const SLOW = 20_000;  // milliseconds after which the server counts as away
const COLLATOR = new Intl.Collator("en", { numeric: true });
const ORDER = Object.keys(STATES).reverse();
const ALONE = 5000, LETTERS = 500_000;  // files that a question can be restricted to, and characters of their names
const TAKEN = "taken out by you";
Object.assign(ICONS, { add: "M8 3v10M3 8h10", folder: "M2 12.5v-9h4l1.5 2H14v7z", seek: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.6 10.6L14 14", paper: "M4 1.8h5l3.2 3.2v9.2H4zM9 1.8V5h3.2" });

class Documents extends Element {
  server = null;
  send = upload;
  read = () => {};
  #state = null; #rows = new Map(); #sorted = []; #known = ""; #timer = 0; #polling = null; #away = 0; #since = Date.now(); #fault = ""; #told = ""; #hits = 0; #drawing = 0; #on = null;
  #seek = { words: [], state: "", folder: "", by: "name", down: false };
  #sending = new Sending((...given) => this.send(...given), (given) => this.#call("library_add", given), () => this.#sent());
  #list = new Listing(() => this.#bar());
  #menus = Object.fromEntries(Object.entries({
    file: { only: "Ask only this", renew: "Read again", remove: "Exclude" },
    upload: { only: "Ask only this", renew: "Read again", remove: "Delete the upload…" },
    unread: { renew: "Read again", remove: "Exclude" },
    excluded: { restore: "Restore" },
    index: { sync: "Look for changes now", renew: "Read all files again" },
  }).map(([kind, actions]) => [kind, new Menu("Actions", actions, (name, source) => source ? this.#act(name, [source]) : this.#run(`library_${name}`, { all: true }))]));
  #pick = h("input", { type: "file", multiple: true, hidden: true, change: () => { this.#add([...this.#pick.files]); this.#pick.value = ""; } });
  #truth = h("p", { class: "truth" });
  #tools = h("div", { class: "tools" }); #notices = h("div", { class: "notices" }); #queue = h("div", {}); #chips = h("div", { class: "chips", role: "group", "aria-label": "State" });
  #acts = h("div", { class: "acts" }); #empty = h("div", {}); #live = h("p", { role: "status", class: "unseen" });
  #path = h("input", { type: "text", "aria-label": "Path of the folder", placeholder: "/path/to/a/folder", autocomplete: "off", spellcheck: "false" });
  #form = h("form", { class: "adding", hidden: true, submit: (event) => { event.preventDefault(); this.#addFolder(); } }, this.#path, h("button", { class: "main" }, "Add"));
  #search = h("input", { type: "search", "aria-label": "Search by name", placeholder: "Search by name", input: () => this.#sift({ words: fold(this.#search.value).split(/\s+/).filter(Boolean) }) });
  #folders = h("select", { "aria-label": "Folder", change: () => this.#sift({ folder: this.#folders.value }) });
  #orders = h("select", { class: "narrow", "aria-label": "Sort by", change: () => this.#sort(this.#orders.value, false) }, COLUMNS.map(([name, says]) => h("option", { value: name }, says)));
  #question = h("p", {}); #yes = h("button", { value: "yes", class: "main" });
  #dialog = h("dialog", { class: "sure", "aria-label": "Please confirm" }, h("form", { method: "dialog" }, this.#question, h("div", { class: "choices" }, h("button", { value: "" }, "Cancel"), this.#yes)));
  #bench = h("section", { "aria-label": "List" }, h("div", { class: "bench" }, h("div", { class: "seek" }, h("label", { class: "find" }, icon("seek"), this.#search), this.#folders, this.#orders), this.#chips, this.#acts), this.#list.node);

  constructor() {
    super();
    this.shadowRoot.adoptedStyleSheets.push(styled(STYLES_DOCUMENTS));
    this.shadowRoot.append(h("header", {}, h("div", {}, h("h1", {}, "Documents"), this.#truth), this.#tools),
      this.#form, this.#notices, this.#queue, this.#bench, this.#empty, this.#live, this.#dialog, this.#pick, ...Object.values(this.#menus).map(({ node }) => node));
    this.shadowRoot.addEventListener("click", (event) => this.#clicked(event));
  }

  connectedCallback() {
    this.#on = new AbortController();
    const { signal } = this.#on, seen = () => this.#list.later();
    addEventListener("scroll", seen, { capture: true, passive: true, signal });
    addEventListener("resize", seen, { signal });
    document.addEventListener("visibilitychange", () => document.hidden || this.poke(), { signal });
    document.addEventListener("view", () => setTimeout(() => this.poke()), { signal });
    addEventListener("beforeunload", (event) => this.#sending.active.length && event.preventDefault(), { signal });
    this.#droppable(signal);
    this.poke();
  }

  disconnectedCallback() {
    this.#on.abort();
    clearTimeout(this.#timer);
  }

  mounted({ server }) {
    this.server = server;
    this.read = (source, opener) => document.querySelector("citewise-chat")?.read({ source }, opener);
    this.poke();
  }

  // -- what the server says ----------------------------------------------------------------------------------------------

  /** Asks the server now; while it does, once more after. */
  async poke() {
    clearTimeout(this.#timer);
    if (!this.server || !this.isConnected) return;
    this.#polling = (this.#polling ?? Promise.resolve()).then(() => this.#poll());
    await this.#polling;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.poke(), this.#pause());
  }

  async #poll() {
    const shown = this.checkVisibility();
    const state = await this.#call("library", shown ? { known: this.#known } : {});
    if ("files" in state) this.#got(state); else this.#lost();
  }

  async #call(name, given) {
    const late = new Promise((done) => setTimeout(done, SLOW));
    try {
      return await (name === "library" ? Promise.race([this.server[name](given), late]) : this.server[name](given)) ?? { error: "The server does not answer." };
    } catch {
      return { error: "The server does not answer." };
    }
  }

  #pause() {
    if (this.#away) return Math.min(1000 * 1.6 ** this.#away, 10_000);
    if (document.hidden) return 30_000;
    return this.#state?.progress || this.#sending.items.some(({ state }) => state === "kept") ? 1000 : 3000;
  }

  #got(state) {
    if (this.#away) this.#say("The server is back.");
    this.#away = 0;
    this.#state = state;
    this.#since = Date.now();
    if (state.list) this.#take(state.list);
    this.#progressed(state);
    this.emit("library", state);
    this.#draw();
  }

  #lost() {
    if (!this.#away++) this.#say("The server does not answer.");
    this.emit("library", { ...this.#state, away: true });
    this.#draw();
  }

  #take({ known, whole, rows, gone }) {
    this.#known = known;
    if (whole) this.#rows.clear();
    for (const source of gone) { this.#rows.delete(source); this.#list.chosen.delete(source); }
    for (const [source, type, state, reason, pages, passages, size, at] of rows) {
      const cut = source.lastIndexOf("/"), name = source.slice(cut + 1), folder = source.slice(0, Math.max(0, cut));
      this.#rows.set(source, { source, name, folder, key: fold(source), type, state, reason: state === "excluded" ? TAKEN : reason, pages, passages, size, at });
    }
    for (const item of this.#sending.items) {
      const row = item.state === "kept" && this.#rows.get(item.source);
      if (row?.state === "ready" || row?.state === "failed")
        Object.assign(item, { state: row.state === "ready" ? "done" : "bad", final: true, says: row.state === "ready" ? `ready, ${plural(row.passages, "passage")}` : row.reason });
    }
    if (whole || rows.length || gone.length) this.#arrange();
    this.#queueDrawn();
  }

  /** Says aloud that indexing began, each quarter of it, and its end; no more. */
  #progressed({ progress, report }) {
    const quarter = progress?.total > 0 ? Math.floor(4 * progress.done / progress.total) : 0;
    const told = progress ? `${progress.says} ${quarter}` : "";
    if (told === this.#told) return;
    if (told && (quarter || !this.#told)) this.#say(`${progress.says}${progress.total > 0 ? `: ${progress.done} of ${progress.total}` : ""}`);
    if (!told) this.#say(report ?? "Indexing has ended.");
    this.#told = told;
  }

  #say(text) { this.#live.textContent = text; }

  // -- the list ----------------------------------------------------------------------------------------------------------

  #arrange() {
    const { by, down } = this.#seek, sign = down ? -1 : 1;
    const names = (a, b) => COLLATOR.compare(a.name, b.name) || COLLATOR.compare(a.folder, b.folder);
    const value = by === "state" ? (row) => ORDER.indexOf(row.state) : (row) => row[by] ?? (by === "type" || by === "at" ? "" : -1);
    this.#sorted = [...this.#rows.values()].sort(by === "name" ? (a, b) => sign * names(a, b) : (a, b) => {
      const [x, y] = [value(a), value(b)];
      return x < y ? -sign : x > y ? sign : names(a, b);
    });
    const folders = new Map();
    for (const { folder } of this.#rows.values()) for (let at = folder; at; at = at.slice(0, Math.max(0, at.lastIndexOf("/")))) folders.set(at, (folders.get(at) ?? 0) + 1);
    const sorted = [...folders].sort(([a], [b]) => COLLATOR.compare(a, b));
    patch(this.#folders, [h("option", { value: "" }, "All folders"), ...sorted.map(([folder, n]) => h("option", { value: folder }, `${folder}/ (${n.toLocaleString("en")})`))]);
    if (!folders.has(this.#seek.folder)) this.#seek.folder = "";
    this.#folders.value = this.#seek.folder;
    this.#folders.hidden = folders.size < 2;
    this.#sift();
  }

  #sift(change = {}) {
    const { words, folder, state, by, down } = Object.assign(this.#seek, change);
    const counts = {}, list = [];
    for (const row of this.#sorted) {
      if (folder && row.folder !== folder && !row.folder.startsWith(`${folder}/`)) continue;
      if (!words.every((word) => row.key.includes(word))) continue;
      counts[row.state] = (counts[row.state] ?? 0) + 1;
      if (!state || row.state === state) list.push(row);
    }
    const all = Object.values(counts).reduce((sum, n) => sum + n, 0);
    const chip = (name, says, n) => (n > 0 || state === name) && Told.press("state", [h("i", { class: `mark ${name}` }), says, h("b", {}, (n ?? 0).toLocaleString("en"))], { "data-state": name, "aria-pressed": String(state === name) });
    patch(this.#chips, [chip("", "All", all), ...Object.entries(STATES).map(([name, says]) => chip(name, says, counts[name]))].filter(Boolean));
    const { top } = this.#bench.getBoundingClientRect(), stuck = parseInt(getComputedStyle(this.#bench.firstChild).top) || 0;
    if (Object.keys(change).length && top < stuck) scrollBy({ top: top - stuck, behavior: "instant" });
    this.#list.show(list, by, down);
    this.#hits = list.length;
    this.#blank();
    this.#bar();
  }

  #sort(by, down) {
    Object.assign(this.#seek, { by, down });
    this.#orders.value = by;
    this.#arrange();
  }

  #bar() {
    const chosen = [...this.#list.chosen].map((source) => this.#rows.get(source)).filter(Boolean), { folder } = this.#seek;
    const excluded = chosen.filter(({ state }) => state === "excluded").length, there = chosen.length - excluded;
    patch(this.#acts, chosen.length ? [h("b", {}, `${chosen.length.toLocaleString("en")} chosen`),
      ...(there ? [Told.press("only", "Ask only these"), Told.press("renew", "Read again"), Told.press("remove", "Exclude")] : []),
      ...(excluded ? [Told.press("restore", "Restore")] : []), Told.press("none", icon("close"), { "aria-label": "Choose none", class: "plain" })]
      : folder ? [Told.press("within", "Ask only this folder")] : []);
  }

  // -- what somebody does ------------------------------------------------------------------------------------------------

  #clicked(event) {
    const control = event.target.closest?.("[data-do]"), source = control?.closest("tr")?.dataset.source, { folder, by, down } = this.#seek;
    if (control) ({
      add: () => this.#pick.click(),
      folder: () => { this.#form.hidden = !this.#form.hidden; if (!this.#form.hidden) this.#path.focus(); },
      sync: () => this.#run("library_sync", {}), stop: () => this.#run("library_sync", { stop: true }),
      index: () => this.#menus.index.open(null, control), watch: () => this.#run("library_watch", { on: !this.#state.watch }),
      mend: () => this.#mend(), dismiss: () => { this.#fault = ""; this.#draw(); },
      resend: () => this.#sending.again(Number(control.dataset.id)), cancel: () => this.#sending.cancel(control.dataset.id && Number(control.dataset.id)), clear: () => this.#sending.clear(),
      state: () => this.#sift({ state: control.dataset.state }),
      reset: () => { this.#search.value = ""; this.#folders.value = ""; this.#sift({ words: [], folder: "", state: "" }); },
      sort: () => this.#sort(control.dataset.by, by === control.dataset.by && !down),
      pick: () => this.#list.pick(source, control.checked, event.shiftKey), all: () => this.#list.all(control.checked), none: () => { this.#list.chosen.clear(); this.#sift(); },
      read: () => this.read(source, control), within: () => this.#scope([`${folder}/`]),
      menu: () => (({ state, passages }) => this.#menus[state === "excluded" ? state : source.startsWith("uploads/") ? "upload" : passages || state === "ready" ? "file" : "unread"])(this.#rows.get(source)).open(source, control),
    }[control.dataset.do] ?? (() => this.#act(control.dataset.do, [...this.#list.chosen])))();
  }

  async #act(name, sources) {
    const fits = name === "restore" ? ({ state }) => state === "excluded" : ({ state }) => state !== "excluded";
    sources = sources.filter((source) => this.#rows.has(source) && fits(this.#rows.get(source)));
    if (name === "only") return this.#scope(sources);
    const uploads = sources.filter((source) => source.startsWith("uploads/"));
    if (name === "remove" && uploads.length && !await this.#sure(`Delete ${uploads.length === 1 ? fileName(uploads[0]) : plural(uploads.length, "upload")} from this computer's index? An upload can be sent again, not restored.`, "Delete")) return;
    this.#list.busy(sources);
    const done = await this.#run(`library_${name}`, { sources });
    this.#list.busy([]);
    if (!done) return;
    const what = sources.length === 1 ? fileName(sources[0]) : plural(sources.length, "file"), back = sources.filter((source) => !uploads.includes(source));
    for (const source of sources) this.#list.chosen.delete(source);
    this.#sift();
    if (name === "remove") tell(back.length ? `${what} excluded. The file itself is not touched.` : `${what} deleted.`, back.length && { label: "Undo", act: () => this.#act("restore", back) });
    else tell(name === "restore" ? `${what} restored.` : `${what} will be read again.`);
  }

  #scope(only) {
    if (only.length > ALONE || only.join("").length > LETTERS) return tell("These are too many files to ask alone. Choose a folder above the list instead.");
    this.emit("scope", { only });
    this.emit("view", { name: "chat" });
  }

  /** Has the server do something; whether it did. */
  async #run(name, given) {
    const { error = "" } = await this.#call(name, given);
    this.#fault = error;
    await this.poke();
    return !error;
  }

  async #addFolder() {
    const path = this.#path.value.trim();
    if (!await this.#run("library_folder", { path })) return;
    this.#path.value = "";
    this.#form.hidden = true;
    tell(`${path} added.`);
  }

  async #mend() {
    if (await this.#sure("Build the index anew? All files are read again, which takes as long as the first time. Files, uploads and exclusions stay.", "Build anew")) this.#run("library_sync", { rebuild: true });
  }

  #sure(question, verb) {
    this.#question.textContent = question;
    this.#yes.textContent = verb;
    this.#dialog.returnValue = "";
    this.#dialog.showModal();
    return new Promise((done) => this.#dialog.addEventListener("close", () => done(this.#dialog.returnValue === "yes"), { once: true }));
  }

  #add(files) {
    if (!files.length || !this.#state) return;
    if (!this.checkVisibility()) this.emit("view", { name: "documents" });
    this.#sending.add(files, this.#state);
  }

  #droppable(signal) {
    const veil = h("citewise-drop"), ours = (event) => event.dataTransfer?.types.includes("Files");
    addEventListener("dragover", (event) => { if (ours(event)) { event.preventDefault(); document.body.append(veil); } }, { signal });
    addEventListener("dragleave", (event) => event.relatedTarget || veil.remove(), { signal });
    addEventListener("drop", async (event) => {
      if (!ours(event)) return;
      event.preventDefault();
      veil.remove();
      this.#add(await dropped(event.dataTransfer));
    }, { signal });
  }

  #sent() {
    this.#queueDrawn();
    if (this.#sending.items.some(({ state }) => state === "kept") && !this.#sending.active.length) this.poke();
  }

  #queueDrawn() {
    this.#drawing ||= requestAnimationFrame(() => { this.#drawing = 0; patch(this.#queue, Told.queue(this.#sending)); });
  }
  #draw() {
    const { truth, tools, notices } = Told.stated(this.#state, { away: this.#away && this.#since, fault: this.#fault });
    patch(this.#truth, truth);
    patch(this.#tools, tools);
    patch(this.#notices, notices);
    this.#blank();
  }

  #blank() {
    const some = this.#rows.size > 0, fits = this.#hits > 0;
    this.#bench.hidden = !some;
    this.#list.node.hidden = !fits;
    patch(this.#empty, !some ? Told.welcome(this.#state) : fits ? [] : [h("div", { class: "none" }, h("p", {}, "No file fits."), Told.press("reset", "Show all"))]);
  }
}
if (!customElements.get("citewise-documents")) customElements.define("citewise-documents", Documents);
