-- What the logs of a Linux machine say when something is wrong: logins, sudo, memory, disks, services.
-- Addresses in the examples are those kept for manuals.

rule "ssh-failed-login" {
  title     = "Failed SSH login",
  tags      = { "log", "auth", "ssh" },
  severity  = "low",
  meta      = { remediation = "Many from one address: block it; allow keys only." },
  prefilter = any { "Failed password for ", "Failed publickey for ", "Invalid user " },
  confirm   = {
    regex([[\bsshd(?:-session)?\[\d{1,8}\]: (?:Failed (?:password|]] ..
      [[publickey) for (?:invalid user )?(\S{0,64})|]] ..
      [[Invalid user (\S{0,64})) from ([0-9a-fA-F.:]{3,45})]]),
  },
  examples  = {
    match = { "Oct 12 06:14:52 web-1 sshd[2290]: Failed password for root from 203.0.113.66 port 40022 ssh2",
              "sshd-session[9]: Invalid user oracle from 2001:db8::5 port 1025" },
    miss  = { "Oct 12 06:02:11 web-1 sshd[2211]: Accepted publickey for deploy from 192.0.2.14 port 51514 ssh2",
              "Failed password for root from here" },
  },
}

rule "ssh-root-login" {
  title     = "Root logged in over SSH",
  tags      = { "log", "auth", "ssh" },
  severity  = "medium",
  meta      = { remediation = "Set PermitRootLogin to no and log in as a person." },
  prefilter = any { " for root from " },
  confirm   = {
    regex([[\bsshd(?:-session)?\[\d{1,8}\]: Accepted (\S{1,32}) for root from ([0-9a-fA-F.:]{3,45})]]),
  },
  examples  = {
    match = { "web-1 sshd[311]: Accepted password for root from 198.51.100.7 port 4000 ssh2",
              "sshd[4]: Accepted publickey for root from 192.0.2.1 port 22 ssh2: ED25519" },
    miss  = { "web-1 sshd[311]: Failed password for root from 198.51.100.7 port 4000 ssh2",
              "sshd[4]: Accepted publickey for deploy from 192.0.2.1 port 22 ssh2" },
  },
}

rule "ssh-brute-force" {
  title     = "Many failed SSH logins in one log",
  tags      = { "log", "auth", "ssh" },
  severity  = "medium",
  meta      = { remediation = "Block the address; rate-limit port 22." },
  prefilter = any { "Failed password for " },
  confirm   = {
    count { lit "Failed password for ", at_least = 5, within = "record" },
    regex [[\bsshd(?:-session)?\[\d{1,8}\]: Failed password for (?:invalid user )?root\b]],
  },
  examples  = {
    match = { ("sshd[1]: Failed password for root from 203.0.113.66 port 1 ssh2\n"):rep(5),
              ("sshd[1]: Failed password for invalid user a from 203.0.113.66\n"):rep(7) ..
                "sshd[2]: Failed password for root from 203.0.113.66 port 1 ssh2\n" },
    miss  = { ("sshd[1]: Failed password for root from 203.0.113.66 port 1 ssh2\n"):rep(4),
              ("sshd[1]: Failed password for invalid user a from 203.0.113.66\n"):rep(9) },
  },
}

rule "sudo-denied" {
  title     = "sudo refused a command",
  tags      = { "log", "auth", "sudo" },
  severity  = "medium",
  meta      = { remediation = "Ask the person; a script that was never allowed should not try." },
  prefilter = any { "NOT in sudoers", "command not allowed", "incorrect password attempt",
    "authentication failure" },
  confirm   = {
    regex([[\bsudo(?:\[\d{1,8}\])?: {1,8}(\S{1,64}) : (?:user NOT in sudoers|command not allowed|]] ..
      [[\d{1,3} incorrect password attempts?) ;[^\n]{0,200}COMMAND=([^\n]{0,200})]]),
  },
  examples  = {
    match = { "sudo:   intern : user NOT in sudoers ; TTY=pts/1 ; PWD=/srv ; USER=root ; COMMAND=/bin/cat /etc/shadow",
              "sudo[77]: jane : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh" },
    miss  = { "sudo:   deploy : TTY=pts/1 ; PWD=/srv ; USER=root ; COMMAND=/bin/systemctl restart shop",
              "intern : user NOT in sudoers" },
  },
}

rule "account-change" {
  title     = "User, group or password changed",
  tags      = { "log", "auth" },
  severity  = "low",
  meta      = { remediation = "Check that it was asked for." },
  prefilter = any { "new user: ", "new group: ", "password changed for ", "delete user " },
  confirm   = {
    regex([[\b(?:useradd|groupadd|userdel|passwd|chpasswd|usermod)\[\d{1,8}\]: (?:new (?:user|]] ..
      [[group): name=[^\s,]{1,64}|delete user '[^']{1,64}'|]] ..
      [[(?:pam_unix\([a-z:]{3,20}\): )?password changed for \S{1,64})]]),
  },
  examples  = {
    match = { "web-1 useradd[901]: new user: name=eve, UID=0, GID=0, home=/root, shell=/bin/sh",
              "passwd[12]: pam_unix(passwd:chauthtok): password changed for root" },
    miss  = { "web-1 login: new user: welcome", "passwd: nothing changed" },
  },
}

rule "out-of-memory-kill" {
  title     = "The kernel killed a process to free memory",
  tags      = { "log", "kernel", "memory" },
  severity  = "medium",
  meta      = { remediation = "Give the machine more memory, or the process a limit." },
  prefilter = any { "Out of memory: Kill", "Memory cgroup out of memory: Kill", "oom-kill:" },
  confirm   = {
    regex([[(?:Out of memory|Memory cgroup out of memory): Kill(?:ed)? process (\d{1,9}) \(]] ..
      [[([^)\n]{1,64})\)|oom-kill:constraint=[^\n]{1,300}]]),
  },
  examples  = {
    match = { "kernel: Out of memory: Killed process 1971 (python3) total-vm:8123456kB",
              "Memory cgroup out of memory: Kill process 12 (java) score 900 or sacrifice child" },
    miss  = { "java.lang.OutOfMemoryError: out of memory", "kernel: Out of memory handler ready" },
  },
}

rule "kernel-segfault" {
  title     = "A program crashed (segmentation fault)",
  tags      = { "log", "kernel", "crash" },
  severity  = "low",
  meta      = { remediation = "Look for its core dump; update the program." },
  prefilter = any { " segfault at ", "general protection fault", "trap divide error" },
  confirm   = {
    regex([[(\S{1,64})\[\d{1,9}\]:? (?:segfault at [0-9a-f]{1,16} ip [0-9a-f]{8,16}|]] ..
      [[general protection fault(?: ip:|,)|trap divide error)]]),
  },
  examples  = {
    match = { "kernel: nginx[812]: segfault at 0 ip 00005581c3b2a0f1 sp 00007ffd error 4 in nginx[5581c3a00000+1f000]",
              "traps: worker[99] general protection fault ip:7f1c sp:7ffd error:0" },
    miss  = { "the test segfault at line 4 was fixed", "kernel: segfault handler installed" },
  },
}

rule "kernel-panic" {
  title     = "Kernel panic, oops or lockup",
  tags      = { "log", "kernel", "crash" },
  severity  = "high",
  meta      = { remediation = "Save the log and the dump; test the memory; update kernel and firmware." },
  prefilter = any { "Kernel panic - not syncing", "BUG: unable to handle", "soft lockup - CPU#", "Oops: " },
  confirm   = {
    regex([[Kernel panic - not syncing: [^\n]{1,120}|BUG: unable to handle [^\n]{1,120}|]] ..
      [[BUG: soft lockup - CPU#\d{1,4} stuck[^\n]{0,80}|\bOops: [0-9a-f]{4} \[#\d]]),
  },
  examples  = {
    match = { "Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)",
              "watchdog: BUG: soft lockup - CPU#3 stuck for 23s! [kworker/3:1:77]" },
    miss  = { "set kernel.panic=10", "Oops: something went wrong" },
  },
}

rule "disk-full" {
  title     = "A disk is full",
  tags      = { "log", "disk" },
  severity  = "medium",
  meta      = { remediation = "Free space, then find out what filled it." },
  prefilter = any { lit("no space left on device", "nocase"), "ENOSPC", lit("disk quota exceeded", "nocase") },
  confirm   = { regex [[(?i:\bno space left on device\b|\bdisk quota exceeded\b)|\bENOSPC\b]] },
  examples  = {
    match = { "write /var/lib/db/wal: No space left on device", "Error: ENOSPC: no space left, write" },
    miss  = { "space left on device: 20 GB", "PENOSPCX" },
  },
}

rule "disk-error" {
  title     = "A disk reports errors",
  tags      = { "log", "disk", "kernel" },
  severity  = "high",
  meta      = { remediation = "Save the data now and replace the disk." },
  prefilter = any { "I/O error, dev ", "EXT4-fs error", "XFS (", "BTRFS error", "UNRECOVERED",
    "Remounting filesystem read-only" },
  confirm   = {
    regex([[\bI/O error, dev [a-z0-9]{2,16}, sector \d{1,15}|EXT4-fs error \(device [^)\n]{1,32}\)|]] ..
      [[XFS \([^)\n]{1,32}\): (?:Corruption|metadata I/O error)|BTRFS error \(device [^)\n]{1,32}\)|]] ..
      [[Remounting filesystem read-only]]),
  },
  examples  = {
    match = { "blk_update_request: I/O error, dev sda, sector 123456",
              "EXT4-fs error (device sda1): ext4_find_entry:1455" },
    miss  = { "I/O error, retrying", "XFS (sda1): Mounting V5 Filesystem" },
  },
}

rule "service-failed" {
  title     = "systemd: a service failed or restarts over and over",
  tags      = { "log", "service" },
  severity  = "medium",
  meta      = { remediation = "Read `journalctl -u` of the unit." },
  prefilter = any { "Failed with result ", "Start request repeated too quickly", "entered failed state" },
  confirm   = {
    regex([[\b([A-Za-z0-9@_.\\-]{1,80}\.(?:service|mount|timer|]] ..
      [[socket)): (?:Failed with result '[a-z-]{3,32}'|Start request repeated too quickly|]] ..
      [[Unit entered failed state)]]),
  },
  examples  = {
    match = { "systemd[1]: shop.service: Failed with result 'exit-code'.",
              "systemd[1]: backup@db.service: Start request repeated too quickly." },
    miss  = { "systemd[1]: shop.service: Deactivated successfully.", "Failed with result 'x'" },
  },
}

rule "certificate-expired" {
  title     = "A certificate has expired or soon will",
  tags      = { "log", "tls" },
  severity  = "medium",
  meta      = { remediation = "Renew it and find out why the renewal did not run." },
  prefilter = any { lit("certificate", "nocase") },
  confirm   = {
    regex([[(?i:\bcertificate (?:has expired|is expired|expired on|will expire|]] ..
      [[expires in \d{1,2} days?)\b|\bcertificate verify failed\b[^\n]{0,60}\bexpired\b|]] ..
      [[x509: certificate has expired or is not yet valid)]]),
  },
  examples  = {
    match = { "curl: (60) SSL certificate problem: certificate has expired",
              "x509: certificate has expired or is not yet valid: current time 2025-10-12" },
    miss  = { "certificate renewed until 2027", "the session has expired" },
  },
}

rule "clock-wrong" {
  title     = "The clock jumped or is not in step",
  tags      = { "log", "time" },
  severity  = "low",
  meta      = { remediation = "Check the time service; logs and certificates depend on it." },
  prefilter = any { "System clock wrong by", "Clock skew too great", "time has been changed",
    "Forward time jump" },
  confirm   = {
    regex([[System clock wrong by -?\d{1,12}\.\d{1,9} seconds|Clock skew too great|]] ..
      [[Forward time jump detected]]),
  },
  examples  = {
    match = { "chronyd[9]: System clock wrong by 12.345678 seconds", "krb5kdc: Clock skew too great" },
    miss  = { "System clock was set", "clock skew acceptable" },
  },
}
