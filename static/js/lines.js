/**
 * Lines of progress: a sandbox's steps, or the parts of set-up. Lines that are there already are changed in
 * place, so that only new ones make an entrance.
 *
 * @param {HTMLOListElement} list
 * @param {{title: string, state: string, done?: number, total?: number, note?: string}[]} lines
 *   `done` of `total` make a bar while the line's state is `running`
 */
export function showLines(list, lines) {
  while (list.children.length > lines.length) list.lastElementChild.remove();
  lines.forEach((line, index) => {
    const item = list.children[index] ?? list.appendChild(makeLine());
    fill(item, line);
  });
}

function makeLine() {
  const item = document.createElement("li");
  item.append(document.createElement("span"), document.createElement("progress"), document.createElement("small"));
  return item;
}

function fill(item, { title, state, done = 0, total = 0, note = "" }) {
  const [words, bar, small] = item.children;
  item.dataset.state = state;
  if (words.textContent !== title) words.textContent = title;
  bar.hidden = state !== "running" || total === 0;
  bar.max = total || 1;
  bar.value = done;
  bar.setAttribute("aria-label", title);
  small.hidden = state !== "running" || note === "";
  if (small.textContent !== note) small.textContent = note;
}
