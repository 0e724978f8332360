/**
 * A worker that holds terminals' WebSockets, so that what arrives is taken from the network while the page parses and
 * draws what came before. Not a module: workers took those up later than pages did.
 *
 * The page sends {url, protocol} with a MessagePort, one for each socket (see socket.js). Over the port come what is to
 * be sent, a string or bytes, and {close: code}; back go what arrives, a string or an ArrayBuffer, {opened: true} and
 * {closed: code}.
 */
"use strict";

self.addEventListener("message", ({ data: { url, protocol }, ports: [port] }) => {
  const socket = new WebSocket(url, protocol);
  socket.binaryType = "arraybuffer";
  socket.addEventListener("open", () => port.postMessage({ opened: true }));
  socket.addEventListener("message", ({ data }) => port.postMessage(data, typeof data === "string" ? [] : [data]));
  socket.addEventListener("close", ({ code }) => port.postMessage({ closed: code }));
  port.addEventListener("message", ({ data }) => {
    if (typeof data === "string" || ArrayBuffer.isView(data)) socket.send(data);
    else socket.close(data.close);
  });
  port.start();
});
