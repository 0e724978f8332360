# Goes before every check.sh.

# Say what is missing and what to try next, and end the check as "not yet".
hint() { printf '%s\n' "$*"; exit 1; }

# The identity of a process's namespace: ns PID pid|net|mnt|uts|ipc|cgroup|user. Empty when the process is gone.
ns() { readlink "/proc/$1/ns/$2" 2>/dev/null; }

# The PIDs of all processes in another PID namespace than this check's: containers, seen from outside.
contained() {
  local p mine; mine=$(ns self pid)
  for p in /proc/[0-9]*; do
    p=${p#/proc/}
    [ -n "$(ns "$p" pid)" ] && [ "$(ns "$p" pid)" != "$mine" ] && echo "$p"
  done
}

# Whether a process has taken a folder for its root directory, in whatever mount namespace: rooted_in PID FOLDER.
rooted_in() { [ "/proc/$1/root/" -ef "$2" ]; }

# The hostname that a process sees: hostname_of PID.
hostname_of() { nsenter --target "$1" --uts hostname 2>/dev/null; }
