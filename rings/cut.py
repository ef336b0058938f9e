"""The cheapest set of nodes whose removal leaves no way from the sources to the sinks of a directed graph.

Minimum vertex cut by maximum flow (Menger 1927; Dinitz 1970): every node becomes an arc with its cost as capacity.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping

#: Capacity of what may not be cut.
NEVER = 1 << 60


class _Network:
    """Arcs with residual capacities, two per arc, the second one its reverse."""

    def __init__(self) -> None:
        self.out: list[list[int]] = []
        self.head: list[int] = []
        self.left: list[int] = []

    def node(self) -> int:
        self.out.append([])
        return len(self.out) - 1

    def arc(self, source: int, target: int, capacity: int) -> None:
        for one, two, room in ((source, target, capacity), (target, source, 0)):
            self.out[one].append(len(self.head))
            self.head.append(two)
            self.left.append(room)

    def push_all(self, source: int, target: int) -> int:
        """Send as much as goes from `source` to `target`; return how much."""
        total = 0
        while True:
            levels = self._levels(source)
            if levels[target] < 0:
                return total
            tried = [0] * len(self.out)
            while pushed := self._push(source, target, levels, tried):
                total += pushed

    def _levels(self, source: int) -> list[int]:
        levels = [-1] * len(self.out)
        levels[source] = 0
        waiting = deque([source])
        while waiting:
            node = waiting.popleft()
            for arc in self.out[node]:
                if self.left[arc] > 0 and levels[self.head[arc]] < 0:
                    levels[self.head[arc]] = levels[node] + 1
                    waiting.append(self.head[arc])
        return levels

    def _push(self, source: int, target: int, levels: list[int], tried: list[int]) -> int:
        """Push along one shortest way; 0 when there is none left."""
        path: list[int] = []
        node = source
        while node != target:
            while tried[node] < len(self.out[node]):
                arc = self.out[node][tried[node]]
                if self.left[arc] > 0 and levels[self.head[arc]] == levels[node] + 1:
                    break
                tried[node] += 1
            else:
                if not path:
                    return 0
                node = self.head[path.pop() ^ 1]
                tried[node] += 1
                continue
            path.append(arc)
            node = self.head[arc]
        room = min(self.left[arc] for arc in path)
        for arc in path:
            self.left[arc] -= room
            self.left[arc ^ 1] += room
        return room

    def reached(self, source: int) -> list[bool]:
        return [level >= 0 for level in self._levels(source)]


def smallest_cut(
    links: Mapping[str, Collection[str]], *, sources: Collection[str], sinks: Collection[str], costs: Mapping[str, int]
) -> frozenset[str] | None:
    """The nodes of least total cost on every way along `links` from a source to a sink; None where none will do.

    Nodes without cost cannot be removed. Costs are positive integers.
    """
    network = _Network()
    start, end = network.node(), network.node()
    names = sorted({*links, *(target for targets in links.values() for target in targets), *sources, *sinks})
    enter, leave = {}, {}
    for name in names:
        enter[name], leave[name] = network.node(), network.node()
        network.arc(enter[name], leave[name], costs.get(name, NEVER))
    for name in sorted(links):
        for target in sorted(links[name]):
            network.arc(leave[name], enter[target], NEVER)
    for name in sorted(set(sources)):
        network.arc(start, enter[name], NEVER)
    for name in sorted(set(sinks)):
        network.arc(leave[name], end, NEVER)
    if network.push_all(start, end) >= NEVER:
        return None
    reached = network.reached(start)
    return frozenset(name for name in names if reached[enter[name]] and not reached[leave[name]])


def most_money(amounts: Mapping[tuple[str, str], int], *, sources: Collection[str], sinks: Collection[str]) -> int:
    """How much can go from the sources to the sinks when each pair carries at most its amount."""
    network = _Network()
    start, end = network.node(), network.node()
    names = sorted({name for pair in amounts for name in pair} | set(sources) | set(sinks))
    node = {name: network.node() for name in names}
    for (source, target), cents in sorted(amounts.items()):
        network.arc(node[source], node[target], cents)
    for name in sorted(set(sources)):
        network.arc(start, node[name], NEVER)
    for name in sorted(set(sinks) - set(sources)):
        network.arc(node[name], end, NEVER)
    return network.push_all(start, end)
