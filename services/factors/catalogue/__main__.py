"""`python -m services.factors.catalogue build SOURCE_ROOT` makes the pack again; `verify [SOURCE_ROOT]` checks it."""

import sys
from pathlib import Path

from services.factors.catalogue.pack_builder import build_pack, verify_pack

PACK = Path(__file__).parents[1] / "pack"

match sys.argv[1:]:
    case ["build", source_root]:
        build_pack(Path(source_root), PACK)
    case ["verify", *source_root]:
        verify_pack(PACK, Path(source_root[0]) if source_root else None)
    case _:
        sys.exit(__doc__)
