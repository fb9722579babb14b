/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/import/pickle.h"

#include <string.h>

#include "base/reader.h"

enum kind { NOTHING, MARK, INTEGER, TEXT, GLOBAL, TUPLE, DICT, STORAGE, TENSOR };
enum global { ORDERED_DICT, REBUILD_TENSOR, REBUILD_PARAMETER, STORAGE_TYPE };

struct value {
    enum kind kind;
    enum global global;
    int64_t integer;
    const char *text;         /* TEXT; the type of a STORAGE_TYPE */
    const struct value *item; /* [count] of a TUPLE; of a STORAGE what it was named by */
    size_t count;
    struct pickle_tensor *tensor;
};

/* Every opcode has at least a byte, so no more than `size` values are ever put. */
struct machine {
    struct reader r;
    struct arena *arena;
    struct value *stack, *memo;
    size_t depth;
    struct pickle *pickle;
    struct error *err;
};

static bool fault(const struct machine *m, const char *what)
{
    return error_set(m->err, ERROR_INPUT, "%s: data.pkl: byte %zu: %s", m->r.name, m->r.at, what);
}

static bool push(struct machine *m, struct value value)
{
    m->stack[m->depth++] = value;
    return true;
}

static bool pop(struct machine *m, struct value *value)
{
    if (m->depth == 0)
        return fault(m, "the stack is empty");
    *value = m->stack[--m->depth];
    return true;
}

/* The values above the last mark: their number; the mark goes too. */
static bool pop_mark(struct machine *m, size_t *count)
{
    for (*count = 0; *count < m->depth; ++*count)
        if (m->stack[m->depth - 1 - *count].kind == MARK) {
            m->depth -= *count + 1;
            return true;
        }
    return fault(m, "there is no mark");
}

static bool push_tuple(struct machine *m, size_t count)
{
    if (count > m->depth)
        return fault(m, "a tuple of more than the stack has");
    struct value *item = arena_alloc(m->arena, count + 1, sizeof *item);
    if (!item)
        return error_set(m->err, ERROR_FAILED, "%s: out of memory", m->r.name);
    m->depth -= count;
    memcpy(item, m->stack + m->depth, count * sizeof *item);
    return push(m, (struct value){.kind = TUPLE, .item = item, .count = count});
}

static bool push_marked_tuple(struct machine *m)
{
    size_t count;

    if (!pop_mark(m, &count))
        return false;
    memmove(m->stack + m->depth, m->stack + m->depth + 1, count * sizeof *m->stack);
    m->depth += count;
    return push_tuple(m, count);
}

static bool take(struct machine *m, uint64_t size, const uint8_t **bytes)
{
    return reader_take(&m->r, size, 1, "pickle", bytes, m->err);
}

/* A little-endian number of `size` bytes, at most 8. */
static bool number(struct machine *m, unsigned size, uint64_t *value)
{
    const uint8_t *bytes;

    if (!take(m, size, &bytes))
        return false;
    *value = 0;
    for (unsigned i = size; i-- > 0;)
        *value = *value << 8 | bytes[i];
    return true;
}

static bool push_text(struct machine *m, unsigned length_bytes)
{
    const uint8_t *bytes;
    uint64_t length;

    if (!number(m, length_bytes, &length) || !take(m, length, &bytes))
        return false;
    const char *text = arena_copy(m->arena, (const char *)bytes, (size_t)length);
    if (!text)
        return error_set(m->err, ERROR_FAILED, "%s: out of memory", m->r.name);
    return push(m, (struct value){.kind = TEXT, .text = text});
}

static bool push_integer(struct machine *m, unsigned size)
{
    uint64_t value;

    if (size > 8)
        return fault(m, "an integer of more than 64 bits");
    if (!number(m, size, &value))
        return false;
    return push(
        m, (struct value){.kind = INTEGER, .integer = size == 4 ? (int32_t)value : (int64_t)value});
}

static bool push_long(struct machine *m)
{
    uint64_t size;

    return number(m, 1, &size) && push_integer(m, (unsigned)size);
}

static bool line(struct machine *m, const char **text)
{
    const uint8_t *start = m->r.data + m->r.at;
    const uint8_t *end = memchr(start, '\n', m->r.size - m->r.at);

    if (!end)
        return fault(m, "a name without its end");
    *text = arena_copy(m->arena, (const char *)start, (size_t)(end - start));
    m->r.at += (size_t)(end - start) + 1;
    return *text || error_set(m->err, ERROR_FAILED, "%s: out of memory", m->r.name);
}

/* All that a pickle may name. */
static bool push_global(struct machine *m)
{
    static const struct {
        const char *module, *name;
        enum global global;
    } known[] = {
        {"collections", "OrderedDict", ORDERED_DICT},
        {"torch._utils", "_rebuild_tensor_v2", REBUILD_TENSOR},
        {"torch._utils", "_rebuild_parameter", REBUILD_PARAMETER},
        {"torch", "FloatStorage", STORAGE_TYPE},
        {"torch", "HalfStorage", STORAGE_TYPE},
        {"torch", "BFloat16Storage", STORAGE_TYPE},
    };
    const char *module, *name;

    if (!line(m, &module) || !line(m, &name))
        return false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].module, module) == 0 && strcmp(known[i].name, name) == 0)
            return push(m, (struct value){
                               .kind = GLOBAL, .global = known[i].global, .text = known[i].name});
    return error_set(m->err, ERROR_INPUT, "%s: data.pkl: byte %zu: %.64s.%.64s is not supported",
                     m->r.name, m->r.at, module, name);
}

/* ("storage", its type, its key, its device, its elements) */
static bool push_storage(struct machine *m)
{
    struct value id;

    if (!pop(m, &id))
        return false;
    const struct value *item = id.item;
    if (id.kind != TUPLE || id.count != 5 || item[1].kind != GLOBAL ||
        item[1].global != STORAGE_TYPE || item[2].kind != TEXT || item[4].kind != INTEGER ||
        item[4].integer < 0)
        return fault(m, "not the name of a storage");
    return push(m, (struct value){.kind = STORAGE, .item = item});
}

static bool read_dimensions(const struct value *tuple, uint64_t out[PICKLE_DIMENSIONS])
{
    if (tuple->kind != TUPLE || tuple->count > PICKLE_DIMENSIONS)
        return false;
    for (size_t i = 0; i < tuple->count; i++) {
        if (tuple->item[i].kind != INTEGER || tuple->item[i].integer < 0)
            return false;
        out[i] = (uint64_t)tuple->item[i].integer;
    }
    return true;
}

/* (storage, offset, shape, strides, ...) */
static bool push_tensor(struct machine *m, const struct value *argument, size_t count)
{
    struct pickle_tensor *t = arena_alloc(m->arena, 1, sizeof *t);

    if (!t)
        return error_set(m->err, ERROR_FAILED, "%s: out of memory", m->r.name);
    if (count < 4 || argument[0].kind != STORAGE || argument[1].kind != INTEGER ||
        argument[1].integer < 0 || !read_dimensions(&argument[2], t->shape) ||
        !read_dimensions(&argument[3], t->stride) || argument[2].count != argument[3].count)
        return fault(m, "not the parts of a tensor");
    const struct value *storage = argument[0].item;
    t->type = storage[1].text;
    t->storage = storage[2].text;
    t->elements = (uint64_t)storage[4].integer;
    t->offset = (uint64_t)argument[1].integer;
    t->dimensions = (uint32_t)argument[2].count;
    return push(m, (struct value){.kind = TENSOR, .tensor = t});
}

static bool reduce(struct machine *m)
{
    struct value arguments, function;

    if (!pop(m, &arguments) || !pop(m, &function))
        return false;
    if (function.kind != GLOBAL || arguments.kind != TUPLE)
        return fault(m, "a call of what is no function");
    if (function.global == ORDERED_DICT)
        return push(m, (struct value){.kind = DICT});
    if (function.global == REBUILD_TENSOR)
        return push_tensor(m, arguments.item, arguments.count);
    if (function.global == REBUILD_PARAMETER && arguments.count > 0 &&
        arguments.item[0].kind == TENSOR)
        return push(m, arguments.item[0]);
    return fault(m, "a call of what is no function");
}

/* A key and its value; what is no tensor does not matter. */
static void set_item(struct machine *m, const struct value *key, const struct value *value)
{
    if (key->kind != TEXT || value->kind != TENSOR)
        return;
    struct pickle_tensor *t = &m->pickle->tensor[m->pickle->count++];
    *t = *value->tensor;
    t->name = key->text;
}

static bool set_items(struct machine *m)
{
    size_t count;

    if (!pop_mark(m, &count))
        return false;
    if (count % 2 != 0)
        return fault(m, "a key without its value");
    const struct value *item = m->stack + m->depth + 1;
    for (size_t i = 0; i < count; i += 2)
        set_item(m, &item[i], &item[i + 1]);
    return true;
}

static bool set_one(struct machine *m)
{
    struct value key, value;

    if (!pop(m, &value) || !pop(m, &key))
        return false;
    set_item(m, &key, &value);
    return true;
}

static bool put_memo(struct machine *m, unsigned size)
{
    uint64_t at;

    if (!number(m, size, &at))
        return false;
    if (at >= m->r.size || m->depth == 0)
        return fault(m, "nothing to remember, or no place for it");
    m->memo[at] = m->stack[m->depth - 1];
    return true;
}

static bool get_memo(struct machine *m, unsigned size)
{
    uint64_t at;

    if (!number(m, size, &at))
        return false;
    return at < m->r.size ? push(m, m->memo[at]) : fault(m, "nothing is remembered there");
}

static bool skip(struct machine *m, unsigned bytes)
{
    const uint8_t *unused;

    return take(m, bytes, &unused);
}

static bool step(struct machine *m, uint8_t opcode)
{
    struct value dropped;

    switch (opcode) {
    case 0x80: /* PROTO */
        return skip(m, 1);
    case '(':
        return push(m, (struct value){.kind = MARK});
    case ')':
        return push_tuple(m, 0);
    case '}':
        return push(m, (struct value){.kind = DICT});
    case 'N':
    case 0x88: /* NEWTRUE */
    case 0x89: /* NEWFALSE */
        return push(m, (struct value){.kind = NOTHING});
    case 'c':
        return push_global(m);
    case 'q':
        return put_memo(m, 1);
    case 'r':
        return put_memo(m, 4);
    case 'h':
        return get_memo(m, 1);
    case 'j':
        return get_memo(m, 4);
    case 'K':
        return push_integer(m, 1);
    case 'M':
        return push_integer(m, 2);
    case 'J':
        return push_integer(m, 4);
    case 0x8a: /* LONG1 */
        return push_long(m);
    case 'X':
        return push_text(m, 4);
    case 0x85: /* TUPLE1, 2, 3 */
    case 0x86:
    case 0x87:
        return push_tuple(m, opcode - 0x84u);
    case 't':
        return push_marked_tuple(m);
    case 'Q':
        return push_storage(m);
    case 'R':
        return reduce(m);
    case 's':
        return set_one(m);
    case 'u':
        return set_items(m);
    case 'b': /* BUILD: attributes of an ordered dict */
        return pop(m, &dropped);
    default:
        m->r.at--;
        return fault(m, "an opcode that is not supported");
    }
}

bool pickle_read(struct pickle *pickle, const uint8_t *data, size_t size, const char *path,
                 struct arena *arena, struct error *err)
{
    struct machine m = {.r = {.name = path, .data = data, .size = size},
                        .arena = arena,
                        .stack = arena_alloc(arena, size + 1, sizeof *m.stack),
                        .memo = arena_alloc(arena, size + 1, sizeof *m.memo),
                        .pickle = pickle,
                        .err = err};

    *pickle = (struct pickle){.tensor = arena_alloc(arena, size + 1, sizeof *pickle->tensor)};
    if (!m.stack || !m.memo || !pickle->tensor)
        return error_set(err, ERROR_FAILED, "%s: out of memory", path);
    while (m.r.at < size) {
        uint8_t opcode = data[m.r.at++];
        if (opcode == '.')
            return true;
        if (!step(&m, opcode))
            return false;
    }
    return fault(&m, "the pickle stops without its end");
}
