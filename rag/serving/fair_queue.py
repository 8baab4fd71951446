"""A bounded queue of several clients, each of whom gets a turn: round robin, first in, first out for each of them."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Generic, TypeVar

from rag.errors import Busy
from rag.localization import gettext

T = TypeVar("T")


class FairQueue(Generic[T]):
    """What waits to be done. For use by any thread.

    `most` may wait in all, `most_each` of one client. What is `dead` gives way where the queue is full.
    """

    def __init__(self, most: int, most_each: int, dead: Callable[[T], bool] = lambda _: False) -> None:
        self._most = most
        self._most_each = most_each
        self._dead = dead
        self._waiting: OrderedDict[str, deque[T]] = OrderedDict()  # the client whose turn it is stands first
        self._changed = threading.Condition()
        self._closed = False

    def put(self, client: str, item: T) -> None:
        """Let an item of a client's wait. Raises Busy where too much waits, or the queue is closed."""
        with self._changed:
            if self._closed:
                raise Busy(gettext("Beleg is stopping."), gettext("Start it again, then ask again."))
            if self._full(client):
                self._bury()
            if self._full(client):
                raise Busy(
                    gettext("Too many questions wait already ({n}).").format(n=self._count()),
                    gettext("Ask again in a moment."),
                )
            self._waiting.setdefault(client, deque()).append(item)
            self._changed.notify()

    def take(self) -> T | None:
        """Wait for the next item, and return it; None once the queue is closed."""
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            if self._closed:
                return None
            client, items = self._waiting.popitem(last=False)
            item = items.popleft()
            if items:
                self._waiting[client] = items  # behind all others
            return item

    def close(self) -> list[T]:
        """Take nothing more; return what waits, which nobody will take now."""
        with self._changed:
            self._closed = True
            left = [item for items in self._waiting.values() for item in items]
            self._waiting.clear()
            self._changed.notify_all()
        return left

    def __len__(self) -> int:
        with self._changed:
            return self._count()

    def _count(self) -> int:
        return sum(map(len, self._waiting.values()))

    def _full(self, client: str) -> bool:
        return self._count() >= self._most or len(self._waiting.get(client, ())) >= self._most_each

    def _bury(self) -> None:
        for client, items in list(self._waiting.items()):
            living = deque(item for item in items if not self._dead(item))
            if living:
                self._waiting[client] = living
            else:
                del self._waiting[client]
