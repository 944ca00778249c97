"""What is read from workflows and flows: systems, roles, data objects, triggers, models and what reaches them."""

import json

import pytest

from catalog.domain.imports import read_file
from catalog.domain.imports.addresses import place_of
from catalog.domain.imports.operations import of_method, of_word
from catalog.domain.imports.personal import kinds_of
from tests.catalog.imports.files import chain, ends, node, only, read, workflow

LANGCHAIN = "@n8n/n8n-nodes-langchain."


@pytest.mark.parametrize(
    ("address", "system", "kept"),
    [
        ("https://api.github.com/repos/a/b", "github", "https://api.github.com/repos/a/b"),
        ("=https://shop.acme.co.uk/orders/{{ $json.id }}?q=1", "acme", "https://shop.acme.co.uk/orders/\N{HORIZONTAL ELLIPSIS}"),
        ("api.hubapi.com/crm/v3/objects", "hubspot", "api.hubapi.com/crm/v3/objects"),
        ("https://generativelanguage.googleapis.com/v1beta/models/gemini-pro:generateContent", "google-gemini", None),
        ("https://www.googleapis.com/youtube/v3/videos", "youtube", None),
        ("http://elasticsearch:9200", "elasticsearch", "http://elasticsearch:9200"),
        ("http://erp-backend:8080/x", "host-erp-backend", None),
        ("http://10.1.2.3:8080/x", "host-10-1-2-3", "http://10.1.2.3:8080/x"),
        (
            "https://hooks.slack.com/services/T0AB12CDE/B0AB12CDE/abcdefghij1234567890abcd",
            "slack",
            "https://hooks.slack.com/services/…/…/…",
        ),
        ("https://me:pw@x.acme.com/a", "acme", "https://x.acme.com/a"),
        ("https://https://x.acme.com/a", "acme", "https://x.acme.com/a"),
        ("http://localhost:1880/a", None, None),
        ("http://127.0.0.1/a", None, None),
        ("https://your-domain.com/a", None, None),
        ("https://api.example.com/a", None, None),
        ("={{ $json.url }}", None, None),
        ("https://{{ $vars.host }}/a", None, None),
        ("COLLECTION_URL", None, None),
        (None, None, None),
        (["x"], None, None),
    ],
)
def test_addresses_name_systems(address, system, kept):
    place = place_of(address)
    assert (place.system.slug if place.system else None) == system
    if kept is not None:
        assert place.address == kept


@pytest.mark.parametrize(
    ("word", "operation"),
    [
        ("getAll", "read"),
        ("appendOrUpdate", "update"),
        ("sendAndWait", "notify"),
        ("deleteRecord", "delete"),
        ("create", "create"),
        ("xyz", None),
    ],
)
def test_words_name_operations(word, operation):
    assert of_word(word) == operation


@pytest.mark.parametrize(
    ("kind", "parameters", "end"),
    [
        (
            "airtable",
            {"operation": "search", "table": {"value": "tblX", "cachedResultName": "Leads"}},
            ("airtable", "source", "read", "lead"),
        ),
        ("airtable", {"operation": "search", "table": {"value": "tblokH7uw63RpIlQ0"}}, ("airtable", "source", "read", None)),
        ("googleSheets", {"sheetName": {"value": "gid=0", "cachedResultName": "Sheet1"}}, ("google-sheets", "source", "read", None)),
        ("googleSheets", {"sheetName": {"mode": "name", "value": "List of URLs"}}, ("google-sheets", "source", "read", "list-of-url")),
        (
            "postgres",
            {"operation": "executeQuery", "query": "SELECT * FROM shop.orders o JOIN x ON 1=1"},
            ("postgres", "source", "read", "order"),
        ),
        (
            "postgres",
            {"operation": "executeQuery", "query": "select * from information_schema.columns"},
            ("postgres", "source", "read", None),
        ),
        ("crateDb", {"table": "machine_data"}, ("cratedb", "target", "create", "machine-data")),
        ("postgres", {"table": "={{ $json.table }}"}, ("postgres", "target", "create", None)),
        ("gmail", {"resource": "label", "operation": "create"}, ("gmail", "target", "create", "label")),
        ("slack", {"operation": "post"}, ("slack", "target", "notify", None)),
        ("storyblok", {"resource": "story", "operation": "publish"}, ("storyblok", "target", "update", "story")),
        ("deepL", {"operation": "translate"}, ("deepl", "enrichment", "read", None)),
        ("hackerNews", {}, ("hacker-news", "source", "read", None)),
        ("disqus", {}, ("disqus", "source", "read", None)),
        ("httpRequest", {"url": "https://api.firecrawl.dev/v0/scrape", "method": "POST"}, ("firecrawl", "source", "read", None)),
        ("httpRequest", {"url": "https://www.googleapis.com/upload/youtube/v3/videos"}, ("youtube", "source", "read", None)),
        ("httpRequest", {"url": "https://environment.data.gov.uk/stations"}, ("data-gov-uk", "source", "read", None)),
    ],
)
def test_steps_name_what_they_touch(kind, parameters, end):
    assert ends(workflow(node("Step", kind, parameters))) == {end}


def test_types_of_columns_are_no_part_of_their_names():
    step = node("Page", "notion", {"propertiesUi": {"propertyValues": [{"key": "E-mail|rich_text"}]}})
    assert only(workflow(step)).endpoints[0].fields == ("E-mail",)


@pytest.mark.parametrize(
    ("url", "is_model"),
    [
        ("https://huggingface.co/papers", False),
        ("https://openai.com/blog", False),
        ("https://api-inference.huggingface.co/models/x", True),
        ("https://api.openai.com/v1/responses", True),
        ("https://openrouter.ai/api/v1/chat", True),
    ],
)
def test_reading_a_providers_web_site_calls_no_model(url, is_model):
    assert bool(only(workflow(node("Call", "httpRequest", {"url": url}))).ai_use) is is_model


def test_kinds_of_data_are_told_once():
    flow = workflow(
        node("Ask", "chatTrigger"), node("Say", "set", {"assignments": {"assignments": [{"name": "message"}]}}), node("Model", "openAi")
    )
    assert [use.data for use in only(flow).ai_use] == [("message",)]


def test_a_name_of_a_file_is_no_authorization_header():
    assert only(workflow(node("X", "slack"), name=""), "cookbook basic delete-message-property.json").title == (
        "cookbook basic delete-message-property"
    )


def test_methods_name_operations():
    assert [of_method(method) for method in ("GET", "post", "PATCH", "DELETE", None, "LINK")] == [
        "read",
        "create",
        "update",
        "delete",
        "read",
        "read",
    ]
    assert of_method("POST", "https://x.com/contacts/search") == "read"


def test_names_give_kinds_of_personal_data_away():
    assert kinds_of(["E-Mail", "firstName", "shipping_address", "total"]) == ["address", "email", "name"]
    assert kinds_of(["name"]) == []
    assert kinds_of(["name", "phone"]) == ["name", "phone"]


def test_a_workflow_reads_from_one_system_and_writes_to_another():
    flow = workflow(
        node("Every hour", "scheduleTrigger", {"rule": {"interval": [{"field": "hours", "hoursInterval": 2}]}}),
        node("Contacts", "hubspot", {"resource": "contact", "operation": "getAll"}),
        node("Shape", "set", {"values": {"string": [{"name": "email"}]}}),
        node("Rows", "googleSheets", {"operation": "append", "columns": {"value": {"Email": "={{ $json.email }}"}}}),
        node("Tell", "slack", {"text": "done"}),
        node("Old", "salesforce", disabled=True),
    )
    assert ends(flow) == {
        ("hubspot", "source", "read", "contact"),
        ("google-sheets", "target", "create", None),
        ("slack", "target", "notify", None),
    }
    draft = only(flow)
    assert draft.trigger == "schedule: every 2 hours"
    assert {end.system: (end.fields, end.cadence) for end in draft.endpoints}["google-sheets"] == (("Email",), "")
    assert {end.system: end.cadence for end in draft.endpoints}["hubspot"] == "every 2 hours"


def test_a_generic_call_yields_its_hosts_system():
    flow = workflow(
        node("Ask", "httpRequest", {"url": "https://api.acme.io/v1/orders"}),
        node("Put", "httpRequest", {"url": "https://erp.contoso.com/orders", "method": "PUT"}),
        node("Somewhere", "httpRequest", {"url": "={{ $json.url }}"}),
        node("By key", "httpRequest", {"url": "={{ $json.url }}", "nodeCredentialType": "hubspotOAuth2Api"}),
    )
    assert {(end[0], end[2]) for end in ends(flow)} == {("acme", "read"), ("contoso", "update"), ("hubspot", "read")}
    assert any("Somewhere" in remark for remark in read(flow).remarks)


def test_a_model_is_told_with_what_reaches_it():
    flow = workflow(
        node("Form", "formTrigger", {"formFields": {"values": [{"fieldLabel": "Email"}, {"fieldLabel": "First name"}]}}),
        node("Contact", "hubspot", {"resource": "contact", "operation": "get"}),
        node("Agent", LANGCHAIN + "agent", {"text": "={{ $json.message }}"}),
        node("Model", LANGCHAIN + "lmChatOpenAi", {"model": {"__rl": True, "value": "gpt-4o-mini"}}),
        node("Docs", LANGCHAIN + "vectorStoreQdrant", {"mode": "retrieve-as-tool"}),
        node("After", "salesforce", {"resource": "lead", "operation": "create"}),
        connections={
            **chain("Form", "Contact", "Agent", "After"),
            **chain("Model", "Agent", kind="ai_languageModel"),
            **chain("Docs", "Agent", kind="ai_tool"),
        },
    )
    (use,) = only(flow).ai_use
    assert (use.provider, use.model, use.node) == ("openai", "gpt-4o-mini", "Model")
    assert use.data == ("email", "message", "name", "HubSpot contact", "Qdrant", "form answer")
    assert ("openai", "enrichment", "read", None) in ends(flow)


@pytest.mark.parametrize(
    ("step", "provider", "model"),
    [
        (node("A", LANGCHAIN + "lmChatAnthropic", {"model": "claude-3-5-sonnet"}), "anthropic", "claude-3-5-sonnet"),
        (node("A", LANGCHAIN + "lmChatGoogleGemini", {"modelName": "models/gemini-1.5-pro"}), "google-gemini", "gemini-1.5-pro"),
        (node("A", LANGCHAIN + "lmOllama", {}), "ollama", "not named"),
        (node("A", LANGCHAIN + "embeddingsMistralCloud", {}), "mistral", "not named"),
        (node("A", LANGCHAIN + "openAi", {"modelId": {"value": "gpt-4o"}}), "openai", "gpt-4o"),
        (node("A", LANGCHAIN + "lmChatSomethingNew", {"model": "x-1"}), "something-new", "x-1"),
        (node("A", "openAi", {"model": "={{ $json.m }}"}), "openai", "chosen at run time"),
        (node("A", "httpRequest", {"url": "https://api.openai.com/v1/x", "jsonBody": '{"model": "gpt-4"}'}), "openai", "gpt-4"),
        (node("A", "httpRequest", {"url": "https://api.mistral.ai/v1/embeddings", "method": "POST"}), "mistral", "not named"),
        (node("A", LANGCHAIN + "lmOpenHuggingFaceInference", {"model": "mistralai/Mistral-7B"}), "hugging-face", "mistralai/Mistral-7B"),
    ],
)
def test_models_are_found_by_node_and_by_address(step, provider, model):
    (use,) = only(workflow(step)).ai_use
    assert (use.provider, use.model) == (provider, model)


def test_nodes_without_ids_and_edges_to_nowhere_do_no_harm():
    flow = {
        "nodes": [{"type": "n8n-nodes-base.hubspot"}, {"name": "B", "type": "n8n-nodes-base.slack", "parameters": None}, "x", {}],
        "connections": {"B": {"main": [None, [{"node": "gone"}], "x"]}, "gone": {"main": [[{"node": "nowhere"}]]}, "C": None},
    }
    assert {end[0] for end in ends(flow, "folder/my_flow.v2.json")} == {"hubspot", "slack"}
    assert only(flow, "folder/my_flow.json").title == "my flow"
    assert any("not there" in remark for remark in read(flow).remarks)


def test_a_trigger_of_a_product_alone_is_an_integration_and_one_by_hand_is_not():
    assert ends(workflow(node("A", "stripeTrigger"))) == {("stripe", "source", "read", None)}
    assert only(workflow(node("A", "stripeTrigger"))).trigger == "event of Stripe"
    assert isinstance(read_file("a.json", json.dumps(workflow(node("A", "manualTrigger"))).encode()), str)


def test_several_workflows_keep_their_own_identity():
    first, second = workflow(node("A", "hubspot"), id="w1"), workflow(node("B", "slack"), id="w2")
    assert [draft.part for draft in read([first, second]).integrations] == ["w1", "w2"]
    assert [draft.part for draft in read([second, first]).integrations] == ["w2", "w1"]


def test_a_workflow_of_notes_is_nothing():
    assert "No node" in read_file("a.json", b'{"nodes": [{"type": "n8n-nodes-base.stickyNote"}], "connections": {}}')


def tab(*nodes, **more):
    return [{"id": "t1", "type": "tab", "label": "Orders", **more}, *({"z": "t1", **each} for each in nodes)]


def test_a_tab_is_an_integration_and_config_nodes_say_where():
    flow = tab(
        {"id": "a", "type": "mqtt in", "broker": "c", "topic": "orders", "wires": [["b"]]},
        {"id": "b", "type": "function", "func": "msg.payload.email = 1", "wires": [["d"]]},
        {"id": "d", "type": "http request", "method": "POST", "url": "https://api.acme.com/orders", "wires": [["e"]]},
        {"id": "e", "type": "debug", "wires": []},
    )
    flow.append({"id": "c", "type": "mqtt-broker", "broker": "broker.factory.net", "port": "1883"})
    draft = only(flow)
    assert (draft.part, draft.title) == ("t1", "Orders")
    assert ends(flow) == {("factory", "source", "read", None), ("acme", "target", "create", None)}


def test_tabs_subflows_and_loose_nodes():
    flow = [
        {"id": "t1", "type": "tab", "label": "One"},
        {"id": "t2", "type": "tab", "label": "Two"},
        {"id": "t3", "type": "tab", "label": "Off", "disabled": True},
        {"id": "s", "type": "subflow", "name": "Send on"},
        {"id": "s1", "type": "http request", "z": "s", "method": "PUT", "url": "https://api.acme.com/x", "wires": [["s"]]},
        {"id": "s2", "type": "subflow:s", "z": "s", "wires": []},
        {"id": "a", "type": "subflow:s", "z": "t1", "wires": []},
        {"id": "b", "type": "function", "z": "t2", "wires": []},
        {"id": "c", "type": "function", "z": "elsewhere", "wires": []},
        {"id": "d", "type": "function", "z": "t3", "wires": []},
        {"type": "function", "wires": []},
    ]
    found = read(flow)
    assert [draft.part for draft in found.integrations] == ["t1", "t2", ""]
    assert [(end.system, end.operation) for end in found.integrations[0].endpoints] == [("acme", "update")]
    assert [(part.part, part.kind, part.title) for part in found.components] == [("subflow:s", "sub-flow", "Send on")]
    assert found.integrations[1].endpoints == ()


def test_a_node_red_model_is_told():
    flow = tab(
        {"id": "a", "type": "telegram receiver", "wires": [["b"]]},
        {"id": "b", "type": "function", "func": "return {payload: msg.payload.customer_email}", "wires": [["c"]]},
        {"id": "c", "type": "openai-api", "model": "gpt-4o", "wires": [[]]},
    )
    (use,) = only(flow).ai_use
    assert (use.provider, use.model, use.data) == ("openai", "gpt-4o", ("email", "Telegram"))
