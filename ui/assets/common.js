/* What several parts of the chat page have in common. */

/** Words as they are searched for: without marks, small. */
const fold = (text) => text.normalize("NFKD").replace(/\p{M}+/gu, "").toLowerCase();

/** A time to wait, in words. */
const lasting = (seconds) => seconds < 90 ? `${Math.max(1, Math.ceil(seconds))} s` : seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;

/** Hands a file to the person at the browser: saved, never opened, as it would be a page of ours. */
const download = (name, blob) => {
  const href = URL.createObjectURL(blob);
  h("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
};
