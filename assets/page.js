// The page's own scripts share one name, `rnn`. This file runs before Gradio's: it settles the
// language and the theme, and gives the other files a place to put their widgets.
"use strict";
(() => {
  const keeping = (name) => ({
    get(key) { try { return window[name].getItem(key); } catch { return null; } },
    set(key, value) { try { window[name].setItem(key, value); } catch { /* private window */ } },
  });
  const store = keeping("localStorage"), session = keeping("sessionStorage");
  const asked = new URLSearchParams(location.search);
  const languages = ["en", "zh"];
  const system = (navigator.language || "en").toLowerCase().startsWith("zh") ? "zh" : "en";
  const language = [asked.get("lang"), store.get("rnn-language"), system].find((l) => languages.includes(l));
  const locale = language === "zh" ? "zh-CN" : "en";
  document.documentElement.lang = locale;
  // Gradio translates its labels into navigator.language, and offers no other way to choose.
  Object.defineProperty(navigator, "language", { get: () => locale });
  Object.defineProperty(navigator, "languages", { get: () => [locale] });

  // Gradio 6.31 counts the tenths of a second that an answer takes by asking for every frame, and
  // goes on for ever where the counter was taken away meanwhile (the page's own loader always is).
  // Five times a second is enough for it: every frame costs a training beside it a few per cent.
  const COUNTER = /^\(\)=>\{\w+\(\w+,\(performance\.now\(\)-\w+\(\w+\)\)\/1e3\),\w+&&\w+\(\)\}$/;
  const frame = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (call) => (COUNTER.test(call) ? setTimeout(call, 200) : frame(call));

  const listeners = new Map();
  const widgets = new Map();
  const waiting = new Map();

  const rnn = (window.rnn = {
    language,
    locale,
    store,
    session,
    text(key, values = {}) {
      const texts = window.rnnTexts || {};
      const template = texts[language]?.[key] ?? texts.en?.[key] ?? key;
      return template.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
    },
    on(name, listener) {
      if (!listeners.has(name)) listeners.set(name, new Set());
      listeners.get(name).add(listener);
      return () => listeners.get(name).delete(listener);
    },
    emit(name, detail) {
      for (const listener of [...(listeners.get(name) || [])]) {
        try { listener(detail); } catch (error) { console.error(error); }
      }
    },
    // A widget is the life of one gr.HTML component: widget(name, (element, props, trigger, watch) => …)
    widget(name, start) {
      widgets.set(name, start);
      for (const mount of waiting.get(name) || []) mount();
      waiting.delete(name);
    },
    mount(name, element, props, trigger, watch) {
      const start = () => {
        try { widgets.get(name)(element, props, trigger, watch); } catch (error) { console.error(name, error); }
      };
      if (widgets.has(name)) start();
      else waiting.set(name, [...(waiting.get(name) || []), start]);
    },
    make(tag, attributes = {}, ...children) {
      const node = document.createElement(tag);
      for (const [name, value] of Object.entries(attributes)) {
        if (value === null || value === undefined || value === false) continue;
        if (name === "class") node.className = value;
        else if (name === "text") node.textContent = value;
        else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
        else node.setAttribute(name, value === true ? "" : value);
      }
      node.append(...children.filter((child) => child !== null && child !== undefined));
      return node;
    },
    number(value, digits = 0) {
      if (value === null || value === undefined || !Number.isFinite(value)) return "–";
      return value.toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    },
    percent(share, digits = share >= 0.0995 || share === 0 ? 0 : 1) {
      const sign = language === "zh" ? "%" : " %";
      return share > 0 && share < 0.0005 && digits ? `<${rnn.number(0.1, 1)}${sign}` : `${rnn.number(100 * share, digits)}${sign}`;
    },
    duration(seconds) {
      if (!Number.isFinite(seconds)) return "–";
      const whole = Math.max(0, Math.round(seconds));
      const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
      const two = (n) => String(n).padStart(2, "0");
      return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
    },
    calm: () => matchMedia("(prefers-reduced-motion: reduce)").matches,
    dark: () => document.body.classList.contains("dark"),
    colors() {
      const style = getComputedStyle(document.body);
      const read = (name) => style.getPropertyValue(name).trim();
      return Object.fromEntries(
        ["paper", "card", "ink", "mute", "line", "accent", "accent2", "base", "soft", "good", "bad"]
          .map((name) => [name, read(`--${name}`)]));
    },
    plotly() {
      rnn.plotlyLoading ??= rnn.built.then(() => new Promise((resolve, reject) => {
        const tag = rnn.make("script", { src: "page/plotly.js" });
        tag.onload = () => resolve(window.Plotly);
        tag.onerror = () => { rnn.plotlyLoading = undefined; reject(new Error("Plotly.js did not load")); };
        document.head.append(tag);
      }));
      return rnn.plotlyLoading;
    },
    setLanguage(next) {
      store.set("rnn-language", next);
      const url = new URL(location.href);
      url.searchParams.delete("lang");
      location.replace(url);
      if (url.href === location.href) location.reload();
    },
    setTheme(next) {
      store.set("rnn-theme", next);
      applyTheme();
    },
    theme: () => store.get("rnn-theme") || "system",
  });

  const system_dark = matchMedia("(prefers-color-scheme: dark)");
  function applyTheme() {
    const dark = rnn.theme() === "system" ? system_dark.matches : rnn.theme() === "dark";
    if (!document.body) return;
    if (document.body.classList.contains("dark") !== dark) document.body.classList.toggle("dark", dark);
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
    document.documentElement.style.background = dark ? "#14171c" : "#faf9f6";
    rnn.emit("theme", dark);
  }
  system_dark.addEventListener("change", applyTheme);
  document.addEventListener("DOMContentLoaded", () => {
    applyTheme();
    // Gradio sets the class again when it starts; the choice made here holds.
    new MutationObserver(() => {
      const dark = rnn.theme() === "system" ? system_dark.matches : rnn.theme() === "dark";
      if (document.body.classList.contains("dark") !== dark) applyTheme();
    }).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  });

  // What Gradio says in English whatever the language and whatever title an error has.
  const SAID = {
    "Reset to default value": "js.gradio.reset", "Click to upload or drop files": "js.gradio.upload", Close: "js.gradio.close",
  };
  let translating = null;
  function translate() {
    translating = null;
    for (const [english, key] of Object.entries(SAID)) {
      for (const node of document.querySelectorAll(`[aria-label="${english}"]`)) node.setAttribute("aria-label", rnn.text(key));
    }
    for (const node of document.querySelectorAll('[aria-label^="number input for "], [aria-label^="range slider for "]')) {
      node.setAttribute("aria-label", node.getAttribute("aria-label").replace(/^(number input|range slider) for /, ""));
    }
    for (const node of document.querySelectorAll(".toast-message-text")) {
      if (node.textContent.includes("Connection to the server was lost")) node.textContent = rnn.text("js.gradio.lost");
    }
    for (const { firstChild } of document.querySelectorAll(".toast-title.error")) {
      if (firstChild?.data?.trim() === "Error") firstChild.data = `${rnn.text("js.gradio.error")} `;
    }
  }
  new MutationObserver(() => { translating ??= setTimeout(translate, 50); })
    .observe(document, { childList: true, subtree: true });

  // Tabs that do not fit are in Gradio's menu, where they have no ids.
  rnn.openTab = (name) => {
    const tab = document.getElementById(`tab-${name}-button`), hadFocus = document.activeElement !== document.body;
    const menu = [...document.querySelectorAll("#tabs > .tab-wrapper .overflow-dropdown button")];
    (tab || menu.find((button) => button.textContent.trim() === rnn.text(`tab.${name}`)))?.click();
    // Whoever came by keyboard goes on from the new tab, not from the top of the page.
    if (hadFocus) setTimeout(() => document.querySelector("#tabs > .tab-wrapper [role=tab][aria-selected=true]")?.focus({ preventScroll: true }), 100);
  };
  addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#tab-"]');
    if (!link) return;
    event.preventDefault();
    rnn.openTab(link.hash.slice("#tab-".length));
  });
  // Gradio takes a button away that was pressed by keyboard: go on at the next one, when it is there.
  rnn.goOn = (selector, tries = 20) => {
    const next = [...document.querySelectorAll(selector)].find((node) => node.checkVisibility());
    if (document.activeElement !== document.body && document.activeElement?.checkVisibility()) {
      if (tries > 14) setTimeout(() => rnn.goOn(selector, tries - 1), 100); // it may still be taken away
    } else if (next) next.focus({ preventScroll: true });
    else if (tries) setTimeout(() => rnn.goOn(selector, tries - 1), 100);
  };
  // Into sight, if it is not there yet: on a phone, what a button brings may lie below the screen.
  rnn.reveal = (what, tries = 50) => setTimeout(() => {
    const node = typeof what === "string" ? document.querySelector(what) : what;
    if (!node?.checkVisibility()) {  // its tab is being made
      if (tries) rnn.reveal(what, tries - 1);
      return;
    }
    const box = node.getBoundingClientRect();
    if (box.top > innerHeight * 0.6 || box.bottom < 0) node.scrollIntoView({ block: "start", behavior: rnn.calm() ? "auto" : "smooth" });
  }, 100);
  // The arrow keys go from tab to tab, as WAI-ARIA describes it and Gradio leaves out.
  addEventListener("keydown", (event) => {
    const row = event.target.closest?.("[role=tab]") && event.target.closest("[role=tablist]");
    const tabs = row ? [...row.querySelectorAll("[role=tab]")] : [];
    const here = tabs.indexOf(event.target);
    const next = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (here < 0 || next === undefined) return;
    event.preventDefault();
    const tab = tabs[(next + tabs.length) % tabs.length];
    tab.focus();
    tab.click();
  });
  // The run in the chart, for this tab of the browser; none of one's own is none.
  rnn.lookedAt = () => session.get("rnn-looked-at") || "";
  rnn.lookAt = (run) => session.set("rnn-looked-at", run === "bundled" ? "" : run);
  // What was filled in (parts.py) is filled in again before Gradio reads the page's settings, which
  // stand in it as data; what is folded away is opened where it was.
  rnn.keepForm = (names, values) => names.forEach((name, i) => session.set(`rnn-form-${name}`, JSON.stringify(values[i])));
  function fillIn({ components, layout }) {
    const parts = new Map(components.map((part) => [part.id, part]));
    const isFilled = ({ props }) => {
      const kept = JSON.parse(session.get(`rnn-form-${props.elem_id}`) ?? null);
      if (kept === null || kept === props.value) return false;
      if (props.choices && !props.choices.some(([, answer]) => answer === kept)) return false;
      props.value = kept;
      return true;
    };
    const visit = ({ id, children }) => {
      const part = parts.get(id);
      const filled = (children || []).filter(visit).length > 0;
      if (filled && part?.type === "accordion") part.props.open = true;
      return filled || (part !== undefined && isFilled(part));
    };
    visit(layout);
  }
  document.addEventListener("readystatechange", () => {
    if (document.readyState === "interactive" && window.gradio_config?.layout) fillIn(window.gradio_config);
  });
  // The strip's buttons and chips are widgets as well.
  rnn.widget("language", (element) => {
    const other = language === "zh" ? "en" : "zh";
    element.replaceChildren(rnn.make("button", {
      class: "chip chip-button", type: "button", lang: other === "zh" ? "zh-CN" : "en",
      text: other === "zh" ? "中文" : "English", onclick: () => rnn.setLanguage(other),
    }));
  });
  rnn.widget("theme", (element) => {
    const button = rnn.make("button", { class: "chip chip-button", type: "button" });
    const show = () => { button.textContent = rnn.text(rnn.dark() ? "js.strip.light" : "js.strip.dark"); };
    button.addEventListener("click", () => { rnn.setTheme(rnn.dark() ? "light" : "dark"); show(); });
    rnn.on("theme", show);
    element.replaceChildren(button);
    show();
  });
})();
rnn.widget("name", (element) => element.replaceChildren(rnn.make("h1", { class: "name", text: "rnn-demo" })));
rnn.widget("facts", (element, props) => {
  const facts = props.value || {};
  const device = facts.device === "CPU" ? rnn.text("js.strip.cpu", { threads: facts.threads }) : facts.device;
  element.replaceChildren(rnn.make("span", { class: "chip", text: device }),
    rnn.make("span", { class: "chip", text: rnn.text(`js.strip.${facts.storage}`) }));
});
