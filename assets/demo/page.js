// The page around engine.js: what stands in the fields, what the buttons do, in two languages.
// Every text of the model or of the visitor is put in with textContent.
"use strict";

const TEXTS = {
  begin: ["Begin with", "开头"],
  temperature: ["Temperature", "温度"],
  next: ["Next symbol", "下一个符号"],
  learned: ["as learned", "学到的"],
  set: ["with these settings", "按当前设置"],
  length: ["Length", "长度"],
  seed: ["Seed", "种子"],
  fresh: ["fresh", "随机"],
  more: ["More controls", "更多设置"],
  top_k: ["Top-k", "Top-k"],
  top_p: ["Top-p", "Top-p"],
  min_p: ["Min-p", "Min-p"],
  filters: [
    "Top-k keeps the k likeliest symbols (0: all). Top-p keeps the likeliest that have this share together. Min-p drops what is less than this share of the likeliest.",
    "Top-k 只保留最可能的 k 个符号（0 为全部）；Top-p 保留合计达到此概率的最可能符号；Min-p 去掉低于最可能者这一比例的符号。",
  ],
  text: ["Text", "文本"],
  plain: ["plain", "普通"],
  surprise: ["surprise", "意外程度"],
  meaning: ["The stronger the colour, the less the network expected the symbol.", "颜色越强，网络越没有料到这个符号。"],
  copy: ["copy", "复制"],
  copied: ["copied", "已复制"],
  write: ["Write", "写作"],
  stop: ["Stop", "停止"],
  here: ["runs in this page, nothing is sent", "在本页面内运行，不发送任何数据"],
  nothing: ["Press Write, and the network goes on from your beginning, symbol by symbol.", "点击“写作”，网络会接着你的开头，一个符号一个符号地写下去。"],
  cold: ["Always the likeliest symbol: it soon repeats itself.", "总取最可能的符号：很快就会重复。"],
  cool: ["Cautious: it keeps to what is likely.", "谨慎：只写很可能的内容。"],
  mild: ["Lively: a good balance for most texts.", "生动：对多数文本是不错的平衡。"],
  warm: ["As it learned: every symbol by its own probability.", "照所学：每个符号按其本来的概率出现。"],
  hot: ["Daring: it errs more.", "大胆：错误更多。"],
};
const CELL_NAMES = { rnn: ["simple recurrent network", "简单循环网络"], lstm: ["LSTM", "LSTM"], gru: ["GRU", "GRU"] };
const SLICE = 12;  // milliseconds of work between looks at the page
const BARS = 7;

const $ = (id) => document.getElementById(id);
const record = JSON.parse($("record").textContent);
const network = new Network(record.config, unpack($("weights").textContent, record.tensors));
const symbols = new Symbols(record.tokenizer);
$("weights").remove();

let language = navigator.language.toLowerCase().startsWith("zh") ? 1 : 0;
let scores = null;  // of what may come next
let writing = null;  // what is being written now
let seen = { tokens: [], state: network.start(), scores: null };  // the prompt as far as it was read
let reading = 0;  // grows with every change of the prompt: older readings stop

const say = (key) => TEXTS[key][language];
const pause = () => new Promise((resolve) => setTimeout(resolve));
const number = (value, digits = 0) => value.toLocaleString(language ? "zh-CN" : "en", { maximumFractionDigits: digits });
const percent = (share) => (share >= 0.0995 ? number(100 * share) : number(100 * share, 1)) + " %";

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// Settings

function settings() {
  const value = (id) => Number($(id).value);
  const seed = /^[0-9]{1,19}$/.test($("seed").value) ? BigInt($("seed").value) : null;
  return {
    temperature: value("temperature"),
    top_k: Math.max(0, Math.floor(value("top_k"))),
    top_p: Math.min(1, Math.max(0, value("top_p"))),
    min_p: Math.min(1, Math.max(0, value("min_p"))),
    length: Math.min(20000, Math.max(1, Math.floor(value("length")))),
    seed: seed ?? BigInt(crypto.getRandomValues(new Uint32Array(1))[0] >>> 1),
  };
}

function showTemperature() {
  const value = Number($("temperature").value);
  $("degrees").textContent = value.toFixed(2);
  $("warmth").textContent = say(value === 0 ? "cold" : value < 0.6 ? "cool" : value < 0.95 ? "mild" : value < 1.05 ? "warm" : "hot");
}

// What may come next

function showBars() {
  if (!scores) return;
  const learned = softmax(scores);
  const able = scores.map((score, i) => (symbols.bytes[i].length ? score : -Infinity));
  const set = softmax(settled(able, settings()));
  const order = Array.from(learned.keys()).sort((a, b) => set[b] - set[a] || learned[b] - learned[a]).slice(0, BARS);
  const most = Math.max(...order.map((i) => Math.max(learned[i], set[i])));
  $("bars").classList.toggle("short", order.every((i) => symbols.labels[i].length < 4));
  $("bars").replaceChildren(...order.map((i) => {
    const before = make("i"), after = make("i", { className: "set" });
    before.style.width = `${(100 * learned[i]) / most}%`;
    after.style.width = `${(100 * set[i]) / most}%`;
    const label = make("code", { textContent: symbols.labels[i], title: symbols.labels[i] });
    return make("li", { title: `${percent(learned[i])} → ${percent(set[i])}` }, label, before, after, make("span", { textContent: percent(set[i]) }));
  }));
}

async function readInSlices(tokens, read, stopped) {
  let until = performance.now() + SLICE;
  for (const token of tokens) {
    if (performance.now() > until) {
      await pause();
      until = performance.now() + SLICE;
    }
    if (stopped()) return false;
    read(token);
  }
  return true;
}

async function readPrompt() {
  const mine = ++reading;
  const tokens = symbols.encode($("prompt").value || "\n");
  showNote();
  const goesOn = seen.tokens.length > 0 && seen.tokens.every((token, i) => token === tokens[i]);
  if (!goesOn) seen = { tokens: [], state: network.start(), scores: null };
  const fresh = { tokens: seen.tokens.slice(), state: network.copy(seen.state), scores: seen.scores };
  const whole = await readInSlices(tokens.slice(fresh.tokens.length), (token) => {
    fresh.scores = network.read(token, fresh.state);
    fresh.tokens.push(token);
  }, () => mine !== reading);
  if (!whole) return;
  seen = fresh;
  if (!writing) {
    scores = seen.scores;
    showBars();
  }
}

function showNote() {
  const strange = symbols.unknown($("prompt").value);
  $("note").hidden = !strange.length;
  const pairs = strange.slice(0, 8).map((c) => `${visible(c)} → ${visible(symbols.standIn(c))}`).join(", ");
  $("note").textContent = language ? `网络没有见过这些符号，读作：${pairs}` : `The network does not know these symbols and reads others: ${pairs}`;
}

const visible = (c) => ({ " ": "␣", "\n": "⏎", "\t": "⇥" })[c] ?? c;

// Writing

async function write() {
  const chosen = settings(), prompt = $("prompt").value, mine = new Writing(network, symbols, chosen);
  writing = mine;
  showButton();
  $("say").hidden = true;
  $("out").replaceChildren(make("b", { textContent: prompt }));
  $("out").classList.add("writing");
  if (matchMedia("(max-width: 800px)").matches) $("text").scrollIntoView({ block: "start" });
  const stopped = () => writing !== mine;
  const whole = await readInSlices(symbols.encode(prompt || "\n"), (token) => mine.read([token]), stopped);
  const began = performance.now();
  if (whole) await writeSymbols(mine, stopped);
  if (!stopped()) writing = null;
  if (writing) return;  // another text has begun
  $("out").classList.remove("writing");
  scores = mine.scores ?? scores;
  showBars();
  showButton();
  const rate = mine.written / Math.max((performance.now() - began) / 1000, 1e-3);
  $("say").hidden = false;
  $("say").textContent = language
    ? `${number(mine.written)} 个字符，每秒 ${number(rate)} 个，种子 ${chosen.seed}`
    : `${number(mine.written)} characters, ${number(rate)} a second, seed ${chosen.seed}`;
}

async function writeSymbols(mine, stopped) {
  let bits = 0, drawn = 0;
  while (!mine.over && !stopped()) {
    const until = performance.now() + SLICE, fresh = document.createDocumentFragment();
    do {
      const { text, share } = mine.step();
      bits -= Math.log2(Math.max(share, 1e-12));
      if (text) {  // a character may be several tokens
        fresh.append(symbolSpan(text, bits));
        bits = 0;
      }
    } while (!mine.over && performance.now() < until);
    $("out").append(fresh);
    if (performance.now() - drawn > 80) {
      scores = mine.scores;
      showBars();
      drawn = performance.now();
    }
    await pause();
  }
}

function symbolSpan(text, bits) {
  const span = make("span", { textContent: text, title: percent(2 ** -bits) });
  span.style.setProperty("--s", Math.min(1, bits / 8).toFixed(3));
  return span;
}

function stop() {
  writing = null;
}

// The page

function showButton() {
  $("go").textContent = say(writing ? "stop" : "write");
  $("go").classList.toggle("stop", Boolean(writing));
}

function showView(view) {
  $("out").classList.toggle("surprise", view === "surprise");
  $("meaning").hidden = view !== "surprise";
  for (const id of ["plain", "surprise"]) $(id).setAttribute("aria-pressed", String(id === view));
}

async function copy() {
  const text = $("out").textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = make("textarea", { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  $("copy").textContent = say("copied");
  setTimeout(() => { $("copy").textContent = say("copy"); }, 1500);
}

function about() {
  const { cell, layers, hidden_size: hidden } = record.config, { parameters, bits, counting, text } = record.facts;
  const name = CELL_NAMES[cell][language], weights = number(parameters);
  $("shape").textContent = language ? `${name}，${layers} 层，每层 ${hidden}` : `${name}, ${layers} × ${hidden}`;
  const kind = { char: ["characters", "字符"], byte: ["bytes", "字节"], subword: ["subwords", "子词"] }[record.tokenizer.kind][language];
  $("about").textContent = language
    ? `这个循环神经网络有 ${weights} 个参数，从零开始读一段文本学会了写作；它一次写一个符号（${kind}，共 ${number(record.config.vocab_size)} 种）。`
    : `A recurrent network of ${weights} weights that learned to write from one text, starting from nothing. It writes one symbol at a time, out of ${number(record.config.vocab_size)} ${kind}.`;
  const facts = [];
  if (text) facts.push(language ? `训练文本：${text}。` : `Learned from: ${text}.`);
  if (bits) facts.push(language ? `对没有读过的文本，每个字符 ${number(bits, 3)} 比特` : `On text it had not read: ${number(bits, 3)} bits per character`);
  if (bits) facts.push(counting ? (language ? `（简单统计：${number(counting, 3)}）。` : `(simple counting: ${number(counting, 3)}).`) : language ? "。" : ".");
  facts.push(language ? "它没有事实知识，写出的内容并不可靠。用 rnn-demo 制作。" : "It knows no facts; do not rely on what it writes. Made with rnn-demo.");
  $("facts").textContent = facts.join(language ? "" : " ");
}

function speak() {
  document.documentElement.lang = language ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = say(element.dataset.t);
  $("language").textContent = language ? "English" : "中文";
  $("language").lang = language ? "en" : "zh-CN";
  $("seed").placeholder = say("fresh");
  $("views").setAttribute("aria-label", say("meaning"));
  for (const element of document.querySelectorAll(".nothing")) element.textContent = say("nothing");
  showButton();
  showTemperature();
  showBars();
  showNote();
  about();
}

function begin() {
  for (const [id, value] of Object.entries(record.settings)) $(id).value = value;
  $("out").append(make("span", { className: "nothing" }));
  $("language").onclick = () => { language = 1 - language; speak(); };
  $("temperature").oninput = () => { showTemperature(); showBars(); };
  for (const id of ["top_k", "top_p", "min_p"]) $(id).oninput = showBars;
  $("prompt").oninput = () => readPrompt();
  $("prompt").onkeydown = (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) $("controls").requestSubmit(); };
  $("controls").onsubmit = (event) => { event.preventDefault(); if (writing) stop(); else write(); };
  $("plain").onclick = () => showView("plain");
  $("surprise").onclick = () => showView("surprise");
  $("copy").onclick = copy;
  showView("surprise");
  speak();
  readPrompt();
}

begin();
