/* Back and Forward. Each view, conversation, open source, list and account of an answer that a person went to is an entry of the browser's
 * history, which says {view, conversation, over} and, for what lies over a view, the place `under` it; its address is that of
 * the conversation. Listens on the page for "place", "view" and "panel". */

{
const rail = () => document.querySelector("citewise-conversations");
const same = (one, other) => ["view", "conversation", "over"].every((name) => one[name] === other?.[name]);
const account = () => document.querySelector("citewise-why");
const here = () => {
  const { classList, dataset: { view } } = document.body;
  const over = account()?.shown ? "why" : classList.contains("cw-reading") ? "source" : classList.contains("cw-rail") ? "list" : "";
  return { view, conversation: rail().place, over };
};
let begun = false, leaving = false, restored = 0, restoring = false;

/** Makes the history say what is shown now, without a further entry where that has to `stay`. */
const record = (stay = false) => {
  if (!begun || leaving || restoring) return;
  const at = history.state?.place, now = here(), { current } = rail();
  if (same(now, at?.under)) {  // what lay over it was closed
    leaving = true;
    return history.back();
  }
  const further = at && !stay && !at.over && !same(now, at);
  const place = { ...now, under: now.over && (further ? at : at?.under) };
  history[further ? "pushState" : "replaceState"]({ ...history.state, place }, "", current ? `#/${current}` : location.href.split("#")[0]);
};

/** Takes up the place that a page had when it was loaded anew. */
const begin = () => {
  begun = true;
  const at = history.state?.place;
  if (at && at.view !== here().view) document.dispatchEvent(new CustomEvent("view", { detail: { name: at.view } }));
  if (!at?.over) history.replaceState({ ...history.state, place: null }, "");
};

history.scrollRestoration = "manual";  // or what is read would jump as a source is closed
document.addEventListener("place", () => begun || begin());
for (const name of ["place", "view", "panel"]) document.addEventListener(name, () => queueMicrotask(() => record()));
addEventListener("popstate", async ({ state }) => {
  if (!state?.place) return;  // an address that was typed: the list of conversations follows it
  if (leaving) { leaving = false; return record(); }
  const { view, conversation, over } = state.place, request = restored += 1, chat = document.querySelector("citewise-chat");
  restoring = true;
  try {
    document.querySelector("citewise-nav")?.rail(over === "list");
    if (over !== "source") chat.reading(false);
    if (over !== "why") account()?.reading(false);
    await rail().go(conversation);
    if (request !== restored) return;
    if (view !== here().view) document.dispatchEvent(new CustomEvent("view", { detail: { name: view } }));
    if (over === "source") chat.reading(true);
    if (over === "why") account()?.reading(true);
  } finally {
    if (request === restored) restoring = false;
  }
  record(true);  // a place that is no more must not be left forwards: nobody would come behind it
});
}
