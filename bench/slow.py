"""A slow target: stands before a server and passes on later what it says. `python -m bench.slow PORT SECONDS`."""

import asyncio
import contextlib
import sys

_PIECE = 64 * 1024


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    """Passes bytes on in their order, each piece so many seconds after it came; what takes time holds up nothing."""
    loop = asyncio.get_running_loop()
    while piece := await reader.read(_PIECE):
        if seconds:
            loop.call_later(seconds, writer.write, piece)
        else:
            writer.write(piece)
    loop.call_later(seconds, writer.close)


async def _serve(port: int, seconds: float) -> None:
    """Serves until standard input ends, which it does with the process that started this one."""

    tasks: set[asyncio.Task[None] | None] = set()  # the loop itself does not keep them

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        behind, onward = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.suppress(asyncio.CancelledError):  # a connection that was kept when the server ended
            await asyncio.gather(_pass_on(reader, onward, 0), _pass_on(behind, writer, seconds), return_exceptions=True)
        tasks.discard(asyncio.current_task())

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2])))
