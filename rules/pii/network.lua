-- Addresses of machines, which point at people: IP and MAC addresses.

rule "ipv4-address-public" {
  title     = "Public IPv4 address",
  tags      = { "pii", "network" },
  severity  = "info",
  meta      = { remediation = "Shorten or hash addresses before a log is kept or passed on." },
  confirm   = {
    regex { [[(?:^|[^0-9A-Za-z_.-])((?:(?:25[0-5]|2[0-4]\d|1\d{2}|[1-9]?\d)\.){3}]] ..
      [[(?:25[0-5]|2[0-4]\d|1\d{2}|[1-9]?\d))]] ..
      [[(?:[^0-9A-Za-z_.-]|\.(?:\s|$)|$)]], capture = 1 },
    except { regex = {
      -- private, loopback, link-local, shared, multicast and above
      [[^(?:0|10|127|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01])|22[4-9]|2[345]\d)\.]],
      [[^100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.]],
      -- kept for manuals
      [[^(?:192\.0\.[02]|198\.51\.100|203\.0\.113|198\.1[89]\.\d+)\.]],
    } },
    except { on = "line", regex = { "(?i)\\bversion\\b" } },
  },
  examples  = {
    match = { "client 93.184.215.14 connected", "from=8.8.4.4;" },
    miss  = { "listen 192.168.1.20", "docs use 203.0.113.9", "version 10.4.22.1", "1.2.3.4.5", "300.1.1.1" },
  },
}

rule "ipv6-address-public" {
  title     = "Public IPv6 address",
  tags      = { "pii", "network" },
  severity  = "info",
  meta      = { remediation = "Shorten or hash addresses before a log is kept or passed on." },
  prefilter = any { ":" },
  confirm   = {
    regex { [[(?:^|[^0-9A-Za-z_:.-])([23][0-9a-f]{3}:(?:(?:[0-9a-f]{1,4}:){6}[0-9a-f]{1,4}|]] ..
      [[(?:[0-9a-f]{1,4}:){0,5}:(?:[0-9a-f]{1,4}:){0,5}[0-9a-f]{1,4}))(?:[^0-9A-Za-z_:.-]|$)]], capture = 1 },
    except { regex = { "^2001:0?db8:", "^3fff:" } }, -- kept for manuals
  },
  examples  = {
    match = { "from 2a00:1450:4001:81b::200e port 22", "addr=2606:2800:21f:cb07:6820:80da:af6b:8b2c" },
    miss  = { "from 2001:db8::1", "fe80::1ff:fe23:4567:890a", "at 2023:10:12" },
  },
}

rule "mac-address" {
  title     = "MAC address of a network card",
  tags      = { "pii", "network", "device" },
  severity  = "info",
  meta      = { remediation = "Leave device addresses out of what is published or logged." },
  confirm   = {
    regex { [[(?:^|[^0-9A-Za-z_:-])((?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2})]] ..
      [[(?:[^0-9A-Za-z_:-]|$)]], capture = 1 },
    except { regex = { "(?i)^(?:00[:-]00[:-]00|ff[:-]ff[:-]ff|00[:-]00[:-]5e|01[:-]23[:-]45|aa[:-]bb[:-]cc)" } },
    entropy { at_least = 2.0 },
  },
  examples  = {
    match = { "link/ether 3c:52:82:4f:9a:e1 brd", "MAC 8C-16-45-D3-0B-7E" },
    miss  = { "brd ff:ff:ff:ff:ff:ff", "fingerprint 3c:52:82:4f:9a:e1:77:20", "aa:bb:cc:dd:ee:ff" },
  },
}
