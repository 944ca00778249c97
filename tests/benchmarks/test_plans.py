"""Plans are read of the statements that really run."""

import pytest

from benchmarks.plans import read_plans
from catalog.models import System

pytestmark = pytest.mark.django_db


def test_a_table_read_from_end_to_end_is_told_with_its_statement(given):
    given.system("erp")
    with read_plans() as plans:
        assert list(System.objects.filter(vendor="100% pure")) == []
    assert [scan.table for scan in plans.sequential(over_rows=-2)] == ["catalog_system"]  # never analysed: no figure yet
    assert "100% pure" in plans.found[0][0]
    assert plans.sequential() == []


def test_indexes_in_use_are_named(given):
    row = given.system("erp")
    with read_plans() as plans:
        System.objects.filter(pk=row.pk).update(vendor="x")
        list(System.objects.raw("SELECT * FROM catalog_system WHERE id = %s AND pg_sleep(0) IS NOT NULL", [row.pk]))
    assert len(plans.found) == 1, "what writes is not planned"
    assert plans.indexes() <= {"catalog_system_pkey"}
