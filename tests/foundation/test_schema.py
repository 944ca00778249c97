"""Every operation's description carries the list parameters, the headers and the problem answers."""

from drf_spectacular.generators import SchemaGenerator

from tests.foundation import world


def test_the_schema_describes_what_every_operation_shares(api):
    schema = SchemaGenerator(patterns=world.urlpatterns).get_schema(request=None, public=True)
    read, make = schema["paths"]["/api/rows"]["get"], schema["paths"]["/api/rows"]["post"]
    assert {"status__gte", "sort", "limit", "cursor"} <= {each["name"] for each in read["parameters"]}
    assert "Idempotency-Key" in {each["name"] for each in make["parameters"]}
    assert make["responses"]["422"]["content"]["application/problem+json"]["schema"]["$ref"].endswith("/Problem")
    assert "422" not in read["responses"]
    assert schema["components"]["schemas"]["Problem"]["required"]
