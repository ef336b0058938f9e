"""Where a page ends and whether more follows."""

from __future__ import annotations

import strawberry


@strawberry.type(description="Give `endCursor` as `after` to get what follows.")
class PageInfo:
    has_next_page: bool
    end_cursor: str | None

    @classmethod
    def of(cls, cursor: str | None) -> PageInfo:
        """From the cursor of the next page, None at the end."""
        return cls(has_next_page=cursor is not None, end_cursor=cursor)
