"""Items only a person can judge."""

from kefu.quality.detectors.base import Detector, Outcome, Params, detector
from kefu.quality.reading import Reading


@detector("manual", Params)
class Manual(Detector[Params]):
    """Never decided by the product; an inspector scores it."""

    def inspect(self, reading: Reading) -> Outcome:  # noqa: ARG002
        return ()
