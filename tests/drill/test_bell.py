"""The bell that the drill waits for: kept rings, lost hints, and an interruption that comes together with a ring."""

import asyncio

import pytest

from backend.client import Bell


async def test_a_ring_before_the_wait_is_heard():
    bell = Bell()
    bell.ring()
    async with asyncio.timeout(30):
        await bell.wait(3600)


async def test_without_a_ring_it_looks_again():
    async with asyncio.timeout(30):
        await Bell().wait(0.01)


@pytest.mark.parametrize("turns", range(6))
async def test_an_interruption_together_with_a_ring_is_not_lost(turns: int):
    bell = Bell()
    waiting = asyncio.create_task(bell.wait(3600))
    await asyncio.sleep(0)
    bell.ring()
    for _ in range(turns):
        await asyncio.sleep(0)
    cancelled = waiting.cancel()
    await asyncio.wait({waiting})
    assert waiting.cancelled() == cancelled
