#!/usr/bin/env python3
"""Log files to measure on: the same bytes for the same arguments.

    make_logs.py DIR [--bytes 500000000] [--files 65] [--seed 1]

Five kinds in turn: web server (combined), JSON lines, syslog, Java with stack traces, key=value. Names, paths and
messages are drawn from word lists; ids, hashes and tokens are random. About 1 line in 40 speaks of keys, tokens
or auth; about 1 in 20,000 holds a secret, made up here. Columns are drawn in blocks, so that 0.5 GB
takes well under a minute.
"""
import argparse
import os
import random

WORDS = """account action address agent alert api archive artifact asset backup balance bandwidth batch billing bucket build
cache calendar campaign canary cart catalog category channel checkout chunk client cluster collection commit config connection consumer
container context contract cookie counter coupon cron currency customer cursor dashboard dataset delivery deployment device
digest discount document domain download driver email endpoint engine entity entry environment event exchange export
failover feature feed field filter folder forecast fragment frontend function gateway geo graph group handler header health heartbeat
history host image import index inventory invoice item job journal kernel keyspace label latency ledger lease library listener locale
location lock login mailbox manifest mapper marker member memory message metric migration mirror mobile model module monitor
mount namespace network node notification object offer operator order origin owner package page parser partition partner
password payload payment peer period permission pipeline plugin policy pool portal preference price printer processor producer
product profile project promotion provider proxy publisher purchase quality query queue quota rate reader receipt record
recovery refund region registry release replica report repository request reservation resource response result retry revision
role rollback route router runtime sample scheduler schema search secret segment sensor sequence server service session
shard shipment signal site snapshot socket source span stage statement status stock storage store stream subscription summary
supplier sync system table target task tenant thread ticket timeline timer token topic trace tracker transaction transfer
trigger tunnel update upload usage user validator vendor version video view visitor volume voucher wallet warehouse watcher
webhook widget window worker workflow workspace writer zone""".split()
VERBS = """accepted acquired added allocated applied archived assigned cached cancelled changed checked cleaned closed
committed completed computed confirmed connected copied created deferred deleted delivered denied detached dispatched
dropped enabled evicted expired exported failed fetched finished flushed forwarded handled ignored imported indexed
initialised loaded locked logged merged migrated moved notified opened parsed paused processed published purged queued read received
refreshed registered rejected released renamed replaced reset resized resolved restarted retried returned rotated saved scanned
scheduled selected sent signed skipped started stopped stored submitted suspended synced updated validated verified written""".split()
AGENTS = [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:125.0) Gecko/20100101 Firefox/125.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148",
    "curl/8.5.0", "Go-http-client/2.0", "python-requests/2.31.0", "kube-probe/1.29", "okhttp/4.12.0", "Prometheus/2.51.0",
]
LEVELS = ["INFO"] * 14 + ["DEBUG"] * 5 + ["WARN"] * 2 + ["ERROR"]
B62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
B32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
BLOCK = 4000  # lines drawn at a time


class Draw:
    """Columns of random values; one generator, always in the same order."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def of(self, values, n=BLOCK):
        return self.random.choices(values, k=n)

    def integers(self, high, n=BLOCK):
        return [int(x * high) for x in (self.random.random() for _ in range(n))]

    def hexes(self, digits, n=BLOCK):
        text = self.random.getrandbits(4 * digits * n)
        text = f"{text:0{digits * n}x}"
        return [text[i:i + digits] for i in range(0, digits * n, digits)]

    def text(self, alphabet, size):
        return "".join(self.random.choices(alphabet, k=size))


def clocks(draw, start):
    """BLOCK moments, each a little after the last: (seconds, milliseconds)."""
    now, out = start * 1000, []
    for step in draw.integers(60):
        now += step
        out.append(((now // 1000) % 86400, now % 1000))
    return out


def hms(second):
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"


def addresses(draw):
    return [f"10.{x >> 16 & 255}.{x >> 8 & 255}.{x & 255}" for x in draw.integers(1 << 24)]


def messages(draw):
    """Short sentences of an application, as a person writes them."""
    return [f"{a} {b} {v} for {c} {n}" if k else f"{v} {a} in {n} ms ({b}/{c})" for a, b, c, v, n, k in zip(
        draw.of(WORDS), draw.of(WORDS), draw.of(WORDS), draw.of(VERBS), draw.integers(100000), draw.integers(2))]


def web(draw, time):
    paths = [f"/{a}/{b}/{n}?{c}={h}" if q else f"/{a}/{b}.html" for a, b, c, n, h, q in zip(
        draw.of(WORDS), draw.of(WORDS), draw.of(WORDS), draw.integers(10000), draw.hexes(8), draw.integers(2))]
    return [f'{ip} - - [12/Mar/2026:{hms(t)} +0000] "{m} {p} HTTP/1.1" {s} {n} "-" "{a}"\n' for (t, _), ip, m, p, s, n, a in zip(
        time, addresses(draw), draw.of(["GET"] * 8 + ["POST", "PUT"]), paths,
        draw.of([200] * 12 + [301, 304, 400, 401, 403, 404, 500, 503]), draw.integers(50000), draw.of(AGENTS))]


def json_lines(draw, time):
    return [f'{{"ts":"2026-03-12T{hms(t)}.{ms:03d}Z","level":"{l.lower()}","service":"{s}","msg":"{m}",'
            f'"trace_id":"{h}","{w}":"{v}","duration_ms":{n}}}\n' for (t, ms), l, s, m, h, w, v, n in zip(
                time, draw.of(LEVELS), draw.of(WORDS), messages(draw), draw.hexes(32), draw.of(WORDS), draw.of(VERBS),
                draw.integers(3000))]


def syslog(draw, time):
    units = ["systemd[1]", "sshd[%d]", "CRON[%d]", "kernel", "dockerd[%d]", "postfix/smtpd[%d]", "sudo", "dbus-daemon[%d]"]
    hosts = [f"{w}-{n:02d}" for w in ("web", "db", "cache", "edge", "build") for n in range(8)]
    return [f"Mar 12 {hms(t)} {h} {u % p if '%' in u else u}: {m} from {ip} port {p}\n" for (t, _), h, u, p, m, ip in zip(
        time, draw.of(hosts), draw.of(units), draw.integers(65536), messages(draw), addresses(draw))]


def java(draw, time):
    names = [f"com.example.{a}.{b.title()}{c.title()}" for a, b, c in zip(draw.of(WORDS), draw.of(WORDS), draw.of(WORDS))]
    lines = [f"2026-03-12 {hms(t)},{ms:03d} {l:5s} [http-nio-8080-exec-{e}] {c} - {m}\n" for (t, ms), l, e, c, m in zip(
        time, draw.of(LEVELS), draw.integers(64), names, messages(draw))]
    for i, n in enumerate(draw.integers(60)):
        if n == 0:  # a stack trace now and then
            frames = [f"\tat {names[(i + k) % BLOCK]}.{VERBS[(i * 7 + k) % len(VERBS)]}({names[(i + k) % BLOCK].rsplit('.', 1)[1]}.java:{k * 37 + 11})\n"
                      for k in range(12)]
            lines[i] += f"java.lang.IllegalStateException: {lines[i][60:100].strip()}\n" + "".join(frames)
    return lines


def key_value(draw, time):
    return [f'time=2026-03-12T{hms(t)}.{ms:03d}Z level={l.lower()} msg="{m}" component={a} {b}={v} id={h} bytes={n} addr={ip}\n'
            for (t, ms), l, m, a, b, v, h, n, ip in zip(
                time, draw.of(LEVELS), messages(draw), draw.of(WORDS), draw.of(WORDS), draw.of(VERBS), draw.hexes(16),
                draw.integers(1000000), addresses(draw))]


def spoken_of(draw):
    """Lines that speak of credentials without holding any that a rule should want."""
    out = []
    for n, h, w, k in zip(draw.integers(9, 200), draw.hexes(40, 200), draw.of(WORDS, 200), draw.integers(100000, 200)):
        out.append((
            f"auth: token refreshed for {w} key={k} scope=read:{w}\n",
            f'{{"level":"info","event":"auth","user":"{w}{k}","token_type":"bearer","expires_in":{k}}}\n',
            f"Mar 12 04:05:06 gate sshd[{k}]: Accepted publickey for {w} from 10.0.0.7 port {k % 65536} ssh2: ED25519 SHA256:{h[:32]}\n",
            f"time=2026-03-12 level=debug msg=\"cache key {w}:{k} miss\" api_key_id={k} secret_version={k % 7}\n",
            f'10.1.2.3 - - [12/Mar/2026:04:05:06 +0000] "POST /oauth/token HTTP/1.1" 200 {k} "-" "curl/8.5.0"\n',
            f"client_id={h[:12]} session={h} password=******** {w} signed in\n",
            f"X-Api-Key: redacted, Authorization: Bearer redacted, {w} {k}\n",
            f"commit {h} by {w}: rotate key and token of {w}\n",
            f"access_key={w} access_token={h[:20]} refresh=none\n",
        )[n])
    return out


def secret(draw):
    kind = draw.integers(5, 1)[0]
    return (
        lambda: f"env AWS_ACCESS_KEY_ID={'AK' + 'IA'}{draw.text(B32, 16)}\n",
        lambda: f"git: cloning with token {'gh' + 'p_'}{draw.text(B62, 36)}\n",
        lambda: f"slack: posting as {'xo' + 'xb-'}{draw.text('123456789', 12)}-{draw.text('123456789', 12)}-{draw.text(B62, 24)}\n",
        lambda: f'{{"level":"warn","api_key":"{draw.text(B62, 40)}"}}\n',
        lambda: f"db password = \"{draw.text(B62, 24)}\" accepted\n",
    )[kind]()


def block(kind, draw, start):
    lines = kind(draw, clocks(draw, start))
    spoken = spoken_of(draw)
    for i, at in enumerate(draw.integers(BLOCK, BLOCK // 40)):
        lines[at] = spoken[i % len(spoken)]
    if draw.integers(5, 1)[0] == 0:
        lines[draw.integers(BLOCK, 1)[0]] = secret(draw)
    return "".join(lines).encode()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("dir")
    parser.add_argument("--bytes", type=int, default=500_000_000)
    parser.add_argument("--files", type=int, default=65)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    os.makedirs(args.dir, exist_ok=True)
    kinds = [web, json_lines, syslog, java, key_value]
    total = 0
    for index in range(args.files):
        kind = kinds[index % len(kinds)]
        draw = Draw(args.seed * 1_000_003 + index)
        left = args.bytes // args.files + (index < args.bytes % args.files)
        with open(os.path.join(args.dir, f"{kind.__name__}-{index:02d}.log"), "wb") as file:
            turn = 0
            while left > 0:
                data = block(kind, draw, index * 1000 + turn * 120)
                if len(data) > left:
                    data = data[:left]
                file.write(data)
                left -= len(data)
                total += len(data)
                turn += 1
    print(f"{args.dir}: {args.files} files, {total} bytes, seed {args.seed}")


main()
