/* What can be done about an exchange on the chat page: ask it otherwise, ask it again, see why it is answered so. */

Object.assign(ICONS, {
  edit: "M10.5 3l2.5 2.5L5.5 13H3v-2.5z",
  again: "M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3",
  quotes: "M3 10.5V8a3 3 0 0 1 3-3M9 10.5V8a3 3 0 0 1 3-3M3 8h2.5v3H3zM9 8h2.5v3H9z",
  model: "M8 2l1.4 4.6L14 8l-4.6 1.4L8 14l-1.4-4.6L2 8l4.6-1.4z",
  why: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM6.3 6.2a1.8 1.8 0 1 1 2.5 1.7c-.5.2-.8.6-.8 1.1v.3M8 11.3v.1",
});

const doing = (name, says, click) => h("button", { type: "button", class: `tool ${name}`, title: says, click }, icon(name), h("span", {}, says));

/** A question in a box of its own in place of what shows it; `done` gets it when it was sent, null when it was not. */
const editor = (question, says, done) => {
  const send = () => box.value.trim() && done(box.value.trim());
  const box = h("textarea", { "aria-label": says, dir: "auto", rows: 1, keydown: (event) => {
    if (event.key === "Escape") { event.stopPropagation(); done(null); }
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
  }, input: () => grow() });
  const grow = () => { box.style.height = "auto"; box.style.height = `${box.scrollHeight + 2}px`; };
  box.value = question;
  const node = h("div", { class: "editor" }, box, h("p", { class: "choices" },
    h("button", { type: "button", class: "send", click: send }, "Ask"), h("button", { type: "button", click: () => done(null) }, "Cancel")));
  queueMicrotask(() => { grow(); box.focus(); box.select(); });
  return node;
};

/** Lets a question be changed where it stands; its answer is made anew. */
const edit = (chat, id, question = chat.exchange(id).question) => {
  const head = chat.shadowRoot.querySelector(`[data-turn="${CSS.escape(id)}"] .question`);
  if (head.hidden) return;
  const node = editor(question, "Change the question", (changed) => {
    node.remove();
    head.hidden = false;
    if (changed) chat.emit("ask", { id, question: changed });
    else head.parentNode.querySelector(".tool.edit")?.focus();
  });
  head.hidden = true;
  head.after(node);
};

/** Under a refusal: what could not be read may hold the answer. */
const unread = () => {
  const failed = document.querySelector("citewise-index[line]")?.failed ?? 0;
  return failed > 0 && h("p", { class: "unread" }, `${plural(failed, "file")} could not be read, so ${failed === 1 ? "it was" : "they were"} not searched. `,
    h("button", { type: "button", class: "change", click: ({ target }) => target.dispatchEvent(new CustomEvent("view", { detail: { name: "documents" }, bubbles: true, composed: true })) }, "See which"));
};

/** What alone could answer a question that was restricted. */
const restricted = (only) => h("p", { class: "unread", dir: "auto" }, `Asked only: ${only.slice(0, 3).join(", ")}${only.length > 3 ? ` and ${only.length - 3} more` : ""}`);

TOOLS.push(
  ({ only }) => only?.length > 0 && restricted(only),
  ({ answer }) => answer?.status === "not_in_documents" && unread(),
  ({ id }, chat) => doing("edit", "Edit", () => edit(chat, id)),
  ({ id, state, answer, writer }, chat) => state !== "error" && answer?.status !== "about_assistant" &&
    doing("again", "Ask again", () => chat.emit("ask", { id, question: chat.exchange(id).question, writer: chat.exchange(id).writer })),
  ({ id, model, answer }, chat) => chat.model && answer && answer.status !== "about_assistant" && (answer.writer === "quotes"
    ? doing("model", `Ask ${chat.model}`, () => chat.emit("ask", { id, question: chat.exchange(id).question, writer: "model" }))
    : doing("quotes", "Answer from quotes", () => chat.emit("ask", { id, question: chat.exchange(id).question, writer: "quotes" }))),
  ({ id, answer }, chat) => answer && answer.status !== "about_assistant" && doing("why", answer.status === "answered" ? "Why this answer" : "Why not", () => why(chat, id)),
);
