/* What is passed on of a conversation: the tools under an answer, and the address of one. */

const ASKED = 2000;  // characters of a question in a link
Object.assign(ICONS, {
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  link: "M6.5 9.5a2.8 2.8 0 0 0 4 0l2.5-2.5a2.8 2.8 0 0 0-4-4L8 4M9.5 6.5a2.8 2.8 0 0 0-4 0L3 9a2.8 2.8 0 0 0 4 4l1-1",
});

/** What the address asks for, if that is a conversation. */
const addressed = () => {
  const [, ...parts] = location.hash.match(/^#\/([^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/s) ?? [];
  try {
    const [id, exchange, question] = parts.map((part) => part && decodeURIComponent(part));
    return { id, exchange, question };
  } catch { return {}; }
};

/** The address of an exchange in this browser; in others, that of its question. */
const linkTo = (conversation, { id, question }) => {
  const asked = [...question.toWellFormed()].slice(0, ASKED).join("");
  return `${location.href.split("#")[0]}#/${conversation}/${encodeURIComponent(id)}?${encodeURIComponent(asked)}`;
};

const copied = (texts, says) => Export.copy(texts).then(() => tell(says), () => tell("The browser did not allow it to be copied."));
TOOLS.push(
  ({ id, answer }, chat) => answer && doing("copy", "Copy", () => copied(Export.answer(chat.exchange(id)), "Copied with its footnotes.")),
  ({ id }, chat) => doing("link", "Link", () => copied({ "text/plain": linkTo(document.querySelector("citewise-conversations").current, chat.exchange(id)) },
    "Link copied. It opens this answer in this browser; in others it brings the question along.")),
);
