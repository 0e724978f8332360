// The page behind "Open in a tab": asks for an address and goes there.
import { address } from "./address.js";

const main = document.getElementById("main");
try {
  location.replace((await address(Number(main.dataset.port))).url);
} catch (error) {
  main.querySelector("h1").textContent = `Port ${main.dataset.port} cannot be opened`;
  main.querySelector('[data-part="message"]').textContent = error.message;
}
