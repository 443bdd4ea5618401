"""What all tests share."""

from __future__ import annotations

import os

from hypothesis import settings

# No deadlines: on a busy machine they measure the machine. Repeatable where CI says that it is CI.
settings.register_profile("pbtool", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("pbtool")
