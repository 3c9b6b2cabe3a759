"""What a job found in files before their import, one row for each file."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class ImportPreviewFile(Base):
    """Rows and not the job's result: a preview of thousands of files is shown in pages."""

    __tablename__ = "import_preview_files"

    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    # What values typed for this file alone go by.
    key: Mapped[str]
    file_name: Mapped[str]
    # Problems first: 0 cannot be read, 1 lacks a value, 2 warns, 3 is fine, 4 describes another.
    rank: Mapped[int]
    recording_count: Mapped[int]
    lacks_rate: Mapped[bool]
    lacks_unit: Mapped[bool]
    view: Mapped[dict[str, Any]]
