"""A command or a log-in shell over a session channel, with or without a PTY, as sshd does it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Awaitable, Callable
from contextlib import suppress

from carrel.agent.agent_socket import VARIABLE as AGENT_SOCKET
from carrel.agent.agent_socket import hand_over
from carrel.agent.process import Command, Input, Output, Streams, exit_of, signal_group, spawn
from carrel.agent.pty_modes import apply_modes, open_pty, resize
from carrel.agent.session import Channel, Pty, Request
from carrel.agent.user_env import Environment
from carrel.core.agent import SignalKind
from carrel.core.problems import Problem
from carrel.ssh.lean_packets import write

LOST_TERMINAL_LINGER = 0.1
"""Seconds that output is awaited after the end of a PTY's leader, while a process left behind holds it open."""
NOT_STARTED = 255
"""Exit status when the command could not be started, as OpenSSH's client reports its own errors."""

Note = Callable[[SignalKind, str], None]


class Execution:
    """Runs one command; a `Work`."""

    def __init__(
        self,
        request: Request,
        channel: Channel,
        environment: Callable[[], Awaitable[Environment]],
        note: Note,
        program: tuple[str, ...] = (),
    ) -> None:
        """Prepare; `environment` is awaited first, `note` takes evidence of activity.

        `program` is run in place of what the request says: a subsystem.
        """
        self._request = request
        self._channel = channel
        self._environment = environment
        self._note = note
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None
        self._input: Input | None = None
        self._outputs: list[Output] = []
        self._master = -1
        self._early = bytearray()
        self._input_ended = False
        self._is_lost = False

    async def run(self) -> None:
        """Start the command, move its bytes, report how it ended."""
        try:
            environment = await self._environment()
            process = self._start(self._command(environment))
        except (Problem, OSError) as error:
            self._channel.write_stderr(f"carrel: {error}\r\n".encode())
            self._channel.exit(NOT_STARTED)
            return
        self._note(SignalKind.EXEC, "")
        if self._is_lost:
            self.lost()
        code = await exit_of(process)
        await self._outputs_ended()
        self._report(code)

    def _command(self, environment: Environment) -> Command:
        request, shell = self._request, environment.shell()
        env = environment.variables(request.env)
        if request.pty is not None:
            env["TERM"] = request.pty.term
        if socket := self._channel.get_agent_path():
            hand_over(socket, environment.user)
            env[AGENT_SOCKET] = socket
        if self._program:
            return Command(self._program, env, environment.folder, environment.user)
        if request.kind == "exec":
            return Command((shell, "-c", request.argument), env, environment.folder, environment.user)
        argv, login_name = environment.terminal()
        return Command(argv, env, environment.folder, environment.user, login_name)

    def _start(self, command: Command) -> subprocess.Popen[bytes]:
        pty = self._request.pty
        self._process = self._start_on_pty(command, pty) if pty else self._start_on_pipes(command)
        assert self._input is not None  # noqa: S101  both ways of starting set it
        if self._early:
            self._input.write(bytes(self._early))
            self._early.clear()
            self._channel.resume_reading()
        if self._input_ended:
            self.ended_input()
        return self._process

    def _start_on_pipes(self, command: Command) -> subprocess.Popen[bytes]:
        pipes = [os.pipe() for _ in range(3)]
        (child_in, our_in), (our_out, child_out), (our_err, child_err) = pipes
        try:
            process = spawn(command, Streams(child_in, child_out, child_err))
        except BaseException:
            for fd in (our_in, our_out, our_err):
                os.close(fd)
            raise
        finally:
            for fd in (child_in, child_out, child_err):
                os.close(fd)
        self._input = Input(our_in, self._channel.pause_reading, self._channel.resume_reading)
        self._outputs = [Output(our_out, self._wrote), Output(our_err, self._wrote_error)]
        return process

    def _start_on_pty(self, command: Command, pty: Pty) -> subprocess.Popen[bytes]:
        master, slave = open_pty(command.user, pty.cols, pty.rows)
        try:
            apply_modes(slave, pty.modes)
            process = spawn(command, Streams(slave, slave, slave, is_terminal=True))
        except BaseException:
            os.close(master)
            raise
        finally:
            os.close(slave)
        self._master = master
        self._input = Input(os.dup(master), self._channel.pause_reading, self._channel.resume_reading)
        self._outputs = [Output(master, self._printed)]
        return process

    def _wrote(self, data: bytes) -> None:
        self._note(SignalKind.EXEC, "")
        if not self._channel.is_closing():
            write(self._channel, data)

    def _wrote_error(self, data: bytes) -> None:
        if not self._channel.is_closing():
            self._channel.write_stderr(data)

    def _printed(self, data: bytes) -> None:
        self._note(SignalKind.OUTPUT, "ssh")
        if not self._channel.is_closing():
            write(self._channel, data)

    async def _outputs_ended(self) -> None:
        if self._request.pty is None:
            for output in self._outputs:
                await output.ended.wait()
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(LOST_TERMINAL_LINGER):
                await self._outputs[0].ended.wait()

    def _report(self, code: int) -> None:
        for output in self._outputs:
            output.close()
        if self._input is not None:
            self._input.close()
        self._master = -1
        if code >= 0:
            self._channel.exit(code)
            return
        try:
            name = signal.Signals(-code).name.removeprefix("SIG")
        except ValueError:
            name = f"{-code}@carrel"
        self._channel.exit_with_signal(name)

    def received(self, data: bytes) -> None:
        """Give it to the command; before it runs, hold the other side back."""
        if self._request.pty is not None:
            self._note(SignalKind.INPUT, "ssh")
        if self._input is None:
            self._early += data
            self._channel.pause_reading()
        else:
            self._input.write(data)

    def ended_input(self) -> None:
        """Close the command's standard input; on a PTY type its end-of-file character."""
        self._input_ended = True
        if self._input is None:
            return
        if self._request.pty is None:
            self._input.end()
        else:
            self._input.write(b"\x04")

    def resized(self, cols: int, rows: int) -> None:
        """Resize the PTY."""
        if self._master >= 0:
            resize(self._master, cols, rows)

    def signalled(self, name: str) -> None:
        """Send it to the command's group."""
        number = getattr(signal, f"SIG{name}", None)
        if self._process is not None and isinstance(number, signal.Signals):
            signal_group(self._process, number)

    def paused(self) -> None:
        """Read no more from the command."""
        for output in self._outputs:
            output.pause()

    def resumed(self) -> None:
        """Read on."""
        for output in self._outputs:
            output.resume()

    def lost(self) -> None:
        """Hang up: the command's leader gets SIGHUP, its streams are closed; what it left behind may go on."""
        self._is_lost = True
        if self._input is not None:
            self._input.close()
        for output in self._outputs:
            output.close()
        self._master = -1
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGHUP)
