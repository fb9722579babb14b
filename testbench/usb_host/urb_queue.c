/* SPDX-License-Identifier: Apache-2.0 */
#include "testbench/usb_host/urb_queue.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SETUP = 8, BURST = 64 /* packets of one endpoint before the next has its turn */ };

struct list {
    struct urb *first, **end;
};

struct urb_queue {
    struct usb_port *port;
    void (*done)(void *user);
    void *user;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* something is queued, cancelled or has ended */
    struct list queued, ended;
    bool resetting, power, stopping; /* asked of the thread */
};

static void append(struct list *list, struct urb *urb)
{
    urb->next = NULL;
    *list->end = urb;
    list->end = &urb->next;
}

static void take(struct list *list, struct urb *urb)
{
    struct urb **at = &list->first;
    while (*at != urb)
        at = &(*at)->next;
    *at = urb->next;
    if (list->end == &urb->next)
        list->end = at;
}

static int wanted(const struct urb_queue *queue, const struct urb *urb)
{
    int left = urb->length - urb->actual;
    return left < queue->port->packet_size ? left : queue->port->packet_size;
}

/* One packet; true where the block has ended. */
static bool move_in(struct urb_queue *queue, struct urb *urb, int *moved)
{
    uint8_t packet[USB_PACKET_MOST];

    int size = *moved = queue->port->ops->in(queue->port, packet);
    if (size < 0) {
        urb->status = size;
        return size != -EAGAIN;
    }
    int room = urb->length - urb->actual;
    memcpy(urb->data + urb->actual, packet, (size_t)(size < room ? size : room));
    urb->actual += size < room ? size : room;
    urb->status = size > room ? -EOVERFLOW : 0;
    return size > room || size < queue->port->packet_size || urb->actual == urb->length;
}

static bool move_out(struct urb_queue *queue, struct urb *urb, int *moved)
{
    int size = wanted(queue, urb);

    *moved = queue->port->ops->out(queue->port, urb->data + urb->actual, size);
    if (*moved < 0) {
        urb->status = *moved;
        return *moved != -EAGAIN;
    }
    urb->status = 0;
    urb->actual += size;
    return urb->actual == urb->length && !(urb->zero_packet && size == queue->port->packet_size);
}

static bool move_control(struct urb_queue *queue, struct urb *urb, int *moved)
{
    int size = queue->port->ops->control(queue->port, urb->data, urb->data + SETUP);
    *moved = 0;
    urb->status = size < 0 ? size : 0;
    urb->actual = size < 0 ? 0 : size;
    return true;
}

/* Packets until a NAK, an end, or another's turn.  The lock is not held. */
static bool move(struct urb_queue *queue, struct urb *urb, bool *progress)
{
    bool over = false;

    for (int i = 0; i < BURST && !over; i++) {
        int moved;
        over = urb->endpoint == 0             ? move_control(queue, urb, &moved)
               : urb->endpoint == USB_BULK_IN ? move_in(queue, urb, &moved)
                                              : move_out(queue, urb, &moved);
        if (moved == -EAGAIN)
            break;
        *progress = true;
    }
    return over;
}

static void end(struct urb_queue *queue, struct urb *urb)
{
    take(&queue->queued, urb);
    if (urb->cancelled && urb->status != 0)
        urb->status = urb->cancelled_by;
    append(&queue->ended, urb);
    pthread_cond_broadcast(&queue->changed);
    if (!urb->waited_for)
        queue->done(queue->user);
}

/* The first block of each endpoint gets its turn.  The lock is held, but for the
 * moving itself. */
static bool round_of_turns(struct urb_queue *queue)
{
    bool progress = false, seen[256] = {false};

    for (struct urb *urb = queue->queued.first, *next; urb; urb = next) {
        bool over = urb->cancelled;
        if (over)
            urb->status = urb->cancelled_by;
        if (!over && !seen[urb->endpoint]) {
            pthread_mutex_unlock(&queue->lock);
            over = move(queue, urb, &progress);
            pthread_mutex_lock(&queue->lock);
        }
        seen[urb->endpoint] = seen[urb->endpoint] || !over;
        next = urb->next;
        if (over) {
            progress = true;
            end(queue, urb);
        }
    }
    return progress;
}

static void reset(struct urb_queue *queue)
{
    pthread_mutex_unlock(&queue->lock);
    queue->port->ops->reset(queue->port, queue->power);
    pthread_mutex_lock(&queue->lock);
    queue->resetting = false;
    pthread_cond_broadcast(&queue->changed);
}

static void *work(void *user)
{
    struct urb_queue *queue = user;

    pthread_mutex_lock(&queue->lock);
    while (!queue->stopping) {
        if (queue->resetting)
            reset(queue);
        if (queue->queued.first && round_of_turns(queue))
            continue;
        bool wait = true;
        if (queue->queued.first) {
            pthread_mutex_unlock(&queue->lock);
            wait = !queue->port->ops->idle(queue->port);
            pthread_mutex_lock(&queue->lock);
        }
        if (wait && !queue->stopping && !queue->resetting)
            pthread_cond_wait(&queue->changed, &queue->lock);
    }
    pthread_mutex_unlock(&queue->lock);
    return NULL;
}

struct urb_queue *urb_queue_open(struct usb_port *port, void (*done)(void *user), void *user)
{
    struct urb_queue *queue = calloc(1, sizeof *queue);
    if (!queue)
        return NULL;
    *queue = (struct urb_queue){.port = port, .done = done, .user = user};
    queue->queued.end = &queue->queued.first;
    queue->ended.end = &queue->ended.first;
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->changed, NULL);
    if (pthread_create(&queue->thread, NULL, work, queue) != 0) {
        free(queue);
        return NULL;
    }
    return queue;
}

void urb_queue_close(struct urb_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->stopping = true;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
    pthread_join(queue->thread, NULL);
    queue->port->ops->close(queue->port);
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->lock);
    free(queue);
}

void urb_queue_submit(struct urb_queue *queue, struct urb *urb)
{
    pthread_mutex_lock(&queue->lock);
    urb->actual = urb->status = 0;
    urb->cancelled = false;
    append(&queue->queued, urb);
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

static bool owns(const struct list *list, const void *owner)
{
    const struct urb *urb = list->first;
    while (urb && urb->owner != owner)
        urb = urb->next;
    return urb != NULL;
}

bool urb_queue_holds(struct urb_queue *queue, const void *owner)
{
    pthread_mutex_lock(&queue->lock);
    bool held = owns(&queue->queued, owner) || owns(&queue->ended, owner);
    pthread_mutex_unlock(&queue->lock);
    return held;
}

bool urb_queue_reaped(struct urb_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    const struct urb *urb = queue->ended.first;
    while (urb && urb->waited_for)
        urb = urb->next;
    pthread_mutex_unlock(&queue->lock);
    return urb == NULL;
}

struct urb *urb_queue_reap(struct urb_queue *queue, const void *owner)
{
    pthread_mutex_lock(&queue->lock);
    struct urb *urb = queue->ended.first;
    while (urb && (urb->waited_for || urb->owner != owner))
        urb = urb->next;
    if (urb)
        take(&queue->ended, urb);
    pthread_mutex_unlock(&queue->lock);
    return urb;
}

static bool cancel(struct urb *urb, int status)
{
    bool first = !urb->cancelled;
    urb->cancelled = true;
    urb->cancelled_by = status;
    return first;
}

bool urb_queue_cancel(struct urb_queue *queue, uint64_t id)
{
    bool found = false;

    pthread_mutex_lock(&queue->lock);
    for (struct urb *urb = queue->queued.first; urb && !found; urb = urb->next)
        found = urb->id == id && cancel(urb, -ENOENT);
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
    return found;
}

void urb_queue_cancel_all(struct urb_queue *queue, const void *owner, int status)
{
    pthread_mutex_lock(&queue->lock);
    for (struct urb *urb = queue->queued.first; urb; urb = urb->next) {
        if (!urb->waited_for && (!owner || urb->owner == owner))
            cancel(urb, status);
    }
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

static bool contains(const struct list *list, const struct urb *urb)
{
    const struct urb *at = list->first;
    while (at && at != urb)
        at = at->next;
    return at != NULL;
}

int urb_queue_control(struct urb_queue *queue, const uint8_t setup[8], uint8_t *data)
{
    uint8_t buffer[SETUP + USB_CONTROL_MOST];
    int length = setup[6] | setup[7] << 8;
    struct urb urb = {.data = buffer, .length = length, .waited_for = true};

    if (length > USB_CONTROL_MOST)
        return -EINVAL;
    memcpy(buffer, setup, SETUP);
    if (length > 0)
        memcpy(buffer + SETUP, data, (size_t)length);
    urb_queue_submit(queue, &urb);
    pthread_mutex_lock(&queue->lock);
    while (!contains(&queue->ended, &urb))
        pthread_cond_wait(&queue->changed, &queue->lock);
    take(&queue->ended, &urb);
    pthread_mutex_unlock(&queue->lock);
    if (length > 0)
        memcpy(data, buffer + SETUP, (size_t)length);
    return urb.status < 0 ? urb.status : urb.actual;
}

void urb_queue_reset(struct urb_queue *queue, bool power)
{
    pthread_mutex_lock(&queue->lock);
    queue->resetting = true;
    queue->power = power;
    pthread_cond_broadcast(&queue->changed);
    while (queue->resetting)
        pthread_cond_wait(&queue->changed, &queue->lock);
    pthread_mutex_unlock(&queue->lock);
}
