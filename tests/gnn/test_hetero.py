"""An extract as PyG data has every node and link of its kind."""

from __future__ import annotations

from tests.cypher.test_export import HOSTILE, PIECE


def test_a_piece_becomes_typed_nodes_and_links_with_their_numbers() -> None:
    from gnn.hetero import hetero_of

    data = hetero_of(PIECE)
    assert data["Account"].ids == sorted(["a", "b", HOSTILE])
    assert data["Device"].num_nodes == 1
    assert set(data.edge_types) == {
        ("Account", "SENT", "Account"),
        ("Account", "USED_DEVICE", "Device"),
        ("Account", "FROM_IP", "Device"),
    }
    sent = data["Account", "SENT", "Account"]
    ids = data["Account"].ids
    ends = [(ids[one], ids[other]) for one, other in sent.edge_index.t().tolist()]
    assert ends == [(link.source[1], link.target[1]) for link in PIECE.links if link.kind == "SENT"]
    assert 12_345_678_901 in sent.edge_attr[:, 1].tolist()
    data.validate()
