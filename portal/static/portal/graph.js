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
    { selector: "node.root", style: { "border-width": 3, "font-weight": 650 } },
    { selector: "node:selected", style: { "border-width": 4, "border-color": colour("--accent-strong") } },
    { selector: "edge", style: {
      width: 1.5, "curve-style": "bezier", "line-color": colour("--control"), "target-arrow-color": colour("--control"),
      "target-arrow-shape": "triangle", "arrow-scale": 0.9,
    } },
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
  const cy = cytoscape({ container: box, elements, style: looks(), layout: { ...layout, animate: false }, minZoom: 0.15, maxZoom: 2.5, wheelSensitivity: 0.25 });
  const calm = () => {  // a few nodes need not fill the picture
    if (cy.zoom() > 1.2) {
      cy.zoom(1.2);
      cy.center();
    }
  };
  cy.on("layoutstop", calm);
  calm();
  new MutationObserver(() => cy.style(looks())).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });

  const note = document.querySelector("#graph-note");
  const expand = document.querySelector("#graph-expand");
  const open = document.querySelector("#graph-open");
  cy.on("select", "node", (event) => {
    const node = event.target.data();
    note.hidden = false;
    document.querySelector("#graph-title").textContent = node.title;
    document.querySelector("#graph-kind").textContent = node.kind;
    document.querySelector("#graph-more").hidden = true;
    expand.hidden = node.shape === "hidden";
    open.hidden = !node.url;
    open.href = node.url || "#";
  });
  cy.on("unselect", "node", () => { note.hidden = true; });
  expand.addEventListener("click", async () => {
    const chosen = cy.$("node:selected").first();
    if (chosen.empty()) return;
    expand.disabled = true;
    try {
      await grow(cy, chosen.id(), layout);
    } finally {
      expand.disabled = false;
    }
  });
}

// The page itself answers with what it would show around the node, so names, words and rights are the server's.
async function grow(cy, id, layout) {
  const answer = await fetch(`${location.pathname}?${new URLSearchParams({ node: id })}`, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const more = JSON.parse(page.querySelector("#graph-data").textContent);
  const fresh = [
    ...more.nodes.filter((node) => cy.getElementById(node.id).empty() && node.shape !== "hidden").map((data) => ({ data })),
  ];
  cy.add(fresh);
  cy.add(more.edges.filter((edge) => cy.getElementById(idOf(edge)).empty() && cy.getElementById(edge.source).nonempty() && cy.getElementById(edge.target).nonempty())
    .map((edge) => ({ data: { ...edge, id: idOf(edge) } })));
  document.querySelector("#graph-more").hidden = !page.querySelector("#graph-note")?.dataset.more;
  cy.layout(layout).run();
}

draw();
