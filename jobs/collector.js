// Waits until the page can be looked at, then tells what it says, as capped plain strings. Runs in a world of its own:
// the page shares its document with it, but not its functions.
(async (options) => {
  const started = performance.now();
  const left = () => options.patience - (performance.now() - started);
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const entry = () => performance.getEntriesByType("navigation")[0];

  const loaded = () => new Promise((done) => {
    if (document.readyState === "complete") return done();
    let last = performance.now();
    const seen = new PerformanceObserver(() => { last = performance.now(); });
    seen.observe({ type: "resource" });
    const finish = () => { seen.disconnect(); clearInterval(timer); done(); };
    // A picture that never ends must not fail a page whose document is here and where nothing has come for a while.
    const timer = setInterval(() => {
      const received = (entry()?.responseEnd ?? 0) > 0;
      if (received && (performance.now() - last > options.quiet || left() <= 0)) finish();
    }, 100);
    addEventListener("load", finish, { once: true });
    globalThis.cutOff = finish;
  });

  const inView = (image) => {
    const box = image.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && box.top < innerHeight && box.bottom > 0 && box.left < innerWidth && box.right > 0;
  };
  const shown = () => {
    scrollTo(0, 0);
    const waits = [...document.images].filter((image) => !image.complete && inView(image)).map((image) => new Promise((done) => {
      image.addEventListener("load", done, { once: true });
      image.addEventListener("error", done, { once: true });
    }));
    if (document.fonts.status === "loading") waits.push(document.fonts.ready);
    return waits.length ? Promise.race([Promise.all(waits), pause(Math.max(0, Math.min(options.pictures, left())))]) : null;
  };
  // What is not there yet may still be written by a script.
  const changed = () => new Promise((done) => {
    let timer = setTimeout(finish, options.change);
    const observer = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(finish, 150); });
    const last = setTimeout(finish, options.change);
    // A style may keep all of it hidden for some seconds: its end is no change of the document.
    const hidden = document.body && !visible(document.body);
    const poll = setInterval(() => { if (hidden && visible(document.body)) finish(); }, 200);
    function finish() { observer.disconnect(); clearTimeout(timer); clearTimeout(last); clearInterval(poll); done(); }
    observer.observe(document, { childList: true, subtree: true, characterData: true });
  });

  // The fields of a form hide its own properties of the same names: its prototypes are asked instead.
  const getter = (type, name) => { const { get } = Object.getOwnPropertyDescriptor(type.prototype, name); return (element) => get.call(element); };
  const [textOf, parentOf, localName] = [getter(Node, "textContent"), getter(Node, "parentElement"), getter(Element, "localName")];
  const matches = (element, selector) => Element.prototype.matches.call(element, selector);
  const tagOf = (element) => localName(element).toUpperCase();
  const squeeze = (text, cap) => (text ?? "").slice(0, cap * 4).replace(/[^\S\u00a0\u202f]+/g, " ").trim().slice(0, cap);
  const all = (selector, cap) => [...document.querySelectorAll(selector)].filter((element) => !(element instanceof HTMLFormElement)).slice(0, cap);
  const visible = (element) => element.checkVisibility?.({ visibilityProperty: true }) ?? true;

  const jsonLd = () => {
    let room = 400000;
    const blocks = [];
    for (const script of all('script[type*="ld+json" i]', 30)) {
      const text = script.textContent;
      if (text.length > room) continue;
      room -= text.length;
      blocks.push(text);
    }
    return blocks;
  };
  const metas = () => all("meta[content]", 400).flatMap((meta) => {
    const key = meta.getAttribute("property") || meta.getAttribute("name") || meta.getAttribute("itemprop") || meta.getAttribute("http-equiv");
    if (!key || meta.closest("[itemscope] [itemscope]")) return [];
    // One element may carry several names: property="dc:title og:title".
    return key.slice(0, 200).toLowerCase().split(/\s+/).filter(Boolean).slice(0, 5).map((name) => [name.replace(/^(dc|dcterms):/, "$1."), meta.content.slice(0, 2000)]);
  });

  const STORY = "article, main, [itemtype*='Article' i], [itemtype*='BlogPosting' i], [role=main], [role=article]";
  const NOISE = "nav, footer, aside, form, dialog, noscript, button, select, textarea, figcaption, table[role=presentation] nav," +
    "[role=navigation], [role=complementary], [role=dialog], [role=contentinfo], [aria-hidden=true], [hidden]," +
    "[class*='cookie' i], [id*='cookie' i], [class*='consent' i], [id*='consent' i], [class*='related' i], [id*='comments' i]," +
    "[class*='comment-' i], [class*='newsletter' i], [class*='share-' i], [class*='sidebar' i], [id*='sidebar' i]";
  const BLOCKS = new Set(["P", "DIV", "SECTION", "ARTICLE", "LI", "BLOCKQUOTE", "PRE", "TD", "DD", "MAIN", "BODY", "CENTER", "H1", "H2", "H3", "H4"]);
  const UNSEEN = new Set(["SCRIPT", "STYLE", "TEMPLATE", "NOSCRIPT", "NOFRAMES", "IFRAME", "OBJECT", "SELECT", "TEXTAREA"]);

  // Text by its nearest block, scored by the block's parents: the container with most prose is the article.
  const prose = () => {
    const blocks = new Map();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const noise = new Map();
    // A page's whole column may be called a sidebar, or its body a form: what holds most of the words is no noise.
    const most = document.body.textContent.length * 0.4;
    const noisy = (element) => {
      if (!noise.has(element)) {
        const own = matches(element, NOISE) && !matches(element, "body, main, article") && textOf(element).length < most;
        const parent = parentOf(element);
        noise.set(element, element !== document.body && (own || (parent !== null && noisy(parent))));
      }
      return noise.get(element);
    };
    let budget = 40000;
    for (let node = walker.nextNode(); node && budget-- > 0; node = walker.nextNode()) {
      const text = node.data;
      if (!/\S/.test(text)) continue;
      let block = node.parentElement;
      let link = false;
      while (block && block !== document.body) {
        const tag = tagOf(block);
        if (UNSEEN.has(tag) || BLOCKS.has(tag)) break;
        if (tag === "A") link = true;
        block = parentOf(block);
      }
      if (!block || !BLOCKS.has(tagOf(block))) continue;
      const known = blocks.get(block) ?? { text: "", linked: 0, heading: /^H\d$/.test(tagOf(block)) };
      if (known.text.length < 20000) known.text += text;
      if (link) known.linked += text.trim().length;
      blocks.set(block, known);
    }
    const scores = new Map();
    const kept = [];
    for (const [block, found] of blocks) {
      const text = squeeze(found.text, 20000);
      if (!text || noisy(block) || !visible(block)) continue;
      const linked = found.linked / text.length;
      kept.push({ block, text, prose: !found.heading && linked < 0.6 && (text.length >= 25 || /[\u3040-\u9fff\uac00-\ud7af]{8}/.test(text)) });
      if (!kept.at(-1).prose) continue;
      for (let up = block, weight = 1, n = 0; up && n < 4; up = parentOf(up), n++, weight *= n === 1 ? 1 : 0.6) {
        scores.set(up, (scores.get(up) ?? 0) + text.length * weight * (1 - linked));
        if (up === document.body) break;
      }
    }
    let best = document.body;
    let top = 0;
    for (const [element, score] of scores) {
      const worth = score * (matches(element, STORY) ? 1.2 : 1);
      if (worth > top) { top = worth; best = element; }
    }
    // A long story may be cut into sections of which each has its own container.
    const within = (element) => kept.reduce((sum, { block, text, prose }) => sum + (prose && element.contains(block) ? text.length : 0), 0);
    const whole = best.closest(STORY);
    if (whole && within(whole) > 1.5 * within(best)) best = whole;
    const paragraphs = [];
    let length = 0;
    const lead = [];
    for (const { block, text, prose } of kept) {
      if (!prose || !best.contains(block)) continue;
      length += text.length;
      if (lead.length < 3) lead.push(block);
      if (paragraphs.length < 40) paragraphs.push(text.slice(0, 1000));
    }
    return { paragraphs, length, total: kept.reduce((sum, { text }) => sum + text.length, 0), best, lead, kept };
  };

  const follows = (element, other) => (Node.prototype.compareDocumentPosition.call(other, element) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
  // What surrounds the story cannot be beside it: many a body has a class that tells of a sidebar or of comments.
  const beside = (element, selector, best) => {
    let around = element.closest(selector);
    while (around && Node.prototype.contains.call(around, best)) around = parentOf(around)?.closest(selector);
    return Boolean(around);
  };
  // Between the headline and the text, of which a standfirst may come earlier, are its own author and date.
  const head = ({ lead }) => {
    const top = lead[0] && all("h1", 40).filter((h1) => visible(h1) && follows(lead[0], h1)).at(-1);
    return (element) => Boolean(top) && ((follows(element, top) && !follows(element, lead.at(-1))) || Boolean(element.closest("header")?.contains(top)));
  };
  // Small sites write their bylines and dates without a mark: short lines near the headline.
  const lines = ({ kept }, near) => kept.filter(({ block, text }) => text.length <= 80 && !/[.!?…:]$/.test(text) && near(block)).slice(0, 10);
  const BY = /^(?:(?:written|reported|posted|words|text) by|by|von|par|por|di|door|av|af)\s|^(?:文|作者|記者)\s*[:：/／]/i;
  const unmarked = { rel: false, item: false, names: [], value: "", tag: "P", story: true, aside: false };
  const label = (element) => `${element.id} ${element.getAttribute("class") ?? ""}`.toLowerCase().slice(0, 200);
  // Where the only h1 is the site's name, the first h2 of the story is its headline.
  const headings = (best) => [...all("h1", 20), ...all("h2", 40).filter((h2) => visible(h2) && h2.closest(STORY)).slice(0, 1)].map((h1) => ({
    text: squeeze(h1.textContent, 600), label: label(h1), level: tagOf(h1) === "H1" ? 1 : 2, visible: visible(h1), story: h1.closest(STORY) !== null || best.contains(h1),
    masthead: h1.closest("nav, footer, aside, [class*='logo' i], [id*='logo' i], [class*='masthead' i], [role=banner]") !== null,
    home: [...h1.querySelectorAll("a[href]")].some((a) => a.pathname === "/" && a.host === location.host) || h1.closest("a")?.pathname === "/",
  }));
  const times = ({ best }, near) => all("time, [itemprop='datePublished'], [itemprop='dateCreated'], abbr.published, [class*='publish' i], [class*='dateline' i], [class*='date' i], [class*='timestamp' i], [id*='date' i]", 120)
    .map((element) => ({
      value: squeeze(element.getAttribute("datetime") || element.getAttribute("content") || element.getAttribute("data-datetime") || element.getAttribute("title") || "", 100),
      text: squeeze(element.textContent, 120), tag: tagOf(element), label: `${element.getAttribute("itemprop") ?? ""} ${label(element)}`.toLowerCase(),
      story: element.closest(STORY) !== null || best.contains(element), near: near(element),
      aside: beside(element, "aside, nav, footer, [itemtype*='Comment' i], [class*='related' i], [class*='comment' i], [class*='teaser' i], [class*='sidebar' i]", best),
    })).filter((time) => time.value || time.text);
  const BYLINES = "[rel~=author], [itemprop~=author], [class*='byline' i], [id*='byline' i], [class*='author' i], [id*='author' i], [class*='writer' i], [class*='reporter' i], [class*='p-author' i], [class*='credit' i], [class*='contributor' i], [href*='/author/' i], [href*='/authors/' i]";
  const bylines = ({ best }, near) => all(BYLINES, 80).map((element) => ({
    text: squeeze((element.querySelector("[itemprop=name]") ?? element).textContent, 300), lines: squeeze(element.innerText?.replace(/\n+/g, " ¶ "), 300),
    rel: element.matches("[rel~=author]"), item: element.matches("[itemprop~=author]"), tag: tagOf(element), label: label(element),
    names: [...element.querySelectorAll("a")].slice(0, 8).map((a) => squeeze(a.textContent, 100)),
    near: near(element),
    aside: beside(element, "aside, nav, footer, figure, form, [itemtype*='Comment' i], [class*='related' i], [class*='comment' i], [class*='sidebar' i], [class*='caption' i], [class*='teaser' i]", best),
  })).filter((line) => line.text);
  const items = (name) => all(`[itemprop~='${name}']`, 10).filter((element) => !element.closest("[itemtype*='Comment' i]")).map((element) => {
    const inner = matches(element, "[itemscope]") ? element.querySelector("[itemprop=name]") : element;
    return squeeze(inner?.getAttribute("content") || inner?.textContent, 600);
  }).filter(Boolean);

  const standfirst = ({ best, lead: [first] }) => all("[class*='standfirst' i], [class*='subtitle' i], [class*='sub-title' i], [class*='subhead' i], [class*='deck' i], [class~='dek' i], [class*='__dek' i], [class*='summary' i], [class~='lead' i], [class*='article-lead' i], [class*='chapo' i], [class*='vorspann' i], [class*='intro' i], [itemprop~='description']", 20)
    .filter((element) => visible(element) && !beside(element, "nav, footer, aside, form, a, li, [class*='related' i], [class*='teaser' i]", best))
    .filter((element) => !first || first.contains(element) || !follows(element, first))
    .map((element) => squeeze(element.textContent, 1000)).find((text) => text.length > 30) ?? "";

  const WALLS = {
    challenge: "#challenge-form, #challenge-running, #cf-challenge-running, .cf-browser-verification, #cf-wrapper .cf-error-details, #px-captcha, .px-captcha, #sec-if-cpt-container, [id^='ddChallenge'], #datadome-captcha, form#captcha-form, script[src*='/cdn-cgi/challenge-platform/h/'], iframe[src*='captcha-delivery.com'], iframe[src*='_Incapsula_Resource'], #main-iframe[src*='Incapsula'], iframe[src*='arkoselabs'], #distilIdentificationBlock, [class*='awswaf' i], #captcha-container, script[src*='perimeterx'], script[src*='awsWafCookieDomainList']",
    captcha: "iframe[src*='recaptcha' i], iframe[src*='hcaptcha' i], iframe[src*='turnstile' i], iframe[src*='challenges.cloudflare.com'], .g-recaptcha, .h-captcha, .cf-turnstile, [id*='captcha' i], [class*='captcha' i]",
    paywall: "[class*='paywall' i], [id*='paywall' i], [class*='piano-offer' i], .tp-modal, [class*='subscriber-only' i], [class*='subscription-wall' i], [class*='premium-content' i], [class*='regwall' i], [class*='metered' i], [data-paywall], meta[name='tp:contenttype'][content='locked']",
  };
  const collect = () => {
    const page = prose();
    const near = head(page);
    const short = lines(page, near);
    const navigation = entry();
    const refresh = /^\s*(\d+)/.exec(document.querySelector("meta[http-equiv=refresh i][content*=url i]")?.content ?? "");
    return {
      url: location.href.slice(0, 4000), type: document.contentType, status: navigation?.responseStatus ?? 0,
      received: (navigation?.responseEnd ?? 0) > 0, title: squeeze(document.title, 1000),
      lang: document.documentElement.lang || document.documentElement.getAttribute("xml:lang") || "", canonical: document.querySelector("link[rel=canonical]")?.href ?? "",
      json_ld: jsonLd(), metas: metas(), headings: headings(page.best), times: [...times(page, near), ...short.filter(({ text }) => /\b(?:19|20)\d\d\b|\d{4}[年년]/.test(text)).map(({ text }) => ({ ...unmarked, text, label: "", near: false }))],
      bylines: [...bylines(page, near), ...short.filter(({ text }) => BY.test(text)).map(({ text }) => ({ ...unmarked, text, lines: text, label: "", near: true }))],
      item_headlines: items("headline"), item_names: items("publisher"), item_authors: items("author"), standfirst: standfirst(page),
      paragraphs: page.paragraphs, length: page.length, total: page.total,
      body: squeeze(document.body?.innerText, 3000), pictures: document.images.length + document.querySelectorAll("video, canvas, svg, iframe").length,
      scripts: document.scripts.length - document.querySelectorAll('script[type*="json" i]').length,
      passwords: all("input[type=password]", 20).filter(visible).length, refresh: refresh ? Number(refresh[1]) : null,
      challenge: document.querySelector(WALLS.challenge) !== null,
      captcha: all(WALLS.captcha, 20).some((element) => tagOf(element) === "IFRAME" || visible(element)),
      paywall: all(WALLS.paywall, 40).some((element) => tagOf(element) === "META" || visible(element) && !element.contains(page.best) && element.textContent.trim().length > 20),
    };
  };

  if (options.change > 0) await changed();
  else { await loaded(); await shown(); }
  return document.body ? collect() : null;
})
