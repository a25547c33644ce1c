// The network, its symbols and its dice: everything of rnn-demo that a page needs to write by
// itself, without a server. It does what stepping.py, sampling.py, ending.py and tokenizer.py do,
// in the same order and with the same random numbers, so a seed gives the same text here as there
// (but for a network so chaotic that the last digit of a number matters).
// Weights are float32, sums are double.
// Letters: V symbols, H hidden units, G blocks of H rows in a cell's weights.
"use strict";

// Random numbers: the Mersenne Twister of torch.Generator and torch.rand(dtype=float64)

class Dice {
  constructor(seed) {  // a BigInt; its low 32 bits count
    this.words = new Uint32Array(624);
    this.words[0] = Number(BigInt.asUintN(32, seed));
    for (let i = 1; i < 624; i++) {
      const last = this.words[i - 1];
      this.words[i] = Math.imul(1812433253, last ^ (last >>> 30)) + i;
    }
    this.next = 624;
  }

  refill() {
    const w = this.words;
    for (let i = 0; i < 624; i++) {
      const y = (w[i] & 0x80000000) | (w[(i + 1) % 624] & 0x7fffffff);
      w[i] = w[(i + 397) % 624] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.next = 0;
  }

  bits32() {
    if (this.next === 624) this.refill();
    let y = this.words[this.next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  uniform() {  // in [0, 1), from 53 bits
    const high = this.bits32() & 0x1fffff;
    return (high * 4294967296 + this.bits32()) / 9007199254740992;
  }
}

// The cells, as in cells.py. `inputs` (G*H) is W x + b of this step; state is {h, c}.

const sigmoid = (x) => 1 / (1 + Math.exp(-x));

const CELLS = {
  rnn(inputs, state, layer) {
    const hidden = product(layer.recurrent, state.h);
    state.h = state.h.map((_, i) => Math.tanh(inputs[i] + hidden[i]));
  },

  lstm(inputs, { h, c }, layer) {
    const n = h.length;
    const hidden = product(layer.recurrent, h);
    const sum = (gate, i) => inputs[gate * n + i] + hidden[gate * n + i];
    for (let i = 0; i < n; i++) {
      c[i] = sigmoid(sum(1, i)) * c[i] + sigmoid(sum(0, i)) * Math.tanh(sum(2, i));
      h[i] = sigmoid(sum(3, i)) * Math.tanh(c[i]);
    }
  },

  gru(inputs, { h }, layer) {  // the reset gate after the recurrent product
    const n = h.length;
    const hidden = product(layer.recurrent, h);
    for (let i = 0; i < n; i++) {
      const reset = sigmoid(inputs[i] + hidden[i]);
      const keep = sigmoid(inputs[n + i] + hidden[n + i]);
      const fresh = Math.tanh(inputs[2 * n + i] + reset * (hidden[2 * n + i] + layer.innerBias[i]));
      h[i] = keep * h[i] + (1 - keep) * fresh;
    }
  },

  gru_before(inputs, { h }, layer) {  // the reset gate before it
    const n = h.length;
    const gates = product(layer.recurrent, h, 0, 2 * n);
    const reset = h.map((value, i) => value * sigmoid(inputs[i] + gates[i]));
    const hidden = product(layer.recurrent, reset, 2 * n, 3 * n);
    for (let i = 0; i < n; i++) {
      const keep = sigmoid(inputs[n + i] + gates[n + i]);
      h[i] = keep * h[i] + (1 - keep) * Math.tanh(inputs[2 * n + i] + hidden[i]);
    }
  },
};

function product(weight, x, from = 0, to = weight.length / x.length) {
  // Rows from..to of a matrix (rows, x.length), times x. Four sums at a time keep the processor busy.
  const columns = x.length, whole = columns - (columns % 4), result = new Float64Array(to - from);
  for (let row = from; row < to; row++) {
    const start = row * columns;
    let a = 0, b = 0, c = 0, d = 0, i = 0;
    for (; i < whole; i += 4) {
      a += weight[start + i] * x[i];
      b += weight[start + i + 1] * x[i + 1];
      c += weight[start + i + 2] * x[i + 2];
      d += weight[start + i + 3] * x[i + 3];
    }
    for (; i < columns; i++) a += weight[start + i] * x[i];
    result[row - from] = a + b + (c + d);
  }
  return result;
}

class Network {
  constructor(config, tensors) {  // tensors: name -> Float32Array
    this.config = config;
    this.move = CELLS[config.reset_before ? "gru_before" : config.cell];
    this.embedding = tensors["embedding.weight"];
    this.output = config.tie_weights ? this.embedding : tensors["output.weight"];
    this.outputBias = tensors["output.bias"];
    this.layers = Array.from({ length: config.layers }, (_, l) => this.layer(`layers.${l}.`, tensors));
    this.table = new Map();  // the first layer's inputs of each symbol that was read
  }

  layer(name, tensors) {
    const n = this.config.hidden_size, inputBias = tensors[name + "input_bias"];
    const recurrentBias = tensors[name + "recurrent_bias"];
    const after = this.config.cell === "gru" && !this.config.reset_before;
    return {
      input: tensors[name + "input_weight"],
      recurrent: tensors[name + "recurrent_weight"],
      bias: Float64Array.from(inputBias, (b, i) => (after && i >= 2 * n ? b : b + recurrentBias[i])),
      innerBias: recurrentBias.subarray(2 * n),  // it stands inside the product with the reset gate
      gain: tensors[name + "norm.weight"],
      shift: tensors[name + "norm.bias"],
    };
  }

  start() {  // nothing has been read yet
    const zeros = () => new Float64Array(this.config.hidden_size);
    return this.layers.map(() => ({ h: zeros(), c: zeros() }));
  }

  copy(state) {
    return state.map(({ h, c }) => ({ h: h.slice(), c: c.slice() }));
  }

  read(token, state) {  // moves `state`; gives the scores (V) of what may come next
    let signal = null;
    this.layers.forEach((layer, l) => {
      const inputs = l ? this.inputs(layer, signal) : this.first(token);
      this.move(inputs, state[l], layer);
      const h = state[l].h;
      signal = l && this.config.residual ? h.map((value, i) => value + signal[i]) : h;
    });
    return product(this.output, signal).map((score, i) => score + this.outputBias[i]);
  }

  inputs(layer, x) {
    const y = layer.gain ? normalised(x, layer.gain, layer.shift) : x;
    return product(layer.input, y).map((value, i) => value + layer.bias[i]);
  }

  first(token) {
    let row = this.table.get(token);
    if (!row) {
      const { vocab_size: V, embedding_size: E } = this.config, layer = this.layers[0];
      row = E ? this.inputs(layer, Float64Array.from(this.embedding.subarray(token * E, (token + 1) * E)))
        : layer.bias.map((b, i) => b + layer.input[i * V + token]);
      this.table.set(token, row);
    }
    return row;
  }
}

function normalised(x, gain, shift) {  // LayerNorm
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
  return x.map((value, i) => ((value - mean) / Math.sqrt(variance + 1e-5)) * gain[i] + shift[i]);
}

// From scores to one symbol, in the order of sampling.py

const best = (scores) => scores.reduce((most, score) => Math.max(most, score), -Infinity);

function softmax(scores) {
  const most = best(scores), powers = scores.map((score) => Math.exp(score - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

function settled(scores, { temperature, top_k, top_p, min_p }) {
  let s = heated(scores, temperature);
  if (top_k > 0 && top_k < s.length) {
    const last = s.slice().sort()[s.length - top_k];
    s = s.map((score) => (score < last ? -Infinity : score));
  }
  if (top_p < 1) s = keepTopP(s, top_p);
  if (min_p > 0) {
    const floor = best(s) + Math.log(min_p);
    s = s.map((score) => (score < floor ? -Infinity : score));
  }
  return s;
}

function heated(scores, temperature) {
  const most = best(scores);
  if (temperature > 0) return scores.map((score) => (score - most) / Math.max(temperature, 1e-100));
  const first = scores.indexOf(most);
  return scores.map((score, i) => (i === first ? score : -Infinity));
}

function keepTopP(scores, mass) {  // the smallest set of best symbols with this probability
  const shares = softmax(scores), kept = new Float64Array(scores.length).fill(-Infinity);
  const order = Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a] || a - b);
  let reached = 0;
  order.every((token, rank) => {
    if (rank && reached >= mass) return false;
    kept[token] = scores[token];
    reached += shares[token];
    return true;
  });
  return kept;
}

function draw(scores, uniform) {  // where the running sum, by symbol number, passes `uniform`
  const most = best(scores);
  let sum = 0;
  const reached = scores.map((score) => (sum += Math.exp(score - most)));
  const token = reached.findIndex((value) => value > uniform * sum);
  return token < 0 ? reached.indexOf(sum) : token;
}

// Symbols: text to tokens and back, as in tokenizer.py

const SPACE = "\u2581", REPLACEMENT = "\ufffd";  // what SentencePiece writes for a space; not known

class Symbols {
  constructor(record) {
    this.kind = record.kind;
    this.labels = record.labels;
    this.record = record;
    this.bytes = record.bytes.map((text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)));
    if (this.kind === "char") this.ids = new Map(record.characters.map((c, i) => [c, i]));
    if (this.kind === "subword") this.learnPieces(record);
  }

  encode(text) {
    if (this.kind === "byte") return Array.from(new TextEncoder().encode(text));
    if (this.kind === "char") return Array.from(text, (c) => this.ids.get(this.standIn(c)));
    const utf8 = new TextEncoder().encode(text.replaceAll("\0", REPLACEMENT));
    const clean = new TextDecoder("utf-8", { ignoreBOM: true }).decode(utf8);
    const apart = this.pieces.has(SPACE) ? /(\u2581)/ : /([\u2581 ])/;  // no piece: written as bytes
    return clean.split(apart).flatMap((run, i) => (i % 2 ? this.asBytes(run) : this.encodeRun(run.replaceAll(" ", SPACE))));
  }

  unknown(text) {  // symbols that the network has never seen, each once
    if (this.kind !== "char") return [];
    return [...new Set(text)].filter((c) => !this.ids.has(c));
  }

  standIn(c) {  // the nearest thing that the network knows
    if (this.ids.has(c)) return c;
    const { unknown, look_alikes: alikes, characters } = this.record;
    if (unknown !== null) return characters[unknown];
    const alike = (x) => Array.from(x, (y) => alikes[y] ?? y).join("");
    const swapped = (x) => (x === x.toLowerCase() ? x.toUpperCase() : x.toLowerCase());
    for (const candidate of [alike(c), Array.from(c.normalize("NFKD"))[0]]) {
      const forms = [candidate, swapped(candidate), alike(candidate)];
      const form = forms.find((x) => this.ids.has(x));
      if (form !== undefined) return form;
    }
    return [REPLACEMENT, " ", "\n"].find((x) => this.ids.has(x)) ?? characters[0];
  }

  decoder() {  // gives text only when a character is whole
    const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
    return (token) => utf8.decode(this.bytes[token], { stream: true });
  }

  // Subwords. Bytes and the unknown piece are no pieces here; a line end never merges.

  learnPieces({ pieces, scores }) {
    const known = pieces.map((piece, i) => [piece, i]).filter(([piece]) => piece !== null);
    const normal = known.filter(([piece]) => piece !== "\n").map(([, i]) => scores[i]);
    this.pieces = new Map(known);
    this.scores = scores;
    this.unknownScore = Math.fround(Math.min(...normal) - 10);
    this.longest = Math.max(...known.map(([piece]) => Array.from(piece).length));
  }

  asBytes(text) {
    return Array.from(new TextEncoder().encode(text), (byte) => this.record.byte_ids[byte]);
  }

  encodeRun(text) {
    const encodeLine = this.record.algorithm === "bpe" ? this.merged : this.likeliest;
    return text.split("\n").flatMap((line, i) => {
      const found = line ? encodeLine.call(this, Array.from(line)) : [];
      const ids = found.flatMap((piece) => this.pieces.get(piece) ?? this.asBytes(piece));
      return i ? [this.pieces.get("\n"), ...ids] : ids;
    });
  }

  merged(parts) {  // byte-pair encoding: merge the best-scored neighbours, the leftmost of equals
    for (;;) {
      let place = -1, highest = -Infinity;
      for (let i = 0; i + 1 < parts.length; i++) {
        const id = this.pieces.get(parts[i] + parts[i + 1]);
        if (id !== undefined && this.scores[id] > highest) [place, highest] = [i, this.scores[id]];
      }
      if (place < 0) return parts;
      parts.splice(place, 2, parts[place] + parts[place + 1]);
    }
  }

  likeliest(characters) {  // unigram: the cut with the highest sum of scores (Viterbi)
    const n = characters.length;
    const sums = new Float32Array(n + 1).fill(-Infinity), from = new Int32Array(n + 1);
    sums[0] = 0;
    for (let start = 0; start < n; start++) {
      let piece = "";
      for (let end = start + 1; end <= Math.min(n, start + this.longest); end++) {
        piece += characters[end - 1];
        const id = this.pieces.get(piece);
        const score = id !== undefined ? this.scores[id] : end === start + 1 ? this.unknownScore : -Infinity;
        const sum = Math.fround(sums[start] + score);
        if (sum > sums[end]) [sums[end], from[end]] = [sum, start];
      }
    }
    const cut = [];
    for (let end = n; end > 0; end = from[end]) cut.unshift(characters.slice(from[end], end).join(""));
    return cut;
  }
}

// A text on its way

class Writing {
  constructor(network, symbols, settings) {  // settings: temperature ... min_p, length, seed (BigInt)
    Object.assign(this, { network, symbols, settings });
    this.dice = new Dice(settings.seed);
    this.state = network.start();
    this.decode = symbols.decoder();
    this.written = 0;  // characters
    this.scores = null;
  }

  read(tokens) {
    for (const token of tokens) this.scores = this.network.read(token, this.state);
  }

  allowed() {  // the scores without symbols that stand for no text
    return this.scores.map((score, i) => (this.symbols.bytes[i].length ? score : -Infinity));
  }

  step() {  // one symbol: its text, which may be empty, and how likely the network found it
    const allowed = this.allowed();
    const token = draw(settled(allowed, this.settings), this.dice.uniform());
    const share = softmax(this.scores)[token];
    const text = Array.from(this.decode(token)).slice(0, this.settings.length - this.written);
    this.written += text.length;
    this.scores = this.network.read(token, this.state);
    return { token, share, text: text.join("") };
  }

  get over() {
    return this.written >= this.settings.length;
  }
}

function unpack(base64, places) {  // name -> Float32Array, from one block of little-endian numbers
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const numbers = new Float32Array(bytes.buffer);
  return Object.fromEntries(
    Object.entries(places).map(([name, [start, count]]) => [name, numbers.subarray(start, start + count)]),
  );
}
