/* SPDX-License-Identifier: Apache-2.0 */
/* An example of libmillrace: continue a prompt, always with the most likely token.
 *
 *     cc story.c $(pkg-config --static --cflags --libs millrace) -o story
 *     ./story stories.mill usb 'Once upon a time' 50
 */
#include <libmillrace.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROMPT_TOKENS = 256 };

static uint32_t most_likely(const float *logits, uint32_t count)
{
    uint32_t best = 0;
    for (uint32_t token = 1; token < count; token++) {
        if (logits[token] > logits[best])
            best = token;
    }
    return best;
}

static void print(const millrace_model *model, uint32_t previous, uint32_t token)
{
    char text[MILLRACE_TOKEN_TEXT];
    fwrite(text, 1, millrace_token_text(model, previous, token, text), stdout);
    fflush(stdout);
}

/* Read the prompt token by token, then what the model makes of it. */
static bool tell(millrace_device *device, const millrace_model *model, const uint32_t *prompt,
                 uint32_t prompt_count, uint32_t count, float *logits, struct millrace_error *error)
{
    uint32_t vocabulary = millrace_vocabulary(model), token = prompt[0], previous = UINT32_MAX;

    for (uint32_t position = 0; position < prompt_count + count; position++) {
        print(model, previous, token);
        if (position + 1 == prompt_count + count)
            return true;
        if (!millrace_read(device, 0, position, &token, 1, logits, error))
            return false;
        previous = token;
        token =
            position + 1 < prompt_count ? prompt[position + 1] : most_likely(logits, vocabulary);
    }
    return true;
}

static void notice(void *user, const char *text)
{
    (void)user;
    fprintf(stderr, "\n%s\n", text);
}

int main(int argc, char **argv)
{
    const struct millrace_options options = {.notice = notice};
    uint32_t prompt[PROMPT_TOKENS];
    struct millrace_error error;
    bool told = false;

    if (argc != 5) {
        fprintf(stderr, "usage: %s MODEL.mill DEVICE PROMPT TOKENS\n", argv[0]);
        return EXIT_FAILURE;
    }
    millrace_model *model = millrace_model_open(argv[1], &error);
    millrace_device *device = model ? millrace_device_open(argv[2], model, &options, &error) : NULL;
    if (device) {
        float *logits = calloc(millrace_vocabulary(model), sizeof *logits);
        prompt[0] = millrace_begin_token(model);
        ptrdiff_t count = millrace_tokenise(model, argv[3], strlen(argv[3]), prompt + 1,
                                            PROMPT_TOKENS - 1, &error);
        if (logits && count >= 0 && count < PROMPT_TOKENS)
            told = tell(device, model, prompt, (uint32_t)count + 1,
                        (uint32_t)strtoul(argv[4], NULL, 10), logits, &error);
        free(logits);
    }
    putchar('\n');
    if (!told)
        fprintf(stderr, "%s: %s\n", argv[0], error.message);
    millrace_device_close(device);
    millrace_model_close(model);
    return told ? EXIT_SUCCESS : EXIT_FAILURE;
}
