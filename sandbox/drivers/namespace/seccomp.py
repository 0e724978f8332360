"""Which system calls a sandbox may make: what an ordinary container may, and what it takes to make containers.

An allow list, so that a system call that a future kernel adds is refused until somebody has looked at it.
The three calls for key rings answer ENOSYS, as on a kernel without them, because a key ring is counted
per host user and a nested runtime goes on without.
"""

from __future__ import annotations

import platform
from typing import Any

ARCHITECTURES = {"x86_64": ["SCMP_ARCH_X86_64"], "aarch64": ["SCMP_ARCH_AARCH64"]}
"""Without the 32-bit ones: their carries its arguments where no filter can look."""
EPERM, ENOSYS = 1, 38
AF_ALG, AF_VSOCK = 38, 40

FILES = """
access faccessat faccessat2 chdir fchdir chmod fchmod fchmodat fchmodat2 chown chown32 fchown fchown32 fchownat
lchown lchown32 close close_range copy_file_range creat dup dup2 dup3 fadvise64 fadvise64_64 fallocate
fanotify_init fanotify_mark fcntl fcntl64 fdatasync fsync sync syncfs sync_file_range flock fstat fstat64 fstatat64
newfstatat stat stat64 lstat lstat64 statx fstatfs fstatfs64 statfs statfs64 ftruncate ftruncate64 truncate
truncate64 futimesat utime utimes utimensat utimensat_time64 getcwd getdents getdents64 fgetxattr getxattr
getxattrat lgetxattr flistxattr listxattr listxattrat llistxattr fremovexattr removexattr removexattrat
lremovexattr fsetxattr setxattr setxattrat lsetxattr inotify_add_watch inotify_init inotify_init1 inotify_rm_watch
ioctl link linkat symlink symlinkat unlink unlinkat readlink readlinkat rename renameat renameat2 mkdir mkdirat
rmdir mknod mknodat lseek _llseek open openat openat2 name_to_handle_at pipe pipe2 poll ppoll ppoll_time64 pread64
preadv preadv2 pwrite64 pwritev pwritev2 read readv write writev readahead select _newselect pselect6
pselect6_time64 epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait
epoll_wait_old eventfd eventfd2 sendfile sendfile64 splice tee vmsplice umask io_cancel io_destroy io_getevents
io_pgetevents io_pgetevents_time64 io_setup io_submit memfd_create memfd_secret chroot file_getattr file_setattr
"""
PROCESSES = """
alarm arch_prctl brk capget capset clone clone3 execve execveat exit exit_group fork vfork wait4 waitid waitpid
get_robust_list set_robust_list futex futex_time64 futex_waitv futex_wake futex_wait futex_requeue get_thread_area
set_thread_area set_tid_address getpid getppid getpgid getpgrp setpgid getsid setsid gettid getuid getuid32 geteuid
geteuid32 getgid getgid32 getegid getegid32 getgroups getgroups32 getresuid getresuid32 getresgid getresgid32
setuid setuid32 setgid setgid32 setgroups setgroups32 setreuid setreuid32 setregid setregid32 setresuid setresuid32
setresgid setresgid32 setfsuid setfsuid32 setfsgid setfsgid32 getpriority setpriority ioprio_get ioprio_set
getrlimit ugetrlimit setrlimit prlimit64 getrusage times kill tkill tgkill pidfd_open pidfd_getfd pidfd_send_signal
prctl ptrace process_vm_readv process_vm_writev process_mrelease kcmp personality restart_syscall rseq modify_ldt
rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait
rt_sigtimedwait_time64 rt_tgsigqueueinfo signalfd signalfd4 sigaltstack sigprocmask sigreturn pause
sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler
sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam
sched_setscheduler sched_yield getcpu membarrier seccomp landlock_create_ruleset landlock_add_rule
landlock_restrict_self map_shadow_stack
"""
MEMORY = """
madvise process_madvise mincore mlock mlock2 mlockall munlock munlockall mmap mmap2 mprotect mremap msync munmap
cachestat pkey_alloc pkey_free pkey_mprotect remap_file_pages mseal get_mempolicy set_mempolicy mbind
set_mempolicy_home_node
"""
NETWORK = """
accept accept4 bind connect getpeername getsockname getsockopt setsockopt listen recv recvfrom recvmmsg
recvmmsg_time64 recvmsg send sendmmsg sendmsg sendto shutdown socketpair sethostname setdomainname
"""
IPC = """
ipc msgctl msgget msgrcv msgsnd semctl semget semop semtimedop semtimedop_time64 shmat shmctl shmdt shmget
mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink
"""
TIME = """
clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep
clock_nanosleep_time64 adjtimex gettimeofday nanosleep time getitimer setitimer timer_create timer_delete
timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime
timerfd_gettime64 timerfd_settime timerfd_settime64
"""
SYSTEM = "getrandom sysinfo uname syslog get_thread_area vhangup"
CONTAINERS = """
mount umount umount2 pivot_root setns unshare fsopen fsconfig fsmount fspick move_mount open_tree open_tree_attr
mount_setattr statmount listmount listns
"""
NO_KEYRINGS = ["add_key", "keyctl", "request_key"]


def allowed() -> list[str]:
    """Names of all allowed system calls, sorted; names that a kernel does not know are skipped by runc."""
    groups = (FILES, PROCESSES, MEMORY, NETWORK, IPC, TIME, SYSTEM, CONTAINERS)
    return sorted({name for group in groups for name in group.split()})


def profile() -> dict[str, Any]:
    """The `linux.seccomp` part of an OCI runtime configuration."""
    return {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": EPERM,
        "architectures": ARCHITECTURES.get(platform.machine(), []),
        "syscalls": [
            {"names": allowed(), "action": "SCMP_ACT_ALLOW"},
            {"names": NO_KEYRINGS, "action": "SCMP_ACT_ERRNO", "errnoRet": ENOSYS},
            *_socket_families(),
        ],
    }


def _socket_families() -> list[dict[str, Any]]:
    """Every family but AF_ALG and AF_VSOCK, which network namespaces do not keep apart.

    Several rules for one call are joined by "or": below, between and above the two.
    """
    ranges = [
        [{"index": 0, "value": AF_ALG, "op": "SCMP_CMP_LT"}],
        [{"index": 0, "value": 39, "op": "SCMP_CMP_EQ"}],  # AF_NFC, the one between
        [{"index": 0, "value": AF_VSOCK, "op": "SCMP_CMP_GT"}],
    ]
    return [{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": args} for args in ranges]
