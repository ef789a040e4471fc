"""The workload of the grid of routes (gpu_bench.py): for each class of confirmer one rule, and a text that makes routes differ.

Each rule's gate is the literal `gateword`, at the beginning of a record or not there; its regex hangs on another literal,
`token`, that stands once a KiB in every record. So a hit says nothing of the gate:

    fused     confirms every `token` while it reads, and drops what it found where the gate does not hold
    chained   asks the gate on the device, and confirms in records where it holds
    serial    brings all hits back, asks the gates on the host, sends those that are left, confirms them

What a `token` costs, by class:

    cheap     4 bytes: "[0-9]{4}-token", and letters stand before most of them
    middle    70 bytes of classes and counts with two groups; most lack the quote at the end, which is behind what a guard
              sees; entropy of a group
    costly    some 350 bytes, alternatives inside a repeat inside alternatives; most end in the wrong word

Of 64 tokens one gets through the regex and fails by its entropy, as often as with gitleaks' rules on source; the others fail
in the regex. One unit of 16 KiB in 1,024 holds a match, which is reported where the gate holds: findings are rare, and cost
the host the same by every route. Around the tokens stands ordinary text. Records are a unit of 16 KiB, 256 KiB in batches of
4 GiB, so that no batch has more than 16,384.
"""
import random

OPEN, SHUT = "gateword", "gateless"
UNIT = 16384
STEP = 1024  # bytes from one token to the next
UNITS = 1024  # of a text: 16 MiB

RULES = {
    "cheap": r'''rule "cheap" {
    prefilter = any { "gateword" },
    confirm = { regex "([0-9]{4})-token", entropy { capture = 1, at_least = 1.5 } },
}
''',
    "middle": r'''rule "middle" {
    prefilter = any { "gateword" },
    confirm = { regex [[token = "([a-z0-9]{8,16})-([a-z0-9]{48,56})"]], entropy { capture = 2, at_least = 3 } },
}
''',
    "costly": r'''rule "costly" {
    prefilter = any { "gateword" },
    confirm = {
        regex [[token = ((?:(?:[a-z]{2,9}|[0-9]{2,9}|\((?:[a-z]+|[0-9]+)\))(?:, |; |\.))*)(?:end|stop|halt)!]],
        entropy { capture = 1, at_least = 3 },
    },
}
''',
}


def tile(batch):
    """Bytes of a record."""
    return max(UNIT, batch // 16384)


def word(draw, length, alphabet="abcdefghijklmnopqrstuvwxyz0123456789"):
    return "".join(draw.choices(alphabet, k=length))


def sentence(draw, length):
    """Words, numbers and parentheses as the costly rule wants them."""
    found = ""
    while len(found) < length:
        kind = draw.randrange(3)
        inner = word(draw, draw.randint(2, 9), "0123456789" if kind == 1 else "abcdefghijklmnopqrstuvwxyz")
        found += (f"({inner})" if kind == 2 else inner) + draw.choice([", ", "; ", "."])
    return found


def token(draw, cost, fate):
    """What a rule meets. fate: "fails" in the regex, "dull": gets through it and has no entropy, "matches"."""
    if cost == "cheap":
        before = {"fails": word(draw, 4, "abcdefgh"), "dull": "1111", "matches": "1234"}[fate]
        return f" {before}-token "
    if cost == "middle":
        secret = "a" * 56 if fate == "dull" else word(draw, 56)
        return f' token = "{word(draw, 12)}-{secret}' + ("; " if fate == "fails" else '" ')
    body = "aa, " * 88 if fate == "dull" else sentence(draw, 350)
    return f" token = {body}" + ("done. " if fate == "fails" else "end! ")


def fate_of(unit, place, units):
    if place == 0 and unit % 4 == 0:
        return "dull"
    return "matches" if place == 1 and unit % 1024 == 3 % units else "fails"


def text(cost, source, units=UNITS, unit=UNIT):
    """`units` units of bytes; `source`: ordinary text, bytes, to stand around the tokens."""
    draw = random.Random(f"hunch grid {cost}")
    source = source.replace(b"token", b"taken").replace(b"gateword", b"gateless") or b" "
    source *= units * unit // len(source) + 1
    out = bytearray(source[:units * unit])
    failing = [token(draw, cost, "fails") for _ in range(251)]
    for number in range(units):
        start = number * unit
        out[start:start + len(SHUT) + 1] = SHUT.encode() + b"\n"
        for place, at in enumerate(range(start, start + unit, STEP)):
            fate = fate_of(number, place, units)
            found = (draw.choice(failing) if fate == "fails" else token(draw, cost, fate)).encode()
            out[at + 64:at + 64 + len(found)] = found
    return bytes(out)
