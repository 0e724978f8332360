/** The worker that holds this page's terminals' sockets; null until the first one, and where workers fail. */
let receiver = null;
let failed = false;

/**
 * A WebSocket that a worker holds, with as much of its interface as a terminal needs: `send`, `close`, and the events
 * `open`, `message` {data: string or ArrayBuffer} and `close` {code}.
 *
 * A page that parses a flood is too busy to take the next bytes from the network; the worker never is. Where no worker
 * can be had, the page holds the socket itself.
 */
class HeldSocket extends EventTarget {
  #port;

  constructor(worker, url, protocol) {
    super();
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.addEventListener("message", ({ data }) => this.#tell(data));
    port1.start();
    worker.addEventListener("error", () => this.#closed(1006), { once: true });
    worker.postMessage({ url: String(new URL(url, location.href)), protocol }, [port2]);
  }

  send(data) {
    this.#port.postMessage(data);
  }

  close(code) {
    this.#port.postMessage({ close: code });
  }

  #tell(data) {
    if (data.closed !== undefined) this.#closed(data.closed);
    else if (data.opened) this.dispatchEvent(new Event("open"));
    else this.dispatchEvent(new MessageEvent("message", { data }));
  }

  #closed(code) {
    this.#port.close();
    this.dispatchEvent(new CloseEvent("close", { code }));
  }
}

function worker() {
  if (receiver || failed) return receiver;
  try {
    receiver = new Worker(import.meta.resolve("receiver"), { name: "terminals" });
  } catch {
    failed = true;
    return null;
  }
  receiver.addEventListener("error", () => {
    failed = true;
    receiver = null;
  });
  return receiver;
}

/** Open a terminal's WebSocket; its messages are strings and ArrayBuffers. */
export function openSocket(url, protocol) {
  const holder = worker();
  if (holder) return new HeldSocket(holder, url, protocol);
  const socket = new WebSocket(url, protocol);
  socket.binaryType = "arraybuffer";
  return socket;
}
