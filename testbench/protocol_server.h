/* SPDX-License-Identifier: Apache-2.0 */
/* The device's side of host/protocol.h in software: it computes with the
 * reference, and refuses what a device refuses. */
#ifndef MILLRACE_TESTBENCH_PROTOCOL_SERVER_H
#define MILLRACE_TESTBENCH_PROTOCOL_SERVER_H

#include "gen/mill/mill.h"
#include "host/protocol.h"

enum { SERVER_COLUMNS = 3, SERVER_TOP_K = 4, SERVER_CYCLES = 1000 };

struct protocol_server {
    const struct mill *mill;     /* borrowed */
    struct reference *reference; /* owned, as what follows */
    float *logits;               /* [SERVER_COLUMNS][vocab] */
    uint8_t *memory;             /* [tape_size] */
    bool loadable;
    uint32_t lines_short; /* of the tape, that it says its memory has */
    enum tape_state tape_state;
    enum run_status run_status; /* that a pass is to end with */
    struct pass_column column[SERVER_COLUMNS];
    int runs, loads, streams;
    /* A pass that is taking its tape from the host. */
    bool streaming;
    struct run_request pass;
    uint8_t pass_tag;
    uint32_t next_line;
};

/* With an empty memory, loadable. */
bool protocol_server_open(struct protocol_server *server, const struct mill *mill,
                          struct error *err);
void protocol_server_close(struct protocol_server *server);

/* Power off and on again: memory and KV cache are gone. */
bool protocol_server_restart(struct protocol_server *server, struct error *err);

/* Bytes that the longest reply has. */
size_t protocol_server_reply_room(const struct protocol_server *server);

/* Do what the frame asks for; returns the size of what is sealed at `reply`: mostly one
 * reply, none to what belongs to a pass's tape, two where another request ends a pass. */
size_t protocol_server_answer(struct protocol_server *server, const struct frame *request,
                              uint8_t *reply);

/* The same of a frame that arrived damaged. */
size_t protocol_server_damaged(struct protocol_server *server, uint8_t tag, uint8_t *reply);

/* The host has begun a new conversation. */
void protocol_server_begin(struct protocol_server *server);

#endif
