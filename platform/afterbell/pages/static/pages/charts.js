// Draws each chart of the page from its data block, with our colours and type, in light and in dark.
"use strict";
(() => {
  const locale = window.module && window.module.exports;
  delete window.module;
  if (locale && locale.name) Plotly.register(locale);

  // Custom properties made with light-dark() are only resolved where they are used: ask a real element.
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const colour = (name) => {
    probe.style.color = `var(--ab-${name})`;
    return getComputedStyle(probe).color;
  };

  const DASHES = ["solid", "solid", "dash", "dot", "dashdot", "longdash", "longdashdot"];
  const MARKS = ["circle", "square", "diamond", "triangle-up", "cross", "x", "star"];
  const PATTERNS = ["", "", "/", "\\", "x", ".", "+"];

  const template = () => {
    const [ink, muted, line, surface] = ["ink", "muted", "line", "surface"].map(colour);
    const series = DASHES.map((_, n) => colour(`series-${n + 1}`));
    const axis = { gridcolor: line, linecolor: line, zerolinecolor: line, tickcolor: line, tickfont: { color: muted, size: 13 }, title: { font: { color: muted, size: 13 } }, automargin: true };
    return {
      layout: {
        font: { family: getComputedStyle(document.body).fontFamily, size: 14, color: ink },
        paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", colorway: series,
        margin: { l: 48, r: 16, t: 16, b: 40 }, xaxis: { ...axis, showgrid: false }, yaxis: { ...axis, rangemode: "tozero" },
        legend: { orientation: "h", x: 0, y: -0.2, yanchor: "top", font: { color: ink, size: 13 } },
        hoverlabel: { bgcolor: surface, bordercolor: line, font: { color: ink, size: 13 } },
        modebar: { bgcolor: "rgba(0,0,0,0)", color: muted, activecolor: colour("primary") },
        bargap: 0.35,
      },
      data: {
        scatter: DASHES.map((dash, n) => ({ line: { dash, width: 2.5 }, marker: { symbol: MARKS[n], size: 8 } })),
        bar: PATTERNS.map((shape) => ({ marker: { pattern: { shape, size: 6, fgcolor: surface, fillmode: "overlay" } } })),
      },
    };
  };

  const ROLES = { city: "series-city", school: "series-school", good: "good", warn: "warn", bad: "bad", limit: "muted" };
  const painted = (trace) => {
    if (!Object.hasOwn(ROLES, trace.meta)) return trace;
    const own = colour(ROLES[trace.meta]);
    return { ...trace, line: { ...trace.line, color: own }, marker: { ...trace.marker, color: own } };
  };

  const chinese = document.documentElement.lang !== "en";
  const config = { responsive: true, displaylogo: false, displayModeBar: true, locale: chinese ? "zh-CN" : "en-US", scrollZoom: false };

  const draw = (card) => {
    const figure = JSON.parse(document.getElementById(`${card.id}-figure`).textContent);
    const plot = document.getElementById(`${card.id}-plot`);
    const lines = (figure.layout.shapes || []).map((shape) => ({ ...shape, line: { ...shape.line, color: colour("muted") } }));
    const layout = { ...figure.layout, shapes: lines, template: template(), autosize: true, dragmode: false };
    const named = { ...config, modeBarButtons: [[{ name: "png", title: chinese ? "下载图片" : "Download as PNG", icon: Plotly.Icons.camera, click: () => save(card, plot) }]] };
    const drawn = Plotly.react(plot, figure.data.map(painted), layout, named);
    if (!plot.dataset.drills) {
      plot.dataset.drills = "yes";
      // A bar leads to what it is made of; links of the table do the same for who uses no mouse.
      plot.on("plotly_click", (event) => {
        const to = event.points[0] && event.points[0].customdata;
        if (typeof to === "string" && to.startsWith("/")) location.assign(to);
      });
    }
    return drawn;
  };

  // A picture that is passed on says by itself what it shows, of whom, from where and how old it is.
  const save = async (card, plot) => {
    const text = (selector, from = document) => ((from.querySelector(selector) || {}).textContent || "").trim().replace(/\s+/g, " ");
    const wrap = (words, most) => words.match(new RegExp(`.{1,${most}}`, "gu")).join("<br>");
    const title = wrap(text("h2", card), 46);
    const age = text(".ab-age time") || new Date().toISOString().slice(0, 10);
    const foot = [text("h2 + p", card), text(".ab-look-where"), chinese ? `来源：各校上报的汇总数据 · 数据截至 ${age}` : `Source: sums reported by schools · as of ${age}`].filter(Boolean).join(" · ");
    const { width, height } = plot.getBoundingClientRect();
    const margin = { ...(plot.layout.margin || {}), l: 90, r: 40, t: 70 + 22 * title.split("<br>").length, b: 130 };
    const layout = {
      ...plot.layout, width: Math.max(width, 760), height: height + 180, margin, paper_bgcolor: colour("surface"),
      title: { text: title, x: 0.02, xanchor: "left", y: 0.98, yanchor: "top", font: { size: 18 } },
      annotations: [...(plot.layout.annotations || []), { text: wrap(foot, 70), xref: "paper", yref: "paper", x: 0, y: 0, yshift: -110, xanchor: "left", yanchor: "bottom", showarrow: false, align: "left", font: { size: 12, color: colour("muted") } }],
    };
    const url = await Plotly.toImage({ data: plot.data, layout }, { format: "png", scale: 2, width: layout.width, height: layout.height });
    const link = document.createElement("a");
    link.href = url;
    link.download = `${card.id}.png`;
    link.click();
  };

  // Chart and table are two views of one card; without JavaScript only the table is there.
  const views = (card) => {
    const bar = card.querySelector(".ab-chart-switch");
    const panes = [document.getElementById(`${card.id}-plot`), document.getElementById(`${card.id}-table`)];
    const buttons = bar.dataset.words.split("|").map((word, n) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = word;
      button.setAttribute("aria-controls", panes[n].id);
      button.addEventListener("click", () => show(n));
      return button;
    });
    const show = (chosen) => panes.forEach((pane, n) => {
      pane.hidden = n !== chosen;
      buttons[n].setAttribute("aria-pressed", String(n === chosen));
      if (n === chosen && n === 0) draw(card);
    });
    bar.append(...buttons);
    bar.hidden = false;
    show(0);
  };

  const cards = [...document.querySelectorAll("[data-chart]")].filter((card) => document.getElementById(`${card.id}-figure`));
  cards.forEach(views);
  // On paper a plot is as wide as the paper; afterwards as the window again.
  const drawn = () => cards.map((card) => document.getElementById(`${card.id}-plot`)).filter((plot) => !plot.hidden && plot.data);
  addEventListener("beforeprint", () => document.querySelectorAll("main details:not([open])").forEach((one) => { one.open = true; one.dataset.closed = ""; }));
  addEventListener("afterprint", () => document.querySelectorAll("main details[data-closed]").forEach((one) => { one.open = false; delete one.dataset.closed; }));
  addEventListener("beforeprint", () => drawn().forEach((plot) => Plotly.relayout(plot, { width: 640, height: 300 })));
  addEventListener("afterprint", () => drawn().forEach((plot) => Plotly.relayout(plot, { width: null, height: null, autosize: true })));
  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => print());
  });
  const again = () => cards.filter((card) => !document.getElementById(`${card.id}-plot`).hidden).forEach(draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
})();
