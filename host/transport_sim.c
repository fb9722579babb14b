/* SPDX-License-Identifier: Apache-2.0 */
#include "host/transport_sim.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "host/interrupt.h"

enum {
    LINES = 256,        /* of a tape in one request: a progress bar moves */
    POLL_MS = 100,      /* between looks at the signals */
    PATIENCE_MS = 5000, /* for a pass to end after Ctrl-C */
    QUIET_MS = 200,     /* silence that ends a damaged reply */
    DRAIN_MS = 1000,    /* for that silence to come */
    GRACE_MS = 2000,    /* for a simulator to end by itself once its link is gone */
    CANNOT_START = 127, /* its exit status where there was nothing to run */
};

struct transport_sim {
    struct transport base;
    int link; /* our end of the socket pair */
    pid_t child;
};

/* Say how the simulator ended; it is reaped. */
static bool ended(struct transport_sim *t, struct error *err)
{
    int status;
    pid_t child = t->child;

    t->child = -1;
    if (child < 0 || waitpid(child, &status, 0) < 0)
        return error_set(err, ERROR_FAILED, "the simulator is gone");
    if (WIFSIGNALED(status))
        return error_set(err, ERROR_FAILED, "the simulator was killed by signal %d (%s)",
                         WTERMSIG(status), strsignal(WTERMSIG(status)));
    if (WEXITSTATUS(status) == CANNOT_START)
        return error_set(err, ERROR_FAILED, "the simulator could not be started");
    return error_set(err, ERROR_FAILED,
                     "the simulator ended in the middle of its work with status %d",
                     WEXITSTATUS(status));
}

/* Until one of `events` is there; looks at the signals meanwhile. */
static bool await(struct transport_sim *t, short events, struct error *err)
{
    struct pollfd link = {.fd = t->link, .events = events};
    int waited = 0;

    for (;;) {
        int ready = poll(&link, 1, POLL_MS);
        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return error_set(err, ERROR_FAILED, "the simulator's link: %s", strerror(errno));
        if (interrupt_pending() && (waited += POLL_MS) > PATIENCE_MS)
            return error_set(err, ERROR_FAILED, "interrupted in a pass that does not end");
    }
}

/* What a call moved, -1 where it failed for good. */
static ssize_t moved(ssize_t n)
{
    return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : n;
}

/* Send what the socket takes at once. */
static bool send_some(struct transport_sim *t, struct transport_piece *piece, struct error *err)
{
    ssize_t n = moved(send(t->link, piece->data, piece->size, MSG_NOSIGNAL | MSG_DONTWAIT));

    if (n < 0)
        return ended(t, err);
    piece->data += n;
    piece->size -= (size_t)n;
    return true;
}

static bool send_piece(struct transport_sim *t, struct transport_piece piece, struct error *err)
{
    while (piece.size > 0) {
        if (!await(t, POLLOUT, err) || !send_some(t, &piece, err))
            return false;
    }
    return true;
}

static enum transport_result sim_send(struct transport *transport,
                                      const struct transport_piece *piece, size_t count,
                                      struct error *err)
{
    struct transport_sim *t = (struct transport_sim *)transport;
    for (size_t i = 0; i < count; i++) {
        if (!send_piece(t, piece[i], err))
            return TRANSPORT_LOST;
    }
    return TRANSPORT_DONE;
}

/* A socket loses nothing, and how long a simulated pass takes no one knows: there
 * is no end to the patience. */
static enum transport_result sim_move(struct transport *transport,
                                      struct transport_traffic *traffic, int patience_ms,
                                      struct error *err)
{
    struct transport_sim *t = (struct transport_sim *)transport;
    bool sends = traffic->out.size > 0;

    (void)patience_ms;
    if (!await(t, (short)(sends ? POLLIN | POLLOUT : POLLIN), err) ||
        (sends && !send_some(t, &traffic->out, err)))
        return TRANSPORT_LOST;
    ssize_t n = recv(t->link, traffic->in, traffic->in_size, MSG_DONTWAIT);
    if (n == 0 || moved(n) < 0) {
        ended(t, err);
        return TRANSPORT_LOST;
    }
    traffic->in += moved(n);
    traffic->in_size -= (size_t)moved(n);
    return TRANSPORT_DONE;
}

static void sim_drain(struct transport *transport)
{
    struct transport_sim *t = (struct transport_sim *)transport;
    struct pollfd link = {.fd = t->link, .events = POLLIN};
    int64_t end = clock_milliseconds() + DRAIN_MS;
    uint8_t scrap[4096];

    while (clock_milliseconds() < end && poll(&link, 1, QUIET_MS) > 0) {
        if (recv(t->link, scrap, sizeof scrap, MSG_DONTWAIT) <= 0)
            break;
    }
}

/* The end of its input ends the simulator, which may have a trace to close. */
static void reap(pid_t child)
{
    for (int waited = 0; waited < GRACE_MS; waited += 10) {
        if (waitpid(child, NULL, WNOHANG) != 0)
            return;
        poll(NULL, 0, 10);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static void sim_close(struct transport *transport)
{
    struct transport_sim *t = (struct transport_sim *)transport;
    close(t->link);
    if (t->child > 0)
        reap(t->child);
    free(t);
}

static const struct transport_ops sim_ops = {sim_send, sim_move, sim_drain, NULL, sim_close};

/* In the child.  A group of its own keeps the terminal's Ctrl-C from it: the
 * pass in flight is to end. */
static _Noreturn void become(const char *folder, const char *program, int link, pid_t parent)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    interrupt_release();
    if (getppid() == parent && dup2(link, STDIN_FILENO) >= 0 && dup2(link, STDOUT_FILENO) >= 0 &&
        chdir(folder) == 0)
        execl(program, program, (char *)NULL);
    fprintf(stderr, "%s/%s: %s\n", folder, program, strerror(errno));
    _exit(CANNOT_START);
}

struct transport *transport_sim_open(const char *folder, const char *program, struct error *err)
{
    struct transport_sim *t = calloc(1, sizeof *t);
    pid_t parent = getpid();
    int link[2];

    if (!t || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, link) < 0) {
        error_set(err, ERROR_FAILED, "the simulator's link: %s", strerror(errno));
        free(t);
        return NULL;
    }
    t->base = (struct transport){.ops = &sim_ops, .load_lines = LINES, .window = 2};
    t->link = link[0];
    t->child = fork();
    if (t->child == 0)
        become(folder, program, link[1], parent);
    close(link[1]);
    if (t->child < 0) {
        error_set(err, ERROR_FAILED, "the simulator's process: %s", strerror(errno));
        sim_close(&t->base);
        return NULL;
    }
    return &t->base;
}
