/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/fit/pass_cycles.h"

#include "testbench/model_support.h"

/* A compiled random model and a design for it.  That the counters equal the
 * simulation's is testbench/test_fit.sh's to show; here is what holds of them. */
struct fixture {
    struct model model;
    struct mill mill;
    struct design design;
};

static void open_fixture(struct fixture *f, uint32_t weight_bits)
{
    uint64_t random = 7;

    *f = (struct fixture){.model = {.dim = 24,
                                    .hidden_dim = 40,
                                    .layers = 2,
                                    .heads = 3,
                                    .kv_heads = 1,
                                    .head_dim = 8,
                                    .vocab = 50,
                                    .max_seq = 40},
                          .design = {.columns = 3,
                                     .inputs = 4,
                                     .tape_bus_bits = 64,
                                     .fifo_depth = 64,
                                     .top_k = 4,
                                     .clock_hz = 1e6,
                                     .memory = {.latency = 5, .burst = 8, .gap = 3}}};
    struct compile_options options = {.weight_bits = weight_bits, .act_bits = 8};
    make_model(&f->model, &random);
    compile_or_fail(&f->model, &options, &f->mill);
}

static void close_fixture(struct fixture *f)
{
    compiled_free(&f->mill);
    model_close(&f->model);
}

static struct pass_cost cost_of(const struct fixture *f, uint32_t position, uint32_t count)
{
    struct pass_cost cost;
    struct error err = {0};

    if (!pass_cycles(&f->mill, &f->design, &(struct pass_plan){position, count}, &cost, &err))
        fail_msg("%s", err.message);
    return cost;
}

/* Every pass takes the whole tape, and its parts add up to it. */
static void check_sums(const struct fixture *f)
{
    struct pass_cost cost = cost_of(f, 5, 1);
    uint64_t bytes = 0, beats = 0, cycles = 0, late = 0, count = 0;

    for (unsigned opcode = 0; opcode < OPCODES; opcode++) {
        bytes += cost.kind[opcode].tape_bytes;
        beats += cost.kind[opcode].beats;
        cycles += cost.kind[opcode].cycles;
        late += cost.kind[opcode].late_beats;
        count += cost.kind[opcode].count;
    }
    assert_int_equal(count, f->mill.op_count);
    assert_int_equal(bytes, f->mill.tape_size);
    assert_int_equal(cost.tape_words * f->design.tape_bus_bits / 8, f->mill.tape_size);
    assert_int_equal(beats, cost.array_beats);
    assert_int_equal(late, cost.stall_cycles);
    /* Before the first command: a header's words, its check, LOOK_UP, ENTRY, READ. */
    assert_int_equal(cycles + TAPE_LINE * 8 / f->design.tape_bus_bits + 5, cost.cycles);
}

static void test_sums(void **state)
{
    static const uint32_t bits[] = {8, 4, 3, 2};
    (void)state;

    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
        struct fixture f;
        open_fixture(&f, bits[i]);
        check_sums(&f);
        struct pass_cost pipelined = cost_of(&f, 5, 1);
        f.design.columns = 1;
        f.design.family = "ice40";
        check_sums(&f);
        struct pass_cost serial = cost_of(&f, 5, 1);
        assert_int_equal(serial.array_beats, pipelined.array_beats);
        assert_true(serial.cycles > 5 * pipelined.cycles);
        close_fixture(&f);
    }
}

/* A later position costs more, more columns only what the KV store's turns take, some of
 * which go by while the next header comes. */
static void test_position_and_count(void **state)
{
    struct fixture f;
    (void)state;

    open_fixture(&f, 4);
    struct pass_cost early = cost_of(&f, 2, 1), late = cost_of(&f, 39, 1), all = cost_of(&f, 39, 3);
    uint32_t inputs = f.design.inputs, head_dim = f.mill.shape.head_dim;
    uint64_t layers = 2, cycles = (head_dim + inputs - 1) / inputs + head_dim;
    assert_true(late.kind[OP_ATTEND].cycles > early.kind[OP_ATTEND].cycles);
    assert_int_equal(late.kind[OP_GLU].cycles, early.kind[OP_GLU].cycles);
    uint64_t more = all.kind[OP_HEADS].cycles - late.kind[OP_HEADS].cycles;
    assert_true(more > 0 && more <= 2 * layers * cycles); /* of two columns */
    close_fixture(&f);
}

/* No pass is faster than its memory, but for what the queue held. */
static void test_memory_bound(void **state)
{
    struct fixture f;
    (void)state;

    open_fixture(&f, 8);
    f.design.tape_bus_bits = 16;
    f.design.fifo_depth = 4;
    f.design.memory = (struct memory_model){.latency = 9, .burst = 4, .gap = 12};
    struct pass_cost slow = cost_of(&f, 0, 1);
    assert_true(slow.cycles > (slow.tape_words - 8) * 4);
    assert_true(slow.stall_cycles > 0);
    f.design.tape_bus_bits = 256;
    f.design.fifo_depth = 4096;
    struct pass_cost fast = cost_of(&f, 0, 1);
    assert_int_equal(fast.array_beats, slow.array_beats);
    assert_true(fast.stall_cycles < slow.stall_cycles / 10);
    close_fixture(&f);
}

static uint64_t span_words, span_beats, last_end;

static void add_span(void *context, const struct pass_span *span)
{
    const struct fixture *f = context;

    assert_true(span->op < f->mill.op_count);
    assert_true(span->end > span->start);
    assert_true(span->start >= last_end || span->unit == UNIT_KV_STORE);
    span_words += span->tape_words;
    span_beats += span->beats;
    last_end = span->start;
}

static void test_observer(void **state)
{
    struct fixture f;
    struct pass_model model;
    struct pass_cost cost;
    struct error err = {0};
    (void)state;

    open_fixture(&f, 4);
    span_words = span_beats = last_end = 0;
    assert_true(pass_model_open(&model, &f.mill, &f.design, &err));
    model.observer = add_span;
    model.context = &f;
    assert_true(pass_model_run(&model, &(struct pass_plan){11, 2}, &cost, &err));
    assert_int_equal(span_beats, cost.array_beats);
    assert_true(span_words <= cost.tape_words);
    assert_int_not_equal(span_words, 0);
    close_fixture(&f);
}

static void test_bad_plans(void **state)
{
    struct fixture f;
    struct pass_cost cost;
    struct error err = {0};
    (void)state;

    open_fixture(&f, 4);
    assert_false(pass_cycles(&f.mill, &f.design, &(struct pass_plan){40, 1}, &cost, &err));
    assert_int_equal(err.code, ERROR_INPUT);
    assert_false(pass_cycles(&f.mill, &f.design, &(struct pass_plan){0, 4}, &cost, &err));
    assert_int_equal(err.code, ERROR_INPUT);
    f.design.inputs = 3;
    assert_false(pass_cycles(&f.mill, &f.design, &(struct pass_plan){0, 1}, &cost, &err));
    assert_non_null(strstr(err.message, "lanes"));
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums),         cmocka_unit_test(test_position_and_count),
        cmocka_unit_test(test_memory_bound), cmocka_unit_test(test_observer),
        cmocka_unit_test(test_bad_plans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
