"""What has to be known of a common test, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from diagnostics.evaluation.comparison import Comparison
from services.comparison.reading import Compared, Subject
from services.experiments.leaks import leak_notes


def notes_on(compared: Compared, found: Comparison) -> list[str]:
    """What has to be known of the common test before any number is read."""
    overlap = compared.shared.overlap
    notes = leak_notes((one.experiment.name, one.experiment.leak) for one in compared.subjects)
    if compared.shared.seen:
        notes.append(
            "Windows of the tested recordings were learned from in at least one experiment: that it"
            " names more of them rightly does not make it better."
        )
    if overlap.is_identical:
        notes.append(f"All were tested on the same {_counted(overlap.common)}.")
    else:
        *most, last = (str(size) for size in overlap.sizes)
        sizes = f"{', '.join(most)} and {last}"
        notes.append(
            f"The tests differ: only the {_counted(overlap.common)} that all have in common are "
            f"compared (their tests have {sizes}). Scores here differ from those of the results."
        )
    if overlap.relabelled:
        notes.append(
            f"{_counted(overlap.relabelled)} had different labels in the experiments and "
            f"{'is' if overlap.relabelled == 1 else 'are'} left out."
        )
    if overlap.copies:
        notes.append(
            f"{_counted(overlap.copies)} had the same samples as another one of the same test: "
            "each is counted once."
        )
    if compared.shared.joined:
        notes.append(
            "The splits kept different things together. Groups here are what any of them did: "
            f"{found.groups} {'group' if found.groups == 1 else 'groups'}."
        )
    notes += _training_notes(compared.subjects)
    if found.groups < overlap.common:
        notes.append(
            f"Recordings of one group resemble each other, and p-values over the {overlap.common} "
            "recordings count each as independent: they may be too small."
        )
    return notes


def _training_notes(subjects: Sequence[Subject]) -> list[str]:
    first = subjects[0]
    if any(other.dataset.id != first.dataset.id for other in subjects):
        return ["They come from different data sets: what differs is data and method together."]
    if all(other.trained_on == first.trained_on for other in subjects):
        return []
    return [
        "They were not trained on the same recordings: what differs is data and method together."
    ]


def _counted(count: int) -> str:
    return f"{count:,} {'recording' if count == 1 else 'recordings'}"
