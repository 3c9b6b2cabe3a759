"""The services keep their public promise: names, parameters, defaults, constants, keys.

The promise stands in ``promised_services.txt``, apart from the code, so that no change of the code
changes it. A method may take more than is promised, as long as nobody has to give it.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from services.accounts import limits, sessions, totp

PROMISE = Path(__file__).with_name("promised_services.txt")
# Instances or a class method, by the promise; all others are called on the class.
BOUND = {"MonitoringService", "EmailProvider", "EmailRateLimiter"}
KEYS = {
    "api_key_service.APIKeyService.generate_key": "key prefix api_key_id",
    "api_key_service.APIKeyService.get_key_usage_stats": "total_requests error_rate"
    " avg_response_time_ms",
    "comparison_service.ComparisonService.get_comparison_data": "experiments statistical_tests",
    "email_digest_service.EmailDigestService.get_queue_stats": "pending_count included_count"
    " today_count",
    "email_provider.EmailProvider.send": "success message_id error",
    "evaluation_service.EvaluationService.load_experiment_predictions": "predictions probabilities"
    " targets class_names",
    "feature_service.FeatureService.extract_features": "features feature_names extraction_time",
    "monitoring_service.MonitoringService.get_health_status": "status components",
    "search_service.SearchService.search": "results total_count suggestions",
}
CONSTANTS = {
    "cache_service.CACHE_TTL_SHORT": 300,
    "cache_service.CACHE_TTL_MEDIUM": 600,
    "cache_service.CACHE_TTL_LONG": 3_600,
    "cache_service.CACHE_TTL_DAY": 86_400,
    "dataset_service.MAX_DATASET_LIST_LIMIT": 100,
    "deployment_service.DEFAULT_ONNX_INPUT_SHAPE": (1, 1, 102_400),
    "deployment_service.DEFAULT_ONNX_OPSET_VERSION": 18,
    "deployment_service.DEFAULT_PRUNING_AMOUNT": 0.3,
    "explanation_cache.RETENTION_DAYS": 30,
}


def promised() -> Iterator[tuple[str, str, str]]:
    """Where, the name, and what it takes."""
    place = ""
    for line in PROMISE.read_text().splitlines():
        if line.startswith("    "):
            name, _, taken = line.strip().partition(":")
            yield place, name, taken.strip()
        elif line and not line.startswith("#"):
            place = line


PROMISED = list(promised())


def found(place: str, name: str) -> Callable[..., Any]:
    module, _, owner = place.partition(".")
    inside = import_module(f"services.{module}")
    return getattr(getattr(inside, owner) if owner else inside, name)  # type: ignore[no-any-return]


def test_the_promise_is_read_whole():
    assert len(PROMISED) == 161


@pytest.mark.parametrize(
    ("place", "name", "taken"), PROMISED, ids=[f"{where}.{name}" for where, name, _ in PROMISED]
)
def test_a_method_takes_what_is_promised(place, name, taken):
    own = inspect.signature(found(place, name)).parameters.values()
    given = [one for one in own if one.name != "self"]
    wanted = taken.split(" ") if "'" not in taken else _split(taken)
    for one, said in zip(given, filter(None, wanted), strict=False):
        _check(one, said)
    promised_count = len(list(filter(None, wanted)))
    assert len(given) >= promised_count, f"{name} takes only {given}"
    for more in given[promised_count:]:
        assert more.default is not more.empty, f"nobody promised {more.name}"


def _split(taken: str) -> list[str]:
    """At spaces outside of quotes."""
    parts = taken.split("'")
    inner = [part if n % 2 else part.replace(" ", "\n") for n, part in enumerate(parts)]
    return "'".join(inner).split("\n")


def _check(one: inspect.Parameter, said: str) -> None:
    if said.startswith("**"):
        assert (one.kind, one.name) == (one.VAR_KEYWORD, said[2:])
        return
    name, has_default, value = said.rstrip("?").partition("=")
    assert one.name == name
    assert one.kind is one.POSITIONAL_OR_KEYWORD
    if has_default:
        assert one.default == ast.literal_eval(value)
    elif not said.endswith("?"):
        assert one.default is one.empty


@pytest.mark.parametrize("place", sorted({place for place, _, _ in PROMISED if "." in place}))
def test_methods_are_called_on_the_class(place):
    module, _, owner = place.partition(".")
    if owner in BOUND:
        return
    kind = getattr(import_module(f"services.{module}"), owner)
    for where, name, _ in PROMISED:
        if where == place:
            assert isinstance(inspect.getattr_static(kind, name), staticmethod | classmethod)


@pytest.mark.parametrize("method", sorted(KEYS))
def test_answers_have_the_promised_keys(method):
    place, _, name = method.rpartition(".")
    answer = get_type_hints(found(place, name))["return"]
    assert set(KEYS[method].split()) <= set(answer.__required_keys__)


@pytest.mark.parametrize("constant", sorted(CONSTANTS))
def test_constants_have_the_promised_values(constant):
    module, _, name = constant.partition(".")
    assert getattr(import_module(f"services.{module}"), name) == CONSTANTS[constant]


def test_limits_of_signing_in_are_the_promised_ones():
    assert (limits.MAX_2FA_ATTEMPTS, limits.LOCKOUT_DURATION_MINUTES) == (5, 15)
    second, first = limits.SECOND_STEP, limits.SIGN_IN
    assert (second.failures, second.window_s, second.lock_s) == (5, 900, 900)
    assert (first.failures, first.lock_s) == (10, 1_800)
    assert (sessions.IDLE.total_seconds(), sessions.MOST_SESSIONS) == (12 * 3_600, 10)
    assert totp.ISSUER == "Rotorscope"
