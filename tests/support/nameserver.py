"""A real name server on loopback, over UDP and TCP, for the zones that a test writes down."""

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

_UDP_AT_MOST = 1232


@dataclass
class Nameserver:
    """``records`` as lines of a zone file without times: ``a.example. TXT "v=spf1 -all"``."""

    port: int
    records: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)  # names answered with SERVFAIL
    silent: bool = False

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def answer(self, packet: bytes) -> dns.message.Message:
        query = dns.message.from_wire(packet)
        asked = query.question[0]
        self.asked.append(f"{asked.name} {dns.rdatatype.to_text(asked.rdtype)}")
        answer = dns.message.make_response(query, recursion_available=True)
        if asked.name.to_text().lower() in self.broken:
            answer.set_rcode(dns.rcode.SERVFAIL)
            return answer
        self._fill(answer, asked.name, asked.rdtype)
        return answer

    def _fill(self, answer: dns.message.Message, name: dns.name.Name, kind: int) -> None:
        known = False
        for line in self.records:
            owner, rdtype, value = line.split(None, 2)
            at = dns.name.from_text(owner)
            known = known or at.is_subdomain(name)
            if at != name or rdtype not in {dns.rdatatype.to_text(kind), "CNAME"}:
                continue
            answer.answer.append(dns.rrset.from_text(at, 60, "IN", rdtype, value))
            if rdtype == "CNAME" and kind != dns.rdatatype.CNAME:
                self._fill(answer, dns.name.from_text(value), kind)
                return
        if not known and not answer.answer:
            answer.set_rcode(dns.rcode.NXDOMAIN)


@contextlib.contextmanager
def nameserver_running(port: int, records: list[str]) -> Iterator[Nameserver]:
    """Serve until the block ends."""
    server = Nameserver(port, records)
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.create_server(("127.0.0.1", port)) as tcp,
    ):
        udp.bind(("127.0.0.1", port))
        threads = [
            threading.Thread(target=_serve_udp, args=(server, udp), daemon=True),
            threading.Thread(target=_serve_tcp, args=(server, tcp), daemon=True),
        ]
        for thread in threads:
            thread.start()
        yield server
        for one in (udp, tcp):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
    for thread in threads:
        thread.join(2)


def _serve_udp(server: Nameserver, listener: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            packet, sender = listener.recvfrom(4096)
            if not sender:
                return
            if server.silent:
                continue
            answer = server.answer(packet)
            wire = answer.to_wire()
            if len(wire) > _UDP_AT_MOST:
                answer.answer.clear()
                answer.flags |= dns.flags.TC
                wire = answer.to_wire()
            listener.sendto(wire, sender)


def _serve_tcp(server: Nameserver, listener: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            connected, _ = listener.accept()
            with connected:
                (length,) = struct.unpack("!H", connected.recv(2))
                wire = server.answer(connected.recv(length)).to_wire()
                connected.sendall(struct.pack("!H", len(wire)) + wire)
