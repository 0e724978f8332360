/**
 * Ask the lab for an address where a port of the sandbox opens: good once, within a minute.
 * @param {number} port
 * @returns {Promise<{url: string, origin: string}>} rejects with an Error whose message is one sentence
 */
export async function address(port) {
  let answer, body;
  try {
    answer = await fetch(`/preview/${port}`, { method: "POST", cache: "no-store" });
    body = await answer.json();
  } catch {
    throw new Error("The lab cannot be reached just now; try again in a moment.");
  }
  if (!answer.ok) throw new Error(body.message);
  return body;
}
