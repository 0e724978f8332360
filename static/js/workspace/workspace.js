import { answer } from "../dialog.js";
import { separator, tell } from "../separator.js";
import * as model from "./layout.js";
import { Screens } from "./screens.js";
import { Sleep } from "./sleep.js";
import { Strip, accept } from "./strip.js";
import { typeInto } from "./typing.js";
import { Windows } from "./windows.js";

const SAVE_AFTER = 400;
const WIDE = 900;
/** What a pane needs at least, in px: its strip, some lines to read, and the bar at its foot. */
const LEAST = { row: 240, column: 170 };
const CLOSE_PATIENCE = 8000;
const SAYS = {
  full: `A sandbox has ${model.TERMINALS} terminals at most; close one, then open another.`,
  previews: `There are ${model.PREVIEWS} previews open already; close one, then open another.`,
  small: "There is no room for two here; make the window or this side of it larger.",
  blocked: "The browser did not allow the new window; allow this page to open windows, then try again.",
  unreachable: "The lab cannot be reached just now; try again in a moment.",
};

/**
 * The learner's terminals: tabs, in one pane or two, or in windows of their own.
 *
 * Events (CustomEvent): `live` {name, event, detail} for `command`, `prompt`, `activity` of any terminal; `states` when
 * the state of one may have changed; `message`, a sentence for the learner.
 */
export class Workspace extends EventTarget {
  #root;
  #send;
  #screens;
  #strips;
  #bar;
  #dialog;
  #narrow = matchMedia("(max-width: 40rem)");
  #layout = model.initial();
  #view = this.#layout; // the layout as there is room for it
  #way; // see #fitted, when it was shown last
  #front = "main";
  #key = null;
  #windows = null;
  #sleep;
  #states = new Map(); // of terminals in windows
  #idle = new Set();
  #closing = new Map();
  #timer = null;
  #unsaved = false;
  #pending = false;

  /**
   * @param {HTMLElement} root
   * @param {(message: object) => boolean} send to the lesson's channel; whether there was a connection to carry it
   */
  constructor(root, send) {
    super();
    this.#root = root;
    this.#send = send;
    this.#sleep = new Sleep(send);
    this.#dialog = root.querySelector('[data-part="close"]');
    this.#screens = new Screens(root);
    this.#screens.addEventListener("live", ({ detail }) => this.#tell("live", detail));
    this.#screens.addEventListener("ask", ({ detail }) => this.#tell("ask", detail));
    this.#screens.addEventListener("changed", () => this.#soon());
    this.#screens.addEventListener("wake", () => this.#sleep.wake());
    this.#strips = [...root.querySelectorAll("[data-strip]")].map((strip, pane) => new Strip(strip, this.#actions(pane)));
    this.#bar = root.querySelector(':scope > [role="separator"]');
    separator(this.#bar, {
      stacked: () => this.#view.direction === "column",
      limits: () => [0, 1],
      share: () => this.#layout.share,
      move: (share) => this.#set(model.resize(this.#layout, share)),
      done: () => {},
      box: () => this.#box(),
    });
    root.addEventListener("focusin", ({ target }) => {
      const name = target.closest("[data-screen]")?.dataset.screen;
      if (name) this.#front = name;
    });
    root.addEventListener("click", ({ target }) => {
      if (target.closest('[data-do="bring-back"]')) this.#windows?.close(target.closest("[data-screen]").dataset.screen);
    });
    accept(root, (name, { target }) => this.#drop(name, target.closest("[data-pane]")?.dataset.pane));
    this.#narrow.addEventListener("change", () => this.#show());
    this.#show();
    new ResizeObserver(() => this.#fitted() !== this.#way && this.#show()).observe(root);
  }

  /** Show the terminals of a sandbox, arranged as they were; null: there is none. The same key changes nothing. */
  enter(key, layout = null) {
    if (key === this.#key) return;
    this.#key = key;
    this.#windows?.dispose();
    this.#windows = key === null ? null : this.#openWindows(key);
    this.#unsaved = false;
    this.#screens.begin(key);
    for (const forgotten of [this.#states, this.#idle, this.#closing]) forgotten.clear();
    if (key !== null) {
      this.#layout = layout ?? model.initial();
      this.#front = this.#layout.shown[0];
    }
    this.#show();
  }

  /** What the sandbox does: in state `asleep` the terminals say so, and a key or a click asks for it to go on. */
  hear(state) {
    if (!this.#sleep.hear(state)) return;
    this.#screens.asleep = this.#sleep.asleep;
    this.#windows?.sleep(this.#sleep.asleep);
    this.#soon();
  }

  /** The learner does something: a frozen sandbox is to go on. */
  wake() {
    this.#sleep.wake();
  }

  /** Another page of the learner has arranged the terminals of a sandbox. */
  arranged(key, layout) {
    if (key !== this.#key || this.#unsaved) return;
    for (const { name } of layout.tabs) if (!model.find(this.#layout, name)) this.#idle.add(name);
    this.#layout = model.merge(this.#layout, layout);
    this.#show();
  }

  /** Send what has not been sent: the channel carries messages again, or the page is about to go. */
  save() {
    if (this.#unsaved) this.#save();
  }

  /** The server has ended a terminal. */
  closed(name) {
    this.#closing.get(name)?.();
  }

  /** Whether something can be typed into a terminal of that name, which is opened for it where there is none. */
  ready(name) {
    if (this.#key === null) return false;
    if (!model.find(this.#layout, name) || this.#idle.has(name)) return true;
    return this.#sleep.asleep || this.#state(name) === "connected";
  }

  /** Type a command into the terminal of that name. Answers as typeInto does. */
  async type(name, text, interrupt) {
    await this.#gone(name);
    this.#sleep.wake();
    if (!model.find(this.#layout, name) && !this.#add({ name, title: name === "main" ? "Terminal 1" : name })) return "failed";
    this.show(name);
    if (this.#windows?.has(name)) {
      this.#windows.type(name, text, interrupt);
      return "typed";
    }
    return typeInto(this.#screens.get(name), text, interrupt);
  }

  /** The ports whose previews are open beside the terminals. */
  get previews() {
    return this.#layout.tabs.flatMap(({ port }) => port ?? []);
  }

  /** Show a published port beside the terminals: in the other half, where there is room for two. */
  preview(port, title = `Port ${port}`) {
    const name = `port-${port}`;
    const known = model.find(this.#layout, name);
    const two = this.#layout.shown.length === 2;
    const other = two ? 1 - (model.find(this.#layout, this.#front)?.pane ?? 0) : 0;
    if (!known && !this.#add({ name, title, port }, other)) return;
    if (!known && !two && this.#direction) this.#set(model.split(this.#layout, name, this.#direction));
    this.show(name, false);
  }

  /** Bring a tab to the front; `focus` it too. */
  show(name, focus = true) {
    this.#front = name;
    this.#set(model.show(this.#layout, name));
    this.#show();
    if (focus && !matchMedia("(pointer: coarse)").matches) this.focus(); // there a keyboard would come up over it
  }

  /** Give the keyboard to the terminal that had it last. */
  focus() {
    if (!model.find(this.#layout, this.#front)) this.#front = this.#layout.shown[0];
    const screen = this.#screens.get(this.#front);
    if (screen && !screen.hidden) screen.focus();
    else this.focusTabs();
  }

  /** Give the keyboard to the tab in front. */
  focusTabs() {
    this.#strips[model.find(this.#view, this.#front)?.pane ?? 0].focus();
  }

  /** Which way there is room for two panes, best first; empty when there is none. */
  get #ways() {
    if (this.#narrow.matches) return [];
    const room = { row: this.#root.clientWidth, column: this.#root.clientHeight };
    const ways = room.row < WIDE ? ["column", "row"] : ["row", "column"];
    return ways.filter((way) => room[way] >= 2 * LEAST[way]);
  }

  get #direction() {
    return this.#ways[0];
  }

  /** The direction in which the two panes of the layout are shown; undefined when only one can be. */
  #fitted() {
    const { shown, direction } = this.#layout;
    if (shown.length === 1) return direction;
    return this.#ways.includes(direction) ? direction : this.#ways[0];
  }

  #actions(pane) {
    const front = () => this.#view.shown[pane];
    return {
      show: (name, focus) => this.show(name, focus),
      close: (name) => this.#close(name),
      rename: (name, title) => this.#rename(name, title),
      move: (name, before) => this.#move(name, pane, before),
      add: () => this.#add(model.next(this.#layout, [...this.#closing.keys()]), pane) && this.focus(),
      split: () => this.#split(front()),
      turn: () => this.#set(model.turn(this.#layout)),
      join: () => this.#set(model.join(this.#layout, front())),
      detach: () => this.#detach(front()),
    };
  }

  #add(tab, pane = model.find(this.#layout, this.#front)?.pane ?? 0) {
    if (!model.room(this.#layout, tab.port)) {
      this.#tell("message", tab.port === undefined ? SAYS.full : SAYS.previews);
      return false;
    }
    this.#front = tab.name;
    this.#set(model.add(this.#layout, tab, pane));
    return true;
  }

  #split(name) {
    if (!this.#direction) return this.#tell("message", SAYS.small);
    if (this.#layout.tabs.length > 1) this.#set(model.split(this.#layout, name, this.#direction));
    else if (this.#add(model.next(this.#layout, [...this.#closing.keys()]))) {
      this.#set(model.split(this.#layout, this.#front, this.#direction));
    }
    return this.focus();
  }

  #drop(name, pane) {
    const one = this.#layout.shown.length === 1;
    if (one && !this.#direction) this.#tell("message", SAYS.small);
    else if (one) this.#set(model.split(this.#layout, name, this.#direction));
    else if (pane !== undefined) this.#move(name, Number(pane), null);
  }

  #move(name, pane, before) {
    this.#front = name;
    this.#set(model.move(this.#layout, name, pane, before));
  }

  #rename(name, title) {
    this.#set(model.rename(this.#layout, name, title));
    this.#windows?.rename(name, model.find(this.#layout, name).title);
  }

  #detach(name) {
    if (this.#windows?.has(name)) return;
    const address = `${this.#root.dataset.window}${this.#key}/${name}/?${new URLSearchParams({ title: model.find(this.#layout, name).title })}`;
    if (this.#windows && !this.#windows.open(name, address)) this.#tell("message", SAYS.blocked);
  }

  async #close(name) {
    const tab = model.find(this.#layout, name);
    if (!tab || model.close(this.#layout, name) === this.#layout) return;
    if (tab.port === undefined) {
      const { state, atPrompt } = this.#terminal(name);
      if (atPrompt === false && state === "connected" && !(await this.#sure(tab))) return;
      if (state !== "ended" && !this.#end(name)) return;
    }
    if (this.#windows?.has(name)) this.#windows.close(name);
    this.#set(model.close(this.#layout, name));
    this.#show();
    if (this.#front === name) this.#front = this.#layout.shown[Math.min(tab.pane, this.#layout.shown.length - 1)];
    this.focusTabs();
  }

  /** Have the server end a terminal, and remember until it has. */
  #end(name) {
    if (!this.#send({ type: "close-terminal", key: this.#key, name })) {
      this.#tell("message", SAYS.unreachable);
      return false;
    }
    const done = () => this.#closing.delete(name);
    this.#closing.set(name, done);
    setTimeout(() => this.#closing.get(name) === done && done(), CLOSE_PATIENCE);
    return true;
  }

  /** Until the terminal of that name that is being closed is gone. */
  async #gone(name) {
    while (this.#closing.has(name)) await new Promise((later) => setTimeout(later, 50));
  }

  async #sure({ title }) {
    const dialog = this.#dialog;
    dialog.querySelector('[data-part="close-title"]').textContent = `Close ${title}?`;
    return (await answer(dialog)) === "close";
  }

  #openWindows(key) {
    const windows = new Windows(key);
    windows.sleep(this.#sleep.asleep);
    windows.addEventListener("away", () => this.#show());
    windows.addEventListener("wake", () => this.#sleep.wake());
    windows.addEventListener("back", () => this.#show());
    windows.addEventListener("told", ({ detail: { name, event, detail } }) => {
      if (event !== "state") return this.#tell("live", { name, event, detail });
      this.#states.set(name, detail);
      return this.#soon();
    });
    return windows;
  }

  /** What is known of a terminal, be it here or in a window: {state, atPrompt}. */
  #terminal(name) {
    if (this.#windows?.has(name)) return this.#states.get(name) ?? { state: "connecting", atPrompt: null };
    return this.#screens.get(name);
  }

  #state(name) {
    return this.#terminal(name)?.state;
  }

  /** Arrange anew; what other pages and later visits should see is sent. */
  #set(layout) {
    if (layout === this.#layout) return;
    const tabs = layout.tabs.length !== this.#layout.tabs.length;
    this.#layout = layout;
    this.#show();
    if (this.#key === null) return;
    this.#unsaved = true;
    clearTimeout(this.#timer);
    if (tabs) this.#save();
    else this.#timer = setTimeout(() => this.#save(), SAVE_AFTER);
  }

  #save() {
    clearTimeout(this.#timer);
    if (this.#key !== null && this.#send({ type: "layout", key: this.#key, layout: this.#layout })) this.#unsaved = false;
  }

  #show() {
    if (!model.find(this.#layout, this.#front)) this.#front = this.#layout.shown[0];
    const direction = this.#fitted();
    const view = direction ? { ...this.#layout, direction } : model.join(this.#layout, this.#front);
    this.#view = view;
    this.#way = direction;
    this.#root.dataset.panes = view.shown.length;
    this.#root.dataset.direction = view.direction;
    this.#root.style.setProperty("--first", `${view.share}fr`);
    this.#root.style.setProperty("--second", `${1 - view.share}fr`);
    tell(this.#bar, view.share, view.direction === "column");
    const tabs = view.tabs.map((tab) => {
      const shown = view.shown[tab.pane] === tab.name;
      if (shown) this.#idle.delete(tab.name);
      return { ...tab, shown, idle: this.#idle.has(tab.name), away: this.#windows?.has(tab.name) ?? false };
    });
    if (this.#key !== null) this.#screens.show(tabs);
    const closable = model.terminals(view).length > 1;
    this.#strips.forEach((strip, pane) => {
      const here = tabs.filter((tab) => tab.pane === pane);
      const more = ({ name, port }) => ({ ...this.#screens.about(name), closable: closable || port !== undefined });
      strip.show(here.map((tab) => ({ ...tab, ...more(tab) })));
    });
    this.#tell("states");
  }

  /** Show what has changed, once for all that changes now. */
  #soon() {
    if (this.#pending) return;
    this.#pending = true;
    queueMicrotask(() => {
      this.#pending = false;
      this.#show();
    });
  }

  /** What the two panes share: all but the strips, where these stand one above the other. */
  #box() {
    const { left, top, width, height } = this.#root.getBoundingClientRect();
    const strip = this.#view.direction === "column" ? this.#bar.previousElementSibling.offsetHeight : 0;
    return { left, width, top: top + strip, height: height - 2 * strip };
  }

  #tell(event, detail = null) {
    this.dispatchEvent(new CustomEvent(event, { detail }));
  }
}
