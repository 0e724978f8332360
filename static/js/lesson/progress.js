/** Mark the finished steps in the row of dots. */
export function showProgress({ done }) {
  const finished = new Set(done);
  for (const dot of document.querySelectorAll("#dots a[data-step]")) {
    const is = finished.has(dot.dataset.step);
    dot.toggleAttribute("data-done", is);
    dot.querySelector('[data-part="done"]').textContent = is ? "(done)" : "";
  }
}
