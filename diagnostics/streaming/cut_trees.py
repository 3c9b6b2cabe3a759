"""The trees of a robust random cut forest, compiled: a point is let in, judged, and let out.

A tree is a row in arrays of nodes. What each array holds:

``link``    (trees, nodes, 3)  parent, left, right; −1 where there is none
``column``  (trees, nodes)     column of the cut, −1 for a leaf
``cut``     (trees, nodes)     smaller or equal goes left
``count``   (trees, nodes)     points below
``box``     (trees, nodes, 2, c)  least and largest of each column below
``slot``    (trees, points)    leaf of the point at each place of the ring; −1 for an empty one
``free``    (trees, nodes)     nodes that are not in use; ``meta`` says how many
``meta``    (trees, 2)         root, number of free nodes
``luck``    (trees,)           state of the random numbers
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

PARENT, LEFT, RIGHT = 0, 1, 2
ROOT, FREE = 0, 1


@njit(cache=True, nogil=True)
def _random(luck: Any, t: int) -> float:
    """The next number below 1 (splitmix64)."""
    luck[t] += np.uint64(0x9E3779B97F4A7C15)
    z = luck[t]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return float(z >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@njit(cache=True, nogil=True)
def _take(free: Any, meta: Any, t: int) -> int:
    meta[t, FREE] -= 1
    return int(free[t, meta[t, FREE]])


@njit(cache=True, nogil=True)
def _give(free: Any, meta: Any, t: int, node: int) -> None:
    free[t, meta[t, FREE]] = node
    meta[t, FREE] += 1


@njit(cache=True, nogil=True)
def _replace(link: Any, meta: Any, t: int, old: int, new: int) -> None:
    """Let the parent of a node have another child instead."""
    parent = link[t, old, PARENT]
    link[t, new, PARENT] = parent
    if parent < 0:
        meta[t, ROOT] = new
    elif link[t, parent, LEFT] == old:
        link[t, parent, LEFT] = new
    else:
        link[t, parent, RIGHT] = new


@njit(cache=True, nogil=True)
def _cut(box: Any, t: int, node: int, point: Any, luck: Any) -> tuple[int, float]:
    """A random cut of the box with the point in it; wide columns are cut more often."""
    width = 0.0
    for c in range(point.shape[0]):
        width += max(box[t, node, 1, c], point[c]) - min(box[t, node, 0, c], point[c])
    if width <= 0.0:
        return -1, 0.0
    left = _random(luck, t) * width
    column, place = -1, 0.0
    for c in range(point.shape[0]):
        low = min(box[t, node, 0, c], point[c])
        span = max(box[t, node, 1, c], point[c]) - low
        if span > 0.0 and (column < 0 or left >= 0.0):
            column, place = c, low + min(max(left, 0.0), span)
        left -= span
        if left < 0.0 and column >= 0:
            break
    return column, place


@njit(cache=True, nogil=True)
def _separates(box: Any, t: int, node: int, point: Any, at: int, place: float) -> bool:
    """Whether the point and all below the node lie on two sides of a cut."""
    if place < box[t, node, 0, at] and point[at] <= place:
        return True
    return bool(place >= box[t, node, 1, at] and point[at] > place)


@njit(cache=True, nogil=True)
def _descend(
    link: Any, column: Any, cut: Any, box: Any, meta: Any, luck: Any, t: int, point: Any
) -> tuple[int, int, float]:
    """The node beside which the point belongs, and the cut between them; column −1 if equal."""
    node, at, place = meta[t, ROOT], -1, 0.0
    while node >= 0:
        at, place = _cut(box, t, node, point, luck)
        if at < 0 or _separates(box, t, node, point, at, place):
            break
        if column[t, node] < 0:  # a cut at the very edge of a leaf separates nothing
            continue
        inner = column[t, node]
        node = link[t, node, LEFT] if point[inner] <= cut[t, node] else link[t, node, RIGHT]
    return node, at, place


@njit(cache=True, nogil=True)
def _new_leaf(
    link: Any, column: Any, count: Any, box: Any, free: Any, meta: Any, t: int, point: Any
) -> int:
    leaf = _take(free, meta, t)
    link[t, leaf, :] = -1
    column[t, leaf] = -1
    count[t, leaf] = 0
    box[t, leaf, 0] = point
    box[t, leaf, 1] = point
    return leaf


@njit(cache=True, nogil=True)
def _insert(
    link: Any,
    column: Any,
    cut: Any,
    count: Any,
    box: Any,
    free: Any,
    meta: Any,
    luck: Any,
    t: int,
    point: Any,
) -> int:
    """Let a point in; its leaf. Equal points share one."""
    node, at, place = _descend(link, column, cut, box, meta, luck, t, point)
    if node >= 0 and at < 0:
        leaf = node
    else:
        leaf = _new_leaf(link, column, count, box, free, meta, t, point)
        if node < 0:
            meta[t, ROOT] = leaf
        else:
            branch = _take(free, meta, t)
            _replace(link, meta, t, node, branch)
            column[t, branch] = at
            cut[t, branch] = place
            count[t, branch] = count[t, node]
            box[t, branch] = box[t, node]
            goes_left = point[at] <= place
            link[t, branch, LEFT] = leaf if goes_left else node
            link[t, branch, RIGHT] = node if goes_left else leaf
            link[t, leaf, PARENT] = branch
            link[t, node, PARENT] = branch
    _let_in(link, count, box, t, leaf, point)
    return int(leaf)


@njit(cache=True, nogil=True)
def _let_in(link: Any, count: Any, box: Any, t: int, leaf: int, point: Any) -> None:
    """Count the point in its leaf and above, and widen their boxes."""
    above = leaf
    while above >= 0:
        count[t, above] += 1
        for c in range(point.shape[0]):
            box[t, above, 0, c] = min(box[t, above, 0, c], point[c])
            box[t, above, 1, c] = max(box[t, above, 1, c], point[c])
        above = link[t, above, PARENT]


@njit(cache=True, nogil=True)
def _forget(
    link: Any, column: Any, count: Any, box: Any, free: Any, meta: Any, t: int, leaf: int
) -> None:
    """Let one point of a leaf out."""
    above = leaf
    while above >= 0:
        count[t, above] -= 1
        above = link[t, above, PARENT]
    if count[t, leaf] > 0:
        return
    branch = link[t, leaf, PARENT]
    _give(free, meta, t, leaf)
    if branch < 0:
        meta[t, ROOT] = -1
        return
    other = link[t, branch, RIGHT] if link[t, branch, LEFT] == leaf else link[t, branch, LEFT]
    _replace(link, meta, t, branch, other)
    _give(free, meta, t, branch)
    above = link[t, other, PARENT]
    while above >= 0:
        _surround(link, box, t, above)
        above = link[t, above, PARENT]


@njit(cache=True, nogil=True)
def _surround(link: Any, box: Any, t: int, node: int) -> None:
    left, right = link[t, node, LEFT], link[t, node, RIGHT]
    for c in range(box.shape[3]):
        box[t, node, 0, c] = min(box[t, left, 0, c], box[t, right, 0, c])
        box[t, node, 1, c] = max(box[t, left, 1, c], box[t, right, 1, c])


@njit(cache=True, nogil=True)
def _displacement(link: Any, count: Any, t: int, leaf: int) -> float:
    """CoDisp: the most that leaving out the point, or a group around it, moves others up."""
    most = 0.0
    node = leaf
    while link[t, node, PARENT] >= 0:
        parent = link[t, node, PARENT]
        most = max(most, (count[t, parent] - count[t, node]) / count[t, node])
        node = parent
    return float(most)


@njit(cache=True, nogil=True)
def judge(
    link: Any,
    column: Any,
    cut: Any,
    count: Any,
    box: Any,
    slot: Any,
    free: Any,
    meta: Any,
    luck: Any,
    points: Any,
    first: int,
) -> Any:
    """Let points in at places of the ring from ``first`` on; the mean CoDisp of each."""
    size = slot.shape[1]
    found = np.zeros(points.shape[0])
    for t in range(slot.shape[0]):
        for i in range(points.shape[0]):
            place = (first + i) % size
            if slot[t, place] >= 0:
                _forget(link, column, count, box, free, meta, t, slot[t, place])
            leaf = _insert(link, column, cut, count, box, free, meta, luck, t, points[i])
            slot[t, place] = leaf
            found[i] += _displacement(link, count, t, leaf)
    return found / slot.shape[0]


@njit(cache=True, nogil=True)
def surround_all(link: Any, column: Any, box: Any, slot: Any, meta: Any, points: Any) -> None:
    """Find all boxes again from the points of the ring."""
    nodes = column.shape[1]
    stack = np.empty(2 * nodes, dtype=np.int32)
    for t in range(slot.shape[0]):
        for place in range(slot.shape[1]):
            leaf = slot[t, place]
            if leaf >= 0:
                box[t, leaf, 0] = points[place]
                box[t, leaf, 1] = points[place]
        # From the root down, so that walking back meets children before their parents.
        depth, seen = 0, 0
        if meta[t, ROOT] >= 0:
            stack[0] = meta[t, ROOT]
            depth = 1
        while seen < depth:
            node = stack[seen]
            seen += 1
            if column[t, node] >= 0:
                stack[depth] = link[t, node, LEFT]
                stack[depth + 1] = link[t, node, RIGHT]
                depth += 2
        for i in range(depth - 1, -1, -1):
            if column[t, stack[i]] >= 0:
                _surround(link, box, t, stack[i])
