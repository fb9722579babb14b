/* SPDX-License-Identifier: Apache-2.0 */
/* millrace upscale: make a picture larger. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/options.h"
#include "gen/mill/image_mill.h"
#include "host/command.h"
#include "host/image/measure.h"
#include "host/image/upscale_report.h"
#include "host/image/upscale_video.h"
#include "host/progress.h"

static const char help[] =
    "Usage: millrace upscale NET.mill IN.png -o OUT.png --device DEVICE [options]\n"
    "\n"
    "Make a PNG or JPEG picture larger, or each frame of a Y4M video: IN.y4m, or - for\n"
    "standard input, with -o OUT.y4m or -o - for standard output.\n"
    "\n"
    "  --device DEVICE      float, ref, sim:DIR, the folder of a design, or a board:\n"
    "                       usb, usb:SERIAL\n"
    "  -o, --output FILE    the larger picture, PNG\n"
    "  --reference HR.png   what it should be: print PSNR and SSIM of luma; may be larger by\n"
    "                       less than the scale, and is cut then\n"
    "  --shrink             IN.png is the reference: shrink it bicubically first\n"
    "  --subnets SUBNET     auto (by each patch's edges), bilinear, half or full\n"
    "  --threshold-half N   edge score of a patch from which auto takes the half subnet\n"
    "  --threshold-full N   and the full one\n"
    "  --budget MACS        multiply-accumulates of a picture, or frame, at most: auto raises\n"
    "                       both thresholds until it keeps to them\n"
    "  --check              run the device ref, too, and fail where a pixel differs\n"
    "  --frame-rate FPS     the rate that frames are to be made at, on a design: from frame to\n"
    "                       frame auto moves both thresholds so that each keeps to its cycles\n"
    "  --clock HZ           of the design; its board's usual one unless said\n"
    "  --report FILE.html   write a page that needs no other file: before and after, side by side\n"
    "  --json               print one JSON object\n"
    "\n"
    "Examples:\n"
    "  millrace upscale essr_x4.mill small.png -o large.png --device ref\n"
    "  millrace upscale essr_x4.mill large.png --shrink -o out.png --device float --json\n"
    "  ffmpeg -i in.mp4 -f yuv4mpegpipe - | millrace upscale essr_x2.mill - -o - \\\n"
    "      --device ref | ffplay -\n";

struct upscale_options {
    const char *operand[2], *device, *output, *reference, *subnets, *report;
    uint32_t threshold[2]; /* UINT32_MAX: the network's */
    double budget;         /* 0: none */
    double frame_rate;     /* 0: none */
    double clock_hz;       /* 0: the board's */
    bool shrink, check, json, help;
};

static bool parse(struct upscale_options *o, int argc, char **argv, struct error *err)
{
    const struct option_spec spec[] = {
        {"device", 0, OPTION_TEXT, &o->device, 0, 0},
        {"output", 'o', OPTION_TEXT, &o->output, 0, 0},
        {"reference", 0, OPTION_TEXT, &o->reference, 0, 0},
        {"shrink", 0, OPTION_FLAG, &o->shrink, 0, 0},
        {"subnets", 0, OPTION_TEXT, &o->subnets, 0, 0},
        {"threshold-half", 0, OPTION_COUNT, &o->threshold[0], 0, UINT32_MAX - 1},
        {"threshold-full", 0, OPTION_COUNT, &o->threshold[1], 0, UINT32_MAX - 1},
        {"budget", 0, OPTION_NUMBER, &o->budget, 1, 1e15},
        {"frame-rate", 0, OPTION_NUMBER, &o->frame_rate, 1e-3, 1e6},
        {"clock", 0, OPTION_NUMBER, &o->clock_hz, 1, 1e12},
        {"report", 0, OPTION_TEXT, &o->report, 0, 0},
        {"check", 0, OPTION_FLAG, &o->check, 0, 0},
        {"json", 0, OPTION_FLAG, &o->json, 0, 0},
        {"help", 'h', OPTION_FLAG, &o->help, 0, 0},
    };
    size_t operands = 0;

    if (!options_parse(spec, sizeof spec / sizeof *spec, argc, argv, o->operand, 2, &operands, err))
        return false;
    if (o->help)
        return true;
    if (operands != 2)
        return error_set(err, ERROR_INPUT, "which network and which picture? see %s --help",
                         argv[0]);
    if (!o->device)
        return error_set(err, ERROR_INPUT, "--device is needed: float, ref, sim:DIR or usb");
    if (!o->output && !o->reference && !o->shrink && !o->report)
        return error_set(err, ERROR_INPUT, "--output is needed");
    if (o->clock_hz != 0 && o->frame_rate == 0)
        return error_set(err, ERROR_INPUT, "--clock is for --frame-rate");
    if (o->shrink && o->reference)
        return error_set(err, ERROR_INPUT, "--shrink makes the picture its own reference");
    return true;
}

static void set_number(json_t *object, const char *key, double value)
{
    json_object_set_new(object, key, isfinite(value) ? json_real(value) : json_null());
}

/* What a design took: lanes' cycles for each multiplication that was asked for. */
static void set_device(json_t *object, const struct upscaler *u, const struct planes *luma,
                       const struct upscale_counts *counts)
{
    const struct picture_device_info *info = picture_device_info(u->device);
    double cycles = (double)info->cycles;

    json_object_set_new(object, "cycles", json_integer((json_int_t)info->cycles));
    if (info->tile)
        json_object_set_new(object, "score_cycles", json_integer((json_int_t)info->score_cycles));
    json_object_set_new(object, "cycles_predicted",
                        json_integer((json_int_t)info->predicted.cycles));
    set_number(object, "cycles_per_output_pixel", cycles / luma->width / luma->height);
    set_number(object, "array_utilisation", (double)counts->macs / (cycles * info->lanes));
    set_number(object, "array_busy", (double)info->beats / cycles);
}

static bool print_json(const struct upscaler *u, const struct planes *luma,
                       const struct upscale_counts *counts, const struct picture_measures *m,
                       double seconds, struct error *err)
{
    json_t *object = json_pack(
        "{s:s, s:s, s:i, s:i, s:i, s:i, s:i, s:I, s:I, s:{s:I, s:I, s:I}, s:f}", "network",
        u->network->network.name, "device", u->device_name, "scale", (int)u->network->network.scale,
        "width", (int)luma->width, "height", (int)luma->height, "weight_bits",
        (int)u->network->weight_bits, "act_bits", (int)u->network->act_bits, "macs",
        (json_int_t)counts->macs, "macs_skipped", (json_int_t)counts->macs_skipped, "patches",
        "bilinear", (json_int_t)counts->patches[0], "half", (json_int_t)counts->patches[1], "full",
        (json_int_t)counts->patches[2], "seconds", seconds);

    if (m->given) {
        set_number(object, "psnr_y", m->psnr);
        set_number(object, "ssim_y", m->ssim);
    }
    if (object && u->policy == POLICY_AUTO)
        json_object_set_new(object, "thresholds",
                            json_pack("[I, I]", (json_int_t)counts->threshold[0],
                                      (json_int_t)counts->threshold[1]));
    if (object && u->pace)
        json_object_set_new(object, "frame_cycles", json_integer((json_int_t)u->pace->cycles));
    if (object && u->device)
        set_device(object, u, luma, counts);
    bool ok = object && json_dumpf(object, stdout, JSON_REAL_PRECISION(9)) == 0;
    json_decref(object);
    if (!ok)
        return error_set(err, ERROR_FAILED, "the JSON object cannot be made or written");
    putchar('\n');
    return command_flush(err);
}

static void print_pace(const struct upscaler *u, const struct upscale_counts *counts)
{
    if (u->pace)
        fprintf(stderr,
                "%" PRIu64 " cycles a frame: %" PRIu64 " of %" PRIu64
                " late, thresholds at last %" PRIu64 " and %" PRIu64 "\n",
                u->pace->cycles, u->pace->late, u->pace->frames, counts->threshold[0],
                counts->threshold[1]);
}

static void print_summary(const struct upscaler *u, const struct planes *luma,
                          const struct upscale_counts *counts, const struct picture_measures *m,
                          double seconds)
{
    double all = (double)(counts->macs + counts->macs_skipped);

    fprintf(stderr, "%" PRIu32 " x %" PRIu32 " pixels in %.2f s\n", luma->width, luma->height,
            seconds);
    if (u->network->network.selective)
        fprintf(stderr,
                "patches: %" PRIu64 " bilinear, %" PRIu64 " half, %" PRIu64
                " full: %.1f %% of the multiplications saved\n",
                counts->patches[0], counts->patches[1], counts->patches[2],
                all > 0 ? 100 * (double)counts->macs_skipped / all : 0);
    print_pace(u, counts);
    if (m->given)
        fprintf(stderr, "luma: PSNR %.3f dB, SSIM %.5f\n", m->psnr, m->ssim);
}

static void draw(void *context, double part)
{
    (void)context;
    progress_draw(part);
}

/* The pictures of a run; each is freed at its end. */
struct pictures {
    struct picture in, reference, out;
    struct planes luma;
};

/* The same on the device ref, by the thresholds that were taken: every pixel must be the
 * same. */
static bool check(const struct upscaler *u, const struct pictures *p,
                  const struct upscale_counts *taken, struct error *err)
{
    struct upscaler ref = *u;
    struct upscale_counts counts;
    struct picture out = {0};
    struct planes luma = {0};

    ref.device = NULL;
    ref.integers = true;
    ref.pace = NULL;
    ref.budget = 0;
    for (int i = 0; i < 2; i++)
        ref.threshold[i] = taken->threshold[i];
    bool ok = upscale_picture(&ref, &p->in, &out, &luma, &counts, err);
    for (size_t i = 0; ok && i < (size_t)out.width * out.height * out.channels; i++) {
        size_t pixel = i / out.channels;
        if (out.sample[i] != p->out.sample[i])
            ok = error_set(err, ERROR_FAILED,
                           "%s is not as ref: channel %zu of pixel (%zu, %zu) is %u, not %u",
                           u->device_name, i % out.channels, pixel % out.width, pixel / out.width,
                           p->out.sample[i], out.sample[i]);
    }
    picture_free(&out);
    planes_free(&luma);
    return ok;
}

static bool upscale(const struct upscale_options *o, const struct upscaler *u, struct pictures *p,
                    struct error *err)
{
    struct upscale_counts counts;
    struct picture_measures m = {0};
    double begun = command_seconds();

    if (!picture_read(o->shrink ? &p->reference : &p->in, o->operand[1], err) ||
        (o->shrink && !picture_shrink(&p->reference, u->network->network.scale, &p->in, err)) ||
        (o->reference && !picture_read(&p->reference, o->reference, err)) ||
        !upscale_picture(u, &p->in, &p->out, &p->luma, &counts, err))
        return false;
    if (o->output && !picture_write(&p->out, o->output, err))
        return false;
    double seconds = command_seconds() - begun;
    if (o->check && !check(u, p, &counts, err))
        return false;
    if (p->reference.sample &&
        !picture_measure(&p->reference, &p->luma, &u->network->network, &m, err))
        return false;
    const struct upscale_report report = {u, &counts, &p->in, &p->out, &p->reference, &m, seconds};
    if (o->report && !upscale_report_write(&report, o->report, err))
        return false;
    if (o->json)
        return print_json(u, &p->luma, &counts, &m, seconds, err);
    print_summary(u, &p->luma, &counts, &m, seconds);
    return true;
}

/* Whether the operand is a video: by its name, for it may be a pipe. */
static bool is_video(const char *name)
{
    size_t length = strlen(name);
    return strcmp(name, "-") == 0 || (length > 4 && strcmp(name + length - 4, ".y4m") == 0);
}

static FILE *open_file(const char *path, const char *mode, FILE *standard, struct error *err)
{
    FILE *file = strcmp(path, "-") == 0 ? standard : fopen(path, mode);

    if (!file)
        error_set(err, mode[0] == 'r' ? ERROR_INPUT : ERROR_FAILED, "%s: %s", path,
                  strerror(errno));
    return file;
}

static bool video(const struct upscale_options *o, const struct upscaler *u, struct error *err)
{
    struct upscale_counts counts;
    uint64_t frames;
    double begun = command_seconds();

    if (o->reference || o->shrink || o->check || o->json || o->report || !o->output)
        return error_set(err, ERROR_INPUT,
                         "a video needs --output and has no --reference, --shrink, --check, "
                         "--report or --json");
    FILE *in = open_file(o->operand[1], "rb", stdin, err);
    FILE *out = in ? open_file(o->output, "wb", stdout, err) : NULL;
    bool ok = out && upscale_video(u, in, o->operand[1], out, o->output, &frames, &counts, err);
    if (in && in != stdin)
        fclose(in);
    if (out && (out == stdout ? fflush(out) : fclose(out)) != 0 && ok)
        ok = error_set(err, ERROR_FAILED, "%s: %s", o->output, strerror(errno));
    double seconds = command_seconds() - begun;
    if (ok)
        fprintf(stderr, "%" PRIu64 " frames in %.2f s\n", frames, seconds);
    if (ok)
        print_pace(u, &counts);
    return ok;
}

/* What the clock has for a frame. */
static bool set_pace(const struct upscale_options *o, struct upscaler *u, struct frame_pace *pace,
                     struct error *err)
{
    if (o->frame_rate == 0)
        return true;
    if (u->policy != POLICY_AUTO || u->budget || !u->device)
        return error_set(err, ERROR_INPUT,
                         "--frame-rate is for --subnets auto on a design, without --budget");
    double clock = o->clock_hz != 0 ? o->clock_hz : picture_device_info(u->device)->clock_hz;
    if (clock / o->frame_rate < 1)
        return error_set(err, ERROR_INPUT, "--frame-rate: a frame would have no cycle");
    *pace = (struct frame_pace){.cycles = (uint64_t)(clock / o->frame_rate)};
    u->pace = pace;
    return true;
}

static bool run(const struct upscale_options *o, struct error *err)
{
    struct frame_pace pace;
    struct integer_network network;
    struct upscaler u = {0};
    struct pictures p = {0};

    if (!image_mill_open(&network, o->operand[0], err))
        return false;
    bool ok = upscaler_open(&u, &network, o->device, o->subnets, err);
    for (int i = 0; ok && i < 2; i++)
        if (o->threshold[i] != UINT32_MAX)
            u.threshold[i] = o->threshold[i];
    u.budget = (uint64_t)o->budget;
    if (ok && u.budget && u.policy != POLICY_AUTO)
        ok = error_set(err, ERROR_INPUT, "--budget is for --subnets auto");
    ok = ok && set_pace(o, &u, &pace, err);
    bool frames = is_video(o->operand[1]);
    u.progress = frames ? NULL : draw;
    ok = ok && (frames ? video(o, &u, err) : upscale(o, &u, &p, err));
    picture_free(&p.in);
    picture_free(&p.reference);
    picture_free(&p.out);
    planes_free(&p.luma);
    upscaler_close(&u);
    image_network_free(&network.network);
    return ok;
}

int command_upscale(int argc, char **argv)
{
    struct upscale_options options = {.threshold = {UINT32_MAX, UINT32_MAX}};
    struct error err = {0};

    if (!parse(&options, argc, argv, &err))
        return command_fail(&err);
    if (options.help) {
        fputs(help, stdout);
        return 0;
    }
    return run(&options, &err) ? 0 : command_fail(&err);
}
