/* SPDX-License-Identifier: Apache-2.0 */
#include "host/tokenizer/tokenizer_json.h"

#include <string.h>

static bool not_supported(const struct json_tokenizer *j, const char *part, const char *what,
                          struct error *err)
{
    return error_set(err, ERROR_INPUT, "%s: %s: %s is not supported", j->name, part, what);
}

static const char *type_of(const json_t *part)
{
    const char *type = json_string_value(json_object_get(part, "type"));
    return type ? type : "";
}

static bool is_type(const json_t *part, const char *type)
{
    return strcmp(type_of(part), type) == 0;
}

/* The parts of a Sequence, or the one part itself; NULL after the last. */
static const json_t *part_at(const json_t *parts, const char *member, size_t index)
{
    if (is_type(parts, "Sequence"))
        return json_array_get(json_object_get(parts, member), index);
    return index == 0 && json_is_object(parts) ? parts : NULL;
}

static bool has_text(const json_t *object, const char *key, const char *wanted)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text && strcmp(text, wanted) == 0;
}

static bool read_model(struct json_tokenizer *j, const json_t *root, struct tokenizer_rules *rules,
                       struct error *err)
{
    const json_t *model = json_object_get(root, "model");
    const char *type = "BPE", *prefix = "", *suffix = "";
    bool fuse = false, ignore = false;
    double dropout = 0;

    if (!json_is_object(model))
        return error_set(err, ERROR_INPUT, "%s: model is not an object", j->name);
    if (!json_read_text(model, j->name, "type", &type, err) ||
        !json_read_text(model, j->name, "continuing_subword_prefix", &prefix, err) ||
        !json_read_text(model, j->name, "end_of_word_suffix", &suffix, err) ||
        !json_read_text(model, j->name, "unk_token", &j->unknown, err) ||
        !json_read_number(model, j->name, "dropout", &dropout, err) ||
        !json_read_flag(model, j->name, "byte_fallback", &j->byte_fallback, err) ||
        !json_read_flag(model, j->name, "fuse_unk", &fuse, err) ||
        !json_read_flag(model, j->name, "ignore_merges", &ignore, err))
        return false;
    if (strcmp(type, "BPE") != 0)
        return not_supported(j, "model", type, err);
    if (*prefix || *suffix || dropout != 0)
        return not_supported(j, "model", dropout != 0 ? "dropout" : "a prefix or suffix of words",
                             err);
    j->vocab = json_object_get(model, "vocab");
    j->merges = json_object_get(model, "merges");
    if (!json_is_object(j->vocab) || !json_is_array(j->merges))
        return error_set(err, ERROR_INPUT, "%s: model: vocab is not an object or merges no array",
                         j->name);
    rules->fuse_unknown = fuse;
    rules->ignore_merges = ignore;
    return true;
}

/* ByteLevel, with another part before it or not. */
static bool read_byte_level(struct json_tokenizer *j, const json_t *pre,
                            struct tokenizer_rules *rules, struct error *err)
{
    const json_t *first = part_at(pre, "pretokenizers", 0);
    const json_t *second = part_at(pre, "pretokenizers", 1);
    const json_t *byte_level = second ? second : first;
    bool add_space = true, use_regex = true;

    if (!json_read_flag(byte_level, j->name, "add_prefix_space", &add_space, err) ||
        !json_read_flag(byte_level, j->name, "use_regex", &use_regex, err))
        return false;
    rules->kind = KIND_BYTE_LEVEL;
    rules->prefix = add_space ? PREFIX_UNLESS_SPACE : PREFIX_NEVER;
    rules->pre_tokeniser = use_regex ? PRE_GPT2 : PRE_WHOLE;
    if (!is_type(byte_level, "ByteLevel") || part_at(pre, "pretokenizers", 2))
        return not_supported(j, "pre_tokenizer", "a sequence that ByteLevel does not end", err);
    if (!second)
        return true;
    if (add_space)
        return not_supported(j, "pre_tokenizer", "add_prefix_space after another part", err);
    if (is_type(first, "Digits") && use_regex &&
        json_is_true(json_object_get(first, "individual_digits"))) {
        rules->pre_tokeniser = PRE_GPT2_DIGITS;
        return true;
    }
    const json_t *pattern = json_object_get(first, "pattern");
    if (!is_type(first, "Split") || use_regex || !has_text(first, "behavior", "Isolated") ||
        json_is_true(json_object_get(first, "invert")))
        return not_supported(j, "pre_tokenizer", type_of(first), err);
    if (has_text(pattern, "Regex", gpt2_pattern))
        rules->pre_tokeniser = PRE_GPT2;
    else if (has_text(pattern, "Regex", llama3_pattern))
        rules->pre_tokeniser = PRE_LLAMA3;
    else
        return not_supported(j, "pre_tokenizer", "this pattern", err);
    return true;
}

/* Metaspace makes spaces visible, puts one in front, and splits at them. */
static bool read_metaspace(struct json_tokenizer *j, const json_t *pre,
                           struct tokenizer_rules *rules, struct error *err)
{
    bool add_space = true, split = true;
    const char *scheme = NULL;

    if (!json_read_flag(pre, j->name, "add_prefix_space", &add_space, err) || /* the old name */
        !json_read_flag(pre, j->name, "split", &split, err) ||
        !json_read_text(pre, j->name, "prepend_scheme", &scheme, err))
        return false;
    if (!has_text(pre, "replacement", VISIBLE_SPACE))
        return not_supported(j, "pre_tokenizer", "this replacement of spaces", err);
    if (!scheme)
        scheme = add_space ? "always" : "never";
    if (strcmp(scheme, "always") == 0)
        rules->prefix = PREFIX_UNLESS_SPACE;
    else if (strcmp(scheme, "first") == 0)
        rules->prefix = PREFIX_FIRST;
    else if (strcmp(scheme, "never") == 0)
        rules->prefix = PREFIX_NEVER;
    else
        return not_supported(j, "pre_tokenizer", scheme, err);
    rules->split_at_spaces = split;
    return true;
}

/* Prepend puts a visible space in front, Replace makes the others visible. */
static bool read_normaliser(struct json_tokenizer *j, const json_t *normaliser,
                            struct tokenizer_rules *rules, bool *replaces, struct error *err)
{
    const json_t *part;

    *replaces = false;
    for (size_t i = 0; (part = part_at(normaliser, "normalizers", i)) != NULL; i++) {
        const json_t *pattern = json_object_get(part, "pattern");
        if (is_type(part, "Prepend") && has_text(part, "prepend", VISIBLE_SPACE))
            rules->prefix = PREFIX_ALWAYS;
        else if (is_type(part, "Replace") && has_text(pattern, "String", " ") &&
                 has_text(part, "content", VISIBLE_SPACE))
            *replaces = true;
        else
            return not_supported(j, "normalizer", type_of(part), err);
    }
    return true;
}

static bool read_characters(struct json_tokenizer *j, const json_t *normaliser, const json_t *pre,
                            struct tokenizer_rules *rules, struct error *err)
{
    bool replaces;

    rules->kind = KIND_CHARACTERS;
    rules->pre_tokeniser = PRE_WHOLE;
    rules->prefix = PREFIX_NEVER;
    if (!read_normaliser(j, normaliser, rules, &replaces, err))
        return false;
    if (is_type(pre, "Metaspace")) {
        if (rules->prefix != PREFIX_NEVER)
            return not_supported(j, "pre_tokenizer", "Metaspace after Prepend", err);
        return read_metaspace(j, pre, rules, err);
    }
    if (json_is_object(pre))
        return not_supported(j, "pre_tokenizer", type_of(pre), err);
    if (!replaces)
        return not_supported(j, "normalizer", "spaces that stay spaces", err);
    return true;
}

bool tokenizer_json_rules(struct json_tokenizer *j, json_t *root, struct tokenizer_rules *rules,
                          struct error *err)
{
    const json_t *pre = json_object_get(root, "pre_tokenizer");
    const json_t *normaliser = json_object_get(root, "normalizer");
    bool byte_level = is_type(pre, "ByteLevel") || is_type(pre, "Sequence");

    *rules = (struct tokenizer_rules){.unknown = TOKEN_NONE, .bos = TOKEN_NONE, .eos = TOKEN_NONE};
    j->added = json_object_get(root, "added_tokens");
    if (!read_model(j, root, rules, err))
        return false;
    if (!byte_level)
        return read_characters(j, normaliser, pre, rules, err);
    if (part_at(normaliser, "normalizers", 0))
        return not_supported(j, "normalizer", type_of(normaliser), err);
    return read_byte_level(j, pre, rules, err);
}
