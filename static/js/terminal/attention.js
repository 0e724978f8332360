/** The page's title while nobody looks at it: a dot in front says that a terminal has something new. */

const MARK = "● ";

/** Something happened in a terminal. */
export function attract() {
  if (document.hidden && !document.title.startsWith(MARK)) document.title = MARK + document.title;
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && document.title.startsWith(MARK)) document.title = document.title.slice(MARK.length);
});
