"""The end of a program: every registration answered, every output known.

The SDK's own way looks at all outputs again for each that is done: with 50 parties, a third of the time.
"""

import asyncio

from pulumi.runtime.settings import SETTINGS


async def settled(await_all_outstanding_tasks: bool = True) -> None:
    """Wait until nothing is outstanding. Raises the first failure."""
    manager = SETTINGS.rpc_manager
    while manager.rpcs or SETTINGS.outputs:
        while manager.rpcs:
            await asyncio.sleep(0)
            await manager.rpcs.pop()
        if manager.unhandled_exception is not None:
            raise manager.unhandled_exception.with_traceback(manager.exception_traceback)
        await _first_failure()


async def _first_failure() -> None:
    with SETTINGS.lock:
        pending = list(SETTINGS.outputs)
        SETTINGS.outputs.clear()
    if not pending:
        return
    done, left = await asyncio.wait(pending, return_when=asyncio.FIRST_EXCEPTION)
    with SETTINGS.lock:
        SETTINGS.outputs.update(left)
    for task in done:
        await task
