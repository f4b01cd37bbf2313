/* What the documents page says of the index, as nodes: its truth, its tools, its troubles, and files on their way. */

const Told = (() => {
  const SHOWN = 8, FAULTS = 50;  // files on their way that are listed, and how many at most where they failed
  const press = (name, says, attributes = {}) => h("button", { type: "button", "data-do": name, ...attributes }, says);
  const bar = (part, says) => h("progress", { max: 1, "aria-label": says, ...(part == null ? {} : { value: part }) });
  const notice = (says, { bad = false, actions = [] } = {}) =>
    h("div", { class: bad ? "notice error" : "notice", role: bad ? "alert" : null }, icon("warn"), h("p", {}, says), actions.length > 0 && h("div", { class: "choices" }, actions));

  const truth = ({ roots, files, passages, failed, changed, excluded, indexed_at: at, progress }) => !roots.length ? [] : [
    [plural(files, "file"), plural(passages, "passage"), at && !progress && `indexed ${ago(at)}`].filter(Boolean).join(" · "),
    ...[changed > 0 && `${changed.toLocaleString("en")} changed since`, failed > 0 && `${failed.toLocaleString("en")} failed`].filter(Boolean).map((flaw) => h("span", { class: "flaw" }, ` · ${flaw}`)),
    excluded > 0 && ` · ${excluded.toLocaleString("en")} excluded`].filter(Boolean);

  const tools = ({ watch, folders, roots }) => !roots.length ? [] : [
    press("add", [icon("add"), "Add files"], { class: "main" }),
    folders && press("folder", [icon("folder"), "Add a folder"]),
    h("button", { type: "button", role: "switch", class: "switch", "aria-checked": String(watch), "data-do": "watch", title: "Files that are added, changed or deleted are noticed within seconds" }, h("i", {}), "Watch folders"),
    press("index", icon("dots"), { class: "plain", "aria-haspopup": "menu", "aria-label": "More for the whole index" }),
  ].filter(Boolean);

  const going = ({ says, unit, done, total, source, seconds_left: left }) => h("div", { class: "going" },
    h("div", {}, h("p", {}, `${says} `, total > 0 && h("b", {}, `${done.toLocaleString("en")} of ${plural(total, unit)}`), left > 1 && ` · about ${lasting(left)} left`), press("stop", "Stop")),
    bar(total > 0 ? done / total : null, says), h("p", { class: "now", dir: "auto" }, source ?? "\u00a0"));

  /** The parts of the page's head. `away`: since when the server has not answered; `fault`: what went wrong with what was asked for. */
  const stated = (state, { away, fault }) => !state ? { truth: [], tools: [], notices: away ? [notice("The server does not answer. This page goes on by itself when it does.", { bad: true })] : [] } : {
    truth: [...h("p", {}, truth(state)).childNodes],
    tools: tools(state),
    notices: [
      away && notice(`The server does not answer. The list is as of ${new Date(away).toLocaleTimeString("en", { hour: "2-digit", minute: "2-digit" })} and goes on by itself when it does.`, { bad: true }),
      fault && notice(fault, { bad: true, actions: [press("dismiss", "Dismiss")] }),
      state.broken && notice(state.broken, { bad: true, actions: state.mend && !state.progress ? [press("mend", "Build the index anew…")] : [] }),
      state.error && !state.broken && notice([state.error, state.watch && " It is tried again in half a minute."], { bad: true, actions: state.progress ? [] : [press("sync", "Try now")] }),
      ...state.unreachable.map(([source, reason]) => notice(`${source} cannot be entered: ${reason}. What was indexed there is kept.`)),
      state.pending > 0 && !state.progress && notice(`${plural(state.pending, "passage")} not embedded yet: found by their words only.`, { actions: [press("sync", "Go on")] }),
      state.progress && !away && going(state.progress),
    ].filter(Boolean),
  };

  /** Before there is anything. */
  const welcome = (state) => state && !state.progress && !state.broken ? [h("div", { class: "nothing" }, icon("paper"), h("h2", {}, "No documents yet"),
    h("p", {}, `Drop files or folders anywhere on this page${state.folders ? ", or add a folder of this computer" : ""}. Nothing of them leaves the machine that Citewise runs on.`),
    h("p", { class: "kinds" }, state.types.map((type) => type.slice(1)).join(" · ")),
    h("div", { class: "choices" }, press("add", "Add files", { class: "main" }), state.folders && press("folder", "Add a folder")))] : [];

  const FIRST = { bad: 0, sending: 1, keeping: 1, sent: 1, queued: 2, kept: 3, cancelled: 4, done: 5 };
  /** Files on their way: how many are done, and what became of each; what failed first. */
  const queue = (sending) => {
    const { items, active } = sending, done = items.length - active.length;
    if (!items.length) return [];
    const bytes = items.reduce((sum, { size }) => sum + size, 0), gone = items.reduce((sum, { size, part, state }) => sum + (active.some((one) => one.state === state) ? part : 1) * size, 0);
    const sorted = [...items].sort((a, b) => FIRST[a.state] - FIRST[b.state]), bad = sorted.filter(({ state }) => state === "bad").length;
    const listed = sorted.slice(0, Math.max(SHOWN, Math.min(bad, FAULTS)));
    return [h("section", { class: "queue", "aria-label": "Files being added" },
      h("div", {}, h("p", {}, active.length ? ["Adding ", h("b", {}, `${(done + 1).toLocaleString("en")} of ${plural(items.length, "file")}`)] : [h("b", {}, plural(items.length, "file")), bad > 0 ? ` · ${bad} not added` : " added"]),
        active.length ? press("cancel", "Cancel") : press("clear", "Clear the list")),
      active.length > 0 && bar(bytes ? gone / bytes : 0, "Adding files"),
      h("ul", {}, listed.map(({ id, name, size, state, says, final }) => h("li", { class: state }, h("b", { dir: "auto", title: name }, name), h("span", {}, size > 0 && `${sized(size)} · `, says),
        ["queued", "sending", "sent"].includes(state) && items.length > 1 ? press("cancel", icon("close"), { "data-id": id, class: "plain", "aria-label": `Cancel ${name}` })
          : (state === "bad" || state === "cancelled") && !final && press("resend", "Send again", { "data-id": id })))),
      items.length > listed.length && h("p", { class: "rest" }, `and ${plural(items.length - listed.length, "more file")}`))];
  };
  return { press, queue, stated, welcome };
})();

class Drop extends Element {
  constructor() {
    super();
    this.shadowRoot.adoptedStyleSheets.push(styled(STYLES_DOCUMENTS));
    this.shadowRoot.append(h("div", { class: "veil" }, h("p", {}, icon("add"), "Drop files or folders to add them")));
  }
}
if (!customElements.get("citewise-drop")) customElements.define("citewise-drop", Drop);
