"""What a server process does once, after everything is loaded."""

import gc


def freeze() -> None:
    """Move what is loaded out of the collector's sight and collect less often.

    Full collections of a loaded Django stop a worker for half a second; frozen, they look only at what requests made.
    Call it in the parent before forking, or in each worker after loading.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
