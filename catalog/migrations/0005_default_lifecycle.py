"""The first lifecycle, as it was when it was shipped: what has entered it stays on it, whatever later versions ship."""

from django.db import migrations
from datetime import UTC, datetime

DEFINITION = {'initial': 'proposed',
 'stages': [{'key': 'proposed', 'title': 'Proposed', 'kind': 'building'},
            {'key': 'designed', 'title': 'Designed', 'kind': 'building'},
            {'key': 'built', 'title': 'Built', 'kind': 'building'},
            {'key': 'tested', 'title': 'Tested', 'kind': 'building'},
            {'key': 'live', 'title': 'Live', 'kind': 'live'},
            {'key': 'optimizing', 'title': 'Optimizing', 'kind': 'live'},
            {'key': 'deprecated', 'title': 'Deprecated', 'kind': 'leaving'},
            {'key': 'retired', 'title': 'Retired', 'kind': 'final'},
            {'key': 'rejected', 'title': 'Rejected', 'kind': 'final'},
            {'key': 'suspended', 'title': 'Suspended', 'kind': 'halted'}],
 'moves': [{'from': 'proposed',
            'to': 'designed',
            'guards': [{'name': 'owning-team'}, {'name': 'owner-roles'}, {'name': 'systems-and-data-named'}, {'name': 'reuse-check-answered'}]},
           {'from': 'proposed', 'to': 'rejected', 'guards': [{'name': 'nothing-live'}]},
           {'from': 'designed', 'to': 'built', 'guards': [{'name': 'contract-or-classification-set'}, {'name': 'connection-templates-chosen'}]},
           {'from': 'designed', 'to': 'rejected', 'guards': [{'name': 'nothing-live'}]},
           {'from': 'designed', 'to': 'suspended', 'guards': []},
           {'from': 'built', 'to': 'tested', 'guards': [{'name': 'release-exists'}, {'name': 'checks-pass'}, {'name': 'documents-complete'}]},
           {'from': 'built', 'to': 'designed', 'guards': []},
           {'from': 'built', 'to': 'rejected', 'guards': [{'name': 'nothing-live'}]},
           {'from': 'built', 'to': 'suspended', 'guards': []},
           {'from': 'tested',
            'to': 'live',
            'guards': [{'name': 'production-change-completed'},
                       {'name': 'observed-in-production'},
                       {'name': 'health-expectation-set'},
                       {'name': 'support-model-set'}]},
           {'from': 'tested', 'to': 'built', 'guards': []},
           {'from': 'tested', 'to': 'rejected', 'guards': [{'name': 'nothing-live'}]},
           {'from': 'tested', 'to': 'suspended', 'guards': []},
           {'from': 'live', 'to': 'optimizing', 'guards': [{'name': 'roadmap-or-breach'}]},
           {'from': 'live', 'to': 'deprecated', 'guards': [{'name': 'deprecation-dates'}, {'name': 'alternative-named'}, {'name': 'consumers-notified'}]},
           {'from': 'live', 'to': 'suspended', 'guards': []},
           {'from': 'optimizing', 'to': 'live', 'guards': [{'name': 'roadmap-done'}]},
           {'from': 'optimizing', 'to': 'deprecated', 'guards': [{'name': 'deprecation-dates'}, {'name': 'alternative-named'}, {'name': 'consumers-notified'}]},
           {'from': 'optimizing', 'to': 'suspended', 'guards': []},
           {'from': 'deprecated',
            'to': 'retired',
            'guards': [{'name': 'removal-date-passed'},
                       {'name': 'nothing-live'},
                       {'name': 'consumers-acknowledged'},
                       {'name': 'no-traffic-for-days', 'days': 30}]},
           {'from': 'deprecated',
            'to': 'live',
            'guards': [{'name': 'production-change-completed'},
                       {'name': 'observed-in-production'},
                       {'name': 'health-expectation-set'},
                       {'name': 'support-model-set'}]},
           {'from': 'rejected', 'to': 'proposed', 'guards': []},
           {'from': 'suspended',
            'to': 'designed',
            'guards': [{'name': 'owning-team'}, {'name': 'owner-roles'}, {'name': 'systems-and-data-named'}, {'name': 'reuse-check-answered'}]},
           {'from': 'suspended',
            'to': 'live',
            'guards': [{'name': 'production-change-completed'},
                       {'name': 'observed-in-production'},
                       {'name': 'health-expectation-set'},
                       {'name': 'support-model-set'}]},
           {'from': 'suspended', 'to': 'deprecated', 'guards': [{'name': 'deprecation-dates'}, {'name': 'alternative-named'}, {'name': 'consumers-notified'}]},
           {'from': 'suspended', 'to': 'rejected', 'guards': [{'name': 'nothing-live'}]}],
 'on_live': {'from': ['proposed', 'designed', 'built', 'tested'], 'to': 'live'}}


def publish(apps, schema_editor):
    model = apps.get_model("catalog", "LifecycleModel")
    first = {"title": "The default lifecycle", "definition": DEFINITION, "published_at": datetime.now(UTC)}
    model.objects.using(schema_editor.connection.alias).get_or_create(number=1, defaults=first)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_live_release_history")]

    operations = [migrations.RunPython(publish, migrations.RunPython.noop)]
