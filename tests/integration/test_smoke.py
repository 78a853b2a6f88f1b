import pytest
from django.db import connection
@pytest.mark.django_db
def test_role():
    with connection.cursor() as c:
        c.execute("select current_user, version()")
        print(c.fetchone())
@pytest.mark.django_db(transaction=True)
def test_tx():
    from rongtong.core.models import Event
    from rongtong.core.clock import now
    Event.objects.create(name="x",subject="y",occurred_at=now())
    assert Event.objects.count()==1
