// Feeds: what the page knows of each run, kept up to date by asking GET live/<run> for news.
// One feed per run serves every widget; it rests when nobody listens or the page is hidden.
"use strict";
(() => {
  const MOST_POINTS = 4000;
  const ACTIVE = new Set(["queued", "starting", "running", "pausing", "stopping"]);
  const feeds = new Map();

  function empty() {
    return {
      epoch: 0, next: 0, run: null, remark: null, others: [], samples: [],
      progress: { step: [], seconds: [], nats: [], speed: [], rate: [], norm: [], clipped: [] },
      evaluated: { step: [], seconds: [], nats: [], bits_per_byte: [], best: [] },
    };
  }

  function append(columns, more) {
    for (const name of Object.keys(columns)) columns[name].push(...(more[name] || []));
  }

  // Halve by keeping the lower and the higher of every four neighbours.
  function halve(columns) {
    const keep = [];
    for (let i = 0; i < columns.nats.length; i += 4) {
      const four = [0, 1, 2, 3].map((k) => i + k).filter((k) => k < columns.nats.length);
      const low = four.reduce((a, b) => (columns.nats[b] < columns.nats[a] ? b : a));
      const high = four.reduce((a, b) => (columns.nats[b] > columns.nats[a] ? b : a));
      keep.push(...[...new Set([low, high])].sort((a, b) => a - b));
    }
    for (const name of Object.keys(columns)) columns[name] = keep.map((i) => columns[name][i]);
  }

  class Feed {
    constructor(id) {
      this.id = id;
      this.data = empty();
      this.lost = false;
      this.listeners = new Map(); // element -> listener
      this.timer = null;
      this.asking = false;
      this.quiet = 0; // looks in a row that brought nothing
      this.failures = 0;
    }

    listen(element, listener) {
      this.listeners.set(element, listener);
      if (this.data.run) listener(this.data, this);
      this.wake();
    }

    leave(element) { this.listeners.delete(element); }

    wake() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), 0);
    }

    active() { return ACTIVE.has(this.data.run?.state); }

    async ask() {
      if (this.asking || document.hidden) return;
      for (const element of [...this.listeners.keys()]) if (!element.isConnected) this.listeners.delete(element);
      if (!this.listeners.size) return;
      this.asking = true;
      const before = this.data.run?.state;
      try {
        const answer = await fetch(`live/${encodeURIComponent(this.id)}?since=${this.data.next}&epoch=${this.data.epoch}`,
          { cache: "no-store", signal: AbortSignal.timeout(10000) });
        if (answer.status === 404) { this.failures = 0; this.gone(); return; }
        if (!answer.ok) throw new Error(`status ${answer.status}`);
        this.take(await answer.json());
        this.failures = 0;
        this.setLost(false);
      } catch {
        this.failures += 1;
        if (this.failures >= 2) this.setLost(true);
      } finally {
        this.asking = false;
        clearTimeout(this.timer);
        const wait = this.failures ? Math.min(5000, 500 * 2 ** this.failures)
          : this.active() ? 1000 : this.id === "bundled" ? 15000 : Math.min(5000, 1000 * 2 ** this.quiet);
        if (!this.ended) this.timer = setTimeout(() => this.ask(), wait);
      }
      if (before !== undefined && before !== this.data.run?.state) rnn.emit("state", this);
    }

    gone() {
      this.ended = true;
      feeds.delete(this.id);
      rnn.emit("gone", this.id);
    }

    setLost(lost) {
      if (lost === this.lost) return;
      this.lost = lost;
      this.tell();
    }

    take(news) {
      const data = this.data;
      // A restarted server knows nothing of this page: its text, the run it looks at.
      if ((rnn.server ??= news.server) !== news.server) { location.reload(); return; }
      const fresh = news.reset || news.next !== data.next || JSON.stringify(news.run) !== this.lastRun;
      if (news.reset) Object.assign(data, empty(), { run: data.run });
      data.epoch = news.epoch;
      data.next = news.next;
      append(data.progress, news.progress);
      append(data.evaluated, news.evaluated);
      data.samples.push(...news.samples);
      data.others.push(...news.others);
      data.remark = news.remark;
      data.run = { ...(data.run || {}), ...news.run };
      this.lastRun = JSON.stringify(news.run);
      if (data.progress.nats.length > MOST_POINTS) halve(data.progress);
      this.quiet = fresh ? 0 : this.quiet + 1;
      if (fresh || !this.told) this.tell();
      this.told = true;
    }

    tell() {
      for (const [element, listener] of [...this.listeners]) {
        try { if (element.isConnected) listener(this.data, this); } catch (error) { console.error(error); }
      }
    }
  }

  rnn.feed = (id) => {
    if (!feeds.has(id)) feeds.set(id, new Feed(id));
    return feeds.get(id);
  };
  rnn.last = (data, kind) => data.others.findLast((event) => event.event === kind);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) for (const feed of feeds.values()) { feed.quiet = 0; feed.wake(); }
  });
  // After an action the news should come at once, not at the next look.
  rnn.on("hurry", () => { for (const feed of feeds.values()) { feed.quiet = 0; feed.wake(); } });

  // follow(element, props, watch, draw): draw the feed of the run that `value` names, and of the
  // next one when it changes. draw(null) when there is none.
  rnn.follow = (element, props, watch, draw) => {
    let feed = null;
    const attach = () => {
      const id = typeof props.value === "string" ? props.value : "";
      if (feed && feed.id === id && !feed.ended) { feed.quiet = 0; feed.wake(); return; }
      feed?.leave(element);
      feed = id ? rnn.feed(id) : null;
      if (feed) feed.listen(element, draw);
      else draw(null, null);
    };
    watch("value", attach);
    attach();
  };
})();
