/* Choosing what may answer: folders, types and files, searched by name.
 *
 * <citewise-scope>  `choices` = async () => {folders, types, files} or {error}. `only` are the chosen patterns, none for all.
 *                   Event: "chosen" {only}. */

const CHIPS = 5;  // of the chosen, beside the button
const LISTED = 200;  // choices shown at once; the rest is searched for

class Scope extends Element {
  choices = null;
  #only = [];
  #known = { folders: [], types: [], files: [] };
  #error = "";
  #button = h("button", { type: "button", class: "option", "aria-haspopup": "dialog", "aria-expanded": "false", click: () => this.#open() });
  #chips = h("div", { class: "chips" });
  #search = h("input", { type: "search", placeholder: "Search files and folders", "aria-label": "Search files and folders", input: () => this.#list() });
  #found = h("div", { class: "found" });
  #box = h("div", { class: "choose", popover: "auto", role: "dialog", "aria-label": "What may answer" }, this.#search, this.#found,
    h("p", { class: "choices" }, h("button", { type: "button", click: () => this.#choose([]) }, "All files"), h("button", { type: "button", click: () => this.#box.hidePopover() }, "Done")));

  constructor() {
    super();
    this.shadowRoot.adoptedStyleSheets.push(styled(STYLES_SCOPE));
    this.shadowRoot.append(this.#button, this.#chips, this.#box);
    this.#box.addEventListener("toggle", ({ newState }) => this.#button.setAttribute("aria-expanded", String(newState === "open")));
    this.#draw();
  }

  get only() { return this.#only; }
  set only(patterns) {
    this.#only = patterns;
    this.#draw();
  }

  async #open() {
    this.#box.showPopover();
    const at = this.#button.getBoundingClientRect(), { width, height } = this.#box.getBoundingClientRect();
    Object.assign(this.#box.style, { left: `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`, top: `${Math.max(8, at.top - height - 6)}px` });
    this.#search.focus();
    const { error = "", ...known } = await this.choices().catch(() => ({ error: "The server does not answer." }));
    this.#error = error;
    if (!error) this.#known = known;
    this.#list();
  }

  #list() {
    const sought = this.#search.value.trim().toLowerCase();
    const { folders, types, files } = this.#known;
    const kinds = [["Folders", folders], ["Types", types], ["Files", files]];
    let left = LISTED, more = 0;
    this.#found.replaceChildren(...[this.#error && h("p", { class: "soft", role: "alert" }, this.#error), ...kinds.map(([says, all]) => {
      const fitting = all.filter((one) => one.toLowerCase().includes(sought)), shown = fitting.slice(0, left);
      left -= shown.length;
      more += fitting.length - shown.length;
      return shown.length > 0 && h("fieldset", {}, h("legend", {}, says), shown.map((pattern) => h("label", {},
        h("input", { type: "checkbox", checked: this.#only.includes(pattern), change: ({ target }) => this.#choose(
          target.checked ? [...this.#only, pattern] : this.#only.filter((one) => one !== pattern)) }),
        h("span", { dir: "auto" }, pattern))));
    }), more > 0 && h("p", { class: "soft" }, `${plural(more, "more file")}: search for a name`)].filter(Boolean));
    if (!this.#found.children.length) this.#found.append(h("p", { class: "soft" }, sought ? "Nothing is called so." : "No file can answer yet."));
  }

  #choose(only) {
    this.only = only;
    if (!only.length) this.#list();
    this.emit("chosen", { only });
  }

  #draw() {
    const n = this.#only.length;
    this.#button.replaceChildren(n ? `Only ${n === 1 ? "this" : `these ${n}`}` : "All files", icon("next"));
    const more = n > CHIPS && h("span", {}, `and ${(n - CHIPS).toLocaleString("en")} more`);
    this.#chips.replaceChildren(...this.#only.slice(0, CHIPS).map((pattern) => h("span", { class: "only" }, h("span", { dir: "auto", title: pattern }, pattern),
      h("button", { type: "button", "aria-label": `Do not restrict to ${pattern}`, click: () => this.#choose(this.#only.filter((one) => one !== pattern)) }, icon("close")))), ...[more].filter(Boolean));
  }
}

if (!customElements.get("citewise-scope")) customElements.define("citewise-scope", Scope);
