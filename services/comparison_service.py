"""Several experiments on the recordings that all of them were tested on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

from sqlalchemy import or_, select

from diagnostics.evaluation.comparison import compare
from diagnostics.evaluation.errors import EvaluationError
from models import Experiment, User
from services import actor
from services.comparison import reading
from services.comparison.csv_table import comparison_csv
from services.comparison.sentences import key_differences
from services.comparison.views import ComparisonData, comparison_view
from services.errors import Invalid, ServiceError
from services.paging import paged
from services.runtime import unit_of_work
from services.text_search import contains


class ChoiceView(TypedDict):
    experiment_id: int
    name: str


class ComparisonService:
    """Compare experiments, with what the numbers rest on."""

    @staticmethod
    def validate_comparison_request(
        experiment_ids: Sequence[int], user_id: int
    ) -> tuple[bool, str | None]:
        """Whether these can be compared for a user; if not, a sentence that says why.

        Two to six finished experiments that tell the same classes apart and were tested on
        at least one common recording.
        """
        actor.reader()
        try:
            _check_user(user_id)
            reading.read(experiment_ids)
        except ServiceError as error:
            return False, error.message
        return True, None

    @staticmethod
    def get_comparison_data(
        experiment_ids: Sequence[int], *, windows: bool = False
    ) -> ComparisonData:
        """Scores on the common test, tests of the differences, and what differs beside.

        ``windows`` adds McNemar's test over windows, which are not independent.

        Raises
        ------
        Invalid
            If they cannot be compared; the sentence says why.
        NotFound
            If one does not exist.
        TooLarge
            If the tests hold too many windows.
        """
        actor.reader()
        compared = reading.read(experiment_ids)
        try:
            found = compare(compared.shared, compared.tests if windows else None)
        except EvaluationError as error:
            raise Invalid(str(error)) from error
        return comparison_view(compared, found)

    @staticmethod
    def identify_key_differences(comparison_data: ComparisonData) -> list[str]:
        """Plain sentences about what intervals and tests support; what they do not, said so.

        Raises
        ------
        Invalid
            If it is not what :meth:`get_comparison_data` gives.
        """
        actor.reader()
        try:
            return key_differences(comparison_data)
        except (KeyError, TypeError) as error:
            raise Invalid("These are not the data of a comparison.") from error

    @staticmethod
    def export_comparison(experiment_ids: Sequence[int], *, windows: bool = False) -> str:
        """All numbers of a comparison as CSV, one in each row.

        Raises
        ------
        Invalid, NotFound, TooLarge
            As :meth:`get_comparison_data`.
        """
        data = ComparisonService.get_comparison_data(experiment_ids, windows=windows)
        return comparison_csv(data, key_differences(data))

    @staticmethod
    def list_comparable(
        words: str = "", limit: int = 50, among: Sequence[int] = ()
    ) -> list[ChoiceView]:
        """Experiments with a result whose name has the words, newest first.

        Those of ``among`` come first, in their order, whatever they are called.
        """
        actor.reader()
        finished = select(Experiment.id, Experiment.name).where(
            Experiment.summary.is_not(None), Experiment.archived_at.is_(None)
        )
        matching = [contains(Experiment.name, word) for word in words.split()]
        number = words.strip()
        # A number is looked for among the numbers of experiments too.
        if number.isdecimal() and len(number) < 10:
            matching = [or_(*matching, Experiment.id == int(number))]
        newest = paged(finished.where(*matching).order_by(Experiment.id.desc()), limit)
        with unit_of_work(writing=False) as session:
            named = {row.id: row.name for row in session.execute(newest)}
            wanted = finished.where(Experiment.id.in_(list(among)[: reading.MOST]))
            chosen = {row.id: row.name for row in session.execute(wanted)}
        ordered: dict[int, Any] = {n: chosen[n] for n in among if n in chosen} | named
        return [{"experiment_id": n, "name": name} for n, name in ordered.items()]


def _check_user(user_id: int) -> None:
    with unit_of_work(writing=False) as session:
        if session.get(User, user_id) is None:
            raise Invalid(f"There is no user {user_id}.")
