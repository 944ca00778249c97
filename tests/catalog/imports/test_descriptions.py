"""What is read from connectors, DAGs, catalogs and API descriptions."""

import json

import pytest

from catalog.domain.imports import FileDraft, read_file
from tests.catalog.imports.files import ends, only, read

JDBC = {
    "connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector",
    "connection.url": "jdbc:mysql://shop-db:3306/demo?user=x&password=y",
    "connection.password": "hunter2",
    "table.whitelist": "demo.customers,demo.orders",
    "poll.interval.ms": 60000,
}


def test_a_connector_joins_kafka_and_a_database():
    assert ends(JDBC) == {
        ("mysql", "source", "read", "customer"),
        ("mysql", "source", "read", "order"),
        ("kafka", "target", "create", "customer"),
        ("kafka", "target", "create", "order"),
    }
    draft = only({"name": "shop", "config": JDBC})
    assert (draft.title, draft.type, draft.trigger) == ("shop", "connector", "schedule: every minute")
    assert {end.address for end in draft.endpoints if end.system == "mysql"} == {"jdbc:mysql://shop-db:3306/demo"}


@pytest.mark.parametrize(
    ("connector", "more", "system", "role"),
    [
        ("io.confluent.connect.elasticsearch.ElasticsearchSinkConnector", {"topics": "a"}, "elasticsearch", "target"),
        ("ElasticsearchSink", {"topics": "a"}, "elasticsearch", "target"),
        ("io.debezium.connector.postgresql.PostgresConnector", {"database.hostname": "db"}, "postgres", "source"),
        ("io.debezium.connector.mysql.MySqlConnector", {}, "mysql", "source"),
        ("io.confluent.connect.s3.S3SinkConnector", {"topics": "a"}, "aws-s3", "target"),
        ("com.wepay.kafka.connect.bigquery.BigQuerySinkConnector", {"topics": "a"}, "bigquery", "target"),
        ("io.confluent.salesforce.SalesforceCdcSourceConnector", {}, "salesforce", "source"),
        ("io.confluent.connect.http.HttpSinkConnector", {"topics": "a", "http.api.url": "https://api.acme.com/x"}, "acme", "target"),
        ("org.apache.kafka.connect.file.FileStreamSinkConnector", {"topics": "a"}, "local-files", "target"),
        ("com.acme.connect.FancySourceConnector", {"kafka.topic": "a"}, "fancy", "source"),
    ],
)
def test_connector_classes_name_systems(connector, more, system, role):
    assert (system, role) in {(end[0], end[1]) for end in ends({"connector.class": connector, **more})}


def test_properties_and_lists_of_connectors():
    text = "# sink\nname=files\nconnector.class=FileStreamSink\ntopics=orders\nfile=/tmp/x\n"
    assert ("local-files", "target", "create", "order") in ends(text.encode(), "sink.properties")
    many = read({"a": {"info": {"name": "a", "config": JDBC}}, "b": {"info": {"name": "b", "config": JDBC}}})
    assert [draft.part for draft in many.integrations] == ["a", "b"]


def test_connectors_of_an_operator():
    text = "kind: KafkaConnector\nmetadata: {name: files}\nspec: {class: FileStreamSink, config: {topics: a1}}\n"
    assert only(text.encode(), "c.yaml").title == "files"
    assert [draft.part for draft in read((text + "---\n" + text.replace("files", "more")).encode(), "c.yaml").integrations] == [
        "files",
        "more",
    ]
    assert isinstance(read_file("k.yaml", b"apiVersion: apps/v1\nkind: Deployment\nspec: {replicas: 1}\n"), str)


DAGS = """
default:
  default_args: {owner: data}
  schedule: "@daily"
  tasks:
    load: {operator: airflow.providers.postgres.operators.postgres.PostgresOperator, sql: "INSERT INTO orders VALUES (1)"}
orders:
  description: Orders into the warehouse
  tags: [orders]
  doc_md: "# Read me"
  tasks:
    fetch:
      operator: airflow.providers.http.operators.http.HttpOperator
      http_conn_id: shop_api
      method: GET
      endpoint: /orders
      outlets: ['s3://lake/raw/orders.json']
    copy: {operator: airflow.providers.amazon.aws.transfers.s3_to_redshift.S3ToRedshiftOperator}
    call: {operator: airflow.operators.bash.BashOperator, bash_command: "curl -s https://api.acme.com/rates"}
    own: {operator: acme.operators.SpecialOperator}
inherits: {}
waits:
  schedule: ['s3://lake/raw/orders.json']
  tasks: [{task_id: go, operator: airflow.operators.empty.EmptyOperator}]
"""


def test_dags_inherit_and_name_their_systems():
    found = {draft.part: draft for draft in read(DAGS.encode(), "dags.yml").integrations}
    assert set(found) == {"orders", "inherits", "waits"}
    orders = {(end.system, end.role, end.operation) for end in found["orders"].endpoints}
    assert orders >= {
        ("shop-api", "source", "read"),
        ("aws-s3", "target", "create"),
        ("aws-s3", "source", "read"),
        ("redshift", "target", "create"),
        ("acme", "source", "read"),
    }
    assert found["orders"].trigger == "schedule: @daily"
    assert found["orders"].notes == "# Read me"
    assert [(end.system, end.operation) for end in found["inherits"].endpoints] == [("postgres", "create")]
    assert [(end.system, end.role, end.data_object) for end in found["waits"].endpoints] == [
        ("aws-s3", "source", "order"),
        ("postgres", "target", None),
    ]
    assert found["waits"].trigger == "data sets"


def test_defaults_alone_are_no_dag():
    assert "only defaults" in read_file("d.yml", b"default_args: {owner: x}")


ENTITIES = """
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: payments, title: Payments}
spec: {owner: group:default/fin}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: ledger}
spec: {type: service, owner: fin, providesApis: [ledger-api]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: shop}
spec: {type: website, owner: 'user:eve', consumesApis: ['api:default/ledger-api']}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: money-lib}
spec: {type: library}
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: ledger-api, description: Bookings}
spec: {type: openapi, system: payments, definition: "openapi: 3.0.0\\nservers: [{url: 'https://ledger.acme.com/v1'}]"}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: fin}
spec: {}
---
"""


def test_a_catalog_file_gives_systems_apis_and_components():
    found = read(ENTITIES.encode(), "catalog-info.yaml")
    assert {system.slug for system in found.systems} == {"payments", "ledger", "shop"}
    assert [(part.title, part.kind) for part in found.components] == [("money-lib", "script")]
    (api,) = found.integrations
    assert (api.part, api.type) == ("api:default/ledger-api", "api")
    assert {(end.system, end.role) for end in api.endpoints} == {("ledger", "source"), ("shop", "target")}
    assert api.endpoints[0].address == "https://ledger.acme.com/v1"
    assert any("Group" in remark for remark in found.remarks)
    assert any("group:default/fin" in remark for remark in found.remarks)


def test_what_entities_say_of_each_other_becomes_relations():
    found = read(ENTITIES.encode(), "catalog-info.yaml")
    assert {(each.source, each.type, each.target) for each in found.relations} == {
        ("component:default/ledger", "feeds", "api:default/ledger-api"),
        ("component:default/shop", "calls", "api:default/ledger-api"),
        ("api:default/ledger-api", "part-of", "system:default/payments"),
    }
    assert set(found.owners) == {"group:default/fin", "fin", "user:eve"}
    assert found.integrations[0].owner == ""


@pytest.mark.parametrize(
    ("spec", "relation"),
    [
        ("dependsOn: ['resource:db']", ("component:default/x", "depends-on", "resource:default/db")),
        ("dependsOn: [Component:shop/y]", ("component:default/x", "depends-on", "component:shop/y")),
        ("dependencyOf: ['component:y']", ("component:default/y", "depends-on", "component:default/x")),
        ("subcomponentOf: y", ("component:default/x", "part-of", "component:default/y")),
        ("system: y", ("component:default/x", "part-of", "system:default/y")),
        ("providesApis: [x]", ("component:default/x", "feeds", "api:default/x")),
    ],
)
def test_relations_by_their_field(spec, relation):
    text = f"apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: x}}\nspec: {{type: service, {spec}}}\n"
    assert [(each.source, each.type, each.target) for each in read(text.encode(), "c.yaml").relations] == [relation]


def test_nothing_relates_to_itself_and_holes_are_no_names():
    spec = "system: x, dependsOn: ['component:x', '${{ values.db }}', 7]"
    text = f"apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: x}}\nspec: {{type: service, {spec}}}\n"
    assert read(text.encode(), "c.yaml").relations == ()


def test_one_identity_twice_in_a_file_is_read_once():
    api = "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {name: a}\nspec: {type: openapi, system: s}\n---\n"
    found = read((api * 2).encode(), "c.yaml")
    assert len(found.integrations) == 1
    assert any("the first was read: a" in remark for remark in found.remarks)


def test_an_mcp_server_is_where_its_address_leads():
    text = "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {name: a}\nspec: {type: mcp-server, remotes: [{url: 'https://api.acme.com/mcp'}]}"
    assert [(end.system, end.address) for end in only(text.encode(), "c.yaml").endpoints] == [("acme", "https://api.acme.com/mcp")]


def test_a_scaffolder_template_does_not_exist_yet():
    text = "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: {name: x}\nspec: {type: service}\n"
    assert "template" in read_file("t.yaml", text.encode())
    hole = 'apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: "${{ values.name }}"}\nspec: {type: service}\n'
    assert "template" in read_file("t.yaml", hole.encode())


OPENAPI = {
    "openapi": "3.1.0",
    "info": {"title": "Shop API", "description": "Orders of the shop"},
    "servers": [{"url": "https://{region}.acme.com/v1", "variables": {"region": {"default": "eu"}}}],
    "paths": {
        "/customers/{id}/orders": {
            "get": {"responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Orders"}}}}}},
            "post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}},
        },
        "/customers/{id}": {"delete": {}, "parameters": []},
        "/payments/{id}/refund": {"post": {}},
    },
    "webhooks": {"order.created": {"post": {}}},
    "components": {
        "schemas": {
            "Orders": {"type": "array", "items": {"$ref": "#/components/schemas/Order"}},
            "Order": {
                "properties": {"id": {}, "email": {}, "self": {"$ref": "#/components/schemas/Order"}},
                "allOf": [{"$ref": "#/components/schemas/Order"}],
            },
        }
    },
}


def test_an_api_has_an_end_for_each_object_and_operation():
    assert ends(OPENAPI) == {
        ("acme", "source", "read", "order"),
        ("acme", "target", "create", "order"),
        ("acme", "target", "delete", "customer"),
        ("acme", "target", "create", "payment"),
        ("acme", "target", "notify", "order"),
    }
    draft = only(OPENAPI)
    assert (draft.type, draft.title, draft.purpose) == ("api", "Shop API", "Orders of the shop")
    assert {end.fields for end in draft.endpoints if end.operation == "read"} == {("id", "email", "self")}


def test_swagger_2_and_asyncapi():
    swagger = {
        "swagger": "2.0",
        "info": {"title": "X"},
        "host": "api.acme.com",
        "basePath": "/v2",
        "schemes": ["https"],
        "paths": {"/orders": {"get": {}}},
    }
    assert [end.address for end in only(swagger).endpoints] == ["https://api.acme.com/v2"]
    two = {
        "asyncapi": "2.6.0",
        "info": {"title": "Orders"},
        "servers": {"p": {"url": "mqtt://broker.acme.com"}},
        "channels": {"shop.order.created": {"subscribe": {}}},
    }
    assert ends(two) == {("acme", "source", "read", "order")}
    three = {
        "asyncapi": "3.0.0",
        "info": {"title": "Orders of Adyen"},
        "channels": {"c": {"address": "orders/created"}},
        "operations": {"o": {"action": "receive", "channel": {"$ref": "#/channels/c"}}},
    }
    assert ends(three) == {("adyen", "target", "notify", "created")}
    assert only(three).type == "event-subscription"


def test_the_system_without_a_server_is_named_by_contact_or_title():
    bare = {
        "openapi": "3.0.0",
        "info": {"title": "Configuration webhooks", "contact": {"name": "Adyen Team"}},
        "webhooks": {"account.updated": {"post": {}}},
    }
    found = read(bare)
    assert [system.slug for system in found.systems] == ["adyen"]
    assert found.remarks


def test_a_description_of_nothing_is_refused():
    assert isinstance(read_file("x.json", b'{"openapi": "3.0.0", "info": {}, "paths": {}}'), str)
    assert not isinstance(read_file("x.json", b'{"openapi": "3.0.0", "info": {}, "paths": {}}'), FileDraft)


def test_schemas_that_fan_out_are_looked_at_a_bounded_number_of_times():
    fan = {"allOf": [{"$ref": "#/components/schemas/Fan"}] * 40, "properties": {"id": {}}}
    call = {"get": {"responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Fan"}}}}}}}
    wide = {
        "openapi": "3.0.0",
        "info": {"title": "x"},
        "paths": {f"/orders{n}": call for n in range(50)},
        "components": {"schemas": {"Fan": fan}},
    }
    assert {end.fields for end in only(wide).endpoints} == {("id",)}


def test_subflows_that_multiply_are_read_once_each():
    flow = [{"id": "t", "type": "tab"}, *({"id": f"t{n}", "z": "t", "type": "subflow:s0", "wires": []} for n in range(30))]
    for level in range(7):
        inner = f"subflow:s{level + 1}" if level < 6 else "http request"
        flow.append({"id": f"s{level}", "type": "subflow"})
        flow += [{"id": f"{level}-{n}", "z": f"s{level}", "type": inner, "url": "https://a.acme.com", "wires": []} for n in range(30)]
    assert [end.system for end in only(flow).endpoints] == ["acme"]


@pytest.mark.parametrize(
    "value",
    [
        [{"nodes": [], "connections": {}}] * 1001,
        [{"connector.class": "FileStreamSink"}] * 1001,
        {f"dag{n}": {"tasks": []} for n in range(1001)},
        [{"id": f"t{n}", "type": "tab"} for n in range(1001)],
    ],
    ids=["workflows", "connectors", "DAGs", "tabs"],
)
def test_a_file_of_too_many_flows_is_refused(value):
    assert "more than 1000" in read_file("x.json", json.dumps(value).encode())


@pytest.mark.parametrize(
    ("name", "operation"), [("getGiftCertificate", "read"), ("searchOrders", "read"), ("createOrder", "create"), ("", "create")]
)
def test_a_post_that_is_called_a_read_reads(name, operation):
    document = {"openapi": "3.0.0", "info": {"title": "Shop"}, "servers": [{"url": "https://shop.acme.com"}]}
    document["paths"] = {"/gift": {"post": {"operationId": name, "responses": {}}}}
    assert {end[2] for end in ends(document)} == {operation}


def test_fields_come_from_bodies_of_any_media_type():
    schema = {"type": "object", "properties": {"data": {"properties": {"attributes": {"properties": {"email": {}}}}}}}
    call = {"requestBody": {"content": {"application/vnd.api+json": {"schema": schema}}}, "responses": {}}
    document = {
        "openapi": "3.0.0",
        "info": {"title": "Shop"},
        "paths": {"/profiles": {"post": call}},
        "servers": [{"url": "https://a.acme.com"}],
    }
    assert "email" in only(document).endpoints[0].fields
