// The picture of the map. The table below it says the same, so a page whose script does not run loses nothing.
const box = document.querySelector("#graph");
const given = JSON.parse(document.querySelector("#graph-data").textContent);

const SHAPES = {
  system: "round-rectangle", integration: "ellipse", "data-object": "tag", component: "hexagon", domain: "rectangle",
  environment: "barrel", "connection-template": "cut-rectangle", connection: "cut-rectangle", hidden: "ellipse",
};
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function looks() {
  return [
    { selector: "node", style: {
      label: "data(title)", shape: (node) => SHAPES[node.data("shape")] ?? "ellipse", width: 34, height: 34, "font-size": 12,
      "font-family": "Inter, system-ui, sans-serif", color: colour("--ink"), "text-valign": "bottom", "text-margin-y": 6,
      "text-wrap": "ellipsis", "text-max-width": 150, "background-color": colour("--accent-soft"), "border-width": 1.5,
      "border-color": colour("--accent"),
    } },
    { selector: "node[shape = 'integration']", style: { "background-color": colour("--ok-soft"), "border-color": colour("--ok") } },
    { selector: "node[shape = 'data-object']", style: { "background-color": colour("--warn-soft"), "border-color": colour("--warn") } },
    { selector: "node[shape = 'hidden']", style: { "background-color": colour("--sunken"), "border-color": colour("--control"), "border-style": "dashed" } },
    { selector: "node.root", style: { "border-width": 3, "font-weight": 600 } },
    { selector: "node:selected", style: { "border-width": 4, "border-color": colour("--accent-strong") } },
    { selector: "edge", style: {
      width: 1.5, "curve-style": "bezier", "line-color": colour("--control"), "target-arrow-color": colour("--control"),
      "target-arrow-shape": "triangle", "arrow-scale": 0.9,
    } },
    { selector: "edge.told", style: {  // what joins the chosen node, in words
      label: "data(label)", "font-size": 10, "font-family": "Inter, system-ui, sans-serif", color: colour("--ink-2"),
      "text-background-color": colour("--bg"), "text-background-opacity": 1, "text-background-padding": 2,
    } },
    { selector: ".off", style: { display: "none" } },
  ];
}

const idOf = (edge) => `${edge.source}>${edge.target}>${edge.label}`;

// The library would add a style element, which the page's policy refuses, unless one of this name is there; app.css says the same.
function withoutInlineStyle() {
  const placeholder = document.createElement("template");
  placeholder.id = "__________cytoscape_stylesheet";
  document.head.append(placeholder);
}

async function draw() {
  withoutInlineStyle();
  const [{ default: cytoscape }, { default: dagre }] = await Promise.all([import(box.dataset.cytoscape), import(box.dataset.dagre)]);
  cytoscape.use(dagre);
  box.hidden = false;
  const elements = [
    ...given.nodes.map((node) => ({ data: node, classes: node.id === box.dataset.root ? "root" : "" })),
    ...given.edges.map((edge) => ({ data: { ...edge, id: idOf(edge) } })),
  ];
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const layout = { name: "dagre", rankDir: box.clientWidth < 600 ? "TB" : "LR", nodeSep: 46, rankSep: 120, animate: !still, animationDuration: 200, fit: true, padding: 28 };
  const cy = cytoscape({ container: box, elements, style: looks(), layout: { ...layout, animate: false }, minZoom: 0.15, maxZoom: 2.5 });
  const calm = () => {  // a few nodes need not fill the picture
    if (cy.zoom() > 1.2) {
      cy.zoom(1.2);
      cy.center();
    }
  };
  cy.on("layoutstop", calm);
  calm();
  new MutationObserver(() => cy.style(looks())).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });

  const shown = new Picture(cy, layout);
  for (const id of shown.opened()) await shown.grow(id);
}

const rows = document.querySelector("#graph-rows");
const keyOf = (row) => row.dataset.key;
const calledHere = (id, names) => names.get(id) ?? (id.startsWith("hidden:") ? "" : id);

// What is chosen, opened and hidden; the table and the list of nodes go along with the picture.
class Picture {
  constructor(cy, layout) {
    this.cy = cy;
    this.layout = layout;
    this.note = document.querySelector("#graph-note");
    this.expand = document.querySelector("#graph-expand");
    this.fold = document.querySelector("#graph-fold");
    this.pick = document.querySelector("#graph-pick");
    this.open = new Set();
    cy.on("select", "node", (event) => this.tell(event.target));
    cy.on("unselect", "node", () => this.untell());
    this.expand.addEventListener("click", () => this.act(this.expand, (id) => this.grow(id)));
    this.fold.addEventListener("click", () => this.act(this.fold, (id) => this.shrink(id)));
    this.pick.addEventListener("change", () => {
      const wanted = this.pick.value;  // taking the choice off the node before clears the list
      cy.nodes().unselect();
      if (wanted) cy.getElementById(wanted).select();
    });
    this.legend = document.querySelector("#graph-legend");
    this.legend.addEventListener("change", () => this.filter());
    document.querySelector("#graph-bar").hidden = false;
    this.follow();
  }

  opened() {
    return (new URLSearchParams(location.search).get("open") ?? "").split(",").filter(Boolean).slice(0, 12);
  }

  async act(button, change) {
    const chosen = this.cy.$("node:selected").first();
    if (chosen.empty()) return;
    const isHeld = document.activeElement === button;
    button.disabled = true;
    try {
      await change(chosen.id());
    } finally {
      button.disabled = false;
      this.tell(chosen);
      if (isHeld) (this.expand.hidden ? this.fold : this.expand).focus();  // the keyboard stays where it can go on
    }
  }

  tell(node) {
    const { title, kind, shape, url } = node.data();
    const open = document.querySelector("#graph-open");
    this.note.hidden = false;
    document.querySelector("#graph-title").textContent = title;
    document.querySelector("#graph-kind").textContent = kind;
    this.expand.hidden = shape === "hidden" || this.open.has(node.id());
    this.fold.hidden = !this.open.has(node.id());
    open.hidden = !url;
    open.href = url || "#";
    this.pick.value = node.id();
    this.cy.edges().removeClass("told");
    node.connectedEdges().addClass("told");
  }

  untell() {
    this.note.hidden = true;
    document.querySelector("#graph-more").hidden = true;
    document.querySelector("#graph-failed").hidden = true;
    this.cy.edges().removeClass("told");
    this.pick.value = "";
  }

  async grow(id) {
    if (this.cy.getElementById(id).empty()) return;
    const page = await around(id);
    document.querySelector("#graph-failed").hidden = page !== null;
    if (page === null) return;
    const more = JSON.parse(page.querySelector("#graph-data").textContent);
    const fresh = new Set(more.nodes.map((node) => node.id).filter((node) => this.cy.getElementById(node).empty() && !node.startsWith("hidden:")));
    const names = this.placeholders(more, fresh);
    for (const node of more.nodes) {
      if (fresh.has(node.id) || names.has(node.id)) this.cy.add({ data: { ...node, id: calledHere(node.id, names), by: id } });
    }
    for (const edge of more.edges) this.join({ ...edge, source: calledHere(edge.source, names), target: calledHere(edge.target, names) });
    this.addRows(page, names);
    document.querySelector("#graph-more").hidden = !page.querySelector("#graph-note")?.dataset.more;
    this.open.add(id);
    this.arrange();
  }

  // Placeholders are numbered page by page: one is new where what declares it is, and is then called after it. What is not new has its
  // placeholders already, under other numbers.
  placeholders(more, fresh) {
    const ends = more.edges.flatMap(({ source, target }) => [[source, target], [target, source]]);
    return new Map(ends.filter(([hidden, owner]) => hidden.startsWith("hidden:") && fresh.has(owner)).map(([hidden, owner]) => [hidden, `${hidden}@${owner}`]));
  }

  join(edge) {
    const has = (id) => this.cy.getElementById(id).nonempty();
    if (!has(idOf(edge)) && has(edge.source) && has(edge.target)) this.cy.add({ data: { ...edge, id: idOf(edge) } });
  }

  addRows(page, names) {
    const known = new Set([...rows.rows].map(keyOf));
    for (const row of page.querySelectorAll("#graph-rows tr")) {
      row.dataset.source = calledHere(row.dataset.source, names);
      row.dataset.target = calledHere(row.dataset.target, names);
      const isDrawn = [row.dataset.source, row.dataset.target].every((id) => this.cy.getElementById(id).nonempty());
      if (isDrawn && (!known.has(keyOf(row)) || row.dataset.source.includes("@") || row.dataset.target.includes("@"))) rows.append(document.adoptNode(row));
    }
  }

  // Takes away what was opened from the node, and what was opened from that.
  shrink(id) {
    const gone = this.cy.nodes().filter((node) => node.data("by") === id);
    this.open.delete(id);
    gone.forEach((node) => this.shrink(node.id()));
    this.cy.remove(gone);
    this.arrange();
  }

  arrange() {
    for (const row of [...rows.rows]) {
      if ([row.dataset.source, row.dataset.target].some((id) => this.cy.getElementById(id).empty())) row.remove();
    }
    const here = new URL(location.href);
    if (this.open.size) here.searchParams.set("open", [...this.open].join(","));
    else here.searchParams.delete("open");
    history.replaceState(null, "", here);
    this.follow();
    this.filter();
    this.cy.layout(this.layout).run();
  }

  // The list of nodes and the legend's numbers say what is there now.
  follow() {
    const nodes = this.cy.nodes().map((node) => node.data()).sort((one, other) => one.title.localeCompare(other.title));
    const options = nodes.map((node) => new Option(`${node.title} (${node.kind})`, node.id));
    const chosen = this.pick.value;
    this.pick.replaceChildren(this.pick.options[0], ...options);
    this.pick.value = chosen;
    for (const label of this.legend.querySelectorAll("label")) {
      const count = nodes.filter((node) => node.shape === label.dataset.shape).length;
      label.hidden = count === 0;
      label.querySelector(".num").textContent = count;
    }
  }

  filter() {
    const off = new Set([...this.legend.querySelectorAll("input:not(:checked)")].map((box) => box.value));
    this.cy.nodes().forEach((node) => node.toggleClass("off", off.has(node.data("shape"))));
    for (const row of rows.rows) {
      row.hidden = [row.dataset.source, row.dataset.target].some((id) => this.cy.getElementById(id).hasClass("off"));
    }
  }
}

// The page itself answers with what it would show around the node, so names, words and rights are the server's; null where it does not.
async function around(id) {
  const asked = new URLSearchParams({ node: id, direction: box.dataset.direction });
  try {
    const answer = await fetch(`${location.pathname}?${asked}`, { headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return answer.ok && page.querySelector("#graph-data") ? page : null;
  } catch {
    return null;
  }
}

draw();
