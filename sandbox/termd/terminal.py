"""One terminal: its PTY, what it printed last, who writes in it and who watches.

Output flows PTY → ring → pages, and stops at the PTY when the writer does not acknowledge: that is the
only thing that bounds memory, because neither Daphne nor a browser pushes back. Rules: docs/protocol.md.
"""

from __future__ import annotations

import asyncio
import fcntl
import secrets
import struct
import termios
from contextlib import suppress

from sandbox.termd.attachment import (
    LOW_WATER,
    WINDOW,
    Attachment,
    Elsewhere,
    Page,
    ProtocolError,
    Size,
)
from sandbox.termd.inbox import Inbox
from sandbox.termd.ring import Ring
from sandbox.termd.source import Output, Source

RING = 2 << 20
REDRAW = 0.05
"""Seconds at another size, so that a program that looks at the size it has now sees a change."""
VIEWERS = 64
ASK_AGAIN = 10.0
"""Seconds after which a viewer who asked for the keyboard may ask again."""


class Terminal:
    """A PTY master and its ring. All methods run on the event loop."""

    def __init__(self, identity: str, fd: int, pid: int, started: int) -> None:
        self.id = identity
        self.pid = pid
        self.started = started
        self.epoch = secrets.randbelow(2**32 - 1) + 1
        self.ring = Ring(RING)
        self.inbox = Inbox(fd, self._taken)
        self.writer: Attachment | None = None
        self.viewers: list[Attachment] = []
        self.exited = False
        self.code: int | None = None
        self.drained = False  # everything that the program printed is in the ring
        self._kept = 0  # the furthest acknowledgement of any writer: below it nothing is owed to anyone
        self._numbers = 0
        self._size: Size = (80, 24)
        self._loop = asyncio.get_running_loop()
        self.source = Source(fd, lambda: RING - self._owed(), self._printed)
        self._update_reading()

    @property
    def fd(self) -> int:
        """The PTY master, -1 once it is closed."""
        return self.source.fd

    @property
    def attachments(self) -> list[Attachment]:
        return [*([self.writer] if self.writer else []), *self.viewers]

    # Pages come and go

    def attach(
        self,
        page: Page,
        writer: str,
        epoch: int | None,
        received: int | None,
        size: Size,
        *,
        tab: str = "",
        take: bool = False,
    ) -> Attachment:
        """Make the learner's `page`, loaded in that `tab`, the writer and tell it where output continues. A
        guest who wrote watches again. A page that does not continue what it has gets the ring, and a program
        that has drawn something is made to draw it again.

        Of the learner's own pages one is here: with `take`, or from the same tab, the one before is sent away.
        Raises Elsewhere otherwise, and ProtocolError for a page that cannot have received what it says;
        both change nothing.
        """
        mine = [item for item in self.attachments if item.owner]
        if not take and any(item.tab != tab for item in mine):
            raise Elsewhere
        attachment, fits = self._place(page, writer, epoch, received, size)
        attachment.tab = tab
        for other in mine:
            other.close(4409)
        previous, self.writer = self.writer, attachment
        self.viewers = [item for item in self.viewers if not item.closed]
        if previous is not None and not previous.closed:
            self.viewers.append(previous)
            self._say_role(previous)
        self._kept = max(self._kept, attachment.acked)
        self.resize(attachment, size)
        self._greet(attachment, fits)
        if self.viewers:
            self._say_viewers()
        self._pump()
        if not fits:
            self._redraw()
        return attachment

    def watch(
        self, page: Page, name: str, writer: str, epoch: int | None, received: int | None, size: Size
    ) -> Attachment:
        """Show `page`, of somebody else, what the terminal prints. Raises ProtocolError, also for a crowd."""
        if len(self.viewers) >= VIEWERS:
            raise ProtocolError("too many viewers")
        attachment, fits = self._place(page, writer, epoch, received, size)
        attachment.owner, attachment.name = False, name
        self.viewers.append(attachment)
        self._greet(attachment, fits)
        self._say_viewers()
        self._pump()
        return attachment

    def detach(self, attachment: Attachment) -> None:
        """The page is gone; nothing is lost, see `_update_reading`."""
        attachment.drop()
        self._leave(attachment)
        self._update_reading()

    def _place(
        self, page: Page, writer: str, epoch: int | None, received: int | None, size: Size
    ) -> tuple[Attachment, bool]:
        """A new attachment at the right offset, and whether it goes on exactly where the page was."""
        if received is not None and epoch == self.epoch and received > self.ring.end:
            raise ProtocolError("more received than was ever printed")
        fits = epoch == self.epoch and received is not None and received >= self.ring.start
        start = received if fits and received is not None else self.ring.start
        self._numbers += 1
        attachment = Attachment(page, self.epoch, self.ring, writer, size, number=self._numbers)
        attachment.sent = attachment.acked = start
        return attachment, fits

    def _greet(self, attachment: Attachment, fits: bool) -> None:
        writes = attachment is self.writer
        columns, rows = self._size
        attachment.page.send_control(
            {
                "type": "attached",
                "epoch": self.epoch,
                "offset": attachment.sent,
                "replay": attachment.sent if fits else self.ring.end,
                "input": self.inbox.start(attachment.writer) if writes else 0,
                "taken": self.inbox.written if writes else 0,
                "role": "writer" if writes else "viewer",
                "cols": columns,
                "rows": rows,
            }
        )

    def _leave(self, attachment: Attachment) -> None:
        if attachment is self.writer:
            self.writer = None
            mine = next((item for item in self.viewers if item.owner), None)
            if mine is not None and not self.exited:
                self._promote(mine)
        elif attachment in self.viewers:
            self.viewers.remove(attachment)
            self._say_viewers()

    # Who writes

    def ask(self, attachment: Attachment) -> None:
        """A viewer would like to write: the learner is asked, unless they just were; one who is away cannot be."""
        if attachment.owner or attachment is self.writer or self._loop.time() < attachment.ask_again:
            return
        mine = [item for item in self.attachments if item.owner]
        if not mine:
            attachment.page.send_control({"type": "away"})
            return
        attachment.ask_again = self._loop.time() + ASK_AGAIN
        for item in mine:
            item.page.send_control({"type": "ask", "viewer": attachment.number, "name": attachment.name})

    def answer(self, attachment: Attachment, number: int, granted: bool) -> None:
        """The learner says whether viewer `number`, who may have left meanwhile, may write.

        Raises ProtocolError for a page that is not the learner's.
        """
        if not attachment.owner:
            raise ProtocolError("only the learner says who writes")
        for item in self.viewers:
            if item.number == number and not item.owner:
                if granted:
                    self._promote(item)
                else:
                    item.page.send_control({"type": "refused"})
                return

    def take(self, attachment: Attachment) -> None:
        """The learner takes the keyboard back. Raises ProtocolError for a page that is not the learner's."""
        if not attachment.owner:
            raise ProtocolError("only the learner takes the keyboard")
        if attachment in self.viewers:
            self._promote(attachment)

    def _promote(self, attachment: Attachment) -> None:
        """Make a viewer the writer, and the writer a viewer."""
        self.viewers.remove(attachment)
        attachment.skip(most=WINDOW)  # nothing is skipped for a writer
        previous, self.writer = self.writer, attachment
        if previous is not None:
            self.viewers.append(previous)
            self._say_role(previous)
        self._say_role(attachment)
        self.resize(attachment, attachment.size)
        self._kept = max(self._kept, attachment.acked)
        self._say_viewers()
        self._pump()

    def _say_role(self, attachment: Attachment) -> None:
        writes = attachment is self.writer
        position = self.inbox.start(attachment.writer) if writes else 0
        role = "writer" if writes else "viewer"
        taken = self.inbox.written if writes else 0
        attachment.page.send_control({"type": "role", "role": role, "input": position, "taken": taken})

    def _say_viewers(self) -> None:
        """Tell the learner's pages who else is there, and who of them writes."""
        guests = [
            {"viewer": item.number, "name": item.name, "writes": item is self.writer}
            for item in self.attachments
            if not item.owner
        ]
        for item in self.attachments:
            if item.owner and not item.closed:
                item.page.send_control({"type": "viewers", "viewers": guests})

    # What pages send

    def acknowledge(self, attachment: Attachment, epoch: int, offset: int) -> None:
        """Raises ProtocolError for bytes that were never sent."""
        if epoch != self.epoch:
            return  # of an earlier life, overtaken by a restart
        if attachment.acknowledge(offset):
            if attachment is self.writer:
                self._kept = max(self._kept, offset)
            self._pump()

    def type(self, attachment: Attachment, epoch: int, offset: int, data: bytes) -> None:
        """Input at an absolute offset; of a page that does not write it is dropped. Raises ProtocolError for
        a gap, and inbox.Full."""
        if attachment is not self.writer or epoch != self.epoch or self.exited:
            return
        if not self.inbox.add(offset, data):
            raise ProtocolError("input with a gap")

    def _taken(self, offset: int) -> None:
        """The program's side has taken input up to `offset`: the page may send as much more."""
        if self.writer is not None:
            self.writer.page.send_control({"type": "taken", "offset": offset})

    def resize(self, attachment: Attachment, size: Size) -> None:
        """The page's new size; the writer's is the program's, and the kernel sends SIGWINCH when it differs."""
        attachment.size = size
        if attachment is not self.writer:
            return
        if size != self._size:
            for viewer in self.viewers:
                viewer.page.send_control({"type": "size", "cols": size[0], "rows": size[1]})
        self._size = size
        self._tell_size(*size)

    def _redraw(self) -> None:
        """Have a program that has drawn something draw it again: for a moment its terminal has another size."""
        if self.ring.end == 0:
            return
        columns, rows = self._size
        self._tell_size(columns, rows - 1 if rows > 1 else 2)
        self._loop.call_later(REDRAW, lambda: self._tell_size(*self._size))

    def _tell_size(self, columns: int, rows: int) -> None:
        if self.fd < 0:
            return
        with suppress(OSError):
            fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    # Output

    def _update_reading(self) -> None:
        """Read the PTY while there is room: in the writer's window, or without a writer in the ring."""
        stop, go = (WINDOW, LOW_WATER) if self.writer else (RING, RING)
        reading = self.source.reading
        wanted = not self.drained and self._owed() < (stop if reading else go)
        if wanted and not reading:
            self.source.start()
            self._look_again()
        elif reading and not wanted:
            self.source.stop()

    def _owed(self) -> int:
        """Bytes in the ring that somebody has yet to see."""
        return self.ring.end - (self.writer.acked if self.writer else self._kept)

    def _look_again(self) -> None:
        """After the program's end nothing may come any more that would wake the reader."""
        if self.exited:
            self.source.look()

    def _printed(self, output: Output) -> None:
        """Keep what has come. A program in the background may keep the terminal open for ever, so once the first
        one has ended, all is there when nothing more comes."""
        if output.data:
            self.ring.append(output.data)
        if output.over or (output.empty and self.exited):
            self.drained = True
        else:
            self._look_again()
        self._pump()

    def _pump(self) -> None:
        for attachment in self.attachments:
            if attachment is not self.writer:
                attachment.skip(most=LOW_WATER)
            attachment.pump(self.drained)
        self._finish()
        self._update_reading()

    # The end

    def end(self, code: int | None) -> None:
        """The program has ended; its last output may still be on the way."""
        if self.exited:
            return
        self.exited, self.code = True, code
        self._look_again()
        self._pump()

    def _finish(self) -> None:
        if self.exited and self.drained:
            for attachment in self.attachments:
                attachment.finish(self.code)
                if attachment.closed:
                    self._leave(attachment)

    def expel(self) -> None:
        """Send everybody away who is not the learner: the link that they came by is worth nothing now."""
        for attachment in self.attachments:
            if not attachment.owner:
                attachment.close(4410)
                self._leave(attachment)

    def send_away(self, code: int) -> None:
        """Close all pages: another life of this terminal takes its place."""
        for attachment in self.attachments:
            attachment.close(code)
        self.writer, self.viewers = None, []

    def close(self) -> None:
        """Let go of the PTY: this terminal is replaced by a new one, or its sandbox is gone."""
        for attachment in self.attachments:
            attachment.drop()
        self.drained = True
        self.inbox.close()
        self.source.close()
