"""The one kind of array sound is made of."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Samples: TypeAlias = NDArray[np.float32]
"""Samples between −1 and 1: ``(n,)`` of one channel or ``(channels, n)``."""
Numbers: TypeAlias = NDArray[np.float64]
Marks: TypeAlias = NDArray[np.bool_]
Places: TypeAlias = NDArray[np.int64]
