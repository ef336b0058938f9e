"""A piece of the graph is sent as a file with a name that cannot break out of its header."""

from __future__ import annotations

from tests.api.conftest import Client


def test_a_piece_is_a_file_to_keep(client: Client) -> None:
    found = client.get('/api/v1/export/account/a"b?form=gexf&hops=2')
    assert found.status_code == 200
    assert found.text == 'account a"b gexf 2'
    assert found.headers["content-disposition"] == 'attachment; filename="account-a-b.gexf"'


def test_a_subject_form_or_reach_that_does_not_exist_is_refused(client: Client) -> None:
    for path in ("/api/v1/export/planet/x", "/api/v1/export/ring/x?form=dot", "/api/v1/export/account/x?hops=9"):
        assert client.get(path).status_code == 422
