"""The API takes exactly the filters cases defines."""

from kefu.api.cases.reading import CasesWanted
from kefu.cases import filters


def test_the_api_takes_exactly_the_filters_of_cases():
    assert set(CasesWanted.model_fields) == {"view", "sort", "cursor", "size", *filters.NAMES}
