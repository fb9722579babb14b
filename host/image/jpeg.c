/* SPDX-License-Identifier: Apache-2.0 */
/* JPEG by libjpeg, whose errors come as a longjmp out of its functions. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include "host/image/picture.h"

struct jpeg_job {
    struct jpeg_error_mgr manager; /* first, so that libjpeg's pointer is ours */
    jmp_buf jump;
    char message[JMSG_LENGTH_MAX];
};

static void on_error(j_common_ptr jpeg)
{
    struct jpeg_job *job = (struct jpeg_job *)jpeg->err;
    job->manager.format_message(jpeg, job->message);
    longjmp(job->jump, 1);
}

static void on_message(j_common_ptr jpeg)
{
    (void)jpeg;
}

/* A damaged file that libjpeg would mend is refused: level -1 is a warning. */
static void on_warning(j_common_ptr jpeg, int level)
{
    if (level < 0)
        on_error(jpeg);
}

static bool read_jpeg(struct jpeg_job *job, struct jpeg_decompress_struct *jpeg,
                      struct picture *picture, const struct mapped_file *file, const char *name,
                      struct error *err)
{
    if (setjmp(job->jump))
        return error_set(err, ERROR_INPUT, "%s: %s", name, job->message);
    jpeg_create_decompress(jpeg);
    jpeg_mem_src(jpeg, file->data, file->size);
    jpeg_read_header(jpeg, TRUE);
    if (jpeg->num_components != 1 && jpeg->num_components != 3)
        return error_set(err, ERROR_INPUT, "%s: %d components; grey and colour are read", name,
                         jpeg->num_components);
    jpeg->out_color_space = jpeg->num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    if (!picture_alloc(picture, jpeg->image_width, jpeg->image_height,
                       (uint32_t)jpeg->num_components, err))
        return error_prefix(err, "%s", name);
    jpeg_start_decompress(jpeg);
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW row =
            picture->sample + (size_t)jpeg->output_scanline * picture->width * picture->channels;
        jpeg_read_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_decompress(jpeg);
    return true;
}

bool picture_read_jpeg(struct picture *picture, const struct mapped_file *file, const char *name,
                       struct error *err)
{
    struct jpeg_job job = {0};
    struct jpeg_decompress_struct jpeg = {0};

    *picture = (struct picture){0};
    jpeg.err = jpeg_std_error(&job.manager);
    job.manager.error_exit = on_error;
    job.manager.output_message = on_message;
    job.manager.emit_message = on_warning;
    bool ok = read_jpeg(&job, &jpeg, picture, file, name, err);
    jpeg_destroy_decompress(&jpeg);
    if (!ok)
        picture_free(picture);
    return ok;
}
