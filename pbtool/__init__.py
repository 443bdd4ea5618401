"""pbtool opens TensorFlow model files without TensorFlow."""

from __future__ import annotations

__version__ = "0.1.0"
