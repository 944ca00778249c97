"""Ask axe-core what is wrong with a page."""

from typing import Any

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def problems_of(page: Any, axe: str) -> list[str]:
    """Every violation as rule, element and what would mend it; empty when axe finds nothing."""
    page.evaluate(axe)
    found = page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", TAGS)
    return [f"{rule['id']}: {node['html'][:160]} {node['failureSummary']}" for rule in found["violations"] for node in rule["nodes"]]
