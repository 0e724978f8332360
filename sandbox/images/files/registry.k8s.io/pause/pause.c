/* The first process of a pod: it holds the pod's namespaces, and collects what its containers leave. */
#include <signal.h>
#include <unistd.h>

static void stop(int signal) { _exit(0); }

int main(void)
{
    struct sigaction ends = {.sa_handler = stop};
    struct sigaction orphans = {.sa_handler = SIG_IGN};

    sigaction(SIGINT, &ends, 0);
    sigaction(SIGTERM, &ends, 0);
    sigaction(SIGCHLD, &orphans, 0); /* the kernel then collects children that end */
    for (;;)
        pause();
}
