/**
 * For authors: a step's page says within a second or two what is wrong with the lesson files as they are now (it hears
 * of a good change on its own channel), and the list of lessons, which the server writes with its problems, is loaded
 * again with each change.
 */

const LOOK_AGAIN = 1000;
const list = document.querySelector(".lessons");

/** What counts here of `{"version", "problems"}`: a step's page hears of new versions elsewhere. */
const text = ({ version, problems }) => JSON.stringify(list ? [version, problems] : problems);

let box = null;
let known = list && text(JSON.parse(document.getElementById("authors").textContent)); // as the page was written

function show(problems) {
  box?.remove();
  box = null;
  if (problems.length === 0) return;
  box = document.createElement("section");
  box.className = "authors";
  box.setAttribute("role", "status");
  const title = document.createElement("h2");
  title.textContent = "The lesson files have problems. Learners still see the last version without them.";
  const lines = document.createElement("ul");
  for (const problem of problems) {
    const code = document.createElement("code");
    code.textContent = problem;
    lines.append(document.createElement("li"));
    lines.lastChild.append(code);
  }
  box.append(title, lines);
  document.body.append(box);
}

async function look() {
  if (!document.hidden) {
    try {
      const response = await fetch("/authors.json", { cache: "no-store" });
      const files = await response.json();
      const now = text(files);
      if (list && now !== known) return location.reload();
      if (now !== known) show(files.problems);
      known = now;
    } catch {
      // The lab restarts; the next look tells.
    }
  }
  return setTimeout(look, LOOK_AGAIN);
}

look();
