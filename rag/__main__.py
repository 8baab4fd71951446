"""`python -m rag` is `beleg`."""

import sys

from rag.cli.main import main

sys.exit(main())
